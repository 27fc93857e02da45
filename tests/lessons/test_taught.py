"""What the lessons after the notes' own claim, worked out again by hand in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.trainers import trainer

Array = np.ndarray


def test_softmax_s_jacobian_gives_what_the_rule_gives() -> None:
    t = trainer("softmax")
    x, target = np.array([1.0, 2.0]), np.array([0.0, 1.0, 0.0])
    z = x @ np.array([[0.1, 0.2, -0.1], [0.3, -0.2, 0.2]])
    s = np.exp(z) / np.exp(z).sum()
    jacobian = np.diag(s) - np.outer(s, s)
    np.testing.assert_allclose(t.tape.value(t.graph.named["J"]), jacobian, rtol=1e-14)
    np.testing.assert_allclose(t.gradients["z"], jacobian.T @ (-target / s), rtol=1e-12)
    np.testing.assert_allclose(t.gradients["z"], s - target, rtol=1e-12)
    np.testing.assert_allclose(t.gradients["W"], np.outer(x, s - target), rtol=1e-12)
    assert t.gradients["b"].sum() == pytest.approx(0, abs=1e-15)


def lengths(name: str) -> tuple[Array, Array]:
    """Return the length of each layer's part of the two gradients."""
    t = trainer(name)
    return tuple(np.sqrt((t.gradients[key] ** 2).sum(axis=(1, 2))) for key in ("W", "V"))


def test_behind_sigmoids_the_gradient_vanishes_and_behind_relus_from_he_s_start_it_does_not() -> None:
    slow, fast = lengths("vanishing")
    assert slow[0] < 1e-5 * slow[9]
    assert 0.05 < fast[0] / fast[9] < 20


def test_vanishing_by_hand() -> None:
    t = trainer("vanishing")
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    W, w = t.parameters["W"], t.parameters["w"]
    layers = [X]
    for layer in range(10):
        layers.append(1 / (1 + np.exp(-layers[-1] @ W[layer])))
    back = 2 * (layers[10] @ w - y) / len(y) @ w.T
    expected = np.zeros_like(W)
    for layer in range(9, -1, -1):
        delta = back * layers[layer + 1] * (1 - layers[layer + 1])
        expected[layer] = layers[layer].T @ delta
        back = delta @ W[layer].T
    np.testing.assert_allclose(t.gradients["W"], expected, rtol=1e-10)


def test_only_the_network_of_relus_learns() -> None:
    t = trainer("vanishing")
    named = t.graph.named

    def parts() -> list[float]:
        return [float(t.tape.value(named[name])) for name in ("slow", "fast")]

    before = parts()
    t.run()
    after = parts()
    assert after[1] < 0.2 * before[1]
    assert after[0] > 0.4  # the variance of the targets is about one half: no better than their mean


def test_one_cycle_goes_further_than_any_rate_that_is_kept() -> None:
    def end(rate: float | None) -> float:
        kept = {} if rate is None else {"schedule": "constant", "learning_rate": rate}
        t = trainer("schedules", **kept)
        t.run()
        return float(t.loss)

    cycle = end(None)
    u, v, losses = 1.0, -4.0, []
    for _ in range(60):
        u, v = u * (1 - 25 * 0.02), v * (1 - 0.02)
        losses.append(25 * u * u / 2 + v * v / 2)
    assert end(0.02) == pytest.approx(losses[-1], rel=1e-12)
    assert cycle < 0.2 * losses[-1]


def test_iris_tells_the_kinds_apart_on_flowers_that_it_was_not_trained_on() -> None:
    t = trainer("iris")
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    assert (len(X), len(t.lesson.validation.samples["X"])) == (120, 30)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    h = np.tanh(Z @ t.parameters["W1"] + t.parameters["b1"])
    z = h @ t.parameters["W2"] + t.parameters["b2"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    assert t.loss == pytest.approx(-np.log(p[rows, y.astype(int)]).mean(), rel=1e-12)
    error = p.copy()
    error[rows, y.astype(int)] -= 1
    np.testing.assert_allclose(t.gradients["W2"], h.T @ error / len(y), rtol=1e-10, atol=1e-15)
    t.run()
    assert t.evaluate()["accuracy"] > 0.9


def test_dropout_by_hand() -> None:
    t = trainer("dropout")
    mask = np.asarray(t.tape.value(t.graph.named["d.mask"]))
    X, y = t.lesson.samples["X"], t.lesson.samples["y"]
    W, b, v, c = (t.parameters[name] for name in "Wbvc")
    h = np.tanh(X @ W + b)
    back = 2 / 10 * (h * mask @ v + c - y)
    assert set(mask.ravel().tolist()) == {0.0, 2.0}
    np.testing.assert_allclose(t.gradients["v"], (h * mask).T @ back, rtol=1e-12)
    np.testing.assert_allclose(t.gradients["h"], back @ v.T * mask, rtol=1e-12)
    np.testing.assert_allclose(t.gradients["W"], X.T @ (back @ v.T * mask * (1 - h**2)), rtol=1e-12)


def test_dropout_learns_what_is_evaluated_whole() -> None:
    t = trainer("dropout")
    before = t.evaluate().loss
    t.run()
    assert t.evaluate().loss < 0.05 < 0.3 < before
    assert t.evaluate().loss < t.loss


def test_batch_norm_ties_samples_together() -> None:
    t = trainer("batch-norm")
    z, back = np.asarray(t.tape.value(t.graph.named["z"])), t.gradients["n"]
    root = np.sqrt(z.var(axis=0) + 1e-5)
    normal = (z - z.mean(axis=0)) / root
    expected = (back - back.mean(axis=0) - normal * (back * normal).mean(axis=0)) / root
    np.testing.assert_allclose(t.gradients["z"], expected, rtol=1e-9)
    np.testing.assert_allclose(t.gradients["z"].sum(axis=0), 0.0, atol=1e-12)


def test_batch_norm_s_running_statistics_come_to_those_of_all_samples() -> None:
    t = trainer("batch-norm", learning_rate=1e-12)
    t.run()
    z = t.lesson.samples["X"] @ t.parameters["W"]
    apart = np.abs(t.parameters["n.running_mean"] - z.mean(axis=0)) / z.std(axis=0)
    assert (apart < 0.5).all()


def test_batch_norm_learns_beside_measures_of_other_sizes() -> None:
    t = trainer("batch-norm")
    before = t.evaluate().loss
    t.run()
    assert t.evaluate().loss < 0.2 * before
