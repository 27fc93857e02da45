"""The README's five minutes, key by key at 80×24, and what they say is seen."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.pilot import Session, launched

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## Five minutes")[2].partition("\n## ")[0]
STEPS = dict(re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |\Z)", TOUR, re.MULTILINE | re.DOTALL))
KEYS = {"Enter": "enter", "Esc": "escape", "space": "space", "Tab": "tab"}


def said(step: int) -> list[str]:
    """Return what a step has in backticks, in order."""
    return [" ".join(text.split()) for text in re.findall(r"`([^`]+)`", STEPS[str(step)])]


async def do(session: Session, step: int, *actions: str) -> None:
    """Press keys and type texts that a step names, in the order in which it names them."""
    named = iter(said(step))
    for action in actions:
        assert action in named, f"step {step} does not say {action} here"
        if len(action) == 1 or action in KEYS:
            await session.press(KEYS.get(action, action))
        else:
            await session.type(action)


async def step_to(session: Session, told: str) -> None:
    """Press s until a record that the tour tells the number of, passing over those it says are folded."""
    assert told in TOUR.replace("`", "")
    title, _, number = told.partition(", ")
    while session.where[1] < int(number.split()[1]):
        await session.press("s")
    assert f"{number} of 21" in session.status
    assert session.explanation.startswith(title)


def breakpoints() -> list[str]:
    """Return the breakpoints that the tour has one type."""
    return [text for text in said(9) if re.search(r"[<>=]|nan|relu", text)]


async def test_the_tour_as_a_new_user_takes_it() -> None:
    async with launched("logistic", size=(80, 24)) as session:
        assert "record 0 of 21" in session.status
        assert "y [1, 0, 1]" in session.screen
        await session.press(*"ssss")
        assert "ŷ = [0.5, 0.5, 0.5]" in session.screen
        await step_to(session, "∂L/∂z from ŷ, record 14")
        assert "[−0.125, 0.125, −0.125]" in session.explanation
        assert "factor cancels." in session.screen  # the end of the why
        await step_to(session, "∂L/∂β from (X @ β), record 19")
        assert "= [−0.375, −0.5]" in session.explanation
        await do(session, 5, "x")
        assert "1·(−0.125) + 3·0.125 + 5·(−0.125) = −0.375" in session.screen
        await do(session, 5, "Esc")
        await do(session, 6, "o", "y_hat = [0.8, 0.3, 0.4]")
        await session.press("enter")
        assert "[−0.563, −0.676]" in session.explanation
        await do(session, 6, "u")
        assert "[−0.375, −0.5]" in session.explanation
        await do(session, 7, "w", "b = mean(dz)", "Enter")
        assert "off by 1/n" in session.screen
        await do(session, 7, "beta = X.T @ dz")
        await session.press("enter")
        assert "✓ right" in session.screen
        await do(session, 7, "Esc")
        await do(session, 8, "p", "t", "space")
        assert "∂L/∂((y − ŷ)² / 2) = ?" in session.screen
        await do(session, 8, "Enter")
        assert "hint 1" in session.screen
        await session.type("1", "enter")
        assert "✓ right" in session.screen
        await do(session, 8, "Esc", "t")
        assert session.note == "the quiz ended; the score is kept"
        await do(session, 9, "n")
        assert session.where == (1, 0)
        await do(session, 9, "B", "loss < 0.34", "Enter", "Esc", "space")
        assert session.where == (21, 0)
        await session.press("space")
        assert session.where == (1000, 0)
        await session.press("tab", "left")
        assert "Iteration 9" in session.screen
        await session.press("escape")
        await do(session, 10, "g")
        assert "passed: the gradients of 2 parameters agree" in session.screen
        assert (
            len(re.findall("caught: ", session.screen))
            == len(re.findall("first wrong: ", session.screen))
            == 3
        )
        await do(session, 10, "Esc")
        await do(session, 11, "h", "0.5", "Enter")
        assert session.note == "learning_rate 0.1 → 0.5"
        await do(session, 11, "Esc", "r")
        assert session.where == (0, 0)
        assert session.trainer.hyperparameters.learning_rate == 0.5


async def test_every_breakpoint_of_the_tour_is_hit_in_its_lesson() -> None:
    assert breakpoints() == ["loss < 0.34"]
    async with launched("logistic") as session:
        for text in breakpoints():
            session.trainer.breakpoints.add(text)
            report = session.trainer.run()
            assert report.reason == "breakpoint"
            assert f"iteration {session.trainer.iteration}" in " ".join(STEPS["9"].split())
