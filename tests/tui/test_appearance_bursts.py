"""No burst of keys ends the app, at whatever size and over whatever screen, before the layout too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.pilot import SCREENS


@pytest.mark.parametrize(
    "screen",
    [key if key == "m" else pytest.param(key, marks=pytest.mark.slow) for key in SCREENS],
)
async def test_pages_before_a_layout_leave_the_app_running(launch: Callable[..., Any], screen: str) -> None:
    async with launch("logistic", painted=True) as session:
        for key in (screen, "pagedown", "pageup", "end", "home", "down", "pagedown", "tab", "pageup"):
            session._post(key)
        await session.settle()
        assert session.app.is_running
        await session.press("escape", "escape", "escape", "s")
        assert session.app._exception is None
