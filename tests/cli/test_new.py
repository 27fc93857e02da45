"""From a CSV file to a lesson in one command: what was read is shown, and the lesson learns."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.command_line import Result
from tests.support.fuzz.harness import command

Run = Callable[..., Result]
PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
FLOWERS = PAGE.partition("```csv\n")[2].partition("```")[0]


def houses() -> str:
    """Return 120 rows whose price follows from area and city."""
    rng = np.random.default_rng(0)
    lines = ["id;area;city;note;sold;paid;day;price"]
    for number in range(120):
        area, city = rng.uniform(20, 120), rng.choice(["Busan", "Seoul"])
        price = 1000 * area + 50_000 * (city == "Seoul") + rng.normal(0, 2000)
        paid = "" if number % 2 else "yes"
        row = f"{number + 1};{area:.1f};{city};n{number}x;1;{paid};1/{number};{price:.0f}"
        lines.append(row.replace(".", ","))
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flowers.csv").write_text(FLOWERS, encoding="utf-8")
    (tmp_path / "houses.csv").write_text(houses(), encoding="utf-8")
    return tmp_path


def test_classes_of_text_with_an_empty_cell(folder: Path, run: Run) -> None:
    line, _, shown = PAGE.partition("```console\n$ tui-backprop ")[2].partition("```")[0].partition("\n")
    result = run(*line.split())
    assert result.out + result.err == shown
    lesson = tb.load_lesson("flowers.toml")
    assert lesson.samples["X"].shape == (4, 4)
    np.testing.assert_array_equal(lesson.samples["y"], [0, 1, 2, 0])
    assert lesson.reading.classes == {"y": ("setosa", "versicolor", "virginica")}
    np.testing.assert_allclose(lesson.samples["X"].mean(axis=0), 0, atol=1e-12)
    trainer = tb.Trainer(lesson)
    trainer.run(iterations=100)
    assert trainer.losses[0] > 0.5
    assert trainer.loss < 0.05
    assert tb.check_gradients(lesson).passed


def test_a_number_from_numbers_and_text_with_rows_held_back(folder: Path, run: Run) -> None:
    page = run("new", "houses.csv", "--target", "price", "--output", "price.toml").out
    assert 'separated by ";", names in line 1, decimal comma' in page
    for note in (
        "left out: id, which counts the rows",
        "left out: note, which has 120 different texts",
        "left out: sold, which does not vary",
        "left out: paid, which is missing in 60 rows",
        "left out: day, which has '1/0' in line 2",
        "samples: 96 to train on, 24 held back",
    ):
        assert note in page
    trainer = tb.Trainer(tb.load_lesson("price.toml"))
    assert trainer.lesson.samples["C0"].shape == (96, 2)
    trainer.run(iterations=300)
    assert trainer.losses[0] > 0.5
    assert dict(trainer.evaluate())["r2"] > 0.98
    two = run("new", "houses.csv", "--target", "city", "--output", "city.toml").out
    assert "network: a hidden layer of 8 tanh units, sigmoid and cross-entropy" in two
    trainer = tb.Trainer(tb.load_lesson("city.toml"))
    trainer.run(iterations=300)
    assert dict(trainer.evaluate())["accuracy"] > 0.9


def test_columns_without_names(folder: Path, run: Run) -> None:
    (folder / "bare.csv").write_text("3,2,a,b\n1.5,2,0\n2.5,3,1\n1.7,2,0\n", encoding="utf-8")
    assert "column 2  numbers" in run("new", "bare.csv", "--target", "-1", "--output", "bare.toml").out
    lesson = tb.load_lesson("bare.toml")
    assert lesson.samples["X"].shape == (3, 2)
    assert lesson.reading.classes == {"y": ("a", "b")}


REFUSED = {
    "flowers.csv": "--target COLUMN is missing; there are sepal_length, sepal_width, petal_length, ",
    "flowers.csv --target specie": "flowers.csv: no column 'specie'; did you mean species?",
    "houses.csv --target note": "the column 'note' has 120 different texts in 120 rows",
    "houses.csv --target sold": "the column 'sold' does not vary",
    "houses.csv --target day": "the column 'day' has cells that are no numbers ('1/0' in line 2)",
    "none.csv --target x": "none.csv: no such file",
    "flowers.csv --target species": "standard input is not a terminal, so the app cannot open",
    "flowers.csv --target species --output x.txt": "a lesson's name ends in .toml",
    "flowers.csv --target species --output sub/x.toml": "a lesson reads files of its own folder only",
    "flowers.csv --target species --output there.toml": "--output there.toml: there is such a file already",
    "flowers.csv --target species --separator ;": "all cells are text; say header = true or header = false",
    "flowers.csv --target species --separator x": "samples.separator: found 'x'; it must be one of",
}  # fmt: skip


def test_what_is_refused(folder: Path, run: Run) -> None:
    (folder / "there.toml").write_text("kept", encoding="utf-8")
    (folder / "sub").mkdir()
    for words, reason in REFUSED.items():
        result = run("new", *words.split())
        assert (result.code, reason in result.line) == (2, True), (words, result.err)
    assert (folder / "there.toml").read_text(encoding="utf-8") == "kept"


def test_it_opens_the_lesson_and_steps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("s\nq\n"))
    code, out, err, _ = command(["new", "flowers.csv", "--target", "species", "--plain"])
    assert (code, err) == (0, "")
    assert out.index("species       text") < out.index("species from flowers.csv")
    assert not (folder / "flowers.toml").exists()
