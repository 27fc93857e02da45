"""Worksheets: every key is computed again from what the page gives, by autograd on the formula's own text.

What is read of a page is its JSON: the formula, what is given, and the learning rate. The formula is run as
Python with autograd's NumPy, so neither values nor derivatives are this program's.
"""

from __future__ import annotations

import json
import re
from types import CodeType
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.support.thorough import parted
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.export.worksheets.registry import FORMATS
from tui_backprop.export.worksheets.worksheet import make_worksheet
from tui_backprop.lessons.library import BUILTIN, load_lesson

FUNCTIONS = {
    "sum": anp.sum, "mean": anp.mean, "exp": anp.exp, "log": anp.log, "sqrt": anp.sqrt, "tanh": anp.tanh,
    "square": lambda x: x * x,
    "eye": anp.eye,
    "sigmoid": lambda x: 1 / (1 + anp.exp(-x)), "relu": lambda x: anp.maximum(x, 0.0),
    "softmax": lambda x: anp.exp(x) / anp.sum(anp.exp(x), axis=-1, keepdims=True),
    "mse": lambda p, t: anp.mean((p - t) ** 2),
    "cross_entropy": lambda z, t: -anp.mean(
        anp.sum(t * (z - anp.log(anp.sum(anp.exp(z), axis=-1, keepdims=True))), axis=-1)
    ),
}  # fmt: skip
RECOMPUTED = (
    "first", "linear", "square", "chain", "neuron", "relu-net", "guess", "nodes", "theta", "polynomial",
    "logistic", "logistic-ce", "two-layer", "softmax", "schedules",
)  # fmt: skip
"""Lessons whose formulas are plain NumPy."""


class Page:
    """A page, as somebody has it who has nothing else."""

    def __init__(self, text: str) -> None:
        page = json.loads(text)
        self.rate: float = page["learning_rate"]
        self.given = {name: anp.array(value, dtype=float) for name, value in page["given"].items()}
        self.lines: list[tuple[str, CodeType]] = []
        for line in page["formula"]:
            name, equals, expression = line.partition("=")
            if equals and re.fullmatch(r"\s*\w+\s*", name):
                self.lines.append((name.strip(), compile(expression.strip(), "formula", "eval")))
        self.loss = self.lines[-1][0]

    def run(self, changed: dict[str, Any], *, to: str | None = None) -> dict[str, Any]:
        """Compute all lines; a changed name has its value from the start, or in place of its line."""
        names = {**FUNCTIONS, **self.given, **{k: v for k, v in changed.items() if k in self.given}}
        for name, code in self.lines:
            names[name] = changed[name] if name in changed else eval(code, {"__builtins__": {}}, names)
            if name == to:
                break
        return names

    def value(self, expression: str) -> Any:
        """Return a node's value; one without a name is the text of its expression."""
        inner = re.sub(r"^broadcast\((.*)\)$", r"\1", expression)
        return eval(compile(inner, "node", "eval"), {"__builtins__": {}}, self.run({}))

    def gradient(self, name: str) -> Any:
        """Return ∂loss/∂name."""
        start = anp.array(self.run({})[name], dtype=float)
        return autograd.grad(lambda value: anp.sum(self.run({name: value})[self.loss]))(start)


@parted("first", 5)
def test_every_key_is_right(first: int) -> None:
    """20 sheets and more in all: values, gradients and updates of what has a name on the page."""
    checked = 0
    for lesson in RECOMPUTED:
        for seed in range(first, 10, 5):
            sheet = make_worksheet(load_lesson(lesson), seed, 8)
            page = Page(FORMATS["json"].sheet(sheet))
            for answer in json.loads(FORMATS["json"].key(sheet))["answers"]:
                expected = recomputed(page, answer)
                if expected is None:
                    continue
                checked += 1
                found = np.array(answer["value"])
                expected = np.broadcast_to(np.array(expected, dtype=float), found.shape)
                np.testing.assert_allclose(
                    found, expected, rtol=1e-8, atol=1e-12, err_msg=f"{lesson} {seed} {answer['text']}"
                )
    assert checked > 60


def recomputed(page: Page, answer: dict[str, Any]) -> Any:
    """Return the right value of a blank, or None where its node has no name to compute it by."""
    kind, of = answer["kind"], answer["of"]
    if kind == "value":
        return page.value(of)
    if kind == "after":
        return page.given[of] - page.rate * page.gradient(of)
    if kind == "gradient":
        return page.gradient(of) if of.isidentifier() else None
    output, _, operand = of.partition(" <- ")
    if not (operand.isidentifier() and output.isidentifier()):
        return None
    uses = sum(len(re.findall(rf"\b{operand}\b", " ".join(code.co_names))) for _, code in page.lines)
    if kind == "contribution":
        return page.gradient(operand) if uses == 1 else None
    before = page.run({}, to=output)
    start = anp.array(before[operand], dtype=float)
    line = dict(page.lines)[output]

    def only(value: Any) -> Any:
        return anp.sum(eval(line, {"__builtins__": {}}, {**before, operand: value}))

    return autograd.grad(only)(start)


def test_the_same_seed_is_the_same_page_and_another_seed_another() -> None:
    lesson = load_lesson("logistic")
    one, same, other = (FORMATS["json"].sheet(make_worksheet(lesson, seed)) for seed in (4, 4, 5))
    assert one == same
    assert json.loads(one)["given"] != json.loads(other)["given"]


@pytest.mark.parametrize("style", list(FORMATS))
def test_a_page_has_its_blanks_and_not_what_stands_in_them(style: str) -> None:
    sheet = make_worksheet(load_lesson("logistic"), 7, 6)
    page, key = FORMATS[style].sheet(sheet), FORMATS[style].key(sheet)
    assert len(sheet.blanks) == 6
    for _, item in sheet.blanks:
        first = float(item.value.ravel()[0])
        number = repr(first) if style == "json" else f"{first:.6g}".replace("-", "−")
        assert number in key.replace("-", "−") or number in key
        if "." in number:
            assert number not in page.replace("-", "−"), item.text


def test_numbers_are_small_and_whole_where_a_head_has_to_do_them() -> None:
    for seed in range(10):
        sheet = make_worksheet(load_lesson("linear"), seed)
        for name, value in sheet.given:
            assert float(value) == int(value), name
            assert abs(float(value)) < 20


@parted("first", 4)
def test_every_lesson_has_a_worksheet_or_says_why_not(first: int) -> None:
    for name in BUILTIN[first::4]:
        if name == "vanishing":
            with pytest.raises(
                BackpropError, match=r"vanishing does not fit on paper: W has shape \(10×8×8\)"
            ):
                make_worksheet(load_lesson(name), 1)
            continue
        sheet = make_worksheet(load_lesson(name), 1)
        assert sheet.blanks
        for written in FORMATS.values():
            assert written.sheet(sheet)
            assert written.key(sheet)
