"""Trainer: where we are in a training, and every way of moving there.

An *iteration* is one update of all trainable parameters, whether it used one sample or all of them. An
*epoch* is one pass over the samples: ceil(samples / batch_size) iterations, or one where a lesson has no
samples. ``epoch`` counts completed passes. A position is an iteration and a number of records done in it; the
position after an iteration's last record *is* the start of the next one.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.names import ByName, resolve
from tui_backprop.lessons.hyperparameters import specification
from tui_backprop.training.course import Course
from tui_backprop.training.divergence import Divergence, is_finite, locate
from tui_backprop.training.settings import Settings, as_value, find
from tui_backprop.training.timeline import Checkpoint
from tui_backprop.training.walk import Walk, record_count

Phase = Literal["start", "forward", "backward", "update", "end"]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended.

    ``reason`` is "target" (the iterations hyperparameter), "asked" (the number asked for), "stopped" (from
    outside, or the time given is over), "diverged", or "nothing to train".
    """

    reason: Literal["target", "asked", "stopped", "diverged", "nothing to train"]
    iterations: int
    divergence: Divergence | None = None


class Trainer(Course):
    """Trains a lesson and can stop, go back and look anywhere; its arguments are those of :class:`Course`."""

    _cursor: int
    _walk: Walk | None
    _last_record: Record | None
    _divergence: Divergence | None

    # ------------------------------------------------------------------ where we are

    @property
    def position(self) -> int:
        """Records done in this iteration."""
        return self._cursor

    @property
    def record_count(self) -> int:
        """Records in this iteration."""
        return record_count(self.graph)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records done in this iteration."""
        return tuple(self._walk.records[: self._cursor]) if self._walk else ()

    @property
    def record(self) -> Record | None:
        """The record done last, if it was stepped over; None after a run, a jump or a reset."""
        if self._cursor and self._walk:
            return self._walk.records[self._cursor - 1]
        return self._last_record

    @property
    def phase(self) -> Phase:
        """What the record done last in this iteration belongs to."""
        if not self._cursor or not self._walk:
            return "start"
        if self._cursor == self._walk.total:
            return "end"
        record = self._walk.records[self._cursor - 1]
        if isinstance(record, Assignment):
            return "forward"
        return "backward" if isinstance(record, ChainFactor) else "update"

    @property
    def parameters(self) -> Mapping[str, Array]:
        """All parameters as they are now, read-only; among an iteration's updates some have moved already.

        As with ``gradients``, a name may be given in either spelling.
        """
        now = ByName((name, frozen(value)) for name, value in self._parameters.items())
        for record in self.records:
            if isinstance(record, ParameterUpdate):
                now[record.parameter.name] = record.after
        return MappingProxyType(now)

    @property
    def divergence(self) -> Divergence | None:
        """Where the training left the finite numbers; None while it has not."""
        return self._divergence

    # ------------------------------------------------------------------ moving forward

    def step(self) -> Record | None:
        """Go one record on and return it; None at the end of a lesson that trains nothing."""
        walk = self._walk or self._start_walk()
        if self._cursor == walk.total:
            return None
        walk.upto(self._cursor + 1)
        record = walk.records[self._cursor]
        self._cursor += 1
        if self._cursor == walk.total and walk.updates:
            self._commit(walk.tape.loss(), walk.updates)
            self._last_record = record
        return record

    def next(self) -> None:
        """Go to the start of the next iteration; a lesson that trains nothing goes to the end of its pass."""
        if self._cursor == 0 and self.lesson.trains:
            self._advance()
            return
        walk = self._walk or self._start_walk()
        walk.upto(walk.total)
        self._cursor = walk.total
        if walk.updates:
            self._commit(walk.tape.loss(), walk.updates)
        self._last_record = None

    def run(
        self,
        iterations: int | None = None,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
    ) -> RunReport:
        """Do many iterations; an iteration already begun is finished first and counts as one.

        Args:
            iterations: how many; up to the ``iterations`` hyperparameter when None, where one that was begun
                at the target is finished as well.
            seconds: stop after this time.
            should_stop: asked before each iteration.

        Divergence stops the run: at the start of the iteration whose loss is not finite, or behind the update
        that made a parameter so.

        Raises:
            BackpropError: ``iterations`` is not a whole number from 0 on.
        """
        if iterations is not None:
            iterations = _whole("iterations", iterations)
        if not self.lesson.trains:
            return RunReport("nothing to train", 0)
        start = self._iteration
        deadline = time.monotonic() + seconds if seconds < math.inf else None
        while True:
            # a dial turned in the past and replayed now may move the target
            goal = self.hyperparameters.iterations if iterations is None else start + iterations
            reason: Literal["target", "asked", "stopped", "diverged"]
            if not self._check_divergence():
                reason = "diverged"
            elif self._iteration >= goal and not (self._cursor and iterations is None):
                reason = "asked" if iterations is not None else "target"
            elif (should_stop is not None and should_stop()) or (deadline and time.monotonic() > deadline):
                reason = "stopped"
            else:
                self.next() if self._cursor else self._advance()
                continue
            return RunReport(reason, self._iteration - start, self._divergence)

    # ------------------------------------------------------------------ moving back

    def back(self, should_stop: Callable[[], bool] | None = None) -> Record | None:
        """Go one record back and return the record that is now the last one done.

        From the start of an iteration this goes into the one before, ahead of its last record. The way there
        may be long; ``should_stop`` is asked before each iteration that has to be replayed.

        Raises:
            Interrupted: ``should_stop`` said so; the trainer is where it was.
        """
        if self._cursor == 0:
            if self._iteration == 0:
                return None
            self._go_to(self._iteration - 1, should_stop)
            walk = self._start_walk()
            walk.upto(walk.total)
            self._cursor = walk.total
        self._cursor -= 1
        self._last_record = None
        return self.record

    def previous(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Go to the start of this iteration, or of the one before when already there.

        Raises:
            Interrupted: as :meth:`back` does.
        """
        if self._cursor:
            self._cursor = 0
            self._last_record = None
        elif self._iteration:
            self._go_to(self._iteration - 1, should_stop)

    def rewind(self, to_iteration: int = 0, *, should_stop: Callable[[], bool] | None = None) -> None:
        """Go back to the start of an iteration; dials and overrides are as they were then.

        Raises:
            BackpropError: an iteration that has not been reached.
            Interrupted: as :meth:`back` does.
        """
        goal = _whole("to_iteration", to_iteration)
        if goal > self._iteration:
            raise BackpropError(
                f"to_iteration: found {goal}; it must be from 0 to {self._iteration}, where we are"
            )
        self._go_to(goal, should_stop)

    def reset(self) -> None:
        """Start anew from the starting parameters, with dials and overrides as they are now."""
        self._restart()

    # ------------------------------------------------------------------ changing things

    def set(self, /, **hyperparameters: Any) -> bool:
        """Turn dials; return whether that restarted the training.

        A dial that applies live holds from this iteration on; going back undoes it, going forward redoes it.
        After going back, any dial set drops the changes made later, even one set to the value it has here.

        Raises:
            BackpropError: a value is refused, or does not go with the formula or an override; nothing has
                changed then.
        """
        before = self.hyperparameters
        dials = before.replace(**hyperparameters)
        later = bool(hyperparameters) and self._log[-1][0] > self._iteration
        if dials == before and not later:
            return False
        settings = self._checked(dials, self.overrides)
        restarts = any(
            not specification(name).live and getattr(dials, name) != getattr(before, name)
            for name in hyperparameters
        )
        if restarts:
            self._settings = settings
            self._restart()
        else:
            self._change(settings)
        return restarts

    def override(self, name: str, value: Any) -> None:
        """Put a value in place of what a node's operation gives, until :meth:`release`.

        Everything behind it is recomputed; backward goes on as if the operation had produced it, which makes
        the gradients an exercise and not the derivative of anything. ``name`` may be in either spelling, or
        the text of a sub-expression, which is replaced wherever it occurs; the value must fit every batch.

        Raises:
            BackpropError: an unknown node, a sub-expression that occurs in several shapes, or a value that
                does not fit.
        """
        node = find(self.graph, name)[0]
        overrides = MappingProxyType({**self.overrides, node.name: as_value(node, value)})
        self._change(self._checked(self.hyperparameters, overrides))

    def release(self, name: str) -> None:
        """Lift an override.

        Raises:
            BackpropError: the node is not overridden.
        """
        known = resolve(name, self.overrides, "override")
        rest = {key: value for key, value in self.overrides.items() if key != known}
        self._change(Settings(self.hyperparameters, MappingProxyType(rest)))

    # ------------------------------------------------------------------ inside

    def _forget(self) -> None:
        super()._forget()
        self._cursor = 0
        self._walk = None
        self._last_record = None

    def _place(self, checkpoint: Checkpoint) -> None:
        super()._place(checkpoint)
        self._divergence = None

    def _start_walk(self) -> Walk:
        self._walk = Walk(self._new_tape(), self._update, self._parameters)
        return self._walk

    def _change(self, settings: Settings) -> None:
        """Use new settings from this iteration on; those of a future that was gone back from are dropped."""
        self._log = [(since, old) for since, old in self._log if since < self._iteration]
        self._log.append((self._iteration, settings))
        self._settings = settings
        self._divergence = None
        cursor, last = self._cursor, self._last_record
        self._forget()
        if cursor:
            walk = self._start_walk()
            self._cursor = min(cursor, walk.total)
            walk.upto(self._cursor)
        else:
            self._last_record = last

    def _check_divergence(self) -> bool:
        """Tell whether loss and parameters are finite, and find the culprit where they are not."""
        if math.isfinite(self.loss) and all(map(is_finite, self._parameters.values())):
            return True
        if self._divergence is None:
            self._divergence = self._locate()
        return False

    def _locate(self) -> Divergence:
        """Name the first record that left the finite numbers, in the update before or in this iteration."""
        broken = self._iteration and not all(map(is_finite, self._parameters.values()))
        scout = self._scout(self._iteration - 1) if broken else copy.copy(self)
        walk = scout._start_walk()
        walk.upto(walk.total)
        return locate(walk.tape.graph, walk.records, scout._iteration)


def _whole(name: str, value: Any) -> int:
    """Return a count as an int; refuse what is not a whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise BackpropError(
            f"{name}: found {printable(repr(value), 30)}; it must be a whole number from 0 on"
        )
    return int(value)
