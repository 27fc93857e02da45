"""What if, undo and redo, and breakpoints, by key."""

from __future__ import annotations

import numpy as np
import pytest

from tui_backprop.tui.widgets.panels import ParametersPanel


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


async def test_a_parameter_is_moved_and_training_goes_on_from_there(launch):
    async with launch("linear") as session:
        await session.press("n", "o")
        await session.type("w = 3", "enter")
        assert session.trainer.parameters["w"] == 3.0
        await session.press("3")
        assert "w ✎" in session.screen
        await session.press("n")
        gradient = (3.0 * 2 + float(session.trainer.parameters["b"]) - 1) * 2
        assert session.trainer.parameters["w"] == pytest.approx(3 - 0.01 * gradient, rel=1e-2)
        await session.press("u")
        assert session.where == (1, 0)
        assert session.trainer.parameters["w"] != 3.0


async def test_one_element_and_its_lifting(launch):
    async with launch("logistic") as session:
        before = session.trainer.loss
        await session.press("o")
        await session.type("X[1, 0] = 7", "enter")
        assert session.trainer.tape.value(session.trainer.graph.named["X"])[1, 0] == 7
        await session.press("o", "down")
        assert "X = [[1, 2], [7, 4], [5, 6]]" in session.screen
        await session.press("enter")
        assert not session.trainer.overrides
        assert session.trainer.loss == before


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


async def test_enter_alone_changes_no_digit(launch):
    async with launch("linear") as session:
        before = session.trainer.parameters["w"]
        await session.press("f")
        await session.type("w", "enter", "o")
        assert session.app.focused.value == "w = 0.4967141530112327"
        await session.press("enter")
        assert session.trainer.parameters["w"] == before


async def test_undo_and_redo_of_a_dial_and_nothing_to_undo(launch):
    async with launch("linear") as session:
        assert not session.app.active_bindings["u"].enabled
        await session.press("h")
        await session.type("0.5", "enter", "escape")
        assert session.app.active_bindings["u"].enabled
        await session.press("n", "n", "u")
        assert session.trainer.hyperparameters.learning_rate == 0.01
        assert session.where == (0, 0)
        assert session.note == "undone: learning_rate 0.01 → 0.5; back at iteration 0; U redoes it"
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


async def test_bad_breakpoints_are_refused_in_place(launch):
    async with launch("linear") as session:
        await session.press("B")
        for text, reason in {
            "loss <": "column",
            "nowhere > 1": "unknown name 'nowhere'",
            "dead relu": "the formula has no relu",
            "iteration -3": "it must be a whole number from 0",
        }.items():
            await session.type(text, "enter")
            assert session.overlay == "BreakpointScreen"
            assert session.message.startswith("✗")
            assert reason in session.message
        await session.type("loss < 1", "enter")
        await session.type("loss<1", "enter")
        assert "is there already, as breakpoint 1" in session.message
        assert len(list(session.trainer.breakpoints)) == 1


async def test_breakpoints_survive_a_reload(launch, lesson_file):
    path = lesson_file('formula = "L = (w - 3)**2"\n[parameters]\nw = 1.0\n')
    async with launch(path) as session:
        await session.press("B")
        await session.type("w > 2", "enter")
        await session.type("iteration 3", "enter", "down", "down", "enter", "escape", "R")
        points = [(point.text, point.enabled) for point in session.trainer.breakpoints]
        assert points == [("w > 2", True), ("iteration 3", False)]
        path.write_text('formula = "L = (v - 3)**2"\n[parameters]\nv = 1.0\n', encoding="utf-8")
        await session.press("R")
        assert [point.text for point in session.trainer.breakpoints] == ["iteration 3"]
        assert session.note == "breakpoints that do not fit any more: w > 2"


async def test_going_to_an_iteration_stops_at_a_breakpoint(launch):
    async with launch("linear") as session:
        await session.press("B")
        await session.type("iteration 20", "enter", "escape", "i")
        await session.type("50", "enter")
        assert session.where == (20, 0)


async def test_the_parameter_chosen_is_the_one_whose_chain_is_shown(launch):
    async with launch("logistic", size=(120, 36)) as session:
        await session.press(*"s" * 14)
        assert "∂L/∂β = ∂L/∂ŷ" in session.screen
        session.app.query_one(ParametersPanel).focus()
        await session.press("down", "enter")
        assert "∂L/∂b = ∂L/∂ŷ" in session.screen
