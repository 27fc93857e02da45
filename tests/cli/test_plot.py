"""The command that writes pictures: what each format holds, and what it refuses."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from tui_backprop.cli.main import cli
from tui_backprop.cli.playground.plot import KINDS, plain_numbers
from tui_backprop.lessons.library import load_lesson
from tui_backprop.pictures import registry
from tui_backprop.training.trainer import Trainer

Run = Callable[..., Any]
LESSONS = {"boundary": "iris", "confusion": "iris", "fit": "polynomial", "weights": "two-layer"}
"""Which lesson has a picture, where it is not ``two-layer`` as it comes."""


def test_the_commands_kinds_are_the_registrys() -> None:
    assert set(KINDS) == set(registry.KINDS)


@pytest.mark.parametrize("what", KINDS)
@pytest.mark.parametrize("style", ["text", "json", "svg"])
def test_every_kind_in_every_format(run: Run, what: str, style: str) -> None:
    lesson = LESSONS.get(what, "two-layer")
    written = run("plot", lesson, "--what", what, "--iterations", "20", "--format", style, "--size", "40x12")
    assert (written.code, written.err) == (0, "")
    if style == "json":
        assert written.out.count("\n") == 1
        assert json.loads(written.out)
    elif style == "svg":
        assert ElementTree.fromstring(written.out).get("width") == "400"
    else:
        assert "\x1b" not in written.out, "a pipe has no colours"
        rows = written.out.splitlines()
        assert len(rows) > 12, "the drawing, and below it what there is to see in words"
        assert max(map(len, rows)) <= 44


def test_png_into_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "loss.png"
    written = run("plot", "linear", "--what", "loss", "--format", "png", "--output", str(path))
    assert (written.code, written.out, written.line) == (0, "", f"{path} written")
    with Image.open(path) as image:
        assert image.size == (800, 480)
        assert image.info["Description"].startswith("from loss")
    assert os.listdir(path.parent) == ["loss.png"]


def test_png_through_a_pipe() -> None:
    written = CliRunner().invoke(
        cli, ["plot", "linear", "--what", "slice", "--format", "png", "--size", "30x10"]
    )
    assert Image.open(io.BytesIO(written.stdout_bytes)).size == (300, 200)


def test_json_has_the_numbers_to_the_bit(run: Run) -> None:
    numbers = json.loads(
        run("plot", "linear", "--what", "slice", "--iterations", "5", "--of", "w", "--format", "json").out
    )
    t = Trainer(load_lesson("linear"))
    t.run(iterations=5)
    assert numbers["name"] == "w"
    assert numbers["here"] == {"t": t.parameters["w"].item(), "loss": t.loss}
    assert set(numbers) >= {"t", "loss", "tangent", "name"}


def test_the_iterations_are_the_lessons_unless_given(run: Run) -> None:
    losses = json.loads(
        run("plot", "linear", "--what", "loss", "--set", "iterations=7", "--format", "json").out
    )
    assert losses["iterations"][-1] == 7
    losses = json.loads(run("plot", "linear", "--what", "loss", "--iterations", "0", "--format", "json").out)
    assert losses["iterations"] == [0.0]


def test_names_with_commas_in_brackets(run: Run) -> None:
    words = ("plot", "two-layer", "--what", "landscape", "--of", "W1[0,1], b1[2]", "--iterations", "3")
    numbers = json.loads(run(*words, "--size", "20x8", "--format", "json").out)
    assert [name.replace(" ", "") for name in numbers["names"]] == ["W1[0,1]", "b1[2]"]
    assert np.array(numbers["z"]).shape == (len(numbers["y"]), len(numbers["x"]))


def test_a_run_that_diverges_is_drawn_and_fails(run: Run) -> None:
    written = run("plot", "polynomial", "--what", "loss", "--set", "learning_rate=1", "--iterations", "500")
    assert written.code == 1
    assert "iteration" in written.line
    assert "loss" in written.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("linear",), "Missing option '--what'"),
        (("linear", "--what", "nothing"), "'nothing' is not one of 'loss'"),
        (("linear", "--what", "boundary"), "two inputs"),
        (("linear", "--what", "confusion"), "class"),
        (("linear", "--what", "loss", "--of", "w"), "loss is about the whole training; leave w out"),
        (("linear", "--what", "slice", "--of", "v"), "v"),
        (("square", "--what", "slice"), "square trains nothing"),
        (("linear", "--what", "loss", "--size", "10x5"), "from 20x8 to 400x200"),
        (("linear", "--what", "loss", "--size", "80"), "columns x rows"),
        (("nothing", "--what", "loss"), "unknown lesson"),
    ],
)
def test_refusals_are_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    assert says in run("plot", *words).refusal


def test_what_cannot_be_written(run: Run, tmp_path: Path) -> None:
    written = run("plot", "linear", "--what", "loss", "--iterations", "1", "--output", str(tmp_path))
    assert (written.code, written.line) == (2, f"{tmp_path} cannot be written: Is a directory")


def test_numbers_of_numpy_become_pythons() -> None:
    given = {"a": np.arange(3.0), "b": (np.float64(0.5), [np.bool_(True)]), "c": {"d": "text"}, 1: None}
    assert plain_numbers(given) == {"a": [0, 1, 2], "b": [0.5, [True]], "c": {"d": "text"}, "1": None}
