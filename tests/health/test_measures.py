"""What is measured of layers, beside the same worked out by hand in NumPy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.training.checkup.signs import measured_on_the_way, vitals_of

TEXT = '''
formula = """
z1 = X @ W1 + b1
h = relu(z1)
z2 = h @ W2
a = tanh(z2)
y_hat = a @ W3
L = mean((y_hat - y)**2)
"""
[samples]
X = [[1.0, 2.0], [-1.0, 0.5], [0.5, -2.0]]
y = [[1.0], [0.0], [-1.0]]
[parameters]
W1 = [[1.0, -1.0, 0.5], [0.5, 0.25, -1.0]]
b1 = [0.1, -9.0, 0.0]
W2 = [[3.0, 0.2], [1.0, 1.0], [-2.0, 0.1]]
W3 = [[0.5], [-1.5]]
[hyperparameters]
learning_rate = 0.05
'''
X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.5, -2.0]])
Y = np.array([[1.0], [0.0], [-1.0]])
W1 = np.array([[1.0, -1.0, 0.5], [0.5, 0.25, -1.0]])
B1 = np.array([0.1, -9.0, 0.0])
W2 = np.array([[3.0, 0.2], [1.0, 1.0], [-2.0, 0.1]])
W3 = np.array([[0.5], [-1.5]])


def by_hand() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return the gradients, and what relu and tanh give."""
    z1 = X @ W1 + B1
    h = np.maximum(z1, 0)
    a = np.tanh(h @ W2)
    d = 2 * (a @ W3 - Y) / 3
    dz2 = d @ W3.T * (1 - a**2)
    dz1 = dz2 @ W2.T * (z1 > 0)
    return {"W1": X.T @ dz1, "W2": h.T @ dz2, "W3": a.T @ d, "b1": dz1.sum(axis=0)}, h, a


def test_gradient_and_step_of_each_layer(tmp_path: Path) -> None:
    measured = vitals_of(mine(tmp_path, TEXT)).measured
    gradients, _, _ = by_hand()
    assert [one.layer.name for one in measured.layers] == ["W1", "W2", "W3"]
    for one, weight in zip(measured.layers, (W1, W2, W3), strict=True):
        gradient = gradients[one.layer.name]
        assert one.gradient == pytest.approx(np.linalg.norm(gradient))
        step = math.log10(0.05 * np.linalg.norm(gradient) / np.linalg.norm(weight))
        assert one.step == pytest.approx(step)
    promised = 0.05 * sum(float(np.sum(g**2)) for g in gradients.values())
    assert measured.promised == pytest.approx(promised)


def test_shares_that_are_dead_and_saturated(tmp_path: Path) -> None:
    first, second, last = vitals_of(mine(tmp_path, TEXT)).measured.layers
    _, h, a = by_hand()
    assert (first.dead, first.units) == (int((h <= 0).all(axis=0).sum()), 3) == (1, 3)
    assert second.saturated == pytest.approx(float(np.mean(np.abs(a) >= 0.97)))
    assert second.saturated not in (0.0, 1.0)
    assert (first.saturated, second.dead, last.saturated, last.dead) == (None, None, None, None)


def test_a_unit_is_dead_for_all_samples_and_not_for_a_batch(tmp_path: Path) -> None:
    whole, batch = mine(tmp_path, TEXT), mine(tmp_path, TEXT, batch_size=1, shuffle=False)
    assert batch.graph.named["h"].shape == (1, 3)
    shut = int((batch.forward_tape.value(batch.graph.named["h"]) <= 0).sum())
    dead = [vitals_of(t).measured.layers[0].dead for t in (whole, batch)]
    assert dead == [1, 1]
    assert shut >= 1


def test_the_measures_on_the_way_are_those_of_the_iterations() -> None:
    t = trainer("two-layer")
    t.run(200)
    measured = measured_on_the_way(t, 8)
    assert measured[0].iteration == 0
    assert measured[-1].iteration == 200
    assert len(measured) <= 8
    for moment in measured:
        again = trainer("two-layer")
        again.run(moment.iteration)
        gradient = np.linalg.norm(again.gradients["W1"])
        assert moment.layers[0].gradient == pytest.approx(gradient, rel=1e-14)


def test_a_large_training_is_measured_at_few_iterations() -> None:
    t = tb.Trainer(tb.load_lesson("iris"))
    t.run(50)
    assert len(measured_on_the_way(t, 1)) == 1
