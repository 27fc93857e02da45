"""``build``: a lesson on standard output or in a file, a table's columns as they are, one line of refusal."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.command_line import Result
from tests.support.fuzz.harness import command

PAGE = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")
Run = Callable[..., Result]
TABLE = "a,b,city,label\n" + "".join(
    f"{n % 11},{n * n % 7},{'Seoul' if n % 3 else 'Busan'},{'yes' if n % 2 else 'no'}\n" for n in range(40)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "points.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def test_without_a_terminal_the_lesson_is_printed(folder: Path, run: Run) -> None:
    printed = run("build", "--layers", "2,8,8,1", "--dataset", "spiral")
    assert printed.lines[0].startswith("# tui-backprop build --layers 2,8,8,1 --activation tanh")
    (folder / "net.toml").write_text(printed.out, encoding="utf-8")
    assert tb.load_lesson("net.toml").parameters["W2"].shape == (8, 8)
    assert run("build", "--layers", "2,8,8,1", "--dataset", "spiral", "--output", "-").out == printed.out


def test_what_the_page_says_to_type_works(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^tui-backprop (build|open) (.*)$", PAGE, re.MULTILINE)
    assert len(lines) == 4
    for word, rest in lines:
        if word == "open":
            monkeypatch.setattr(sys, "stdin", io.StringIO("where\n"))
            code, out, _, _ = command([word, rest, "--plain"])
            assert (code, "iteration 3" in out) == (0, True)
        elif "--csv" not in rest:
            assert "W1 = " in "\n".join(run(word, *rest.split()).lines)


def test_a_file_is_written_and_trains(folder: Path, run: Run) -> None:
    said = run("build", "--dataset", "xor", "--set", "momentum=0.5", "--output", "sub.toml")
    assert said.line == "sub.toml written; tui-backprop sub.toml opens it"
    assert said.out == ""
    rows = run("train", "sub.toml", "--format", "jsonl", "--every", "500").out.splitlines()
    assert '"accuracy": ' in rows[-1]


def test_a_table_is_taken_as_it_is(folder: Path, run: Run) -> None:
    words = ["build", "--csv", "points.csv", "--target", "label", "--validation", "0"]
    run(*words, "--layers", "4,6,1", "--output", "net.toml")
    lesson = tb.load_lesson("net.toml")
    np.testing.assert_array_equal(lesson.samples["X"][:3], [[0, 0], [1, 1], [2, 4]])  # not scaled
    assert lesson.parameters["W1"].shape == (4, 6)
    assert tb.check_gradients(lesson).passed
    assert "W1 = " in run(*words).out  # as many inputs as there are columns, where nothing is said
    wrong = run(*words, "--layers", "3,1")
    reason = "layers: found 3 inputs, but points.csv has 4 (a, b, city=Busan, city=Seoul); begin with 4"
    assert wrong.refusal == reason
    assert run("build", "--csv", "points.csv").refusal.startswith("target: there is none; give --target")
    assert run("build", "--csv", "none.csv", "--target", "a").refusal == "csv: none.csv: no such file"
    (folder / "deep").mkdir()
    assert "a lesson reads files of its own folder only" in run(*words, "--output", "deep/net.toml").refusal


def test_numbers_are_predicted_with_r2(folder: Path, run: Run) -> None:
    text = run("build", "--csv", "points.csv", "--target", "b").out
    assert 'metrics = ["r2"]' in text
    assert "L = mse(y_hat, y[:, None])" in text


@pytest.mark.parametrize("words", ["--layers 3,1", "--layers 2,0,1", "--activation tahn", "--output x.txt"])
def test_a_refusal_is_one_line(folder: Path, run: Run, words: str) -> None:
    assert run("build", *words.split()).refusal


def test_plain_mode_opens_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("build --layers 2,3,1 --dataset xor\nbuild\nq\n"))
    code, out, err, _ = command(["build", "--dataset", "blobs", "--plain"])
    assert (code, err) == (0, "")
    assert "blobs-2-4-1" in out
    assert "X 100×2 @ W1 2×3 + b1 3 → tanh → h1 100×3, 9 parameters" in out
    assert "13 parameters together" in out
    assert "--layers 2,8,8,1: Widths from the inputs to the outputs." in out
