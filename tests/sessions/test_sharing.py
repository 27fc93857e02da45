"""Sharing: set-up and place come back to the bit, from the command line and both faces."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.fuzz.harness import command
from tests.support.plain import plain
from tui_backprop.host.restricted import read_command
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.network.lesson_text import build_lesson
from tui_backprop.lessons.network.reading import read_words
from tui_backprop.sessions.sharing import go_there, opened, shared
from tui_backprop.training.trainer import Trainer

OWN = "formula = 'L = mean((w * x - t)**2)'\n[samples]\nx = [1, 2]\nt = [2, 4]\n[parameters]\nw = 0.5\n"
TABLE = OWN.replace("x = [1, 2]\nt = [2, 4]", 'csv = "p.csv"\nx = "a"\nt = "b"')


def own(folder: Path) -> Trainer:
    (folder / "my-own.toml").write_text(OWN, encoding="utf-8")
    return Trainer(load_lesson(folder / "my-own.toml"))


MAKE: dict[str, Callable[[Path], Trainer]] = {
    "built-in": lambda folder: Trainer(load_lesson("two-layer"), seed=3, optimizer="adam"),
    "dials": lambda folder: Trainer(build_lesson(read_words("--layers 2,8,8,1 --dataset spiral"), OPEN)),
    "text": own,
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("confined", [False, True])
def test_the_same_numbers_at_the_same_place(kind: str, confined: bool, tmp_path: Path) -> None:
    trainer = MAKE[kind](tmp_path)
    trainer.run(iterations=4)
    trainer.set(learning_rate=0.07)
    trainer.run(iterations=3)
    for _ in range(2):
        trainer.step()
    made = shared(trainer)
    assert made.notes == ()
    assert len(made.string) <= (120 if kind != "text" else 300)
    again, setup = opened(made.string, Sandbox.of_folder(tmp_path) if confined else OPEN)
    assert go_there(again, setup) == ""
    assert again.lesson.name == trainer.lesson.name
    assert (again.iteration, again.position) == (7, 2)
    assert again.hyperparameters == trainer.hyperparameters
    np.testing.assert_array_equal(again.losses, trainer.losses)
    for name, value in trainer.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], value)


def test_what_is_not_in_it_is_said(tmp_path: Path) -> None:
    trainer = own(tmp_path)
    trainer.edit("w", 3.0)
    assert "put in by hand are not in the string" in shared(trainer).notes[0]
    (tmp_path / "p.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "table.toml").write_text(TABLE, encoding="utf-8")
    trainer = Trainer(load_lesson(tmp_path / "table.toml"))
    with pytest.raises(LessonError, match=r"the lesson reads p\.csv, which a string cannot hold"):
        shared(trainer)


def test_a_far_place_is_given_up_and_said() -> None:
    trainer = Trainer(load_lesson("linear"))
    trainer.run(iterations=50)
    again, setup = opened(shared(trainer).string, OPEN)
    rest = " at iteration 0; the string's place is 50: go to that iteration to run on"
    assert go_there(again, setup, should_stop=lambda: True) == f"stopped{rest}"
    assert go_there(again, setup, seconds=0.0) == f"stopped after 0 seconds{rest}"


def test_plain_mode_and_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = plain("set learning_rate=0.3", "n", "n", "s", "share", lesson="logistic")
    line = said.lines[-1]
    words = line.split()
    assert words[:2] == ["tui-backprop", "open"]
    for arguments in (words[1:], words[2:]):
        monkeypatch.setattr(sys, "stdin", io.StringIO("where\n"))
        code, out, _, _ = command([*arguments, "--plain"])
        assert code == 0
        assert out.startswith("logistic: ")
        assert "iteration 2" in out
        assert "record 1 of 21" in out
    there = plain(f"open {words[2]}", "print learning_rate", "set learning_rate")
    assert "record 1 of 21 done" in there.text
    assert "0.3" in there.text
    code, _, err, _ = command(["open", words[2][:-3], "--plain"])
    assert (code, err) == (2, "tui-backprop: the string is cut or changed: copy it whole\n")


def test_a_restricted_login_opens_one_as_it_is_told() -> None:
    assert read_command("open tb1-AbC_d-9") == ["tb1-AbC_d-9"]
    assert read_command("open") == ["open"]
