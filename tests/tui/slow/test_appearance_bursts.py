"""No burst of random keys and sizes ends the app."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.pilot import SCREENS
from tui_backprop.tui.keys import KEYED

MOVES = (
    "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "tab", "shift+tab",
    "space", "backspace", "delete", "ctrl+p", "ctrl+home", "ctrl+end", "ctrl+u", "left_square_bracket", "P",
)  # fmt: skip


SIZES = ((80, 24), (40, 10), (20, 5), (120, 36), (60, 15), (1, 1), (3, 2), (200, 60))


@pytest.mark.parametrize("seed", range(4))
async def test_random_keys_and_sizes_never_end_it(launch: Callable[..., Any], seed: int) -> None:
    choose = random.Random(seed)
    keys = [
        name
        for command, key in KEYED
        for name in key.keys.split(",")
        if command.name not in ("quit", "suspend", "palette")  # the palette has Quit, too
    ]
    keys = [*keys, *MOVES * 2, *"0123456789.=[]<x", *SCREENS]
    lesson = ("logistic", "two-layer", "polynomial", "relu-net")[seed]
    async with launch(lesson, iterations=50, painted=True) as session:
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
