"""What follows from a lesson's file."""

from __future__ import annotations

import tui_backprop as tb
from tests.support.pilot import launched
from tests.support.plain import plain
from tests.support.scripts import printed, same, script_of, trained
from tui_backprop.lessons.library import BUILTIN


def test_decay_is_the_last_lesson_and_learns() -> None:
    assert BUILTIN[-1] == "decay"
    trainer = tb.Trainer(tb.load_lesson("decay"))
    trainer.run()
    assert abs(trainer.parameters["k"] - 0.7) < 0.05
    report = tb.check_gradients(tb.load_lesson("decay"))
    assert report.passed
    assert [slip.caught for slip in report.slips] == [True]


def test_the_script_of_decay_prints_the_same_losses() -> None:
    lesson = tb.load_lesson("decay")
    assert same(printed(script_of(lesson))[0], trained(lesson))


def test_plain_mode_opens_decay_and_has_its_why() -> None:
    assert "decay" in plain("open").text
    assert "decay: How fast does it decay?" in plain("open decay").text
    assert "says little about a" in " ".join(plain("open decay", "explain all").text.split())


async def test_the_app_offers_decay() -> None:
    async with launched() as session:
        titles = [command.title for command in session.app.get_system_commands(session.app.screen)]
        assert "Open lesson decay" in titles
        await session.press("m")
        await session.type("decay")
        assert "How fast does it decay?" in session.screen
