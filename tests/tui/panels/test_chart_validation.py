"""The validation losses on the loss chart: a sign of their own, where the axes say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tui_backprop.training.history import History
from tui_backprop.tui.panels.chart.plot import VALIDATION, plot
from tui_backprop.tui.panels.chart.title import caption, title

STEPS = np.arange(101)
FALLING = 8.0 * np.exp(-STEPS / 30)


def drawn(validation, losses=FALLING, scale="linear", plain=False, size=(60, 20)):
    history = History()
    history.extend(losses)
    chart = plot(history.envelope(512), 100, scale, plain, *size, None, validation)
    return chart, ["".join(text for _, text in row) for row in chart.rows]


def heights(chart, rows):
    """Return the line of each sign by the iteration at its column."""
    signs = [(x, y) for y, row in enumerate(rows[:-2]) for x, sign in enumerate(row) if sign == VALIDATION]
    return {chart.iteration(x): y for x, y in signs}


@pytest.mark.parametrize("plain", [False, True])
def test_signs_stand_where_the_losses_are(plain: bool) -> None:
    validation = (STEPS.astype(float), 4.0 + 4.0 * STEPS / 100)
    chart, rows = drawn(validation, plain=plain)
    found = heights(chart, rows)
    canvas = len(rows) - 2
    assert len(found) > 20
    for iteration, line in found.items():
        wanted = (1 - (4 + 4 * iteration / 100) / 8) * canvas  # the axis goes from 0 to 8
        assert abs(line + 0.5 - wanted) <= 1.0
    components = {name for row in chart.rows for name, text in row if VALIDATION in text and name != "axis"}
    assert components == {"validation"}


def test_between_two_losses_there_is_a_straight_line() -> None:
    chart, rows = drawn((np.array([0.0, 100.0]), np.array([0.0, 8.0])))
    found = heights(chart, rows)
    assert max(found.values()) == found[min(found)]
    assert sorted(found.values(), reverse=True) == [found[k] for k in sorted(found)]


def test_the_axis_reaches_to_them() -> None:
    _, rows = drawn((np.array([0.0, 100.0]), np.array([30.0, 31.0])))
    assert any(row.lstrip().startswith("40") for row in rows)
    _, bare = drawn(None)
    assert not any(VALIDATION in row for row in bare)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("odd", [math.nan, math.inf, 0.0, -1.0])
def test_what_cannot_be_drawn_is_left_out(scale: str, odd: float) -> None:
    losses = np.array([3.0, odd, 2.0])
    _, rows = drawn((np.array([0.0, 50.0, 100.0]), losses), scale=scale)
    assert any(VALIDATION in row for row in rows)
    drawn((np.array([0.0]), np.array([odd])), scale=scale)


def test_the_border_says_the_last_one_behind_its_sign() -> None:
    history = History()
    history.extend(FALLING)
    validation = (np.array([0.0, 100.0]), np.array([9.0, 0.5]))
    envelope = history.envelope(10)
    assert caption(envelope, "linear", None, validation) == (
        "loss 0.285392 · o validation 0.5 · iteration 100 · linear"
    )
    assert title(envelope, "linear", 34, None, validation) == "Loss 0.285392 · o validation 0.5"
    assert title(envelope, "linear", 20, None, validation) == "Loss 0.285392"
