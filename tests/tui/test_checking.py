"""The check's screens: the report, every element, and the error over h as a picture."""

from __future__ import annotations

import pytest

from tui_backprop.text.charset import ASCII
from tui_backprop.tui.screens.checking import CheckScreen, SweepScreen
from tui_backprop.tui.widgets.lines import LinesView


@pytest.mark.parametrize(("size", "ascii_only"), [((80, 24), False), ((120, 36), True)])
async def test_u_draws_the_error_over_h(launch, size: tuple[int, int], ascii_only: bool) -> None:
    async with launch("two-layer", size=size, charset=ASCII if ascii_only else None) as session:
        await session.press("g")
        assert isinstance(session.app.screen, CheckScreen)
        assert "u: error over h" in session.screen
        await session.press("u")
        screen = session.app.screen
        assert isinstance(screen, SweepScreen)
        view = screen.query_one(LinesView)
        assert len(screen.curves) == 4
        assert ("*" in view.plain) is ascii_only
        assert view.plain.isascii() is ascii_only
        shown = session.screen
        assert "least at h =" in shown  # below the picture, and in sight
        assert "1e" in shown
        await session.press("right")
        assert "b1" in view.plain.splitlines()[0]
        await session.press("left", "left")
        assert "b2" in view.plain.splitlines()[0]
        await session.press("escape")
        assert len(session.app.screen_stack) == 1


async def test_a_checks_every_element_and_the_key_closes(launch) -> None:
    async with launch("neuron") as session:
        await session.press("g", "a")
        assert isinstance(session.app.screen, CheckScreen)
        assert "looked at: all 2 elements" in session.screen
        await session.press("g")
        assert len(session.app.screen_stack) == 1
