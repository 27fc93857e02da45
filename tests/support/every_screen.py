"""Every screen of the app, opened one after the other: for other languages and sizes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from tests.support.pilot import Session
from tui_backprop.debugger.commands import COMMANDS
from tui_backprop.tui.overlays import OF_COMMAND, OF_PAGE

PANELS = {"model": "1", "hyperparameters": "2", "parameters": "3", "graph": "4", "picture": "5"}
"""The panels that share a place, and their keys."""
OVERLAYS = {
    "HelpScreen": "question_mark", "GotoScreen": "i", "FindScreen": "f", "ValuesScreen": "v",
    "ElementScreen": "x", "WhatIfScreen": "o", "BreakpointScreen": "B", "HomeworkScreen": "w",
    "LessonScreen": "m", "NetworkScreen": "N", "SweepSettingsScreen": "W", "CheckScreen": "g",
    "SweepScreen": "g u", "ProgramScreen": "e", "ScheduleScreen": "S", "HealthScreen": "H",
    "RangeScreen": "T", "SharedScreen": "Y", "ComparisonScreen": "P n C",
}  # fmt: skip
"""Screens over the panels by their class, and the keys that open them."""
COMMANDED = {"StretchScreen": "stretch", "ScreenshotScreen": "screenshot"}
"""Those that have no key, by the command that the palette offers."""
OF_OTHERS = {"SourceScreen", "CourseScreen", "QuestionScreen"}
"""Those of lessons that were made of a program, and of courses."""


async def every_screen(session: Session) -> AsyncIterator[str]:
    """Begin at a lesson's start and open one screen after the other; yield what is seen meanwhile."""
    yield "start"
    await session.press("s")
    yield "value"
    await session.press("n", "n", "n")
    await step_into("backward", session)
    yield "factor"
    for name, key in PANELS.items():
        await session.press(key)
        yield name
    await session.press("1", "h", "down")
    yield "hyperparameter with its help"
    await session.press("escape", "tab", "left")
    yield "the chart's cursor"
    await session.press("escape", "l")
    yield "log scale"
    for name, keys in OVERLAYS.items():
        await session.press(*keys.split())
        assert session.overlay == name, f"{keys} opens {session.overlay or 'nothing'}"
        yield name
        await session.press("escape")
    for name, command in COMMANDED.items():
        session.app.main.perform(command)
        await session.settle()
        assert session.overlay == name
        yield name
        await session.press("escape")
    for name, action in (("palette", "command_palette"), ("themes", "change_theme")):
        await session.app.run_action(action)
        await session.settle()
        yield name
        await session.press("escape")
    session.app.open_sessions()
    await session.settle()
    yield "sessions"
    await session.press("escape", "t", "space")
    yield "quiz"
    await session.press("enter")
    yield "hint"
    await session.press("escape", "t", "z")
    yield "one panel alone"
    await session.press("z", "V")
    yield "presenter's view"
    await session.press("V", "n")
    await step_into("update", session)
    yield "update"


async def step_into(phase: str, session: Session) -> None:
    """Step into a part of the iteration, which has one."""
    steps = session.app.main.snapshot.record_count
    while session.app.main.snapshot.phase != phase:
        steps -= 1
        assert steps > 0, phase
        await session.press("s")


def forgotten() -> Iterator[str]:
    """Yield screens that there are and that are not looked at."""
    known = {*OVERLAYS, *COMMANDED, *OF_OTHERS}
    for name in (*OF_COMMAND.values(), *OF_PAGE.values()):
        if (found := name.rpartition(".")[2]) not in known:
            yield found
    sides = {command.name for command in COMMANDS if command.key is not None and command.key.keys.isdigit()}
    yield from sides - {"plot"} - {*PANELS}
