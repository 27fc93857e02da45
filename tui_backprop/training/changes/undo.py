"""Undoing and redoing: a change is the schedule before it, the schedule after it, and the place.

A training follows from its schedule alone, so to undo a change is to use the schedule before again and to
stand where the change was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.specs.hyperparameter import value_text
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.whatif import FULL, element_text, written
from tui_backprop.training.schedule import Schedule

MOST = 1000
"""Changes that can be undone, however small they are."""

Value: TypeAlias = int | float | str | bool


class HyperparametersSet(Struct, frozen=True, array_like=True, tag="set"):
    """Hyperparameters were set; none where only what was set later was dropped.

    Attributes:
        values: each one's value before and after, by name.
    """

    values: dict[str, tuple[Value, Value]]

    @classmethod
    def between(cls, before: Hyperparameters, after: Hyperparameters) -> HyperparametersSet:
        """Return what was set between two settings."""
        was, now = before.plain(), after.plain()
        return cls({name: (was[name], now[name]) for name in after.changed_from(before)})


class ValuePut(Struct, frozen=True, array_like=True, tag="put"):
    """A value was put in for a node, or for one element of it.

    Attributes:
        name: the node, as the lesson writes it.
        shape: the value's shape as it was given.
        numbers: its numbers, flat; none of a value that is not written out.
        element: the place of the element, counted from 0; None for the whole value.
        sample: which of the lesson's samples the element is of, where a batch has not all of them.
    """

    name: str
    shape: tuple[int, ...]
    numbers: tuple[float, ...]
    element: tuple[int, ...] | None = None
    sample: int | None = None

    @classmethod
    def of(
        cls, name: str, value: Array, element: tuple[int, ...] | None = None, sample: int | None = None
    ) -> ValuePut:
        """Return the record of a value that is put in."""
        numbers = tuple(np.ravel(value).tolist()) if value.size <= FULL else ()
        return cls(name, value.shape, numbers, element, sample)


class Released(Struct, frozen=True, array_like=True, tag="release"):
    """An override was lifted, or an edit taken back; ``name`` is the node's."""

    name: str


class Restarted(Struct, frozen=True, array_like=True, tag="reset"):
    """Training began anew."""


What: TypeAlias = HyperparametersSet | ValuePut | Released | Restarted | str
"""What was changed; the text of a change that was saved as a text, by an earlier version."""


def describe(what: What) -> str:
    """Write what was changed, in words."""
    if isinstance(what, str):
        return what
    if isinstance(what, HyperparametersSet):
        changed = (
            f"{name} {value_text(before)} → {value_text(after)}"
            for name, (before, after) in what.values.items()
        )
        return ", ".join(changed) or tr("later changes dropped")
    if isinstance(what, ValuePut):
        place = element_text(what.element) if what.element is not None else ""
        name, value = f"{pretty_text(what.name)}{place}", _value_text(what)
        if what.sample is None:
            return tr("{name} put in as {value}", name=name, value=value)
        return tr("{name}, sample {sample}, put in as {value}", name=name, sample=what.sample, value=value)
    if isinstance(what, Released):
        return tr("{name} released", name=pretty_text(what.name))
    return tr("reset")


def describe_undone(what: What) -> str:
    """Write what holds again once a change is undone, in words."""
    if not isinstance(what, HyperparametersSet):
        return describe(what)
    again = (
        tr(
            "{name} is {before} again (was {after})",
            name=name,
            before=value_text(before),
            after=value_text(after),
        )
        for name, (before, after) in what.values.items()
    )
    return ", ".join(again) or tr("later changes hold again")


def _value_text(what: ValuePut) -> str:
    if size_of(what.shape) != len(what.numbers):
        return tr("an array {shape}", shape=shape_text(what.shape))
    return written(np.array(what.numbers, dtype=np.float64).reshape(what.shape))


class Change(Struct, frozen=True, eq=False):
    """One change of a schedule.

    Attributes:
        what: what was changed.
        before, after: the schedule without it and with it.
        iteration, position: where it was made.
        restarts: whether the training begins anew with it.
        nbytes: memory of the value put in.
    """

    what: What
    before: Schedule
    after: Schedule
    iteration: int
    position: int
    restarts: bool = False
    nbytes: int = 0

    @property
    def since(self) -> int:
        """The first iteration at which something else holds."""
        return 0 if self.restarts else self.iteration


class UndoStack:
    """The changes that can be undone, and those that can be redone.

    Args:
        budget: bytes that values put in may hold; the newest change is kept whatever it is.
        done, undone: those of a training that is restored, in the order in which they were made, or undone.
    """

    def __init__(self, budget: int, done: Iterable[Change] = (), undone: Iterable[Change] = ()) -> None:
        self.budget = budget
        self._done = deque(done)
        self._undone = list(undone)
        self._nbytes = sum(change.nbytes for change in self._done)

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

    @property
    def all_done(self) -> tuple[Change, ...]:
        """The changes that can be undone, the next one last."""
        return tuple(self._done)

    @property
    def all_undone(self) -> tuple[Change, ...]:
        """The changes that can be redone, the next one last."""
        return tuple(self._undone)

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
