"""The health screen, and weights turned by hand in the parameters panel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.health_setups import BROKEN, lesson_of
from tests.support.pilot import launched
from tui_backprop.text.charset import ASCII

SIZES = ((80, 24), (60, 16))


@pytest.mark.parametrize("size", SIZES)
async def test_layers_and_alarms_and_a_key_tries_remedies(size: tuple[int, int], tmp_path: Path) -> None:
    path = lesson_of(tmp_path, "diverging", BROKEN["diverging"]).path
    async with launched(path, size=size) as session:
        session.trainer.run(40)
        await session.press("H")
        assert session.overlay == "HealthScreen"
        assert "! diverging: the loss is " in session.screen
        assert "saturated dead" in session.screen
        await session.press("enter")
        assert "diverging: what helps (3 tried" in session.screen
        assert "learning_rate = 0.12" in session.screen
        await session.press("H")
        assert session.overlay == ""
        assert session.where == (40, 0)


async def test_trying_is_interrupted(tmp_path: Path) -> None:
    path = lesson_of(tmp_path, "vanishing", BROKEN["vanishing"]).path
    async with launched(path) as session:
        await session.press("H")
        await session.send("enter")
        await session.until(lambda: "trying remedies against" in session.screen)
        await session.press("ctrl+c")
        assert session.overlay == "HealthScreen"
        assert "interrupted; nothing has changed" in session.screen


async def test_every_layer_has_a_row_and_a_curve_in_ascii_too() -> None:
    async with launched("two-layer", charset=ASCII) as session:
        session.trainer.run(300)
        await session.press("H")
        rows = [line for line in session.lines if "| W" in line or "W1 " in line or "W2 " in line]
        assert len(rows) == 2
        assert session.screen.isascii()
        assert "no alarm" in session.screen


async def test_a_weight_is_turned_and_undone() -> None:
    async with launched("two-layer", size=(120, 36)) as session:
        before = session.trainer.parameters["W1"]
        await session.press("3", "right", "right_square_bracket", "right_square_bracket")
        after = session.trainer.parameters["W1"]
        assert after[0, 1] == pytest.approx(before[0, 1] + 0.1, abs=1e-14)
        assert (after != before).sum() == 1
        assert "W1[0, 1] = " in session.note
        assert "by hand" in session.screen
        await session.press("left_curly_bracket")
        assert session.trainer.parameters["W1"][0, 1] == pytest.approx(before[0, 1] - 0.4, abs=1e-14)
        await session.press("u", "u", "u")
        assert (session.trainer.parameters["W1"] == before).all()
