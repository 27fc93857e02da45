"""The screen of dials: keys alone build a network and solve a data set; what cannot work is told at once."""

from __future__ import annotations

import pytest

from tui_backprop.lessons.network.dials import PRESETS
from tui_backprop.tui.screens.network.screen import NetworkScreen


def message(session):
    return str(session.app.screen.query_one("#network-message").render())


@pytest.mark.parametrize(
    "size", [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in ((60, 16), (120, 36)))]
)
async def test_keys_alone_solve_circles(launch, size):
    async with launch("first", size=size) as session:
        await session.press("N")
        assert session.overlay == "NetworkScreen"
        assert "spiral" in session.screen
        await session.press("right", "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.name == "circles-2-8-1"
        await session.press("space")
        assert session.trainer.iteration == PRESETS["circles"].iterations
        assert "accuracy" in str(session.trainer.validation.text)
        assert session.trainer.validation["accuracy"] > 0.95


async def test_shapes_and_problems_follow_the_dials(launch):
    async with launch("first") as session:
        await session.press("N", "right", "right")  # xor
        await session.press(*["down"] * 5)
        await session.type("4", "down")
        assert "W1 2×4 + b1 4" in " ".join(session.screen.split())
        await session.press("down", "right", "right")  # outputs: 3
        assert "✗ outputs" in session.screen
        assert "xor has 2 classes; end with 1, or with 2" in " ".join(message(session).split())
        await session.press("enter")
        assert session.overlay == "NetworkScreen"
        assert message(session).startswith("✗ not built: ")
        assert session.trainer.lesson.name == "first"
        await session.press("minus")
        assert "✗" not in message(session)
        await session.press("escape")
        assert (session.overlay, session.trainer.lesson.name) == ("", "first")


async def test_what_is_typed_is_set_refused_or_put_back(launch):
    async with launch("first") as session:
        await session.press("N", "down")
        screen = session.app.screen
        assert isinstance(screen, NetworkScreen)
        await session.press("3")
        assert "size: found '3'; it must be a whole number from 4" in message(session)
        await session.press("0", "enter")  # which sets, and does not build
        assert (session.overlay, screen.list.dials.size) == ("NetworkScreen", 30)
        await session.press("1", "backspace", "escape")
        assert screen.list.dials.size == 30
        await session.press("down", "1", "-", "enter")
        assert message(session).startswith("✗ noise: found '1-'")
        await session.press("escape", "up", "plus", "minus")
        assert screen.list.dials.size == 20
        await session.press("escape")
        assert session.overlay == ""


async def test_the_screen_opens_at_what_the_lesson_was_built_of(launch):
    async with launch("first") as session:
        await session.press("N", "right", "down", "right", "enter", "N")
        screen = session.app.screen
        assert isinstance(screen, NetworkScreen)
        assert (screen.list.dials.dataset, screen.list.dials.size) == ("circles", 300)
