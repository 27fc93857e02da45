"""Whole cells of notebooks: all values that they name are NumPy's, and gradients those of its numbers."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from tests.support.graphs import arrays_of
from tests.support.notebooks import NOTEBOOKS, Notebook
from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula

CLOSE = 1e-15
"""Of numbers up to 1, and relative above: where the product sums otherwise, as inner products."""
STEP = 1e-5


def executed(notebook: Notebook, **moved: Any) -> dict[str, Any]:
    """Execute a cell as NumPy does, and return its names."""
    given = {**notebook.data, **notebook.parameters, **moved}
    space: dict[str, Any] = {name: np.copy(value)[()] for name, value in given.items()}
    space |= {"np": np, "parameters": dict(space), "params": dict(space)}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(notebook.text, space)
    return space


def read(notebook: Notebook) -> Tape:
    """Return the tape of a cell as the product reads it."""
    leaves = {name: Leaf(Kind.DATA, np.shape(value)) for name, value in notebook.data.items()}
    leaves |= {name: Leaf(Kind.PARAMETER, np.shape(v), True) for name, v in notebook.parameters.items()}
    graph = build_graph(parse_formula(notebook.text), leaves, notebook.loss)
    tape = Tape(graph, arrays_of({**notebook.data, **notebook.parameters}))
    tape.forward()
    tape.backward()
    return tape


def difference(tape: Tape, space: dict[str, Any]) -> float:
    """Return how far apart two values of one name are at most."""
    furthest = 0.0
    for name, node in tape.graph.named.items():
        if name in space and not isinstance(space[name], dict | list):
            ours, theirs = tape.value(node), np.asarray(space[name], dtype=np.float64)
            assert np.shape(ours) == theirs.shape, name
            finite = np.isfinite(theirs)
            np.testing.assert_array_equal(np.asarray(ours)[~finite], theirs[~finite])
            apart = np.abs(ours - theirs)[finite] / np.maximum(1.0, np.abs(theirs[finite]))
            furthest = max(furthest, float(np.max(apart, initial=0.0)))
    return furthest


def numeric(notebook: Notebook, name: str, place: tuple[int, ...]) -> float:
    """Return the central difference of NumPy's own losses."""
    losses = []
    for sign in (1, -1):
        value = np.array(notebook.parameters[name], dtype=np.float64)
        value[place] += sign * STEP
        losses.append(float(np.squeeze(executed(notebook, **{name: value[()]})[notebook.loss])))
    return (losses[0] - losses[1]) / (2 * STEP)


def test_every_cell_is_what_numpy_makes_of_it() -> None:
    """All values that have names, and of each parameter the gradient of one element."""
    generator = np.random.default_rng(3)
    with np.errstate(all="ignore"):
        for title, notebook in NOTEBOOKS.items():
            tape = read(notebook)
            assert difference(tape, executed(notebook)) <= CLOSE, title
            for name, value in notebook.parameters.items():
                place = tuple(int(generator.integers(length)) for length in np.shape(value))
                gradient = np.asarray(tape.gradient(tape.graph.named[name]))[place]
                expected = pytest.approx(numeric(notebook, name, place), rel=1e-6, abs=1e-8)
                assert gradient == expected, (title, name, place)
