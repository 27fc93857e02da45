"""Screens over the main one that a key of a fast succession closes while they are being made."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.pilot import launched
from tui_backprop.export.listing import written_program
from tui_backprop.tui.screens.lessons import LessonScreen
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.screens.program import ProgramScreen


@pytest.mark.parametrize("name", ["lessons", pytest.param("program", marks=pytest.mark.slow)])
async def test_a_screen_closed_while_it_is_made_is_gone_without_a_word(name: str) -> None:
    async with launched("logistic", all_factors=True, painted=True) as session:
        trainer = session.trainer
        for turns in range(12):
            screen: Overlay = (
                ProgramScreen(written_program(trainer.lesson, trainer.hyperparameters))
                if name == "program"
                else LessonScreen(session.app.main.snapshot)
            )
            session.app.push_screen(screen)
            for _ in range(turns):
                await asyncio.sleep(0)
            screen.leave()
            await session.settle()
            assert session.overlay == "", turns
            await session.press("s")
            assert session.where == (0, turns + 1)
