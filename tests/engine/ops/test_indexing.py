"""Indices: what is picked gets its gradient back where it stood, and compiled runs agree with steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.graphs import swept
from tests.support.trainers import bits, mine
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.placing import pasted, scattered, stored, visible


@given(st.lists(st.integers(-4, 3), min_size=1, max_size=9), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_scattering_is_numpys_add_at_to_the_last_bit(rows: list[int], seed: int) -> None:
    upstream = np.random.default_rng(seed).normal(size=(len(rows), 3))
    expected = np.zeros((4, 3))
    np.add.at(expected, np.array(rows), upstream)
    assert bits(scattered(upstream, (4, 3), (np.array(rows),))) == bits(expected)


def test_what_is_pasted_and_stored() -> None:
    np.testing.assert_array_equal(pasted(np.ones(2), (4,), (slice(1, 4, 2),)), [0, 1, 0, 1])
    x = np.zeros(3)
    index = (np.array([0, 2, 0]),)
    np.testing.assert_array_equal(stored(x, np.array([1.0, 2.0, 3.0]), index), [3, 0, 2])
    np.testing.assert_array_equal(x, 0)
    np.testing.assert_array_equal(visible(np.array([5.0, 6.0, 7.0]), index), [0, 7, 5])


def test_a_row_that_is_used_twice_gets_two_gradients_which_add_up() -> None:
    leaves = {
        "C": np.arange(8.0).reshape(4, 2),
        "ix": [0, 3, 3],
        "u": np.array([[1.0, 2], [10, 20], [100, 200]]),
    }
    tape = swept("E = C[ix]\nL = sum(E * u)", leaves, data=("ix", "u"))
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["C"]), [[1, 2], [0, 0], [0, 0], [110, 220]])
    E = tape.graph.named["E"]
    terms = element_terms(E, 0, (3, 1), tape)
    assert terms.total == 220.0
    assert sorted(terms.products) == [20.0, 200.0]
    assert E.op is not None
    assert "two gradients add up" in E.op.why(0, [(4, 2), (3,)])
    assert [factor.operand.name for factor in tape.graph.factors if factor.output is E] == ["C"]


def test_what_is_not_picked_gets_zero_and_the_way_back_says_so() -> None:
    tape = swept("a = X[1:, 0]\nL = sum(a * a)", {"X": np.arange(6.0).reshape(3, 2)})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["X"]), [[0, 0], [4, 0], [8, 0]])
    op = tape.graph.named["a"].op
    assert op is not None
    assert "pastes into zeros" in op.why(0, [(3, 2)])
    assert element_terms(tape.graph.named["a"], 0, (0, 0), tape).total == 0.0
    assert element_terms(tape.graph.named["a"], 0, (2, 0), tape).total == 8.0


@pytest.mark.parametrize("index", [[0.0, 1.5], [0.0, 4.0], [-5.0, 0.0], [np.nan, 0.0]])
def test_an_index_that_is_none_is_said_in_one_line(index: list[float]) -> None:
    said = "in the line of L, C.ix.: found the index .*axis 0 has 4, so indices are whole numbers from 0 to 3"
    with pytest.raises(BackpropError, match=said):
        swept("L = sum(C[ix])", {"C": np.ones((4, 2)), "ix": index}, data=("ix",))


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<=", "==", "!="])
def test_a_comparison_is_one_or_zero_and_passes_no_gradient(comparison: str) -> None:
    x = np.array([-1.0, 0.0, 2.0])
    tape = swept(f"m = x {comparison} 0\nL = sum(m * x)", {"x": x})
    mask = {">": x > 0, ">=": x >= 0, "<": x < 0, "<=": x <= 0, "==": x == 0, "!=": x != 0}[comparison]
    np.testing.assert_array_equal(tape.value(tape.graph.named["m"]), mask * 1.0)
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]), mask * 1.0)
    assert not any(factor.output is tape.graph.named["m"] for factor in tape.graph.factors)


def test_a_value_that_stops_gradients_is_fixed_for_the_check_too(tmp_path: Path) -> None:
    tape = swept("L = sum(stop_gradient(w) * w**2)", {"w": [1.5, -2.0]})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["w"]), [4.5, 8.0])
    trainer = mine(tmp_path, 'formula = "L = w.detach() * w**2"\n[parameters]\nw = 1.5\n')
    assert trainer.gradients["w"] == 4.5
    assert tb.check_gradients(trainer).passed


LESSON = '''
formula = """
{}
"""
[data]
ix = [0, 3, 3, 1]
y = [0, 1, 2, 3]
[parameters]
W = {{ init = "normal", shape = [3, 4] }}
C = {{ init = "normal", shape = [5, 3] }}
s = 0.5
[hyperparameters]
learning_rate = 0.01
iterations = 6
'''
COMPILED = [
    "E = C[ix]\nz = E @ W\nz -= z.max(axis=1, keepdims=True)\nL = -mean(log_softmax(z)[range(4), y])",
    "h = np.zeros((5, 4))\nfor t in range(4):\n    h[t + 1] = tanh(C[t] @ W + h[t])\n"
    "L = sum(where(h > 0, h, h**2))",
    "V = C @ W\nV[[0, 0, 1]] = V[[2, 3, 4]] * 2\nL = sum(V[::2, 1:3]**2) + sum(W[:, None, -1])**2",
    "A = np.pad(C @ W, ((1, 0), (0, 2)))\nB = np.roll(np.tile(A, (1, 2)), 3, axis=1)\n"
    "L = mean((np.repeat(B, 2, axis=0)[:5] * (np.argmax(B, axis=1) > 1)[:5, None])**2) + trunc(sum(C) * 3)",
    "a = ravel(s) * s\nb = reshape(s, (1, 1)) + s[None, None]\n"
    "c = np.roll(s, 1) + C[:1, :1].item() + s[None][0]\n"
    "L = sum(a * b) + sum(np.tile(s * c, 3)**2) + sum(np.repeat(s, 2) * s)",
    "h = C @ W\nh[h < 0] *= 0.1\nh[~(h < 1)] = 1\nL = sum(h**2) + (np.argmin(h, axis=0) == y).mean()",
    "def f(x, k=2.0):\n    x = x * k\n    return x, tanh(x)\n"
    "a, c = f(C @ W)\nL = sum((a * c)[np.arange(5), 2])",
]  # fmt: skip


@pytest.mark.parametrize("formula", COMPILED)
def test_a_run_does_what_stepping_does(formula: str, tmp_path: Path) -> None:
    run, stepped = (mine(tmp_path, LESSON.format(formula)) for _ in range(2))
    run.run(iterations=6)
    while stepped.iteration < 6:
        stepped.step()
    assert {k: bits(v) for k, v in run.parameters.items()} == {
        k: bits(v) for k, v in stepped.parameters.items()
    }
    assert bits(run.losses) == bits(stepped.losses)
