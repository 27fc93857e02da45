"""Products, orders of axes and joined arrays as NumPy has them, and classes beside rows of logits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.graphs import arrays_of, graph_of
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import FormulaError

A = np.random.default_rng(0).integers(-4, 5, (2, 3)) / 4
B = np.random.default_rng(1).integers(-4, 5, (3, 3)) / 4
V = np.array([0.5, -1.0, 2.0])
LEAVES = {"A": A, "B": B, "v": V}


def value_of(text: str, **more: np.ndarray) -> np.ndarray:
    """Return what the language computes for an expression."""
    leaves = {**LEAVES, **more}
    graph = graph_of(f"z = {text}\nL = sum(z)", leaves, data=[*more])
    tape = Tape(graph, arrays_of(leaves))
    tape.forward()
    return np.asarray(tape.value(graph.named["z"]))


SAME = (
    "np.outer(v, v)", "np.inner(v, v)", "np.inner(A, B)", "np.inner(B, v)",
    "np.einsum('ij,jk->ik', A, B)", "np.einsum('ij, jk', A, B)", "np.einsum('ji,j->i', B, v)",
    "np.einsum('ij,kj->', A, B)", "np.einsum('ij,ij->ij', B, B)",
    "np.vstack([A, B])", "np.vstack((v, v))", "np.vstack([A, v])",
    "np.hstack([A, A])", "np.hstack((v, v, v))",
    "np.column_stack([v, v])", "np.column_stack([B, v])", "np.c_[B, v]", "np.c_[v, v]", "np.r_[v, v]",
    "np.c_[B, np.ones(3)]", "np.array([v, 2 * v])", "np.array([[A[0, 0], 1], [2, v[1]]])",
    "A.transpose(1, 0)", "np.transpose(A, (1, 0))", "np.transpose(A)", "A.transpose()",
    "B.reshape(1, 3, 3).transpose(2, 0, 1)", "np.transpose(B.reshape(3, 1, 3), axes=(1, -1, 0))",
)  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_values_are_numpys(text: str) -> None:
    expected = eval(text, {"np": np, **LEAVES})
    np.testing.assert_array_equal(value_of(text), expected)


REFUSED = (
    ("np.einsum('ii,i->i', B, v)", "ii has a letter twice"),
    ("np.einsum('ii->i', B)", "ii has a letter twice"),
    ("np.einsum('ij,jk->iz', A, B)", "z is in the result and in neither array"),
    ("np.einsum('ij,jk->ik', B, A)", "j is 3 and 2"),
    ("np.einsum('ij,jk->ik', A, v)", "2 letters for the second array, of shape (3)"),
    ("np.einsum('abcdef,ghijkl->abcdef', A, B)", "found 12 different letters; at most 9 are taken"),
    ("np.outer(A, v)", "outer takes two vectors"),
    ("A.transpose(0, 0)", "names an axis twice"),
    ("A.transpose(0)", "names 1 of the 2 axes"),
    ("np.vstack([A, A[:, :2]])", "differ beside axis 0"),
    ("np.vdot(A, A)", "write ravel(a) @ ravel(b)"),
    ("np.trace(B)", "write sum(x * eye(n))"),
)


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_meant_otherwise_is_refused(text: str, reason: str) -> None:
    with pytest.raises(FormulaError) as caught:
        value_of(text)
    assert reason in str(caught.value)


LOGITS = np.array([[1.0, 2.0, 0.5], [0.1, -0.3, 0.7]])
CLASSES = np.array([1.0, 0.0])
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
TAKEN = np.log(PROBABILITIES)[[0, 1], [1, 0]]
SMOOTHED = -(0.9 * TAKEN + 0.1 / 3 * np.log(PROBABILITIES).sum(axis=1)).mean()
"""PyTorch's definition: the class counts 1 - ε more than its even share ε/k."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cross_entropy(Z, y)", -TAKEN.mean()),
        ("F.cross_entropy(Z, y)", -TAKEN.mean()),
        ("nll(log_softmax(Z), y)", -TAKEN.mean()),
        ("F.nll_loss(F.log_softmax(Z, dim=1), y)", -TAKEN.mean()),
        ("cross_entropy(Z, one_hot(y, 3))", -TAKEN.mean()),
        ("cross_entropy(Z[0], y[0])", -TAKEN[0]),
        ("cross_entropy(Z, y, label_smoothing=0.1)", SMOOTHED),
        ("cross_entropy(Z, one_hot(y, 3), label_smoothing=0.1)", SMOOTHED),
    ],
)
def test_classes_beside_rows_of_logits(text: str, expected: float) -> None:
    assert value_of(text, Z=LOGITS, y=CLASSES) == pytest.approx(expected, rel=1e-14)


def test_as_many_classes_as_rows_are_still_classes() -> None:
    square = np.array([[1.0, 2.0], [0.5, -1.0]])
    taken = (square - np.log(np.exp(square).sum(axis=1, keepdims=True)))[[0, 1], [1, 0]]
    assert value_of("cross_entropy(Z, y)", Z=square, y=CLASSES) == pytest.approx(-taken.mean(), rel=1e-14)


def test_classes_that_move_are_refused() -> None:
    with pytest.raises(FormulaError, match=r"which are whole numbers of \[data\] or \[samples\]"):
        value_of("cross_entropy(A, v[:2])")
