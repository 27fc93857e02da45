"""What was changed, in order: each change with the settings before and after it."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from tui_backprop.training.settings import Log

MOST = 1000
"""Changes that can be undone, however small they are."""


class Change(Struct, frozen=True):
    """One change of the settings.

    Attributes:
        text: what was changed, in words.
        since: the first iteration whose settings it changes; 0 where it restarts the training.
        before, after: the settings from there on, without it and with it.
        iteration, position: where it was made.
        restarts: whether the training begins anew with it.
        nbytes: memory of the value put in.
    """

    text: str
    since: int
    before: Log
    after: Log
    iteration: int
    position: int
    restarts: bool = False
    nbytes: int = 0


class Changes:
    """The changes that can be undone, and those that can be redone.

    Args:
        budget: bytes that values put in may hold; the newest change is kept whatever it is.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._done: deque[Change] = deque()
        self._undone: list[Change] = []
        self._nbytes = 0

    def __len__(self) -> int:
        return len(self._done)

    @property
    def done(self) -> Change | None:
        """The change to be undone next."""
        return self._done[-1] if self._done else None

    @property
    def undone(self) -> Change | None:
        """The change to be redone next."""
        return self._undone[-1] if self._undone else None

    def add(self, change: Change) -> None:
        """Note a new change; what was undone before it cannot be redone any more."""
        self._undone.clear()
        self._push(change)
        while len(self._done) > 1 and (len(self._done) > MOST or self._nbytes > self.budget):
            self._nbytes -= self._done.popleft().nbytes

    def undo(self) -> None:
        """Note that the last change was undone."""
        change = self._done.pop()
        self._nbytes -= change.nbytes
        self._undone.append(change)

    def redo(self, change: Change) -> None:
        """Note that the change undone last was made again, as this one."""
        self._undone.pop()
        self._push(change)

    def _push(self, change: Change) -> None:
        self._done.append(change)
        self._nbytes += change.nbytes
