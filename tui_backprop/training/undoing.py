"""Undoing and redoing: whatever is set stands in a log, and a training follows from its log alone.

The log has the settings by the iteration from which they hold. A change is another end of the log; to undo it
is to put the old end back and to stand where the change was made.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from msgspec import structs

from tui_backprop.engine.errors import never
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.changes import Change, Changes
from tui_backprop.training.course import MEMORY
from tui_backprop.training.settings import Log, Settings
from tui_backprop.training.stepper import Stepper


class Undoing(Stepper):
    """A training whose settings change, and change back; its arguments are those of Course."""

    def __init__(self, lesson: Lesson, /, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        super().__init__(lesson, memory=memory, **hyperparameters)
        self._changes = Changes(memory)

    @property
    def undoable(self) -> str | None:
        """What :meth:`undo` would undo; None where there is nothing."""
        return self._changes.done.text if self._changes.done else None

    @property
    def redoable(self) -> str | None:
        """What :meth:`redo` would redo; None where there is nothing."""
        return self._changes.undone.text if self._changes.undone else None

    def undo(self, should_stop: Callable[[], bool] | None = None) -> str | None:
        """Undo the last change, and return what it was; None where there is nothing to undo.

        Where training went on since, this goes back to where the change was made. Where somebody went back
        to before it, it is taken out of what going forward would do again, and the place stays. A restart is
        undone by going to where the training was, which is replayed.

        Raises:
            Interrupted: ``should_stop``, asked before each iteration that has to be replayed, said so;
                nothing has changed.
        """
        change = self._changes.done
        if change is None:
            return None
        if change.restarts:
            self._go_into(change.before, change.iteration, change.position, should_stop or never)
        else:
            self._go_under(change, change.before, should_stop)
        self._changes.undo()
        return change.text

    def redo(self, should_stop: Callable[[], bool] | None = None) -> str | None:
        """Make the change undone last again, at its place, and return what it was; None without any.

        Raises:
            Interrupted: as :meth:`undo` does.
        """
        change = self._changes.undone
        if change is None:
            return None
        if change.restarts:
            change = structs.replace(change, iteration=self._iteration, position=self.position)
            self._begin(list(change.after))
        else:
            self._go_under(change, change.after, should_stop)
        self._changes.redo(change)
        return change.text

    # ------------------------------------------------------------------ inside

    def _change(self, text: str, settings: Settings, nbytes: int = 0, restarts: bool = False) -> None:
        """Use new settings from this iteration on; those of a future that was gone back from are dropped."""
        since = 0 if restarts else self._iteration
        before = self._log[self._first_since(since) :]
        after = [(since, settings)]
        self._changes.add(
            Change(text, since, before, after, self._iteration, self.position, restarts, nbytes)
        )
        if restarts:
            self._begin(after.copy())
        else:
            self._log[self._first_since(since) :] = after
            self._stand(self.position)

    def _first_since(self, iteration: int) -> int:
        """Return where in the log the settings made at an iteration or later begin."""
        place = self._place_in_log(iteration)
        return place if self._log[place][0] == iteration else place + 1

    def _go_under(self, change: Change, end: Log, should_stop: Callable[[], bool] | None) -> None:
        """Put another end on the log and stand where the change was made, or before it, where we are."""
        position = self.position
        if self._iteration > change.iteration:
            self._go_to(change.iteration, should_stop)
            position = change.position
        elif self._iteration == change.iteration:
            position = min(position, change.position)
        self._log[self._first_since(change.since) :] = end
        self._stand(position)

    def _go_into(self, log: Log, iteration: int, position: int, should_stop: Callable[[], bool]) -> None:
        """Go to a place in another training of the same lesson, replayed from its start."""
        scout = copy.copy(self)
        scout._begin(log.copy())
        scout._replay(iteration, should_stop)
        self._log, self._batches = scout._log, scout._batches
        self._history, self._timeline = scout._history, scout._timeline
        self._place(scout._checkpoint())
        self._stand(position)
