"""Trainer: every way of moving through a training, one loop with different stop conditions.

An *iteration* is one update of all trainable parameters, whether it used one sample or all of them. An
*epoch* is one pass over the samples: ceil(samples / batch_size) iterations, or one where a lesson has no
samples. ``epoch`` counts completed passes. A position is an iteration and a number of records done in it; the
position after an iteration's last record *is* the start of the next one.

What holds at the start of an iteration is a Course; a Stepper also stands inside one; an Editor changes what
the training follows from.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from msgspec import Struct

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Record
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.names import resolve
from tui_backprop.engine.terms import check_element
from tui_backprop.lessons.confinement import at_most
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.breakpoints import Breakpoints, Hit
from tui_backprop.training.course import MEMORY
from tui_backprop.training.divergence import Divergence, is_finite, locate
from tui_backprop.training.editor import Editor
from tui_backprop.training.history import MOST
from tui_backprop.training.stepper import Phase, whole_number
from tui_backprop.training.workbook import Workbook

if TYPE_CHECKING:
    from tui_backprop.engine.compiler import Watching

__all__ = ["Phase", "RunReport", "Trainer"]


class RunReport(Struct, frozen=True):
    """How a run ended.

    Attributes:
        reason: "target" (the iterations hyperparameter), "asked" (the number asked for), "stopped" (from
            outside, or the time given is over), "breakpoint", "diverged", "full" (more losses than these are
            not kept), or "nothing to train".
        iterations: updates done; below 0 where :meth:`Trainer.goto` went back.
        divergence: where the numbers stopped being finite, if they did.
        hit: the breakpoint that became true; there may be one beside a divergence as well.
    """

    reason: Literal["target", "asked", "stopped", "breakpoint", "diverged", "full", "nothing to train"]
    iterations: int
    divergence: Divergence | None = None
    hit: Hit | None = None


class Trainer(Editor):
    """Trains a lesson and can stop, go back and look anywhere; its arguments are those of Course.

    Attributes:
        breakpoints: where a run stops; they stay when dials are turned and when training starts anew.
        workbook: what was practised in it.
    """

    _divergence: Divergence | None

    def __init__(self, lesson: Lesson, /, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        super().__init__(lesson, memory=memory, **hyperparameters)
        self.breakpoints = Breakpoints(self)
        self.workbook = Workbook()

    # ------------------------------------------------------------------ where we are

    @property
    def divergence(self) -> Divergence | None:
        """Where the training left the finite numbers; None while it has not."""
        return self._divergence

    def recent(self, name: str, count: int, element: tuple[int, ...] | None = None) -> tuple[Array, Array]:
        """Return a parameter's last values; near the present every iteration has one, far back few.

        Args:
            name: the parameter, in either spelling.
            count: how many values, at most.
            element: follow this element; by default a number itself, and of an array its length √Σx².

        Returns:
            The iterations and the values at their starts, both of shape (at most count,), ascending.

        Raises:
            BackpropError: an unknown parameter, or an element that it does not have.
        """
        node = self.graph.named[resolve(name, [node.name for node in self.graph.parameters], "parameter")]
        at = None if element is None else check_element(node, element)
        edits = {since: settings.edits for since, settings in self._log if node.name in settings.edits}
        last = self._timeline.last(whole_number("count", count))
        values = (edits.get(c.iteration, c.parameters)[node.name] for c in last)
        with np.errstate(over="ignore"):
            shown = [float(value[at]) if at is not None else _length(value) for value in values]
        return np.array([c.iteration for c in last], dtype=np.float64), np.array(shown, dtype=np.float64)

    # ------------------------------------------------------------------ moving forward

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
            should_stop: asked every few milliseconds, or before each iteration where one takes longer.

        Divergence stops the run: at the start of the iteration whose loss is not finite, or behind the update
        that made a parameter so. A breakpoint stops it at the start of the iteration where it becomes true;
        one that is true where the run begins has to become false before.

        Raises:
            BackpropError: ``iterations`` is not a whole number from 0 on.
        """
        if iterations is not None:
            iterations = whole_number("iterations", iterations)
        if not self.lesson.trains:
            return RunReport("nothing to train", 0)
        start = self._iteration
        deadline = time.monotonic() + seconds if seconds < math.inf else None
        watch = self.breakpoints.watch()
        watching = watch.watching if watch is not None else None
        seen: tuple[Any, ...] | None = None
        while True:
            # a dial turned in the past and replayed now may move the target
            goal = self.hyperparameters.iterations if iterations is None else start + iterations
            stopped = should_stop is not None and should_stop()
            stopped = stopped or (deadline is not None and time.monotonic() > deadline)
            ahead = min(goal, at_most("losses", MOST)) - self._iteration
            if (watch is None or seen is not None) and not (stopped or self._cursor):
                result = self._sprint(ahead, finite=True, watching=watching, seen=seen)
                if result is not None:
                    seen = result.seen
                    continue
            hit = watch() if watch is not None else None
            reason: Literal["target", "asked", "stopped", "breakpoint", "diverged", "full"]
            if not self._check_divergence():
                reason = "diverged"
            elif hit is not None:
                reason = "breakpoint"
            elif self._iteration >= goal and not (self._cursor and iterations is None):
                reason = "asked" if iterations is not None else "target"
            elif stopped:
                reason = "stopped"
            elif ahead <= 0 and not self._cursor:
                reason = "full"
            else:
                seen = self._go_on(ahead, watching)
                continue
            return RunReport(reason, self._iteration - start, self._divergence, hit)

    def _go_on(self, ahead: int, watching: Watching | None) -> tuple[Any, ...] | None:
        """Do many iterations, or one, from where breakpoints were looked at; return what was seen then."""
        if self._cursor:
            self.next()
        elif watching is None:
            self._advance()
        else:
            result = self._sprint(ahead, finite=True, watching=watching)
            if result is not None:
                return result.seen
            self._advance()
        return None

    def goto(
        self,
        iteration: int,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
    ) -> RunReport:
        """Go to the start of an iteration: back as :meth:`rewind`, forward as :meth:`run`, with its stops.

        Raises:
            BackpropError: ``iteration`` is not a whole number from 0 on.
            Interrupted: as :meth:`back` does, on the way back.
        """
        start, goal = self._iteration, whole_number("iteration", iteration)
        if goal > start:
            return self.run(goal - start, seconds=seconds, should_stop=should_stop)
        self.rewind(goal, should_stop=should_stop)
        return RunReport("asked", goal - start)

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
        goal = whole_number("to_iteration", to_iteration)
        if goal > self._iteration:
            raise BackpropError(
                f"to_iteration: found {goal}; it must be from 0 to {self._iteration}, where we are"
            )
        self._go_to(goal, should_stop)

    # ------------------------------------------------------------------ inside

    def _settle(self) -> None:
        super()._settle()
        self._divergence = None

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


def _length(value: Array) -> float:
    """Return a number itself, and an array's √Σx²."""
    return float(value) if value.ndim == 0 else float(np.sqrt(np.sum(value * value)))
