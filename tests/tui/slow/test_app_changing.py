"""What if and breakpoints, by key: what is rarer."""

from __future__ import annotations

import pytest

from tui_backprop.tui.panels.model import ParametersPanel


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


async def test_enter_alone_changes_no_digit(launch):
    async with launch("linear") as session:
        before = session.trainer.parameters["w"]
        await session.press("f")
        await session.type("w", "enter", "o")
        assert session.app.focused.value == "w = 0.4967141530112327"
        await session.press("enter")
        assert session.trainer.parameters["w"] == before


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
