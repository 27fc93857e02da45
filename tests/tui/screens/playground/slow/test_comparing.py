"""In the app: pin, compare, go back, sweep, and find a rate, each by a key."""

from __future__ import annotations

import pytest

from tests.support.pilot import launched


async def pinned(session) -> None:
    """Run ten iterations, pin them, and run as many from the start at another rate."""
    await session.press("space", "P")
    session.app.runner.set("learning_rate", 0.2)
    await session.press("r", "space")


@pytest.mark.parametrize("size", [(80, 24), (50, 20)])
async def test_two_runs_side_by_side(size: tuple[int, int]) -> None:
    async with launched("two-layer", size=size, iterations=10) as session:
        await pinned(session)
        await session.press("C")
        assert session.overlay == "ComparisonScreen"
        text = " ".join(session.screen.replace("│", " ").split())
        assert "first difference: iteration 0" in text
        if size[0] == 80:
            assert any("0.2" in line and "│ 1 " in line for line in session.lines)  # one column each
        else:
            assert any("here: 0.2" in line for line in session.lines)
        await session.press("enter")
        assert session.overlay == ""
        assert session.trainer.hyperparameters.learning_rate == 1.0
        assert session.where == (10, 0)
        await session.press("u")
        assert session.trainer.hyperparameters.learning_rate == 0.2


async def test_other_pins_and_letting_one_go() -> None:
    async with launched("two-layer", iterations=10) as session:
        await pinned(session)
        await session.press("P", "C")
        assert "pin 2 of 2" in session.screen
        await session.press("left")
        assert "pin 1 of 2" in session.screen
        await session.press("delete")
        assert session.overlay == ""
        assert session.note.startswith("pin 1 let go")
        assert len(session.app.main.snapshot.pins) == 1


async def test_without_a_pin_a_note_says_how() -> None:
    async with launched() as session:
        await session.press("C")
        assert session.note == "no run is pinned yet; P pins the one here"
        for _ in range(6):
            await session.press("P", "n")
        await session.press("P")
        assert "unpin N" in session.note
        assert "C shows them" in session.note


async def test_a_sweep_lists_its_rows_and_enter_opens_one() -> None:
    async with launched("two-layer", iterations=20) as session:
        await session.press("W")
        await session.type("learning_rate=0.1,1", "enter")
        assert session.message.startswith("2 settings, the smallest loss first; the best 2 are pinned")
        await session.press("down", "enter")
        assert session.overlay == ""
        assert session.where == (20, 0)
        assert session.trainer.hyperparameters.learning_rate == 1.0
        assert len(session.app.main.snapshot.pins) == 2


async def test_what_cannot_be_swept_stays_in_the_line() -> None:
    async with launched() as session:
        await session.press("W")
        await session.type("foo=1", "enter")
        assert "unknown hyperparameter" in session.message
        assert session.app.screen.line.value == "foo=1"


async def test_enter_sets_the_rate_that_is_found() -> None:
    async with launched("linear") as session:
        await session.press("T")
        assert session.overlay == "RangeScreen"
        assert "Proposal: learning_rate 0.035" in session.screen
        await session.press("enter")
        assert session.trainer.hyperparameters.learning_rate == 0.035
        assert session.where == (0, 0)
