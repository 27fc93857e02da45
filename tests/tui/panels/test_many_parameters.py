"""Of a thousand parameters a panel lays out those that are seen, and says of the others how many about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.support.pilot import PATIENCE
from tui_backprop.debugger.snapshot import ParameterView
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.tui.panels import model
from tui_backprop.tui.panels.model import ParametersPanel
from tui_backprop.tui.widgets.blocks import AHEAD

COUNT, HEIGHT = 1000, 12


class PanelApp(App[None]):
    def compose(self) -> ComposeResult:
        yield ParametersPanel()

    def on_mount(self) -> None:
        self.query_one(ParametersPanel).focus()


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the parameters that are laid out from now on."""
    names: list[str] = []
    lay_out = model.parameter_lines

    def noted(charset, parameter, width, *, selected):
        names.append(parameter.name)
        return lay_out(charset, parameter, width, selected=selected)

    monkeypatch.setattr(model, "parameter_lines", noted)
    return names


def snapshot(step: float = 0.0, looked_at: list[int] | None = None) -> SimpleNamespace:
    def view(place: int) -> ParameterView:
        if looked_at is not None:
            looked_at.append(place)
        value = np.array([place + step, 1.0]) if place % 10 == 9 else np.float64(place + step)
        return ParameterView(f"w{place}", True, value, value, value + 1.0, {}, np.empty(0), False)

    return SimpleNamespace(parameters=Lazy(COUNT, view))


async def until(pilot: Pilot[None], happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        await pilot.pause()


def shown(panel: ParametersPanel) -> list[str]:
    return [panel.render_line(y).text.rstrip() for y in range(panel.size.height)]


async def test_those_that_are_seen_are_looked_at_and_laid_out(laid_out: list[str]) -> None:
    app, looked_at = PanelApp(), list[int]()
    async with app.run_test(size=(80, HEIGHT)) as pilot:
        panel = app.query_one(ParametersPanel)
        panel.snapshot = snapshot(looked_at=looked_at)
        await until(pilot, lambda: panel.count > COUNT)
        assert shown(panel)[:3] == ["›w0 0", "  gradient 0", "  next     0 → 1"]
        assert len(set(looked_at)) <= (HEIGHT + AHEAD) // 3 + 1
        assert sorted(set(laid_out)) == sorted(f"w{place}" for place in set(looked_at))
        about = re.search(r"↓ about (\d+) more", panel.border_title or "")
        assert about
        assert abs(int(about[1]) - (3 * COUNT - HEIGHT)) < 10


async def test_the_end_is_the_last_parameter_and_stays_in_sight(laid_out: list[str]) -> None:
    app = PanelApp()
    async with app.run_test(size=(80, HEIGHT)) as pilot:
        panel = app.query_one(ParametersPanel)
        panel.snapshot = snapshot()
        await until(pilot, lambda: panel.count > COUNT)
        await pilot.press("end")
        await until(pilot, lambda: shown(panel)[-1] == "  next     [999, 1] → [1000, 2]")
        panel.snapshot = snapshot(0.5)  # another iteration's
        await until(pilot, lambda: shown(panel)[-1] == "  next     [999.5, 1] → [1000.5, 2]")
        assert len(set(laid_out)) <= 2 * (HEIGHT + AHEAD)


async def test_a_selected_one_far_down_is_shown(laid_out: list[str]) -> None:
    app = PanelApp()
    async with app.run_test(size=(80, HEIGHT)) as pilot:
        panel = app.query_one(ParametersPanel)
        panel.snapshot = snapshot()
        await until(pilot, lambda: panel.count > COUNT)
        panel.action_choose(500)
        assert panel.selected == "w500"
        await until(pilot, lambda: "›w500 500" in shown(panel))
        await pilot.press("up")
        assert panel.selected == "w499"
        await until(pilot, lambda: "›w499 [499, 1]" in shown(panel))
        assert len(set(laid_out)) < COUNT / 4
