"""The loss along a line, against formulas of the lesson worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.support.trainers import mine, trainer
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.slices import Slice

LINE = """
formula = "L = (w * x + b - t)**2 / 2"
[data]
x = 2.0
t = 1.0
[parameters]
w = 0.3
b = [0.1]
[hyperparameters]
learning_rate = 0.05
"""


def loss(w: float | np.ndarray, b: float | np.ndarray = 0.1) -> float | np.ndarray:
    return (w * 2.0 + b - 1.0) ** 2 / 2


def test_along_a_parameter(tmp_path: Path) -> None:
    found = Slice.of(mine(tmp_path, LINE), Wanted(("w",)))
    np.testing.assert_allclose(found.loss, loss(found.t), rtol=1e-12)
    slope = 2.0 * (0.3 * 2.0 + 0.1 - 1.0)  # (w x + b − t) x
    np.testing.assert_allclose(found.tangent, loss(0.3) + (found.t - 0.3) * slope, rtol=1e-12)
    assert found.name == "w"
    assert found.here == pytest.approx((0.3, loss(0.3)))
    assert found.step == pytest.approx((0.3 - 0.05 * slope, loss(0.3 - 0.05 * slope)))
    assert found.t[0] < 0.45 < found.t[-1], "the lowest point, w = (t − b) / x, is in sight"


def test_along_the_negative_gradient_t_is_the_rate(tmp_path: Path) -> None:
    found = Slice.of(mine(tmp_path, LINE), Wanted())
    error = 0.3 * 2.0 + 0.1 - 1.0
    g_w, g_b = error * 2.0, error
    np.testing.assert_allclose(found.loss, loss(0.3 - found.t * g_w, 0.1 - found.t * g_b), rtol=1e-12)
    np.testing.assert_allclose(found.tangent, loss(0.3) - found.t * (g_w**2 + g_b**2), rtol=1e-12)
    assert found.name == "rate"
    assert found.step[0] == 0.05
    assert found.t[-1] > 2 / 5, "at 2/(x² + 1) the loss is that of here again: beyond, it rises"


def test_above_which_rate_the_loss_would_rise_is_told(tmp_path: Path) -> None:
    found = Slice.of(mine(tmp_path, LINE), Wanted())
    told = re.search(r"above about (\S+) the loss would rise$", found.words()[-1])
    assert told is not None
    rate = 2 / (2.0**2 + 1)  # the loss is a parabola in it, whose curvature is x² + 1
    assert float(told[1]) == pytest.approx(rate, abs=found.t[1] - found.t[0])
    assert "would rise" not in Slice.of(mine(tmp_path, LINE), Wanted(("w",))).words()[-1]


def test_the_lesson_stays_where_it_is() -> None:
    t = trainer("two-layer")
    t.run(iterations=3)
    before, losses = t.parameters["W1"].copy(), t.loss
    Slice.of(t, Wanted())
    Slice.of(t, Wanted(("W1[0,1]",)))
    assert np.array_equal(t.parameters["W1"], before)
    assert t.loss == losses


def test_a_value_held_by_hand_stays_held(tmp_path: Path) -> None:
    text = LINE.replace("L = (w * x + b - t)**2 / 2", "z = w * x\\ny = z + b\\nL = (y - t)**2 / 2")
    t = mine(tmp_path, text)
    t.override("z", 4.0)
    found = Slice.of(t, Wanted(("w",)))
    assert np.ptp(found.loss) == 0


@pytest.mark.parametrize(
    ("lesson", "of", "says"),
    [
        ("two-layer", ("W1",), "W1 has 8 elements (2×4): name one, such as W1[0, 0]"),
        ("two-layer", ("W1[0,9]",), "W1"),
        ("two-layer", ("w1",), "W1"),
        ("linear", ("w", "b"), "slice goes along one parameter; found w, b"),
        ("linear", ("[0]",), "parameter"),
    ],
)
def test_what_cannot_be(lesson: str, of: tuple[str, ...], says: str) -> None:
    with pytest.raises(BackpropError) as refused:
        Slice.of(trainer(lesson), Wanted(of))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
