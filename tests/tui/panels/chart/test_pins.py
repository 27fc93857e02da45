"""Pinned runs on the loss chart: where they stand, and what tells them apart without colour."""

from __future__ import annotations

import numpy as np
import pytest

from tui_backprop.sweeps.pins import PinnedRun
from tui_backprop.training.history import Envelope, History
from tui_backprop.tui.panels.chart.pins import PinnedCurves, PinPainter
from tui_backprop.tui.panels.chart.plot import LossPlot, plot
from tui_backprop.tui.panels.chart.title import title

STEPS = np.arange(101)
FALLING = 8.0 * np.exp(-STEPS / 30)


def envelope(losses, buckets: int = 128) -> Envelope:
    history = History()
    history.extend(np.asarray(losses, np.float64))
    return history.envelope(buckets)


def drawn(*pinned, losses=FALLING, scale="linear", plain=False, size=(60, 22)) -> tuple[LossPlot, list[str]]:
    runs = tuple(envelope(one) for one in pinned)
    bare = plot(envelope(losses, 512), 100, scale, plain, *size, pinned=runs)
    chart = PinPainter().over(bare, PinnedCurves(runs), plain)
    return chart, ["".join(text for _, text in row) for row in chart.rows]


def places(rows: list[str], sign: str) -> list[tuple[int, int]]:
    return [(x, y) for y, row in enumerate(rows[:-2]) for x, at in enumerate(row[7:], 7) if at == sign]


@pytest.mark.parametrize("plain", [False, True])
def test_a_curve_ends_with_its_number_where_the_axes_say(plain: bool) -> None:
    chart, rows = drawn(np.full(101, 2.0), np.full(51, 6.0), plain=plain)
    canvas = len(rows) - 2
    for number, last, loss in (("1", 100, 2.0), ("2", 50, 6.0)):
        x, y = max(places(rows, number))
        assert abs(chart.iteration(x) - last) <= 3
        assert abs(y + 0.5 - (1 - loss / 8) * canvas) <= 1.0
    assert {part for row in chart.rows for part, _ in row} >= {"pin-1", "pin-2", "line"}


def test_dots_stand_where_the_losses_are() -> None:
    chart, rows = drawn(4.0 + 4.0 * STEPS / 100)
    canvas, found = len(rows) - 2, 0
    for y, row in enumerate(chart.rows[:-2]):
        x = 0
        for part, text in row:
            if part == "pin-1":
                for column in range(x, x + len(text)):
                    wanted = (1 - (4 + 4 * chart.iteration(column) / 100) / 8) * canvas
                    assert abs(y + 0.5 - wanted) <= 1.2
                    found += 1
            x += len(text)
    assert found > 20


def test_its_own_curve_is_as_it_is_without() -> None:
    bare = plot(envelope(FALLING, 512), 100, "linear", False, 60, 22)
    chart, _ = drawn(FALLING * 0.5)

    def own(rows):
        return [[sign if part == "line" else " " for part, text in row for sign in text] for row in rows]

    for before, now in zip(own(bare.rows[:-2]), own(chart.rows[:-2]), strict=True):
        for was, is_ in zip(before, now, strict=True):
            assert was in (" ", "⠀", is_)


def test_the_axes_reach_to_them_but_not_to_one_that_diverged() -> None:
    chart, rows = drawn(np.full(401, 30.0))
    assert any(row.lstrip().startswith(("30", "40")) for row in rows)
    assert chart.iteration(59) >= 400
    _, spoilt = drawn(8.0 * 10.0 ** (STEPS / 10))
    assert not any("e+" in row or "000" in row for row in spoilt[:-1])


@pytest.mark.parametrize("odd", [np.nan, np.inf, 0.0, -1.0])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_losses_that_cannot_be_shown(odd: float, scale) -> None:
    drawn(np.full(5, odd), scale=scale)
    drawn([odd, 1.0, odd, 2.0], scale=scale)
    drawn([odd], scale=scale, plain=True)


def test_a_legend_stands_in_the_border_where_it_fits() -> None:
    runs = (PinnedRun(1, "learning_rate 0.1", 10, 1.0), PinnedRun(2, "seed 3", 10, 1.0))
    legend = PinnedCurves((), runs).legend
    assert legend == "1: learning_rate 0.1 · 2: seed 3"
    assert title(envelope(FALLING), "linear", 120, legend=legend).endswith(legend)
    assert legend not in title(envelope(FALLING), "linear", 40, legend=legend)
