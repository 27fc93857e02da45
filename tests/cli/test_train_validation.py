"""train says what is measured on the samples held back, on each line, and where it stops early."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tui_backprop as tb
from tests.support.held_back import MOONS, STOPPING

Run = Callable[..., Any]
METRICS = 'share = 0.2\nmetrics = ["r2", "accuracy"]'


def write(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_jsonl_has_the_validation_loss_and_each_metric_by_name(run: Run, tmp_path: Path) -> None:
    lesson = write(tmp_path, MOONS.format(validation=METRICS))
    rows = [json.loads(line) for line in run("train", lesson, "--iterations", "5", "--format", "jsonl").lines]
    assert all(
        list(row) == ["iteration", "epoch", "loss", "validation_loss", "r2", "accuracy"] for row in rows
    )
    t = tb.Trainer(tb.load_lesson(lesson))
    for row in rows:
        found = t.evaluate()
        assert (row["loss"], row["validation_loss"], row["r2"], row["accuracy"]) == (t.loss, *found.values())
        t.next()


@pytest.mark.parametrize("every", [1, 3])
def test_csv_has_columns_for_them(run: Run, tmp_path: Path, every: int) -> None:
    lesson = write(tmp_path, MOONS.format(validation=METRICS))
    options = ("--iterations", "7", "--every", str(every), "--parameters", "--format", "csv")
    head, *rows = csv.reader(io.StringIO(run("train", lesson, *options).out))
    assert head == ["iteration", "epoch", "loss", "validation_loss", "r2", "accuracy", "w[0]", "w[1]", "b"]
    assert [int(row[0]) for row in rows] == [*range(0, 7, every), 7]


def test_the_table_has_them_too(run: Run, tmp_path: Path) -> None:
    lines = run("train", write(tmp_path, MOONS.format(validation=METRICS)), "--iterations", "2").lines
    assert lines[0].split() == ["iteration", "epoch", "loss", "validation", "loss", "r2", "accuracy"]
    assert len(lines[1].split()) == 6


def test_without_the_table_lines_are_as_they_were(run: Run) -> None:
    (line, *_) = run("train", "logistic", "--iterations", "1", "--format", "jsonl").lines
    assert list(json.loads(line)) == ["iteration", "epoch", "loss"]


def test_it_stops_early_and_says_so(run: Run, tmp_path: Path) -> None:
    result = run("train", write(tmp_path, STOPPING), "--every", "30", "--format", "jsonl")
    assert result.code == 0
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["iteration"] for row in rows] == [0, 30, 60, 85]
    said = (
        "early stop at iteration 85: for 50 iterations the validation loss was not lower than at iteration 35"
    )
    assert result.err.startswith(f"tui-backprop: {said}, 0.50372")


def test_to_explain_an_iteration_behind_it_goes_on(run: Run, tmp_path: Path) -> None:
    page = json.loads(run("explain", write(tmp_path, STOPPING), "--iteration", "90", "--format", "json").out)
    assert page["iteration"] == 90


def test_what_is_wrong_in_the_table_is_a_line(run: Run, tmp_path: Path) -> None:
    result = run("train", write(tmp_path, MOONS.format(validation='share = 0.2\nmetrics = ["auc"]')))
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert "validation.metrics: found 'auc'; it must be a metric; there are accuracy, r2" in result.err
