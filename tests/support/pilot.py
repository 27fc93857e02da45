"""Drive the app without a terminal: press keys, wait until the trainer's thread is done, read the screen."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual._compositor import Compositor
from textual.pilot import Pilot

from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.charset import Charset
from tui_backprop.training.running import RunReport
from tui_backprop.training.runs import compiled
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.panels.chain.explanation import ExplanationView
from tui_backprop.tui.panels.status import TitleBar

PATIENCE = 90.0
"""Seconds after which what is waited for is taken not to come."""


class Session:
    """An app that runs, seen from the user's chair."""

    def __init__(self, app: BackpropApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait for something."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, "this took too long:\n" + self.screen
            await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Wait until the trainer's thread has done everything asked for, and its news are on the screen."""
        while True:
            await self.until(self.app.runner.idle.is_set)
            await self._drain()
            if self.app.runner.idle.is_set():  # else the news made the app ask for more
                return

    async def _drain(self) -> None:
        """Let messages go all their ways through the widgets, and what they changed be laid out.

        Pilot's own pause watches the processor, which takes long, and longer beside a busy thread.
        """
        for _ in range(3):
            for _ in range(25):
                await asyncio.sleep(0)
            if self.app.is_running:
                self.app.screen._on_timer_update()

    async def send(self, *keys: str) -> None:
        """Press keys one after the other, without waiting for the trainer's thread."""
        for key in keys:
            self._post(key)
            await self._drain()

    def _post(self, key: str) -> None:
        character = {"space": " ", "question_mark": "?"}.get(key, key if len(key) == 1 else None)
        self.app.post_message(events.Key(key, character))

    async def press(self, *keys: str) -> None:
        """Press keys, each after the one before has had its effect."""
        for key in keys:
            await self.send(key)
            await self.settle()

    async def start_run(self) -> None:
        """Press space, and wait until a run goes on."""
        await self.send("space")
        await self.until(lambda: self.app.main.snapshot.running)

    async def type(self, text: str, *keys: str) -> None:
        """Type text in place of a field's, then press keys."""
        await self.send("ctrl+u")
        for character in text:
            self._post({" ": "space", "?": "question_mark"}.get(character, character))
        await self.settle()
        await self.press(*keys)

    @property
    def trainer(self) -> Trainer:
        """The trainer; to be looked at while its thread is idle."""
        return self.app.runner.trainer

    @property
    def where(self) -> tuple[int, int]:
        """Iteration, and records done in it."""
        return self.trainer.iteration, self.trainer.position

    @property
    def lines(self) -> list[str]:
        """The screen's lines."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def screen(self) -> str:
        """The screen's text."""
        return "\n".join(self.lines)

    @property
    def message(self) -> str:
        """What stands below the line of the screen that asks for one."""
        return str(self.app.screen.query_one("#ask-message").render())

    @property
    def explanation(self) -> str:
        """The text of the chain-rule panel, on one line."""
        return " ".join(self.app.screen_stack[0].query_one(ExplanationView).plain.split())

    @property
    def status(self) -> str:
        """The status line."""
        return str(self.app.screen_stack[0].query_one("#status").render()).strip()

    @property
    def note(self) -> str:
        """The note in the title bar, or an empty string."""
        return self.app.screen_stack[0].query_one(TitleBar).note

    @property
    def overlay(self) -> str:
        """The name of the screen over the main one, or an empty string."""
        return type(self.app.screen).__name__ if len(self.app.screen_stack) > 1 else ""

    @property
    def focus(self) -> str:
        """The id of what has the focus."""
        return (self.app.focused.id or "") if self.app.focused is not None else ""


class PacedTrainer(Trainer):
    """A trainer whose iterations take that many seconds more in a run, during which nothing computes."""

    pace = 0.0

    def run(
        self,
        iterations: int | None = None,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
    ) -> RunReport:
        def stop() -> bool:
            time.sleep(self.pace)
            return should_stop is not None and should_stop()

        return super().run(iterations, seconds=seconds, should_stop=stop)


def _unpainted(compositor: Compositor, *_: object, **__: object) -> None:
    """Take what has changed as painted."""
    compositor._dirty_regions.clear()


@asynccontextmanager
async def driven(
    app: BackpropApp, *, size: tuple[int, int] = (80, 24), painted: bool = False
) -> AsyncIterator[Session]:
    """Start an app, and end it.

    Args:
        app: what to start.
        size: columns and rows.
        painted: whether every change is painted, as in a terminal. The pictures go nowhere and take a third
            of the time, so that otherwise the screen is painted when it is looked at, and at the end.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not painted:
            patch.setattr(Compositor, "render_update", _unpainted)
        try:
            async with app.run_test(size=size) as pilot:
                session = Session(app, pilot)
                await session.settle()
                yield session
                if app.is_running:
                    assert session.lines
        finally:
            app.runner.close()  # or a failure during a run would wait for the thread for ever


@asynccontextmanager
async def launched(
    lesson: str | Path = "linear",
    *,
    size: tuple[int, int] = (80, 24),
    pace: float = 0,
    charset: Charset | None = None,
    all_factors: bool = False,
    painted: bool = False,
    **hyperparameters: Any,
) -> AsyncIterator[Session]:
    """Start the app on a lesson.

    Args:
        lesson: its name or file.
        size: columns and rows.
        pace: seconds that an iteration takes more in a run.
        charset: the characters there are; the app looks as the command line would have it.
        all_factors: whether stepping stops at every factor, as after ``a``, so that records can be counted.
        painted: as for `driven`.
        **hyperparameters: those that are other than the lesson's.
    """
    trainer = (PacedTrainer if pace else Trainer)(load_lesson(lesson), **hyperparameters)
    if isinstance(trainer, PacedTrainer):
        trainer.pace = pace
    app = BackpropApp(trainer)
    app.runner.choose_factors(all_factors)
    if charset is not None:
        app.adapt(colours=True, charset=charset)
    with pytest.MonkeyPatch.context() as patch:
        if pace:
            patch.setattr(compiled, "FEW", math.inf)  # every iteration is done by itself
        async with driven(app, size=size, painted=painted) as session:
            yield session


def field(session, name):
    return session.app.query_one(f"#hyperparameter-{name}")


def help_line(session):
    return " ".join(str(session.app.query_one("#hyperparameter-help").render()).split())


OPENED = {
    "g": ("CheckScreen", "passed: the gradients of 2 parameters agree"),
    "m": ("LessonScreen", "polynomial"),
    "e": ("ProgramScreen", "y = w * x + b"),
    "v": ("ValuesScreen", "All numbers: "),
    "question_mark": ("HelpScreen", "Step one record on"),
}
TYPED_INTO = ("m", "question_mark")
"""Those of them that letters are typed into."""

SCREENS = ("i", "f", "B", "o", "w", "m", "x", "e", "v", "question_mark", "ctrl+p", "g", "t", "4")
