"""What if, undo and redo, and breakpoints, by key."""

from __future__ import annotations

import numpy as np
import pytest


async def test_the_what_if_of_the_notes(launch):
    async with launch("logistic", size=(120, 36)) as session:
        before = session.trainer.loss
        await session.press("o")
        await session.type("y_hat = [0.8, 0.3, 0.4]", "enter")
        assert session.overlay == ""
        assert session.note == "ŷ put in as [0.8, 0.3, 0.4]; u undoes it"
        np.testing.assert_allclose(session.trainer.gradients["beta"], [-0.563, -0.676], rtol=1e-12)
        assert "[−0.563, −0.676]" in session.screen
        assert "[0, 0] → [0.0563, 0.0676]" in session.screen
        assert "paused, what if" in session.status
        await session.press(*"s" * 8)
        assert "0.245*" in session.screen  # the loss depends on it
        await session.press("u")
        assert session.trainer.loss == before
        assert session.note == "undone: ŷ put in as [0.8, 0.3, 0.4]; U redoes it"
        assert "*" not in session.screen.replace("X @", "")
        await session.press("U")
        assert session.trainer.loss == pytest.approx(0.245, rel=1e-12)


async def test_the_line_begins_with_the_node_that_is_selected(launch):
    async with launch("logistic") as session:
        await session.press(*"ssss", "o")
        assert session.app.focused.value == "y_hat = [0.5, 0.5, 0.5]"
        await session.press("escape")
        assert session.overlay == ""


BAD_VALUES = {
    "y_hat": "found y_hat",
    "y_hat = high": "it must be a number or a list of numbers",
    "y_hat = [1, 2]": "y_hat: found shape (2); it must be (3)",
    "y_hut = 1": "did you mean y_hat?",
    "X[3, 0] = 1": "found element 3,0; X has shape (3×2)",
    "b = __import__('os')": "it must be a number or a list of numbers",
}


async def test_bad_values_are_refused_in_place(launch):
    async with launch("logistic") as session:
        await session.press("o")
        for text, reason in BAD_VALUES.items():
            await session.type(text, "enter")
            assert session.overlay == "WhatIfScreen"
            assert reason in session.message
            assert session.app.focused.value == text
        assert not session.trainer.alterations


async def test_undo_and_redo_of_a_hyperparameter_and_nothing_to_undo(launch):
    async with launch("linear") as session:
        assert not session.app.active_bindings["u"].enabled
        await session.press("h")
        await session.type("0.5", "enter", "escape")
        assert session.app.active_bindings["u"].enabled
        await session.press("n", "n", "u")
        assert session.trainer.hyperparameters.learning_rate == 0.01
        assert session.where == (0, 0)
        assert session.note == (
            "undone: learning_rate is 0.01 again (was 0.5); back at iteration 0; U redoes it"
        )
        await session.press("U")
        assert session.trainer.hyperparameters.learning_rate == 0.5


async def test_a_breakpoint_stops_a_run_and_says_why(launch):
    async with launch("linear", iterations=2000) as session:
        await session.press("B")
        await session.type("loss < 1e-6", "enter")
        assert session.overlay == "BreakpointScreen"
        assert "1  on   loss < 1e-6" in session.screen
        await session.press("escape", "space")
        assert "paused" in session.status
        reached, _ = session.where
        assert 0 < reached < 2000
        assert session.trainer.loss < 1e-6 <= session.trainer.losses[-1]
        assert session.note.startswith("breakpoint 1: loss < 1e−6: loss is ")
        assert session.note.endswith(f"at iteration {reached}")
        await session.press("space")  # it holds already, so the run goes on
        assert session.where == (2000, 0)


async def test_breakpoints_are_turned_off_on_and_deleted(launch):
    async with launch("linear") as session:
        await session.press("B")
        await session.type("iteration 5", "enter")
        await session.type("nan", "enter", "down", "enter")
        assert "1  off  iteration 5" in session.screen
        assert "2  on   nan" in session.screen
        await session.press("enter")
        assert "1  on   iteration 5" in session.screen
        await session.press("down", "delete")
        assert [point.text for point in session.trainer.breakpoints] == ["iteration 5"]
        await session.press("escape", "space")
        assert session.where == (5, 0)
