"""Marks in words: the verdict, what is off, what would be right, and never its numbers unasked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import trainer
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.exercises.homework import mark
from tui_backprop.exercises.words.homework import as_json, as_lines, message, solution, verdict


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("beta", "X.T @ dz", "right: the formula agrees here and at 4 random points"),
        ("beta", "[-0.375, −0.5]", "right: agrees at this point"),
        ("b", "mean(dz)", "off by 1/n: a mean where the sum is right (n = 3, the number of samples); "
         "right is ∂L/∂b = sum(∂L/∂z)"),
        ("beta", "X @ dz", "shapes: @ of X (3×2) and dz (3): (3×2) @ (3) does not fit: the inner lengths 2 "
         "and 3 must be equal; needs (2); did you mean X.T @ dz?; right is ∂L/∂β = Xᵀ @ ∂L/∂z"),
        ("β", "-0.375", "shapes: found scalar, needs (2); right is ∂L/∂β = Xᵀ @ ∂L/∂z"),
        ("beta", "X.T @ dy_hat", "missing a factor: ∂ŷ/∂z = ŷ ⊙ (1 − ŷ); right is ∂L/∂β = Xᵀ @ ∂L/∂z"),
        ("beta", "-X.T @ dy_hat", "missing a factor: ∂ŷ/∂z = ŷ ⊙ (1 − ŷ); besides, the sign is wrong; "
         "right is ∂L/∂β = Xᵀ @ ∂L/∂z"),
        ("beta", "dz", "missing a factor: the rule ∂L/∂β = Xᵀ @ ∂L/∂z; right is ∂L/∂β = Xᵀ @ ∂L/∂z"),
        ("ŷ", "y - y_hat", "wrong sign: it is −1 times ∂L/∂ŷ, as if ∂(y − ŷ)/∂ŷ = −1 were left out; right is "
         "∂L/∂ŷ = −(1 / 2) · 2·(y − ŷ)"),
        ("z", "dy_hat * y_hat", "wrong local derivative: ŷ itself is taken for its slope, or for the whole "
         "of it: ∂ŷ/∂z = ŷ ⊙ (1 − ŷ); right is ∂L/∂z = ∂L/∂ŷ ⊙ ∂ŷ/∂z, with ∂ŷ/∂z = ŷ ⊙ (1 − ŷ)"),
        ("beta", "[-0.4, -0.5]", "too few digits: right to the digits given; give at least 2 "
         "significant digits"),
    ],
)  # fmt: skip
def test_messages(name: str, text: str, expected: str) -> None:
    found = mark(trainer("logistic"), name, text)
    assert message(found) == expected
    assert expected.startswith(verdict(found))
    assert found.passed == (verdict(found) == "right")
    assert "-0.375" not in message(found)
    assert message(found, reveal=True).startswith(f"{expected}; in numbers ∂L/∂")


def test_lines_and_json_have_the_same_words() -> None:
    marks = [mark(trainer("logistic"), "b", "mean(dz)"), mark(trainer("logistic"), "beta", "X.T @ dz")]
    assert as_lines(marks) == [
        "WRONG  ∂L/∂b = mean(dz)",
        "  off by 1/n: a mean where the sum is right (n = 3, the number of samples)",
        "  right is ∂L/∂b = sum(∂L/∂z)",
        "ok     ∂L/∂β = X.T @ dz",
        "  right: the formula agrees here and at 4 random points",
    ]
    assert as_lines(marks[:1], reveal=True)[-1] == "  in numbers ∂L/∂b = −0.125"
    page = as_json(marks[0])
    assert list(page) == ["name", "given", "verdict", "passed", "message"]
    assert (page["name"], page["given"], page["verdict"], page["passed"]) == (
        "b",
        "mean(dz)",
        "off by 1/n",
        False,
    )
    json.dumps(page)


def test_overrides_are_lifted_and_that_is_said() -> None:
    t = trainer("logistic")
    t.override("y_hat", [0.8, 0.3, 0.4])
    found = mark(t, "beta", "[-0.375, -0.5]")
    assert found.passed
    np.testing.assert_allclose(found.right, [-0.375, -0.5])
    assert as_lines([found])[0] == "for the homework these are not overridden: ŷ"
    assert "y_hat" in t.overrides


def test_bad_input_is_refused() -> None:
    t = trainer("logistic")
    for name, text, error in (
        ("q", "1", BackpropError),
        ("beta", "X.T @", FormulaError),
        ("beta", "q", FormulaError),
    ):
        with pytest.raises(error):
            mark(t, name, text)
    with pytest.raises(BackpropError, match="dbeta is what is asked for"):
        mark(t, "beta", "dbeta")


def test_sub_expressions_by_their_text_and_those_that_occur_twice(tmp_path: Path) -> None:
    assert mark(trainer("logistic"), "(y - y_hat)", "y - y_hat").passed
    assert mark(trainer("logistic"), "(y − ŷ)", "y - y_hat").passed
    path = tmp_path / "mine.toml"
    path.write_text('formula = "L = sin(w * 2) + cos(w * 2)"\n[parameters]\nw = 1.0\n', encoding="utf-8")
    with pytest.raises(BackpropError, match="occurs 2 times; give the one you mean a name"):
        mark(tb.Trainer(tb.load_lesson(path)), "(w * 2)", "1")


def test_given_text_reaches_the_terminal_on_one_line() -> None:
    found = mark(trainer("logistic"), "beta", "X.T\n@\tdz")
    assert as_lines([found])[0] == r"ok     ∂L/∂β = X.T\n@\tdz"


@pytest.mark.parametrize(
    ("formula", "right"),
    [  # worked out by hand: what stands between two names is written over names
        ("p = 1 / (1 + exp(-z))\nL = mean((p - y)**2)", "∂L/∂p ⊙ (1 / (1 + exp(−z))²) ⊙ exp(−z)"),
        ("L = mean((z - y)**2)", "(1 / 3) · 2·(z − y)"),
        ("L = mse(z, y)", "2·(z − y) / 3"),
        ("L = mean(y * log(z)) - sum(z)", "−ones(3) + (1 / 3) · y ⊙ (1 / z)"),
        ("p = tanh(z)\nL = mse(p, y)", "∂L/∂p ⊙ ∂p/∂z, with ∂p/∂z = 1 − p²"),
    ],
)
def test_what_is_right_is_written_over_the_lesson_s_names(formula: str, right: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    given = "[data]\nx = [0.2, 0.5, 0.9]\ny = [0.0, 1.0, 1.0]\n[parameters]\nw = 0.5\n"
    path.write_text(f"formula = '''\nz = w * x\n{formula}\n'''\nloss = 'L'\n{given}", encoding="utf-8")
    said = solution(tb.Trainer(tb.load_lesson(path)), "z")
    assert said.partition("; in numbers")[0] == f"right is ∂L/∂z = {right}"
