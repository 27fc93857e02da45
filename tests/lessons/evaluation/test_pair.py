"""Losses written by hand: what they compare is found all the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.graphs import graph_of
from tui_backprop.lessons.evaluation.decision import decision_of
from tui_backprop.lessons.evaluation.pair import pair_of

LEAVES = {
    "X": np.ones((4, 2)),
    "y": np.array([0.0, 1.0, 1.0, 0.0]),
    "t": np.eye(2)[[0, 1, 1, 0]],
    "w": np.ones(2),
}
LEAVES |= {"W": np.ones((2, 2))}


@pytest.mark.parametrize(
    ("formula", "prediction", "target", "form", "scale"),
    [
        (
            "p = sigmoid(X @ w)\nL = -mean(y * log(p) + (1 - y) * log(1 - p))",
            "p", "y", "sides", "probability",
        ),
        (
            "p = sigmoid(X @ w)\nL = -sum(y * log(p + 1e-9) + (1 - y) * log(1 - p + 1e-9)) / len(y)",
            "p", "y", "sides", "probability",
        ),
        (
            "s = softmax(X @ W)\nL = -mean(sum(t * log(clip(s, 1e-9, 1)), axis=1))",
            "s", "t", "classes", "probability",
        ),
        (
            "e = exp(X @ W)\ns = e / sum(e, axis=1, keepdims=True)\nL = -mean(log(s[range(4), y]))",
            "s", "y", "classes", "probability",
        ),
        (
            "z = X @ W\nlp = z - log(sum(exp(z), axis=1, keepdims=True))\nL = -mean(lp[range(4), y])",
            "lp", "y", "classes", "log",
        ),
        ("z = X @ w\nL = bce_with_logits(z, y)", "z", "y", "sides", "logit"),
        ("z = X @ W\nL = cross_entropy(z, y)", "z", "y", "classes", "logit"),
    ],
    ids=["bce", "guarded", "one-hot", "picked", "log-sum-exp", "logits", "cross-entropy"],
)  # fmt: skip
def test_by_hand(formula: str, prediction: str, target: str, form: str, scale: str) -> None:
    graph = graph_of(formula, LEAVES, data=("X", "y", "t"))
    pair = pair_of(graph)
    assert pair is not None
    assert (pair.prediction.name, pair.target.name) == (prediction, target)
    wanted = LEAVES[target].reshape(4, -1)
    decision = decision_of(pair, 1 if form == "sides" else 2, wanted)
    assert (decision.form, decision.scale, decision.count) == (form, scale, 2)


def test_scores_of_logits_are_probabilities() -> None:
    graph = graph_of("z = X @ W\nL = cross_entropy(z, y)", LEAVES, data=("X", "y", "t"))
    pair = pair_of(graph)
    assert pair is not None
    decision = decision_of(pair, 2, LEAVES["y"].reshape(4, 1))
    z = np.array([[0.0, np.log(3.0)], [1000.0, 0.0]])
    np.testing.assert_allclose(decision.scores(z), [[0.25, 0.75], [1.0, 0.0]])
    np.testing.assert_array_equal(decision.right(z, np.array([[1.0], [1.0]])), [True, False])


def test_two_predictions_are_none() -> None:
    graph = graph_of("L = mse(X @ w, y) + mse(sigmoid(X @ w), y)", LEAVES, data=("X", "y", "t"))
    assert pair_of(graph) is None
