"""Baselines: entropies, variances and deviations worked out by hand from the targets alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tui_backprop.lessons.library import lesson_of_text, load_lesson
from tui_backprop.lessons.limits import OPEN
from tui_backprop.training.validation.baselines import Baselines, baselines

NUMBERS = [1.0, 2.0, 2.0, 7.0]
MEAN, MEDIAN = 3.0, 2.0
VARIANCE = (4 + 1 + 1 + 16) / 4
DEVIATION = (1 + 0 + 0 + 5) / 4
ONE_IN_FOUR = -(math.log(1 / 4) / 4 + 3 * math.log(3 / 4) / 4)
HALF_QUARTERS = -(math.log(1 / 2) / 2 + 2 * math.log(1 / 4) / 4)


def of(formula: str, y: object, parameters: str = "w = [1.0, 2.0]\nb = 0.5") -> Baselines:
    text = (
        f"formula = '''\n{formula}\n'''\n[samples]\nX = [[1, 2], [3, 4], [5, 6], [7, 9]]\ny = {y}\n"
        f"[parameters]\n{parameters}\n"
    )
    return baselines(lesson_of_text(text, Path("x.toml"), sandbox=OPEN))


@pytest.mark.parametrize(
    ("formula", "constant", "kind"),
    [
        ("p = X @ w + b\nL = mse(p, y)", VARIANCE, "the mean"),
        ("p = X @ w + b\nL = mean((p - y)**2)", VARIANCE, "the mean"),
        ("p = X @ w + b\nL = mean((y - p)**2) / 2", VARIANCE / 2, "the mean"),
        ("p = X @ w + b\nL = sum(square(p - y))", 4 * VARIANCE, "the mean"),
        ("p = X @ w + b\nL = mse(p, y) + 0.1 * sum(w**2)", VARIANCE, "the mean"),
        ("p = X @ w + b\nL = mae(p, y)", DEVIATION, "the median"),
        ("p = X @ w + b\nL = mean(abs(p - y))", DEVIATION, "the median"),
    ],
)
def test_numbers(formula: str, constant: float, kind: str) -> None:
    found = of(formula, NUMBERS)
    assert (found.guess, found.kind) == (None, kind)
    assert found.constant == pytest.approx(constant, rel=1e-12)
    assert found.lines == (f"the best constant, {kind}: loss {constant:g}",)


@pytest.mark.parametrize(
    "formula",
    [
        "L = bce_with_logits(X @ w + b, y)",
        "p = sigmoid(X @ w + b)\nL = bce(p, y)",
        "y_hat = sigmoid(X @ w + b)\nL = -mean(y * log(y_hat) + (1 - y) * log(1 - y_hat))",
    ],
)
def test_two_classes(formula: str) -> None:
    found = of(formula, [0, 1, 0, 0])
    assert found.guess == pytest.approx(math.log(2), rel=1e-12)
    assert found.constant == pytest.approx(ONE_IN_FOUR, rel=1e-9)
    assert [name for name, _ in found.levels] == ["random guess", "best constant"]
    (one,) = of(formula, [0, 1, 0, 1]).levels
    assert one[0] == "guess, constant"


@pytest.mark.parametrize(
    ("formula", "y"),
    [
        ("L = cross_entropy(X @ W, y)", [0, 1, 2, 0]),
        ("L = nll(log_softmax(X @ W), y)", [0, 1, 2, 0]),
        ("p = softmax(X @ W)\nL = -mean(log(p)[range(4), y])", [0, 1, 2, 0]),
        ("L = cross_entropy(X @ W, y)", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    ],
)
def test_three_classes(formula: str, y: object) -> None:
    found = of(formula, y, "W = [[1.0, 2.0, 3.0], [0.5, 0.1, 0.2]]")
    assert found.guess == pytest.approx(math.log(3), rel=1e-12)
    assert found.constant == pytest.approx(HALF_QUARTERS, rel=1e-9)
    assert found.lines[0] == f"a random guess among 3 classes: loss {math.log(3):.6g}"


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert of("L = mean((X @ w) ** 2)", NUMBERS).levels == ()
    assert baselines(load_lesson("square")).levels == ()
    assert of("L = huber(X @ w, y)", NUMBERS).levels == ()


def test_the_samples_held_back_are_left_out() -> None:
    text = (
        "formula = 'L = mse(w * x, y)'\n[samples]\nx = [1, 2, 3, 4]\ny = [1, 2, 6, 90]\n"
        "[validation]\nrows = [3]\n[parameters]\nw = 1.0\n"
    )
    found = baselines(lesson_of_text(text, Path("x.toml"), sandbox=OPEN))
    assert found.constant == pytest.approx(np.var([1, 2, 6]), rel=1e-12)
