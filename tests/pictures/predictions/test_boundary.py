"""The boundary against networks computed by NumPy beside the product."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.predictions.boundary import Boundary
from tui_backprop.text.numbers import number

NETWORK = """
formula = '''
h1 = tanh(X @ W1 + b1)
h2 = tanh(h1 @ W2 + b2)
z = h2 @ W3 + b3
LOSS
'''
[samples]
dataset = "circles"
size = 60
noise = 0.1
[validation]
share = 0.25
[parameters]
W1 = { init = "xavier", shape = [2, 8] }
b1 = { init = "zeros", shape = [8] }
W2 = { init = "xavier", shape = [8, 8] }
b2 = { init = "zeros", shape = [8] }
W3 = { init = "xavier", shape = [8, OUT] }
b3 = { init = "zeros", shape = [OUT] }
[hyperparameters]
learning_rate = 0.5
batch_size = 8
"""
BY_HAND = """p = sigmoid(z[:, 0])
L = -mean(y * log(p + 1e-12) + (1 - y) * log(1 - p + 1e-12))"""


def network(t: tb.Trainer, X: np.ndarray) -> np.ndarray:
    p = {name: np.asarray(value, np.float64) for name, value in t.parameters.items()}
    h = np.tanh(np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])
    return h @ p["W3"] + p["b3"]


def boundary(t: tb.Trainer, *of: str, columns: int = 40, rows: int = 30) -> Boundary:
    return Boundary.of(t, Wanted(of, Grain(columns, rows)))


def text(loss: str, out: int = 1, more: str = "") -> str:
    return NETWORK.replace("LOSS", loss).replace("OUT", str(out)) + more


@pytest.mark.parametrize(
    "loss",
    ["L = bce_with_logits(z[:, 0], y)", "y_hat = sigmoid(z[:, 0])\nL = bce(y_hat, y)", BY_HAND],
    ids=["logits", "bce", "by hand"],
)
def test_the_class_at_200_random_points(tmp_path: Path, loss: str) -> None:
    t = mine(tmp_path, text(loss))
    t.run(iterations=60)
    found = boundary(t, columns=60, rows=60)
    numbers = found.numbers()
    assert set(numbers) == {"x", "y", "z", "names"}
    assert numbers["names"] == ["X[0]", "X[1]"]
    assert numbers["z"].shape == (60, 60)
    draws = np.random.default_rng(1)
    columns, rows = draws.integers(0, 60, 200), draws.integers(0, 60, 200)
    X = np.column_stack([numbers["x"][columns], numbers["y"][rows]])
    expected = 1 / (1 + np.exp(-network(t, X)[:, 0]))
    np.testing.assert_allclose(numbers["z"][rows, columns], expected, rtol=1e-9)
    assert 0 < (expected > 0.5).sum() < 200  # both classes were met


def test_wrong_samples_are_marked_and_those_held_back_told_apart(tmp_path: Path) -> None:
    t = mine(tmp_path, text("L = bce_with_logits(z[:, 0], y)"))
    t.run(iterations=3)
    found = boundary(t)
    assert t.lesson.validation is not None
    X, y = (
        np.concatenate([t.lesson.samples[name], t.lesson.validation.samples[name]]) for name in ("X", "y")
    )
    wrong = (network(t, X)[:, 0] > 0) != (y > 0.5)
    assert 0 < wrong.sum() < 60
    samples = found.samples
    np.testing.assert_array_equal(samples.wrong, wrong)
    np.testing.assert_array_equal(samples.classes, y)
    np.testing.assert_array_equal(samples.held_back, [False] * 45 + [True] * 15)
    np.testing.assert_array_equal(np.column_stack([samples.x, samples.y]), X)
    right = int((~wrong)[:45].sum())
    assert any(line.startswith(f"right: {right} of 45 samples") for line in found.words())


def test_of_two_classes_of_a_softmax_the_second_one_s_probability_is_shown(tmp_path: Path) -> None:
    t = mine(tmp_path, text("L = cross_entropy(z, y)", 2))
    t.run(iterations=20)
    found = boundary(t)
    x, y = np.meshgrid(found.x, found.y)
    z = network(t, np.column_stack([x.ravel(), y.ravel()]))
    powers = np.exp(z)
    np.testing.assert_allclose(found.z.ravel(), powers[:, 1] / powers.sum(axis=1), rtol=1e-9)
    assert found.shades.middle == 0.5


def test_of_several_classes_the_one_that_wins_and_means_over_samples_stay() -> None:
    t = trainer("iris")
    t.run(iterations=50)
    found = boundary(t, "X[2]", "X[3]")
    X = t.lesson.samples["X"]
    x, y = np.meshgrid(found.x, found.y)
    grid = np.column_stack(
        [np.full(x.size, X[:, 0].mean()), np.full(x.size, X[:, 1].mean()), x.ravel(), y.ravel()]
    )
    p = {name: np.asarray(value) for name, value in t.parameters.items()}
    Z = (grid - X.mean(axis=0)) / X.std(axis=0)  # of the samples, not of the picture's points
    logits = np.tanh(Z @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    np.testing.assert_array_equal(found.z.ravel(), logits.argmax(axis=1))
    assert found.names == ("X[2]", "X[3]")


def test_signs_of_targets_are_classes_and_values_have_none(tmp_path: Path) -> None:
    lesson = """
formula = "y_hat = a * u + b * v\\nL = mean((y_hat - t)**2)"
[samples]
u = [1.0, 2.0, -1.0]
v = [0.0, 1.0, 1.0]
t = [1.0, 1.0, -1.0]
[parameters]
a = 2.0
b = 0.5
"""
    found = boundary(mine(tmp_path, lesson))
    np.testing.assert_allclose(found.z, 2 * found.x + 0.5 * found.y[:, None], rtol=1e-14)
    assert (found.labels, found.shades.middle) == (("−1", "1"), 0.0)
    np.testing.assert_array_equal(found.samples.classes, [1, 1, 0])
    plain = boundary(mine(tmp_path, lesson.replace("[1.0, 1.0, -1.0]", "[1.0, 3.0, -1.0]")))
    assert (plain.labels, plain.shades.middle, plain.samples.classes) == ((), None, None)


def test_refusals() -> None:
    with pytest.raises(tb.BackpropError, match=r"^boundary needs two inputs; linear has one: x$"):
        boundary(trainer("linear"))
    with pytest.raises(tb.BackpropError, match="boundary is about two inputs; found"):
        boundary(trainer("iris"), "X[0]", "X[1]", "X[2]")


def test_a_lesson_that_takes_its_own_samples_only_is_not_asked_about_others(tmp_path: Path) -> None:
    lesson = """
formula = "y_hat = X @ w + c\\nL = mse(y_hat, y)"
[samples]
X = [[1.0, 2.0], [3.0, 1.0]]
y = [1.0, 2.0]
[data]
c = [0.5, 0.25]
[parameters]
w = [1.0, 1.0]
"""
    with pytest.raises(tb.BackpropError, match="takes 2 samples, no more and no fewer"):
        boundary(mine(tmp_path, lesson))


def test_values_held_by_hand_are_left_out_and_that_is_said() -> None:
    t = trainer("two-layer")
    before = boundary(t).z
    t.override(
        "h", np.zeros((4, 4)) if t.graph.named["h"].shape == (4, 4) else np.zeros(t.graph.named["h"].shape)
    )
    np.testing.assert_array_equal(boundary(t).z, before)
    assert any("values held by hand are left out (h)" in line for line in boundary(t).words())


def test_where_the_model_gives_no_number_no_class_wins(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        """
formula = '''
z = exp(X @ W)
L = cross_entropy(z, y)
'''
[samples]
X = [[0.0, 0.0], [1.0, 0.0], [-1.0, 1.0]]
y = [0, 1, 2]
[parameters]
W = [[1000.0, 0.0, 0.0], [0.0, 1.0, 2.0]]
""",
    )
    found = Boundary.of(t, Wanted((), Grain(40, 10)))
    overflows = np.broadcast_to(1000.0 * found.x > np.log(np.finfo(np.float64).max), found.z.shape)
    assert 0 < overflows.mean() < 1
    np.testing.assert_array_equal(np.isnan(found.z), overflows)


def test_the_quarters_are_told_of_a_picture_that_is_wide(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        """
formula = '''
y_hat = X @ w
L = mse(y_hat, y)
'''
[samples]
X = [[0.0, 0.0], [1.0, 0.0], [-1.0, 1.0]]
y = [0.5, 1.25, 2.0]
[parameters]
w = [1.0, 10.0]
""",
    )
    found = Boundary.of(t, Wanted((), Grain(40, 10)))
    x, y = np.meshgrid(found.x, found.y)
    right, upper = (
        x > (found.x_axis.low + found.x_axis.high) / 2,
        y > (found.y_axis.low + found.y_axis.high) / 2,
    )
    for name, part in (("lower left", ~right & ~upper), ("upper right", right & upper)):
        values = (x + 10 * y)[part]
        said = f"{name}: from {number(values.min(), 4)} to {number(values.max(), 4)}"
        assert said in found.words()
