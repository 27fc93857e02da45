"""What a notebook's cell has besides what it computes: passed over, with every place where it was."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.graphs import graph_of, swept
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.passed import without_passed

CELL = '''"""A cell (of a notebook's [text."""
%matplotlib inline
import numpy as np, matplotlib.pyplot as plt
from numpy import exp, tanh  # two
np.random.seed(0)
def f(x):
    """
    Does (this)  # that
    """
    print(f"x is {x.shape}", x)  # shown
    assert x.shape == (3,), "three (numbers"
    return np.exp(x)
h = f(w); print(h); k = h * 2
h.shape, w
for i in range(2):
    print(i)
    k = k + i
assert(k.shape == (3,))
plt.plot(k, "r")
L = k.sum()
print("L = %f"
      % L)
L
'''
GIVEN = {"w": np.array([0.5, -1.0, 2.0])}


def test_a_whole_cell_is_read_for_what_it_computes() -> None:
    assert swept(CELL, GIVEN).loss() == np.sum(np.exp(GIVEN["w"]) * 2 + 0 + 1)


def test_places_stay_where_they_were() -> None:
    meant = without_passed(CELL)
    assert [len(line) for line in meant.split("\n")] == [len(line) for line in CELL.split("\n")]
    with pytest.raises(FormulaError) as caught:
        graph_of('"""A (doc."""\nprint("(")\na = w * 2; print(a); L = sum(a) + qq', GIVEN)
    assert (caught.value.line, caught.value.column) == (3, 35)


def test_other_text_is_left_as_it_is() -> None:
    for text in ("x = 'tanh'", "y = print", "printed = x * 2", "L = f(\n'ij,jk')", "a = '''x"):
        assert without_passed(text) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("from torch import std\nL = sum(w)", "functions of the language by their own names"),
        ("from numpy import exp as e\nL = sum(w)", "functions of the language by their own names"),
        ("from os import path\nL = sum(w)", "functions of the language by their own names"),
        ("w * 2\nL = sum(w)", "found w * 2 without a name"),
    ],
)
def test_what_may_change_something_is_refused(text: str, part: str) -> None:
    with pytest.raises(FormulaError, match=part.replace("*", "[*]")):
        graph_of(text, GIVEN)
