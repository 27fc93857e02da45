"""Which axis counts samples, told from the graphs of a batch and of a batch with one sample more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, load_lesson
from tui_backprop.lessons.sample_axis import sample_axis


def axes(lesson: Lesson, rows: int | None = None) -> dict[str, int | None]:
    return {str(node): sample_axis(lesson, node, rows) for node in lesson.graph(rows).nodes}


@pytest.mark.parametrize("rows", [None, 1, 2])
def test_logistic(rows: int | None) -> None:
    found = axes(load_lesson("logistic"), rows)
    assert {name for name, axis in found.items() if axis is not None} == {
        "X", "y", "(X @ beta)", "broadcast(b)", "z", "y_hat", "(y - y_hat)", "(y - y_hat)**2",
        "((y - y_hat)**2 / 2)",
    }  # fmt: skip
    assert set(found.values()) == {0, None}


TRICKY = """
formula = '''
G = X @ X.T
H = X.T @ X
q = 2 * p
z = q + mean(X, axis=1)
L = sum(G) + sum(H) + sum(z) + sum(w * 3)
'''
[samples]
X = [[1, 2], [3, 4], [5, 6]]
[parameters]
p = [1.0]
w = [1.0, 2.0, 3.0]
"""


@pytest.mark.parametrize("rows", [None, 1, 2])
def test_transposes_grams_and_lengths_that_happen_to_agree(
    load: Callable[..., Lesson], rows: int | None
) -> None:
    found = axes(load(TRICKY), rows)
    assert found["X.T"] == 1
    assert found["G"] is None  # both axes count samples
    assert found["H"] is None  # summed over
    assert found["w"] is None  # as many as there are samples, but not for that reason
    assert found["(w * 3)"] is None
    assert found["q"] is None  # one number, beside a batch of one sample too
    assert found["z"] == 0
    assert found.get("broadcast(q)", 0) == 0


def test_a_batch_of_one_needs_no_broadcast_and_says_the_same() -> None:
    lesson = load_lesson("theta")
    for rows in (None, 1, 3):
        found = axes(lesson, rows)
        assert found["z1"] == found["z2"] == found["broadcast(theta)"] == 0
        assert found["theta"] is found["L"] is None


FIXED = """
formula = "L = sum(x * w)"
[samples]
x = [1.0, 2.0, 3.0]
[parameters]
w = [1.0, 2.0, 3.0]
"""


def test_where_no_other_batch_is_possible_only_the_samples_themselves_are_told(
    load: Callable[..., Lesson],
) -> None:
    assert axes(load(FIXED)) == {"x": 0, "w": None, "(x * w)": None, "L": None}


@pytest.mark.parametrize("name", BUILTIN)
def test_never_raises_for_a_built_in_lesson(name: str) -> None:
    lesson = load_lesson(name)
    found = axes(lesson)
    assert found[str(lesson.graph().loss)] is None
    assert (lesson.rows is None) == (set(found.values()) == {None})
