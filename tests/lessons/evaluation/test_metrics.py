"""Metrics against their definitions, worked out with NumPy beside the product."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.training.validation.evaluation import Evaluation

X = np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.3], [1.5, 1.5], [0.2, -0.4]])
W = np.array([[0.5, -1.0, 0.2], [0.1, 0.4, -0.3]])
CLASSES = [2, 0, 1, 2, 0]


def evaluation(folder: Path, formula: str, y: object, metrics: list[str], w: object = None) -> Evaluation:
    """Evaluate on all rows but the first, of which the first is a copy."""
    rows, targets = [X[0].tolist(), *X.tolist()], np.asarray(y).tolist()
    text = (
        f"formula = '''\n{formula}\n'''\n[samples]\nX = {rows}\ny = {[targets[0], *targets]}\n"
        f'[validation]\nrows = "1:"\nmetrics = {metrics}\n'
        f"[parameters]\nW = {W.tolist() if w is None else w}\n"
    )
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path)).evaluate()


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def test_accuracy_and_perplexity_of_one_hot_rows(tmp_path: Path) -> None:
    found = evaluation(
        tmp_path, "L = cross_entropy(X @ W, y)", np.eye(3)[CLASSES], ["accuracy", "perplexity"]
    )
    p = softmax(X @ W)
    assert found["accuracy"] == np.mean(p.argmax(axis=1) == CLASSES)
    assert 0 < found["accuracy"] < 1
    entropy = -np.mean(np.log(p[np.arange(5), CLASSES]))
    assert found["loss"] == pytest.approx(entropy, rel=1e-14)
    assert found["perplexity"] == pytest.approx(math.exp(entropy), rel=1e-14)


@pytest.mark.parametrize(
    "formula",
    [
        "L = cross_entropy(X @ W, y)",
        "L = cross_entropy(X @ W, one_hot(y, 3))",
        "L = nll(log_softmax(X @ W), y)",
        "L = nll(log(softmax(X @ W)), y)",
        "L = nll(log(softmax(X @ W)), one_hot(y, 3))",
    ],
)
def test_accuracy_and_perplexity_of_classes(tmp_path: Path, formula: str) -> None:
    found = evaluation(tmp_path, formula, CLASSES, ["accuracy", "perplexity"])
    p = softmax(X @ W)
    assert found["accuracy"] == np.mean(p.argmax(axis=1) == CLASSES)
    entropy = -np.mean(np.log(p[np.arange(5), CLASSES]))
    assert found["perplexity"] == pytest.approx(math.exp(entropy), rel=1e-14)


def test_smoothed_labels_are_the_same_classes(tmp_path: Path) -> None:
    formula = "L = cross_entropy(X @ W, y, label_smoothing=0.1)"
    found = evaluation(tmp_path, formula, CLASSES, ["accuracy"])
    assert found["accuracy"] == np.mean((X @ W).argmax(axis=1) == CLASSES)


def test_perplexity_leaves_a_penalty_out(tmp_path: Path) -> None:
    formula = "L = cross_entropy(X @ W, y) + 0.1 * sum(W * W)"
    found = evaluation(tmp_path, formula, np.eye(3)[CLASSES], ["perplexity"])
    p = softmax(X @ W)[np.arange(5), CLASSES]
    assert found["perplexity"] == pytest.approx(math.exp(-np.mean(np.log(p))), rel=1e-14)
    assert found.loss == pytest.approx(-np.mean(np.log(p)) + 0.1 * np.sum(W * W), rel=1e-14)


def test_log_probabilities_picked_by_classes(tmp_path: Path) -> None:
    formula = "logp = log_softmax(X @ W)\nL = -mean(logp[range(n), y])"
    found = evaluation(tmp_path, formula, CLASSES, ["perplexity", "accuracy"])
    p = softmax(X @ W)
    assert found["perplexity"] == pytest.approx(
        math.exp(-np.mean(np.log(p[np.arange(5), CLASSES]))), rel=1e-14
    )
    assert found["accuracy"] == np.mean(p.argmax(axis=1) == CLASSES)


@pytest.mark.parametrize(
    "formula",
    ["L = bce(sigmoid(X @ W), y)", "L = bce_with_logits(X @ W, y)", "L = mse(sigmoid(X @ W), y)"],
)
def test_accuracy_of_two_classes(tmp_path: Path, formula: str) -> None:
    y = [1.0, 0.0, 0.0, 0.0, 1.0]
    found = evaluation(tmp_path, formula, y, ["accuracy"], [0.5, 0.1])
    assert found["accuracy"] == np.mean((X @ [0.5, 0.1] > 0) == np.array(y))
    assert found["accuracy"] == 0.6


def test_accuracy_of_one_hot_rows_without_a_loss_of_classes(tmp_path: Path) -> None:
    found = evaluation(tmp_path, "L = mse(X @ W, y)", np.eye(3)[CLASSES], ["accuracy"])
    assert found["accuracy"] == np.mean((X @ W).argmax(axis=1) == CLASSES)


def test_r2_and_mae(tmp_path: Path) -> None:
    y = np.array([1.0, 0.2, -0.7, 1.1, 0.4])
    found = evaluation(tmp_path, "L = mean((y - X @ W)**2) / 2", y, ["r2", "mae"], [0.5, 0.1])
    errors = y - X @ [0.5, 0.1]
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-14)
    assert found["r2"] == pytest.approx(1 - np.sum(errors**2) / np.sum((y - y.mean()) ** 2), rel=1e-14)
    assert list(found) == ["loss", "r2", "mae"]
    assert dict(found) == {"loss": found.loss, **found.metrics}


def test_r2_of_columns_is_their_mean(tmp_path: Path) -> None:
    y = np.array([[1.0, 2.0, 0.1], [0.2, 0.0, 0.3], [-0.7, 1.0, 0.0], [1.1, -1.0, 2.0], [0.4, 0.5, 1.0]])
    found = evaluation(tmp_path, "L = mse(X @ W, y)", y, ["r2"])
    errors = ((y - X @ W) ** 2).sum(axis=0)
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    assert found["r2"] == pytest.approx(np.mean(1 - errors / spread), rel=1e-14)


def test_r2_where_targets_do_not_vary_is_not_finite(tmp_path: Path) -> None:
    assert evaluation(tmp_path, "L = mse(X @ W, y)", [1.0] * 5, ["r2"], [0.5, 0.1])["r2"] == -math.inf
