"""Class numbers and places that are none are refused with the table they stand in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_backprop.lessons.lesson import Lesson

BASE = (
    'formula = "L = {formula}"\n[samples]\nX = [[1, 2], [3, 4], [5, 6]]\ny = {y}\n'
    "[parameters]\nW = [[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]]\n"
)
PICKED = "-mean(log_softmax(X @ W)[range(n), y])"
CLASSES = "there are 3 classes, whole numbers from 0 to 2"


@pytest.mark.parametrize(
    ("formula", "y", "said"),
    [
        ("cross_entropy(X @ W, y)", "[3, 1, 2]", f"found 3; {CLASSES}: take 1 from each, they are 1 to 3"),
        ("cross_entropy(X @ W, y)", "[0, 1, 3]", f"found 3; {CLASSES}"),
        ("cross_entropy(X @ W, y)", "[0, 1.5, 2]", f"found 1.5; {CLASSES}"),
        ("cross_entropy(X @ W, y)", "[1, -1, 1]", f"found −1; {CLASSES}"),  # not the last class
        ("-mean(one_hot(y, 3) * log_softmax(X @ W))", "[0, 1, -1]", f"found −1; {CLASSES}"),
        (PICKED, "[0, 1, 3]",
         "found 3; axis 1 of log_softmax(X @ W) has 3, so places are whole numbers from 0 to 2"),
    ],
)  # fmt: skip
def test_what_is_no_class_is_refused(refusal: Callable[..., str], formula: str, y: str, said: str) -> None:
    assert refusal(BASE.format(formula=formula, y=y)) == f"samples.y: {said}"


def test_samples_held_back_and_data_are_looked_at_too(refusal: Callable[..., str]) -> None:
    text = BASE.format(formula="cross_entropy(X @ W, y)", y="[0, 1, 3]")
    assert refusal(text + "[validation]\nrows = [2]\n") == f"validation.y: found 3; {CLASSES}"
    text = 'formula = "L = sum(C[ix]**2)"\n[data]\nix = [0, 2]\n[parameters]\nC = [1.0, 2.0]\n'
    assert refusal(text) == "data.ix: found 2; C has 2, so places are whole numbers from 0 to 1"


def test_places_count_from_behind_as_in_numpy(load: Callable[..., Lesson]) -> None:
    load(BASE.format(formula=PICKED, y="[0, 1, -1]"))
