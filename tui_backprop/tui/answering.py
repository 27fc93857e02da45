"""A run holds still while a key is answered: both threads share one interpreter lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen

if TYPE_CHECKING:
    from tui_backprop.tui.runner import Runner

ANSWER = 0.06
"""Seconds that a run holds still for a key, at most: it may change nothing on the screen."""


class Answering(App[None]):
    """An app whose runner gives way to a key until the screen shows what it does."""

    runner: Runner
    _answering = False

    def answer(self) -> None:
        """Have a run give way to the key that has just come."""
        self._answering = True
        self.runner.give_way()
        self.set_timer(ANSWER, self._go_on)

    def _go_on(self) -> None:
        if self._answering:
            self._answering = False
            self.runner.drawn()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Draw, and let a run go on.

        Textual has no public place that tells of it: `call_after_refresh` comes before a key has any effect.
        """
        super()._display(screen, renderable)
        self._go_on()
