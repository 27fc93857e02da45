"""Drive the app without a terminal: press keys, wait until the trainer's thread is done, read the screen."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import RunReport, Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.widgets import chart_plot
from tui_backprop.tui.widgets.chain_rule import ExplanationView
from tui_backprop.tui.widgets.status import TitleBar

PATIENCE = 10.0
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


@pytest.fixture(scope="session", autouse=True)
def _fewer_collections() -> Iterator[None]:
    """Collect garbage less often: every app is ten thousand objects, and a quarter of the time went there."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def _chart_at_once() -> None:
    """Import plotext first, so that no test has to wait for its first chart."""
    chart_plot.load()


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

    def _sprint(self, *args: Any, **options: Any) -> None:
        """Do every iteration by itself."""


@pytest.fixture
def launch() -> Callable[..., Any]:
    """Start the app on a lesson at a size; an async context manager that yields a Session."""

    @asynccontextmanager
    async def launched(
        lesson: str | Path = "linear", *, size: tuple[int, int] = (80, 24), pace: float = 0, **dials: Any
    ) -> AsyncIterator[Session]:
        trainer = (PacedTrainer if pace else Trainer)(load_lesson(lesson), **dials)
        if isinstance(trainer, PacedTrainer):
            trainer.pace = pace
        app = BackpropApp(trainer)
        try:
            async with app.run_test(size=size) as pilot:
                session = Session(app, pilot)
                await session.settle()
                yield session
        finally:
            app.runner.close()  # or a failure during a run would wait for the thread for ever

    return launched


@pytest.fixture
def lesson_file(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a lesson's file."""

    def write(text: str, name: str = "own.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
