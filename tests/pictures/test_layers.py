"""Weights, activations and gradients by layer, and the schedule, against NumPy beside the product."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.pictures.figure import Bars, Heat, Listing, Plot
from tui_backprop.pictures.layers import Histogram, Layers
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.rates import ScheduleCurve


def agrees(numbers: dict[str, object], value: np.ndarray) -> None:
    assert set(numbers) == {"histogram", "edges", "mean", "std"}
    edges = np.asarray(numbers["edges"])
    flat = np.asarray(value, np.float64).ravel()
    assert numbers["mean"] == pytest.approx(flat.sum() / flat.size, rel=1e-12, abs=1e-15)
    assert numbers["std"] == pytest.approx(math.sqrt(((flat - flat.mean()) ** 2).mean()), rel=1e-9)
    last = len(edges) - 2
    inside = [
        int(((flat >= edges[k]) & ((flat < edges[k + 1]) | (k == last))).sum()) for k in range(last + 1)
    ]
    assert numbers["histogram"] == inside
    assert sum(inside) == flat.size


def test_weights_are_the_parameters() -> None:
    t = trainer("iris")
    t.run(iterations=3)
    found = Layers.weights(t, Wanted())
    numbers = found.numbers()
    assert list(numbers) == ["W1", "b1", "W2", "b2"]
    for name, one in numbers.items():
        agrees(one, t.parameters[name])
    heat = found.figure().parts[0]
    assert isinstance(heat, Plot)
    (shades,) = heat.marks
    assert isinstance(shades, Heat)
    np.testing.assert_array_equal(shades.z[::-1], t.parameters["W1"])  # as it is written: row 0 on top
    assert heat.y.names == ("3", "2", "1", "0")
    assert list(Layers.weights(t, Wanted(("b1",))).numbers()) == ["b1"]
    with pytest.raises(tb.BackpropError, match="unknown parameter 'h'"):
        Layers.weights(t, Wanted(("h",)))


def test_single_numbers_are_listed() -> None:
    t = trainer("polynomial")
    found = Layers.weights(t, Wanted())
    (listing,) = found.figure().parts
    assert isinstance(listing, Listing)
    assert [row[0] for row in listing.rows] == ["a", "b", "c", "d"]
    assert found.numbers()["a"]["mean"] == float(t.parameters["a"])


def test_activations_are_of_all_samples_in_evaluation_mode() -> None:
    t = trainer("dropout")
    t.run(iterations=4)
    found = Layers.activations(t, Wanted())
    W, b, v, c = (np.asarray(t.parameters[name]) for name in ("W", "b", "v", "c"))
    h = np.tanh(t.lesson.samples["X"] @ W + b)
    numbers = found.numbers()
    assert list(numbers) == ["h", "d", "y_hat"]
    agrees(numbers["h"], h)
    agrees(numbers["d"], h)  # nothing dropped
    agrees(numbers["y_hat"], h @ v + c)
    assert found.words()[0] == "activations on all 10 samples"


def test_shares_of_what_a_gate_does_not_let_through(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        'formula = "h = relu(X * w)\\nL = mse(h, y)"\n[samples]\nX = [1.0, -1.0, 2.0, -4.0]\n'
        "y = [1.0, 1.0, 1.0, 1.0]\n[parameters]\nw = 2.0\n",
    )
    assert Layers.activations(t, Wanted()).words()[1].endswith("from 0 to 4, 50 % are 0")


def test_gradients_are_those_of_this_batch() -> None:
    t = trainer("batch-norm")
    found = Layers.gradients(t, Wanted())
    for name, one in found.numbers().items():
        agrees(one, t.gradients[name])
    assert found.words()[0] == "gradients on the 4 samples of this batch"


def test_what_is_not_finite_is_counted_aside() -> None:
    found = Histogram.of("w", np.array([1.0, np.nan, np.inf, 3.0]))
    assert (found.counts.sum(), found.other, found.mean) == (2, 2, 2.0)
    assert found.text.endswith("from 1 to 3, 2 not finite")
    empty = Histogram.of("w", np.array([np.nan, np.nan]))
    assert math.isnan(empty.mean)
    assert empty.text == "w (2): no finite number"
    same = Histogram.of("w", np.zeros((3, 3)))
    assert same.counts.sum() == 9
    assert same.text == "w (3×3): mean 0, deviation 0, from 0 to 0"
    for values in ([-1.5e308, 1.5e308], [1e16, 1e16 + 2], [5e-324, 5e-324]):
        assert Histogram.of("w", np.array(values)).counts.sum() == 2
    bars = list(same.plots())[1].marks[0]
    assert isinstance(bars, Bars)


def test_refusals() -> None:
    with pytest.raises(tb.BackpropError, match="square has no parameter to show a picture of"):
        Layers.weights(trainer("square"), Wanted())
    with pytest.raises(tb.BackpropError, match="guess has no line before the loss"):
        Layers.activations(trainer("guess"), Wanted())


def test_schedule_is_the_cosine_of_its_paper() -> None:
    t = trainer("two-layer", learning_rate=0.5, iterations=200, schedule="cosine")
    t.run(iterations=50)
    found = ScheduleCurve.of(t, Wanted())
    numbers = found.numbers()
    k = numbers["iterations"]
    np.testing.assert_allclose(
        numbers["learning_rate"], 0.5 * (1 + np.cos(np.pi * k / 200)) / 2, rtol=1e-9, atol=1e-15
    )
    assert (numbers["now"], found.rate) == (50, pytest.approx(0.25 * (1 + math.cos(math.pi / 4))))
    assert "learning rate 0.5 at iteration 0, 0 at iteration 200" in found.words()


def test_a_momentum_that_turns_is_drawn_below_the_rate() -> None:
    turning = {"kind": "one_cycle", "cycle_momentum": True, "base_momentum": 0.8}
    t = trainer("two-layer", iterations=10, optimizer="nesterov", schedule=turning)
    found = ScheduleCurve.of(t, Wanted())
    numbers = found.numbers()
    rate, momentum = numbers["learning_rate"], numbers["momentum"]
    assert rate.argmax() == momentum.argmin() == 2  # three tenths of ten iterations up, the first counted
    assert (momentum[0], momentum.min()) == (0.95, 0.8)
    assert [part.title for part in found.figure().parts] == ["learning rate", "momentum"]


def test_numbers_on_an_edge_are_counted_as_numpy_counts_them() -> None:
    values = np.arange(5.0)
    found = Histogram.of("w", values)
    np.testing.assert_array_equal(found.edges, values)
    np.testing.assert_array_equal(found.counts, np.histogram(values, values)[0])


def test_of_a_large_matrix_rows_from_all_over_are_shown() -> None:
    matrix = np.arange(600.0).reshape(200, 3)
    np.testing.assert_array_equal(Histogram.of("W", matrix).heat, matrix[::4])  # at most 64 rows


def test_what_a_layer_works_out_inside_is_shown_where_it_is_named() -> None:
    t = trainer("batch-norm")
    inner = [name for name, node in t.graph.named.items() if name.endswith(".normal") and node.op is not None]
    shown = [one.name for one in Layers.activations(t, Wanted()).arrays]
    assert inner
    assert not set(inner) & set(shown)
    assert [one.name for one in Layers.activations(t, Wanted((inner[0],))).arrays] == inner[:1]


def test_a_rate_that_is_lowest_at_the_end_is_told_once() -> None:
    steps = {"kind": "step", "step_size": 50, "gamma": 0.1}
    t = trainer("two-layer", learning_rate=0.5, iterations=100, schedule=steps)
    assert ScheduleCurve.of(t, Wanted()).words()[1] == (
        "learning rate 0.5 at iteration 0, 0.005 at iteration 100"
    )
    t = trainer("two-layer", learning_rate=0.5, iterations=99, schedule=steps)
    assert ScheduleCurve.of(t, Wanted()).words()[1] == (
        "learning rate 0.5 at iteration 0, 0.05 at iteration 99"
    )
