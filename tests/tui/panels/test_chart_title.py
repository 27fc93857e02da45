"""The chart says what matters at every width, loss and scale whole, and keeps the losses gone back from."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tui_backprop.text.numbers import exact
from tui_backprop.training.history import History
from tui_backprop.tui.panels.chart.axes import log_axis
from tui_backprop.tui.panels.chart.title import caption, title


@pytest.mark.parametrize("iterations", [1, 1_001, 1_000_001])
@pytest.mark.parametrize("loss", [0.375, 1485660.25, 1.23456789e-105])
def test_the_title_is_never_cut_inside_a_word_or_number(iterations, loss):
    history = History()
    history.extend(np.full(iterations - 1, loss))
    envelope = history.envelope(8).with_next(loss)
    for width in range(24, 90):
        text = title(envelope, "log", width)
        assert len(text) <= width
        assert text.endswith("log")
        assert re.match(r"Loss [−\d.e+-]+ · ", text)
    assert title(envelope, "log", 90)[1:] == caption(envelope, "log")[1:]


def test_at_120_36_a_million_iterations_leave_linear_whole():
    history = History()
    history.extend(np.full(1_000_000, 0.000123456789))
    envelope = history.envelope(8).with_next(0.000123456789)
    assert title(envelope, "linear", 38) == "Loss 0.000123457 · at 1000000 · linear"


@pytest.mark.parametrize("height", [3, 4, 5, 12])
@pytest.mark.parametrize(
    "span", [(0.3333, 0.3334), (0.02, 8.0), (1e-14, 3e5), (2.1, 4.9), (9.0, 11.0), (1.0, 1.0)]
)
def test_a_log_axis_has_two_numbers_at_least(height, span):
    ticks = log_axis(*span, height).ticks
    assert len(ticks) >= 2
    assert all(0 <= place <= 1 + 1e-9 for place, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


async def test_going_back_leaves_the_losses_ahead_until_something_is_changed(launch):
    async with launch("first", painted=True) as session:
        await session.press("space")
        chart = session.app.query_one("#loss")
        end, losses = session.trainer.iteration, session.trainer.losses.copy()
        assert end == 20
        await session.press("i")
        await session.type("4", "enter")
        assert session.where == (4, 0)
        assert chart.caption.endswith("ahead to 20")
        dotted = [dict(row).get("ahead", "") for row in chart._rows]
        assert any("·" in row for row in dotted)
        assert all("·" not in dict(row).get("line", "") for row in chart._rows)
        chart.focus()
        await session.press("end", "shift+left")
        assert chart.cursor == 19
        assert f"loss {exact(losses[19])}" in chart.caption
        await session.press("shift+left", "enter")  # forward, to where one was
        assert session.where == (18, 0)
        await session.press("escape")
        assert chart.caption.endswith("ahead to 20")
        np.testing.assert_array_equal(session.trainer.losses, losses[:18])
        await session.press("n", "n")
        assert "ahead" not in chart.caption
        await session.press("p", "p", "b")
        assert chart.caption.endswith("ahead to 20")
        session.app.runner.set("learning_rate", 0.05)
        await session.settle()
        assert "ahead" not in chart.caption
        assert session.trainer.ahead is None


async def test_title_and_status_write_the_loss_alike(launch):
    async with launch("linear") as session:
        await session.press("n", "n")
        in_title = re.search(r"Loss (\S+) ", session.lines[1])
        in_status = re.search(r"loss (\S+)", session.status)
        assert in_title[1] == in_status[1]
