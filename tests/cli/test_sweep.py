"""``sweep`` on the command line: its rows are those of ``train``, in three formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
COSINE = '{ kind = "cosine", t_max = 50 }'


def trained(run: Run, *settings: str) -> float:
    asked = [word for setting in settings for word in ("--set", setting)]
    rows = run("train", "two-layer", "--iterations", "20", "--format", "jsonl", *asked).lines
    return json.loads(rows[-1])["loss"]


def test_a_row_s_loss_is_that_of_train(run: Run) -> None:
    swept = run(
        "sweep", "two-layer", "--set", "learning_rate=0.1,0.5", "--set", f"schedule=constant,{COSINE}",
        "--seeds", "2", "--iterations", "20", "--format", "jsonl",
    )  # fmt: skip
    rows = [json.loads(line) for line in swept.lines]
    assert len(rows) == 8
    for row in rows:
        assert list(row) == ["settings", "iteration", "loss"]
        assert list(row["settings"]) == ["learning_rate", "schedule", "seed"]
        assert row["iteration"] == 20
        settings = (f"{name}={value}" for name, value in row["settings"].items())
        assert row["loss"] == pytest.approx(trained(run, *settings), rel=1e-9)


def test_csv_reads_back(run: Run) -> None:
    given = ("--set", f"schedule=constant,{COSINE}", "--iterations", "3", "--every", "2", "--format", "csv")
    lines = run("sweep", "linear", *given).lines
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [(row["schedule"], row["iteration"]) for row in rows] == [
        (kind, k) for kind in ("constant", COSINE) for k in ("0", "2", "3")
    ]
    assert all(row["seed"] == "42" and float(row["loss"]) > 0 for row in rows)


def test_the_table_is_aligned_and_says_what_diverged(run: Run) -> None:
    result = run("sweep", "linear", "--set", "learning_rate=0.01,100", "--iterations", "300")
    assert result.code == 1
    assert result.line == "1 of 2 trainings diverged"
    head, fine, spoilt = result.out.splitlines()
    assert head.split() == ["learning_rate", "seed", "iteration", "loss"]
    assert fine.split()[:3] == ["0.01", "42", "300"]
    assert spoilt.endswith("diverged")


def test_resume_takes_what_is_done(run: Run) -> None:
    first = run(
        "sweep", "linear", "--set", "learning_rate=0.01", "--iterations", "5", "--format", "csv"
    ).lines
    again = run(
        "sweep",
        "linear",
        "--set",
        "learning_rate=0.01,0.02",
        "--iterations",
        "5",
        "--format",
        "csv",
        "--resume",
    )
    assert again.line == "1 of 2 settings are done already"
    assert again.out.splitlines()[:2] == first


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--scheduler", "tcp://there:1", "--workers", "2"], "workers and scheduler: give one of the two"),
        (["--set", "learning_rate=0.1,"], "learning_rate: found ''"),
        (["--set", "seed=1", "--seeds", "2"], "the seeds are given twice"),
        (["--set", "seed=1", "--set", "seed=2"], "seed is given twice"),
        (["--set", "learning_rate"], "write NAME=VALUE,VALUE"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: list[str], reason: str) -> None:
    assert reason in run("sweep", "linear", *words).refusal


def test_compare_says_where_and_why(run: Run) -> None:
    lines = run("compare", "linear", "--set", "learning_rate=0.1", "--with", "learning_rate=0.01").lines
    assert lines[-1] == "why: learning_rate 0.1 here, 0.01 there: the update of w is the first that differs"
    given = ("--set", "learning_rate=0.1", "--iterations", "3", "--format", "json")
    page = json.loads(run("compare", "linear", *given).out)
    assert (page["compared"], page["difference"]["node"]) == (3, "w")


def test_rates_as_a_table_and_as_json(run: Run) -> None:
    lines = run("rates", "linear").lines
    assert lines[0] == "learning rate  loss"
    page = json.loads(run("rates", "linear", "--format", "json").out)
    assert len(page["losses"]) == len(page["rates"]) + 1
    assert f"Proposal: learning_rate {page['proposal']:g}," in lines[-1]
    assert "trains nothing" in run("rates", "square").refusal
