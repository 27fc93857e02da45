"""The command health, and train --alarms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.command_line import Result
from tests.support.health_setups import BROKEN, lesson_of

Run = Callable[..., Result]


@pytest.fixture
def diverging(tmp_path: Path) -> str:
    return str(lesson_of(tmp_path, "diverging", BROKEN["diverging"]).path)


def test_a_sound_lesson_has_no_alarm(run: Run) -> None:
    lines = run("health", "linear").lines
    assert lines[0].split() == ["layer", "gradient", "step", "saturated", "dead"]
    assert lines[1].startswith("w ")
    assert "alarm" not in " ".join(lines)


def test_an_alarm_ends_with_1_and_json_has_all(run: Run, diverging: str) -> None:
    result = run("health", diverging, "--iterations", "40", "--remedies", "--format", "json")
    assert result.code == 1
    page = json.loads(result.out)
    trainer = tb.Trainer(tb.load_lesson(diverging))
    trainer.run(40)
    assert (page["iteration"], page["loss"]) == (40, trainer.loss)
    assert [one["alarm"] for one in page["alarms"]] == ["diverging"]
    assert [(one["alarm"], one["iteration"]) for one in page["raised"]] == [("diverging", 30)]
    (layer,) = page["layers"]
    assert layer["name"] == "W1"
    assert layer["gradient_norm"] == pytest.approx(abs(float(trainer.gradients["W1"][0, 0])))
    (remedies,) = page["remedies"]
    helped = [one["remedy"] for one in remedies["tried"] if one["helped"]]
    assert "learning_rate = 0.12" in helped


def test_train_tells_of_alarms_on_stderr_and_goes_on(run: Run, diverging: str) -> None:
    plain, told = (
        run("train", diverging, "--iterations", "60", "--format", "csv", *more)
        for more in ((), ("--alarms",))
    )
    assert told.out == plain.out
    assert told.code == 0
    (line,) = told.err.removeprefix(plain.err).splitlines()
    assert line.startswith("tui-backprop: iteration 30: diverging: the loss is 2272.88")


def test_a_lesson_that_trains_nothing_is_refused(run: Run) -> None:
    assert run("health", "square").refusal == "square trains nothing: there are no layers to look at"
