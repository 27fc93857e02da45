"""Where remarks are said, once each: at load, at the record, by check, explain and train, and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.pilot import launched
from tests.support.plain import plain
from tests.support.trainers import mine, trainer
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.record import explain
from tui_backprop.lessons.remarks.registry import remarks_on

COLUMN = Path(__file__).parents[2] / "cases" / "n1-sine-broadcast.toml"
SOFTMAX = Path(__file__).parents[2] / "cases" / "n2-softmax-by-hand.toml"
LINE = 'formula = "L = (y - w * x)**2"\n[data]\nx = 10.0\ny = 1.0\n[parameters]\nw = 0.0\n'


def test_plain_mode_says_it_at_load_at_the_record_and_by_check() -> None:
    said = plain("step", "step 5", "check", lesson=str(COLUMN))
    start, step, rest = said.text.split(" of 21: ", 2)
    assert " ".join(start.split()).count("remark (n-by-n): line 2: ŷ (5×1) and y (5) make 5×5") == 1
    assert "remark" not in step  # the product of the first record is right
    assert "remark          line 2: ŷ (5×1)" in rest
    assert rest.count("remark (n-by-n): line 2") == 1  # by check


def test_a_rate_that_must_diverge_is_said_when_it_is_set(tmp_path: Path) -> None:
    path = tmp_path / "line.toml"
    path.write_text(LINE, encoding="utf-8")  # L″ = 2x² = 200: the limit is 0.01, and 0.01 is allowed
    said = plain(
        "set learning_rate 0.02", "set learning_rate 0.02", "set learning_rate 0.005", lesson=str(path)
    )
    assert " ".join(said.text.split()).count("remark (rate-too-high): line 1: L is quadratic") == 1


def test_a_rate_that_changes_or_a_gradient_that_is_clipped_need_not_diverge(tmp_path: Path) -> None:
    for settings in ({"schedule": "cosine"}, {"clip_norm": 1.0}, {"clip_value": 1.0}):
        t = mine(tmp_path, LINE, learning_rate=0.02, **settings)
        assert [r.kind for r in remarks_on(t.lesson, t.hyperparameters)] == []
    t = mine(tmp_path, LINE, learning_rate=0.02, schedule="constant", clip_norm="none")
    assert [r.kind for r in remarks_on(t.lesson, t.hyperparameters)] == ["rate-too-high"]


def test_the_records_of_a_broadcast_say_which_axis_meets_which() -> None:
    whole = WholeIteration.of(trainer(SOFTMAX))
    rows = {row.label: row.parts for row in explain(whole.records[2], whole.tape).rows}
    assert rows["meets"] == ("axis 0 of sum(E, axis=1) meets axis 1 of E; repeated along axis 0",)
    (remark, *_) = whole.notes(whole.records[2])
    assert remark.label == "remark"
    assert "a share comes out as 14.17" in str(remark.parts[0])
    column = WholeIteration.of(trainer(COLUMN))
    meets = [
        row.parts[0] for r in column.records for row in explain(r, column.tape).rows if row.label == "meets"
    ]
    assert meets == [
        "axis 0 of ŷ lies along axis 0, where y is repeated; repeated along axis 1",
        "axis 0 of y lies along axis 1, where ŷ is repeated; repeated along axis 0",
    ]


def test_an_update_says_that_its_rate_is_too_high(tmp_path: Path) -> None:
    whole = WholeIteration.of(mine(tmp_path, LINE, learning_rate=1.0))
    labels = [[row.label for row in whole.notes(record)] for record in whole.records]
    assert labels[-1][:1] == ["remark"]
    assert not any("remark" in of_record for of_record in labels[:-1])


async def test_the_app_shows_it_at_load_and_at_the_record() -> None:
    async with launched(COLUMN, size=(80, 24)) as session:
        whole = "make 5×5: 25 differences for 5 samples, each of one with each of the other; give W the shape"
        assert whole in session.explanation
        assert "! remark (n-by-n)" in session.screen.split("Chain rule")[0]  # in the model panel
        await session.press("s")
        assert "remark" not in session.explanation
        await session.press("s", "s", "s")
        assert whole in session.explanation


@pytest.mark.parametrize("command", ["explain", "check"])
def test_json_carries_remarks(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from click.testing import CliRunner

    from tui_backprop.cli.main import cli

    def page(*args: str) -> dict[str, object]:
        result = CliRunner().invoke(cli, [command, *args, "--format", "json"])
        assert result.exit_code == 0
        found: dict[str, object] = json.loads(result.stdout)
        return found

    made = tb.load_lesson(COLUMN)
    (remark,) = remarks_on(made, made.hyperparameters)
    assert page(str(COLUMN))["remarks"] == [{"kind": "n-by-n", "line": 2, "message": remark.message}]
    assert page("logistic")["remarks"] == []
    quiet = tmp_path / "quiet.toml"
    quiet.write_text('quiet = ["n-by-n"]\n' + COLUMN.read_text("utf-8"), encoding="utf-8")
    assert page(str(quiet))["remarks"] == []


def test_train_says_it_once_on_stderr() -> None:
    from click.testing import CliRunner

    from tui_backprop.cli.main import cli

    result = CliRunner().invoke(cli, ["train", str(COLUMN), "--iterations", "2", "--format", "jsonl"])
    assert [json.loads(line)["iteration"] for line in result.stdout.splitlines()] == [0, 1, 2]
    assert result.stderr.startswith("remark (n-by-n): line 2: ŷ (5×1) and y (5) make 5×5")
    assert result.stderr.count("\n") == 1
