"""Notebooks: they are of the format, run with NumPy alone, and know a right gradient from a wrong one."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

import tui_backprop as tb
from tests.support.scripts import make_lesson
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.export.targets.registry import TARGETS
from tui_backprop.lessons.lesson import Lesson

LESSONS = ("linear", "two-layer", "conv", "dropout", "batch-norm", "embedding")


def cells(lesson: Lesson, iteration: int = 0) -> tuple[float, dict[str, str]]:
    """Return the loss and the cells of code by their names, of a notebook that has been validated."""
    trainer = tb.Trainer(lesson)
    book = nbformat.reads(TARGETS["notebook"].written(trainer, iteration), as_version=4)
    nbformat.validate(book)
    return trainer.loss, {cell.id: cell.source for cell in book.cells if cell.cell_type == "code"}


def ran(code: str, space: dict[str, Any]) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "cell", "exec"), space)
    return out.getvalue().splitlines()


def imported(code: str) -> set[str]:
    return set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))


@pytest.mark.parametrize("name", LESSONS)
def test_cells_run_and_compare(name: str) -> None:
    loss, code = cells(tb.load_lesson(name), 2)
    assert list(code) == ["forward", "backward", "compare"]
    assert imported("\n".join(code.values())) <= {"numpy", "math", "base64", "zlib"}
    space: dict[str, Any] = {}
    assert ran(code["forward"], space) == [repr(loss)]
    assert ran(code["backward"], space) == []
    asked = re.findall(r"^(\w+) = \.\.\.  # (?:shape|a number)", code["backward"], re.MULTILINE)
    assert asked
    assert ran(code["compare"], space) == [f"{name}: not filled in yet" for name in asked]
    space |= {name: space[f"expected_{name}"] for name in asked}
    assert ran(code["compare"], space) == [f"{name}: right" for name in asked]


def test_gradients_by_hand_are_told_right_wrong_or_of_another_shape() -> None:
    """two-layer's, by the chain rule: dz2 = dy_hat y_hat (1 - y_hat), db2 its sum, dW2 = h.T @ dz2."""
    _, code = cells(tb.load_lesson("two-layer"))
    space: dict[str, Any] = {}
    ran(code["forward"], space)
    by_hand = """
dy_hat = 2 * (y_hat - y) / 4
dz2 = dy_hat * y_hat * (1 - y_hat)
dW2 = h.T @ dz2
db2 = dz2.sum(axis=0)
dh = dz2 @ W2.T
dz1 = dh * (1 - h)
dW1 = X.T @ dz1
db1 = dz1
"""
    ran(code["backward"] + by_hand, space)
    told = ran(code["compare"], space)
    assert told[:3] == ["dy_hat: right", "dz2: right", "dh: right"]
    assert re.match(r"dz1: not right, off by 0\.\d+ at \(\d, \d\)", told[3])
    assert told[4:7] == ["db2: right", "dW2: right", "db1: shape (4, 4), (4,) would be right"]


def test_titles_are_no_markup(tmp_path: Path) -> None:
    text = "title = '<b>x</b> [a](http://b) *c*'\nformula = 'L = w**2'\n[parameters]\nw = 2.0\n"
    page = json.loads(TARGETS["notebook"].written(tb.Trainer(make_lesson(tmp_path, text))))
    assert page["cells"][0]["source"][0] == "# &lt;b&gt;x&lt;/b&gt; \\[a\\](http\\://b) \\*c\\*\n"


def test_without_gradients_there_is_none(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, "formula = 'L = stop_gradient(w)'\n[parameters]\nw = 2.0\n")
    with pytest.raises(BackpropError, match="own has no gradients to fill in"):
        TARGETS["notebook"].written(tb.Trainer(lesson))
