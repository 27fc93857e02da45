"""No burst of keys ends the app, at whatever size and over whatever screen, before the layout too."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tui_backprop.tui.keys import ACTIONS

MOVES = (
    "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab", "shift+tab",
    "space", "backspace", "delete", "ctrl+p", "ctrl+home", "ctrl+end", "ctrl+u", "left_square_bracket", "P",
)  # fmt: skip
SCREENS = ("i", "f", "B", "o", "w", "m", "x", "e", "v", "question_mark", "ctrl+p", "g", "t", "4")
SIZES = ((80, 24), (40, 10), (20, 5), (120, 36), (60, 15), (1, 1), (3, 2), (200, 60))


@pytest.mark.parametrize(
    "screen",
    [key if key in ("m", "f", "ctrl+p") else pytest.param(key, marks=pytest.mark.slow) for key in SCREENS],
)
async def test_pages_before_a_layout_leave_the_app_running(launch: Callable[..., Any], screen: str) -> None:
    async with launch("logistic") as session:
        for key in (screen, "pagedown", "pageup", "end", "home", "down", "pagedown", "tab", "pageup"):
            session._post(key)
        await session.settle()
        assert session.app.is_running
        await session.press("escape", "escape", "escape", "s")
        assert session.app._exception is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_random_keys_and_sizes_never_end_it(launch: Callable[..., Any], seed: int) -> None:
    choose = random.Random(seed)
    keys = [
        key
        for action in ACTIONS
        for key in action.keys.split(",")
        if action.name not in ("quit", "suspend_process")
    ]
    keys = [*keys, *MOVES * 2, *"0123456789.=[]<x", *SCREENS]
    lesson = ("logistic", "two-layer", "polynomial", "relu-net")[seed]
    async with launch(lesson, iterations=50) as session:
        for burst in range(60):
            for _ in range(choose.randint(1, 16)):
                session._post(choose.choice(keys))
            if burst % 6 == 5:
                width, height = choose.choice(SIZES)
                await session.pilot.resize_terminal(width, height)
            if burst % 3 == 2:
                await session.settle()
            assert session.app.is_running
            assert session.app._exception is None
        await session.pilot.resize_terminal(80, 24)
        await session.press(*["escape"] * 4)
        assert not session.overlay
        await session.press("r", "s")
        assert session.where == (0, 1)
