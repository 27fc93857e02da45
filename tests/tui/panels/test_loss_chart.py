"""The chart shows every loss there is at any size, and sends again only those rows that changed."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from tui_backprop.text.charset import ASCII, UNICODE
from tui_backprop.training.history import Envelope, History
from tui_backprop.tui.panels import loss_chart
from tui_backprop.tui.panels.chart import axes as chart_axes
from tui_backprop.tui.panels.chart import plot as chart_plot
from tui_backprop.tui.panels.loss_chart import LossChart

FALLING = 1942.6 * np.exp(-np.arange(101) / 20) + 8.8


def envelope(losses: object, columns: int = 500) -> Envelope:
    history = History()
    history.extend(np.asarray(losses, dtype=float))
    return history.envelope(columns)


class ChartApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chart = LossChart()
        self.refused: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    @on(LossChart.ScaleRefused)
    def note_refusal(self, message: LossChart.ScaleRefused) -> None:
        self.refused.append(message.reason)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    deadline = time.monotonic() + 30
    while pilot.app.query_one(LossChart).size != (width, height):
        assert time.monotonic() < deadline, "the chart has not got its new size"
        await pilot.pause(0.01)


def drawn(chart: LossChart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


def canvas(chart: LossChart) -> list[str]:
    """Cut out the rows and columns in which the line is drawn."""
    lines = drawn(chart)
    corner = next(line for line in lines if "└" in line).index("└")
    return [line[corner + 1 :] for line in lines if line[corner] in "│┤"]


def inked(row: str) -> list[int]:
    return [x for x, character in enumerate(row) if "\u2801" <= character <= "\u28ff"]


async def test_without_losses_there_is_a_hint():
    app = ChartApp()
    async with app.run_test(size=(60, 12)):
        text = "\n".join(drawn(app.chart))
        assert "no losses yet: space runs, n makes one iteration" in text
        assert app.chart.caption == "no losses yet · linear"


async def test_a_falling_curve_with_its_axes_and_caption():
    app = ChartApp()
    async with app.run_test(size=(80, 24)):
        app.chart.show(envelope(FALLING), target=100)
        lines, rows = drawn(app.chart), canvas(app.chart)
        assert lines[0].startswith("  2000┤")
        assert lines[-3].startswith("     0┤")
        assert lines[-1].split() == [str(k) for k in range(0, 101, 20)]
        assert next(inked(row) for row in rows if inked(row))[0] == 0
        assert max(x for row in rows for x in inked(row)) == len(rows[0]) - 1
        assert app.chart.caption == "loss 21.8891 · iteration 100 · linear"


async def test_only_changed_rows_are_refreshed(monkeypatch):
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show(envelope(FALLING[:30]), target=100)
        await pilot.pause()
        before = drawn(chart)
        regions: list[Region] = []
        monkeypatch.setattr(chart, "refresh", lambda *added, **_: regions.extend(added))

        chart.show(envelope(FALLING[:30]), target=100)
        assert regions == []

        chart.show(envelope(FALLING[:31]), target=100)
        changed = {y for y, (old, new) in enumerate(zip(before, drawn(chart), strict=True)) if old != new}
        assert {region.y for region in regions} == changed
        assert all((region.x, region.width, region.height) == (0, 80, 1) for region in regions)
        assert 1 <= len(changed) <= 3


async def test_the_axes_stand_still_over_most_of_a_run(monkeypatch):
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.chart
        chart.show(envelope(FALLING[:1]), target=None)
        await pilot.pause()
        counts: list[int] = []
        monkeypatch.setattr(chart, "refresh", lambda *regions, **_: counts.append(len(regions)))
        for length in range(2, 101):
            chart.show(envelope(FALLING[:length]), target=None)
            drawn(chart)
        assert sum(count > 12 for count in counts) <= 15
        assert np.median(counts) <= 4


async def test_the_x_axis_ends_at_a_round_number_or_at_the_target():
    app = ChartApp()
    async with app.run_test(size=(80, 24)):
        for length, target, end in [
            (1, None, 10),
            (11, None, 10),
            (12, None, 20),
            (30, 10**9, 50),
            (30, 40, 40),
        ]:
            app.chart.show(envelope(np.ones(length)), target)
            assert drawn(app.chart)[-1].split()[-1] == str(end), (length, target)
        app.chart.show(envelope(np.ones(30)), target=7)  # it ran on beyond its target
        assert drawn(app.chart)[-1].split()[-1] == "50"


async def test_log_is_refused_for_losses_that_are_not_positive():
    app = ChartApp()
    async with app.run_test(size=(60, 16)) as pilot:
        chart = app.chart
        chart.show(envelope([3.0, 1.0, -0.25]), target=None)
        assert chart.toggle_scale() == "a log axis needs losses above 0; the smallest is −0.25"
        assert chart.scale == "linear"

        chart.show(envelope([3.0, 1.0, 0.001]), target=None)
        assert chart.toggle_scale() is None
        assert chart.scale == "log"
        assert chart.caption.endswith("log")
        assert "0.001┤" in "\n".join(drawn(chart))

        chart.show(envelope([3.0, 1.0, 0.001, 0.0]), target=None)
        await pilot.pause()
        assert chart.scale == "linear"
        assert app.refused == ["a log axis needs losses above 0; the smallest is 0"]

        chart.show(envelope([3.0, 1.0]), target=None)
        assert chart.toggle_scale() is None
        assert chart.toggle_scale() is None
        assert chart.scale == "linear"


async def test_log_makes_a_straight_line_of_an_exponential():
    app = ChartApp()
    async with app.run_test(size=(60, 22)):
        app.chart.show(envelope(10.0 ** -np.arange(11.0)), target=10)
        app.chart.toggle_scale()
        rows = canvas(app.chart)
        middles = [np.mean(inked(row)) for row in rows]
        assert np.ptp(np.diff(middles)) < 2
        labels = [float(line.split("┤")[0]) for line in drawn(app.chart) if "┤" in line]
        assert labels == sorted(labels, reverse=True)
        assert labels[0] == 1.0


async def test_nan_and_inf_are_marked_and_left_out_of_the_range():
    app = ChartApp()
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.chart
        losses = [*np.linspace(4, 1, 60), np.inf, np.nan, *np.linspace(1, 2, 19), np.nan]
        chart.show(envelope(losses), target=100)
        await pilot.pause()
        lines = drawn(chart)
        assert lines[0].startswith("✗ NaN/Inf from iteration 60")
        assert lines[1].lstrip().startswith("4┤")
        assert chart.caption == "loss NaN · iteration 81 · linear · NaN/Inf from iteration 60"
        axis = lines[-2]
        left = axis.index("└") + 1
        cells = len(axis) - left - 1
        expected = {left + round(k / 100 * cells) for k in (60, 61, 81)}
        assert {x for x, character in enumerate(axis) if character == "✗"} == expected
        marked = [segment for segment in chart.render_line(18) if "✗" in segment.text]
        assert all(set(segment.text) == {"✗"} and segment.style.bold for segment in marked)
        lowest_rows = canvas(chart)[-5:]  # the line does not go on through what is not there
        assert not any(left + x in expected for row in lowest_rows for x in inked(row)[1:-1])


async def test_nothing_but_nan():
    app = ChartApp()
    async with app.run_test(size=(40, 10)):
        app.chart.show(envelope([np.nan] * 3), target=None)
        lines = drawn(app.chart)
        assert lines[0].startswith("✗ NaN/Inf from iteration 0")
        assert lines[-2].count("✗") == 3
        assert not any(inked(line) for line in lines)


async def test_a_single_spike_in_a_million_is_seen():
    losses = np.ones(1_000_000)
    losses[500_000] = 6.0
    app = ChartApp()
    async with app.run_test(size=(80, 24)):
        app.chart.show(envelope(losses), target=None)
        rows = canvas(app.chart)
        assert [len(inked(row)) for row in rows[:14]] == [1] * 14
        assert {x for row in rows[:14] for x in inked(row)} == {round((len(rows[0]) - 1) / 2)}


async def test_a_noisy_run_hands_few_points_to_plotext(monkeypatch):
    counts: list[int] = []
    strokes = chart_plot._strokes

    def counting_strokes(*args):
        points, starts = strokes(*args)
        counts.append(len(points))
        return points, starts

    monkeypatch.setattr(chart_plot, "_strokes", counting_strokes)
    app = ChartApp()
    async with app.run_test(size=(80, 24)):
        app.chart.show(envelope(np.random.default_rng(0).random(100_000), columns=5000), target=None)
        drawn(app.chart)
        assert 80 < counts[-1] <= 6 * 80


HARD = {
    "none": [],
    "one": [0.375],
    "equal": [0.69] * 20,
    "zero": [0.0, 0.0],
    "tight": 1942.6 + np.array([0.0, 0.001, 0.0005]),
    "last digits": 1 + np.array([0, 2, 1]) * 2.3e-16,
    "huge": [1.7e308, -1.7e308],
    "tiny": [5e-324, 3e-310],
    "both": [1e-300, 1e300],
    "nan": [np.nan] * 3,
    "mixed": [np.inf, 2.0, -np.inf, 1.0, np.nan],
    "long": np.random.default_rng(0).random(100_000),
}
SIZES = [
    (1, 1),
    (1, 6),
    (6, 1),
    (9, 2),
    (19, 5),
    (20, 4),
    (20, 5),
    (20, 6),
    (21, 7),
    (40, 10),
    *(pytest.param(size, marks=pytest.mark.slow) for size in ((120, 36), (300, 80))),
]


@pytest.mark.parametrize("size", SIZES)
async def test_every_run_draws_at_every_size(size):
    app = ChartApp()
    async with app.run_test(size=size):
        for name, losses in HARD.items():
            for plain in (False, True):
                app.chart.charset = ASCII if plain else UNICODE
                app.chart.show(envelope(losses), target=None)
                if app.chart.toggle_scale() is None:
                    assert {len(line) for line in drawn(app.chart)} == {size[0]}, name
                    app.chart.toggle_scale()
                lines = drawn(app.chart)
                assert {len(line) for line in lines} == {size[0]}, name
                assert not plain or "".join(lines).isascii()
                if np.isfinite(losses).any() and size[0] >= 20 and size[1] >= 5:
                    assert plain or any(inked(line) for line in lines), name


async def test_where_there_is_no_room_the_last_loss_is_written():
    app = ChartApp()
    async with app.run_test(size=(19, 3)) as pilot:
        app.chart.show(envelope([4.0, 2.0, 1.0, 0.375]), target=None)
        assert drawn(app.chart)[0].strip() == "loss 0.375 █▅▃▁"
        await resize(pilot, 10, 3)
        assert drawn(app.chart)[0].strip() == "loss 0.375"
        await resize(pilot, 6, 3)
        assert drawn(app.chart)[0].strip() == "0.375"
        await resize(pilot, 3, 3)
        assert drawn(app.chart)[0].strip() in ("0.4", "")


async def test_a_resized_chart_fills_its_new_size():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.show(envelope(FALLING), target=100)
        await resize(pilot, 100, 30)
        assert len(drawn(app.chart)) == 30
        assert max(x for row in canvas(app.chart) for x in inked(row)) == len(canvas(app.chart)[0]) - 1


async def test_a_theme_recolours_what_is_drawn():
    app = ChartApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.chart.show(envelope(FALLING), target=100)
        await pilot.pause()
        styles = []
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
            axis, line = (segment.style for segment in app.chart.render_line(0))
            assert axis.color != line.color
            styles.append((axis, line))
        assert len(set(styles)) == 3


LIMITS = [
    (0.375, 0.375, ["0.0", "0.1", "0.2", "0.3", "0.4"]),
    (0.0, 0.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (8.8, 1942.6, ["0", "500", "1000", "1500", "2000"]),
    (1942.6, 1942.65, ["1942.60", "1942.61", "1942.62", "1942.63", "1942.64", "1942.65"]),
    (-0.25, 3.0, ["−1", "0", "1", "2", "3"]),
    (1e-5, 5e-5, ["0", "1e-05", "2e-05", "3e-05", "4e-05", "5e-05"]),
    (0.0, 1.5e6, ["0", "5e+05", "1e+06", "1.5e+06"]),
    (-1.7e308, 1.7e308, ["−2e+308", "−1e+308", "0", "1e+308", "2e+308"]),
    (5e-324, 5e-324, ["0", "1e-324", "2e-324", "3e-324", "4e-324", "5e-324"]),
]


@pytest.mark.parametrize(("smallest", "largest", "labels"), LIMITS)
def test_the_loss_axis_ends_at_round_numbers(smallest, largest, labels):
    axis = chart_axes.linear_axis(smallest, largest, height=18)
    assert [label for _, label in axis.ticks] == labels
    np.testing.assert_allclose(np.diff([position for position, _ in axis.ticks]), 1 / (len(labels) - 1))


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=5), st.integers(2, 70), st.sampled_from(["linear", "log"]))
def test_an_axis_holds_all_losses_in_order(losses, height, scale):
    losses = np.abs(losses) + 5e-324 if scale == "log" else np.array(losses)
    axis = chart_axes.loss_axis(envelope(losses), scale, height)
    positions = axis.position(np.sort(losses))
    assert (positions >= -1e-6).all()
    assert (positions <= 1 + 1e-6).all()
    assert (np.diff(positions) >= 0).all()
    assert 1 <= len(axis.ticks) <= height
    numbers = [float(label.replace("−", "-", 1)) for _, label in axis.ticks]
    assert numbers == sorted(numbers)


def test_the_start_imports_neither_plotext_nor_screens_that_are_not_open():
    code = "import sys, tui_backprop.tui.app; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "textual.screen" in found
    late = (
        "plotext",
        "tui_backprop.tui.screens.",
        "tui_backprop.exercises.check",
        "tui_backprop.explain.chain",
        "tui_backprop.explain.element.elements",
        "tui_backprop.explain.folded",
        "tui_backprop.explain.record",
    )
    assert not [name for name in found if name.startswith(late)]


async def test_the_first_screen_does_not_wait_for_plotext(monkeypatch):
    loaded = threading.Event()
    monkeypatch.setattr(loss_chart, "is_loaded", loaded.is_set)
    monkeypatch.setattr(loss_chart, "load", loaded.set)
    app = ChartApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.chart.show(envelope(FALLING), target=100)
        first = drawn(app.chart)
        assert not any(line.strip() for line in first)
        assert app.chart.caption.startswith("loss ")
        while not loaded.is_set():
            await pilot.pause(0.01)
        await pilot.pause()
        assert any("┤" in line for line in drawn(app.chart))


async def test_another_caption_costs_its_row_only():
    app = ChartApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.chart.styles.border_top = ("solid", "white")
        app.chart.show(envelope(FALLING), target=100)
        await pilot.pause()
        app.chart.retitle("Another one")
        assert {region.line_span for region in app.chart._repaint_regions} == {(0, 1)}


async def test_a_chart_that_is_hidden_when_it_has_loaded():
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.chart.show(envelope(FALLING), 200)
        assert drawn(app.chart)
        app.chart.display = False
        deadline = time.monotonic() + 30
        while app.chart.size != (0, 0):
            assert time.monotonic() < deadline
            await pilot.pause(0.01)
        await app.chart._load()
        app.chart.show(envelope(FALLING / 2), 200)  # nothing is drawn, and nothing fails
        app.chart.display = True
        while app.chart.size == (0, 0):
            assert time.monotonic() < deadline
            await pilot.pause(0.01)
        assert canvas(app.chart)
