"""A cursor on the loss chart reads out the exact loss of every iteration, and chooses one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult
from textual.widgets import Input

from tests.support.app_sessions import until
from tests.support.losses import few_kept, run_noting
from tests.support.trainers import trainer
from tui_backprop.text.charset import ASCII, UNICODE
from tui_backprop.training.history import History
from tui_backprop.tui.panels.chart.plot import plot
from tui_backprop.tui.panels.loss_chart import LossChart

FALLING: list[float] = (1942.6 * np.exp(-np.arange(1001) / 200) + 8.8).tolist()


class ChartApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chart = LossChart()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.chart
        yield Input()

    def on_mount(self) -> None:
        self.chart.focus()

    @on(LossChart.IterationChosen)
    def note(self, message: LossChart.IterationChosen) -> None:
        self.chosen.append(message.iteration)

    def show(self, losses: list[float], target: int | None = None) -> None:
        """Show losses as a snapshot has them: the last one is the loss now, and not in the list."""
        history = History()
        history.extend(np.array(losses[:-1]))
        self.chart.show(history.envelope(512).with_next(losses[-1]), target, history.losses)

    def lines(self) -> list[str]:
        return [self.chart.render_line(y).text for y in range(self.chart.size.height)]


async def test_keys_move_the_cursor_and_the_border_reads_out_the_loss():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING, 1000)
        assert app.chart.cursor is None
        seen = []
        for key in ("right", "shift+left", "home", "left", "shift+right", "pagedown", "pageup", "end"):
            await pilot.press(key)
            seen.append(app.chart.cursor)
        assert seen == [1000, 999, 0, 0, 1, 101, 1, 1000]
        await pilot.press("shift+left", "shift+left")
        assert app.chart.caption == f"iteration 998 · loss {FALLING[998]!r}"
        assert str(app.chart.border_title) == f"Iteration 998 · loss {FALLING[998]!r}"
        await pilot.press("end")
        assert app.chart.caption == f"iteration 1000 · loss {FALLING[1000]!r}"


async def test_left_and_right_move_by_a_column():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING, 1000)
        await pilot.press("home")
        columns = []
        for _ in range(6):
            columns.append(next(line.index("▲") for line in app.lines() if "▲" in line))
            await pilot.press("right")
        assert columns == list(range(columns[0], columns[0] + 6))
        assert app.chart.cursor == round(6 * 1000 / (80 - columns[0] - 1))
        for _ in range(6):
            await pilot.press("left")
        assert app.chart.cursor == 0


async def test_where_iterations_are_wider_than_columns_a_column_is_one_iteration():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING[:11])
        await pilot.press("home", "right", "right")
        assert app.chart.cursor == 2
        await pilot.press("left")
        assert app.chart.cursor == 1


@pytest.mark.parametrize("plain", [False, True])
async def test_the_cursor_is_a_line_that_leaves_the_curve_as_it_is(plain):
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.chart.charset = ASCII if plain else UNICODE
        app.show(FALLING, 1000)
        await pilot.pause()
        before = app.lines()
        await pilot.press("home", "pagedown", "pagedown")
        line, foot = (":", "^") if plain else ("┊", "▲")
        after = app.lines()
        column = next(row.index(foot) for row in after if foot in row)
        for old, new in zip(before[:-2], after[:-2], strict=True):
            assert new[:column] + new[column + 1 :] == old[:column] + old[column + 1 :]
            assert new[column] == (line if old[column] in " \u2800" else old[column])
        assert sum(row[column] == line for row in after) >= 15
        assert any(row[column] not in (line, foot, " ") for row in after[:-2])  # the curve
        assert not plain or "".join(after).isascii()


async def test_the_sign_for_a_loss_that_is_not_finite_stays():
    losses = [4.0, 3.0, math.nan, 2.0]
    app = ChartApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.show(losses)
        await pilot.press("home", "shift+right", "shift+right")
        assert app.chart.caption == "iteration 2 · loss NaN"
        assert "✗" in app.lines()[-2]
        assert "▲" not in "".join(app.lines())
        await pilot.press("shift+right")
        assert "✗" in "".join(app.lines())
        assert "▲" in "".join(app.lines())


async def test_enter_chooses_and_escape_or_leaving_hides():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING, 1000)
        await pilot.press("enter")
        assert app.chosen == []
        assert "enter" not in app.active_bindings
        await pilot.press("home", "pagedown", "enter")
        assert app.chosen == [100]
        assert app.active_bindings["enter"].binding.description == "go there"
        await pilot.press("escape")
        assert app.chart.cursor is None
        assert app.chart.caption == f"loss {FALLING[-1]:.6g} · iteration 1000 · linear"
        assert "▲" not in "".join(app.lines())
        await pilot.press("home", "tab")
        assert app.chart.cursor is None


async def test_without_losses_there_is_no_cursor():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("left", "home", "enter", "pagedown")
        assert app.chart.cursor is None
        history = History()
        history.extend(np.array(FALLING))
        app.chart.show(history.envelope(512), None)
        await pilot.press("left", "home", "enter")
        assert app.chart.cursor is None
        assert app.chosen == []


async def test_the_cursor_stays_while_the_run_goes_on_and_comes_along_when_it_goes_back():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING[:501], 1000)
        await pilot.press("end")
        assert app.chart.cursor == 500
        app.show(FALLING[:801], 1000)
        assert app.chart.cursor == 500
        app.show(FALLING[:101], 1000)
        assert app.chart.cursor == 100
        assert app.chart.caption == f"iteration 100 · loss {FALLING[100]!r}"


async def test_a_move_draws_no_new_curve_and_the_same_frame_sends_nothing(monkeypatch):
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(FALLING, 1000)
        await pilot.press("home")
        await pilot.pause()
        drawn = []
        monkeypatch.setattr("tui_backprop.tui.panels.loss_chart.plot", lambda *args: drawn.append(args))
        await pilot.press("right", "end", "escape", "home")
        assert drawn == []
        monkeypatch.undo()
        regions = []
        monkeypatch.setattr(app.chart, "refresh", lambda *added, **_: regions.extend(added))
        app.show(FALLING, 1000)
        assert regions == []


@pytest.mark.parametrize("size", [(36, 8), (12, 5), (200, 60)])
async def test_small_charts_read_out_the_loss_too(size):
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        app.show([4.0, 2.0, 1.0, 0.375])
        await pilot.press("home", "right")
        assert app.chart.cursor == 1
        assert any(text in "\n".join(app.lines()) for text in ("▲", "1: 2"))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 5000), st.integers(20, 120), st.data())
def test_the_middle_of_a_column_is_an_iteration_of_that_column(count, width, data):
    history = History()
    history.extend(np.linspace(1, 0, count))
    chart = plot(history.envelope(64), None, "linear", False, width, 8)
    iteration = data.draw(st.integers(0, count - 1))
    column = chart.column(iteration)
    assert chart.left <= column < width
    per_column = max(1.0, (count - 1) / chart.last_cell)
    assert abs(chart.iteration(column) - iteration) <= 5 * per_column
    if (chart.iteration(column + 1) - chart.iteration(column)) > 1:
        assert chart.column(chart.iteration(column)) == column


async def test_an_old_loss_is_replayed_beside_the_screen_and_then_read_out():
    app = ChartApp()
    with few_kept():
        t = trainer("linear")
        noted = run_noting(t, 1500)
        async with app.run_test(size=(80, 24)) as pilot:
            app.chart.show(t.history.envelope(512).with_next(t.loss), None, t.losses)
            for key, at in (("home", 0), ("pagedown", 150), ("shift+left", 149), ("end", 1500)):
                await pilot.press(key)
                loss = [*noted, t.loss][at]
                exact = f"iteration {at} · loss {float(loss)!r}".replace("-", "−")
                assert app.chart.caption in (exact, f"iteration {at} · its loss is replayed")
                await until(pilot, lambda exact=exact: app.chart.caption == exact)
                await until(pilot, lambda exact=exact: str(app.chart.border_title)[1:] == exact[1:])
