"""A run holds still while a key is answered: both threads share one interpreter lock."""

from __future__ import annotations

from collections.abc import Callable

from tui_backprop.tui.runner import Runner

ANSWER = 0.06
"""Seconds that a run holds still for a key, at most: it may change nothing on the screen."""


class Answering:
    """Has a run give way to a key until the screen shows what it does.

    Args:
        runner: what runs.
        after: has something done after so many seconds.
    """

    def __init__(self, runner: Runner, after: Callable[[float, Callable[[], None]], object]) -> None:
        self._runner, self._after = runner, after
        self._waiting = False

    def begin(self) -> None:
        """Have a run give way to the key that has just come."""
        self._waiting = True
        self._runner.give_way()
        self._after(ANSWER, self.end)

    def end(self) -> None:
        """Let a run go on: the screen is drawn."""
        if self._waiting:
            self._waiting = False
            self._runner.drawn()
