"""A run gives way to a key until the screen has been drawn with what the key does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tui_backprop.tui import answering
from tui_backprop.tui.panels.model import ParametersPanel
from tui_backprop.tui.runner import Runner


async def test_a_run_holds_still_until_the_key_is_answered(
    launch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with launch("linear") as session:
        app, seen = session.app, []
        monkeypatch.setattr(answering, "ANSWER", 60.0)
        monkeypatch.setattr(Runner, "running", property(lambda _: True))
        monkeypatch.setattr(Runner, "give_way", lambda _: seen.append("held"))
        monkeypatch.setattr(Runner, "drawn", lambda _: seen.append(isinstance(app.focused, ParametersPanel)))
        await session.press("3")
        assert seen[:2] == ["held", True]


async def test_a_run_goes_on_after_a_key_that_changes_nothing(
    launch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with launch("linear") as session:
        seen: list[str] = []
        monkeypatch.setattr(Runner, "running", property(lambda _: True))
        monkeypatch.setattr(Runner, "drawn", lambda _: seen.append("went on"))
        await session.pilot.press("f9")
        await session.until(lambda: seen == ["went on"])
