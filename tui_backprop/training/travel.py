"""The way from one iteration to another: back to the nearest checkpoint and on again, or many ahead at speed.

Step by step or as compiled code, an iteration gives the same bits; so any way there is a right one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from tui_backprop.engine.errors import Interrupted, never
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.course import MEMORY, Course
from tui_backprop.training.fast import Programs, Start
from tui_backprop.training.history import History
from tui_backprop.training.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.engine.compiler import Iterations, Watching

NEAR = 32
"""Iterations at the end of a run, or of a way back, that have a checkpoint each."""


class Travel(Course):
    """A course that goes to any iteration; its arguments are those of Course."""

    def __init__(self, lesson: Lesson, /, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        self._programs = Programs()
        super().__init__(lesson, memory=memory, **hyperparameters)

    def _go_to(self, iteration: int, should_stop: Callable[[], bool] | None = None) -> None:
        """Go back to the start of an iteration, or stay where we are when interrupted on the way."""
        scout = self._scout(iteration, should_stop or never)
        self._place(scout._checkpoint())
        self._history.truncate(iteration)
        self._timeline.truncate(iteration)
        self._timeline.take(scout._timeline)

    def _scout(self, iteration: int, should_stop: Callable[[], bool] = never) -> Self:
        """Return a copy at the start of an earlier iteration: the nearest checkpoint, and the rest replayed.

        Its timeline and history hold only what was replayed.
        """
        scout = copy.copy(self)
        scout._timeline, scout._history = Timeline(self._memory), History()
        scout._place(self._timeline.nearest(iteration))
        scout._replay(iteration, should_stop)
        return scout

    def _replay(self, iteration: int, should_stop: Callable[[], bool]) -> None:
        """Do whole iterations up to the start of one."""
        while self._iteration < iteration:
            if should_stop():
                raise Interrupted(f"going back to iteration {iteration} was interrupted")
            if not self._sprint(iteration - self._iteration):
                self._advance()

    def _sprint(
        self,
        most: int,
        *,
        finite: bool = False,
        watching: Watching | None = None,
        seen: tuple[Any, ...] | None = None,
    ) -> Iterations | None:
        """Do many iterations as compiled code, and return what came of it; None where there were none.

        Args:
            most: how many lie ahead. A few milliseconds' worth are done, and the last ones one at a time,
                so that each of them has a checkpoint.
            finite: stop at the start of the first iteration whose loss or parameters are not finite.
            watching: stop at the start of the first iteration in which something changes.
            seen: what was seen before.
        """
        settings = self._settings
        worth = self._programs.worth(self.graph, most)
        most = most - NEAR if most > NEAR else min(most, 1)
        place = self._place_in_log(self._iteration)
        if place + 1 < len(self._log):  # settings changed later on, before somebody went back
            most = min(most, self._log[place + 1][0] - self._iteration)
        if not worth or most < 1 or settings.overrides or not self.lesson.trains:
            return None
        stretch = self._programs.run(self._start(), most, finite=finite, watching=watching, seen=seen)
        if stretch is None:
            return None
        result, losses = stretch
        self._arrive(losses, {**self._parameters, **result.parameters}, result.states)
        return result

    def _start(self) -> Start:
        return Start(
            self._batches,
            self._iteration,
            self._settings.dials.optimizer,
            self._settings.coefficients,
            self._parameters,
            self.optimizer_states,
        )
