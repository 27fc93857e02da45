"""What n stands for in an answer: the rows of [samples], and what is said where there are none."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.brought.backward import check_backward
from tui_backprop.exercises.homework import mark

X = np.array([[1.0], [2.0], [4.0]])
HINT = "it counts the rows of [samples], and this lesson has none; write the number, or len(X), which is 3"


def loss(X, w):  # type: ignore[no-untyped-def]
    return np.mean((X @ w) ** 2)


def trainer(**given: dict[str, np.ndarray]) -> tb.Trainer:
    return tb.Trainer(tb.trace(loss, {"w": np.array([0.5])}, **given))


def test_a_program_traced_with_samples_knows_how_many() -> None:
    assert mark(trainer(samples={"X": X}), "w", "2 * X.T @ (X @ w) / n").passed


def test_a_program_traced_with_data_says_what_to_write() -> None:
    traced = trainer(data={"X": X})
    with pytest.raises(BackpropError) as refused:
        mark(traced, "w", "2 * X.T @ (X @ w) / n")
    assert str(refused.value) == f"line 1, column 21: unknown name n; {HINT}"
    report = check_backward(traced, "dw = 2 * X.T @ (X @ w) / n")
    assert [one.problem for one in report.marks] == [f"unknown name n; {HINT}"]
    assert mark(traced, "w", "2 * X.T @ (X @ w) / len(X)").passed
    assert mark(traced, "w", "2 * X.T @ (X @ w) / 3").passed
