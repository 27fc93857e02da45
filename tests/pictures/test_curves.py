"""The losses so far: what is drawn of them, and that it has room."""

from __future__ import annotations

import numpy as np

from tests.support.trainers import trainer
from tui_backprop.pictures.curves import LossCurve
from tui_backprop.pictures.figure import Curve, Plot
from tui_backprop.pictures.picture import Wanted


def drawn(found: LossCurve) -> tuple[Plot, list[Curve]]:
    (plot,) = found.figure().parts
    assert isinstance(plot, Plot)
    return plot, [mark for mark in plot.marks if isinstance(mark, Curve)]


def test_of_many_losses_the_highest_lie_behind_the_lowest() -> None:
    t = trainer("two-layer", batch_size=1)
    t.run(iterations=1500)
    found = LossCurve.of(t, Wanted())
    losses = np.array([*t.losses, t.loss])
    assert (found.low.min(), found.high.max()) == (losses.min(), losses.max())
    plot, (behind, before) = drawn(found)
    np.testing.assert_array_equal(behind.y, found.high)
    np.testing.assert_array_equal(before.y, found.low)
    assert plot.y.low < losses.min() < losses.max() < plot.y.high


def test_of_few_there_is_one_curve() -> None:
    t = trainer("two-layer")
    t.run(iterations=5)
    _, curves = drawn(LossCurve.of(t, Wanted()))
    assert [curve.label for curve in curves] == ["loss"]
    np.testing.assert_array_equal(curves[0].y, [*t.losses, t.loss])


def test_validation_losses_have_a_curve_and_room() -> None:
    at, losses = np.arange(3.0), np.array([3.0, 2.0, 1.0])
    plot, curves = drawn(LossCurve(at, losses, losses, (np.array([0.0, 2.0]), np.array([3.5, 50.0]))))
    assert [curve.role for curve in curves] == ["line", "validation"]
    assert plot.y.low < 1.0
    assert plot.y.high > 50.0
