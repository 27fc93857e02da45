"""Many trainings of one lesson at a time, where they do the same with other numbers.

What they differ in may be start values, coefficients of the optimizer, rates, and the order of samples. What
a training comes to does not depend on which others go with it, and a group can be left and gone on with at
any iteration. A training that leaves the finite numbers drops out; the others go on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.compile.native import UNFIT
from tui_backprop.engine.compile.native_runs import NativeRuns
from tui_backprop.engine.compile.targets.native.machine_code import cache_folder
from tui_backprop.engine.compile.together import Differing, ManyRequest, Memory, TogetherProgram
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.backends import NATIVE
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import advance
from tui_backprop.training.schedule import Schedule

PAUSE = 0.01
"""Seconds between two looks at whether to stop, and at what is not finite, roughly."""
SHARE = 16
"""Parts of a training, at least, between which one looks; losses of a part are held twice."""
REFUSED = (UntraceableError, ArithmeticError, ValueError, IndexError, MemoryError, RecursionError)
"""What a program says that cannot be made, or does not fit."""
Note: TypeAlias = "Callable[[int, Sequence[int], Array], None]"
"""Told the first of some iterations, the trainings, and the losses before each update, a column each."""


def silent(done: float) -> None:
    """Tell nobody."""


class GroupState(Struct, frozen=True, eq=False):
    """Where a group stands.

    Attributes:
        iteration: updates done.
        alive: which of its trainings are finite, by their number in it.
        parameters: those that differ, with an axis of ``alive`` in front; a single one is there twice, since
            sums over one row may be others in their last bits.
        memory: the optimizer's, likewise.
    """

    iteration: int
    alive: tuple[int, ...]
    parameters: Mapping[str, Array]
    memory: Memory


class RunGroup:
    """Trainings that go together.

    Args:
        schedules: what each follows from; nothing changes on the way. They are of one lesson.
        goal: the updates of each.
        differing: what they differ in, they and all others of the sweep that could be in their place.
        state: where they stand; at their start by default.

    Attributes:
        lesson: what is trained.
        state: where they stand; None before the first :meth:`run`.
    """

    def __init__(
        self,
        schedules: Sequence[Schedule],
        goal: int,
        differing: Differing,
        state: GroupState | None = None,
    ) -> None:
        self._schedules, self._goal, self._differing = list(schedules), goal, differing
        self.lesson, self.state = schedules[0].lesson, state
        self._rule = OPTIMIZERS[schedules[0].at(0).hyperparameters.optimizer]
        self._programs: dict[Graph, NativeRuns | TogetherProgram | None] = {}

    def program(self, iteration: int) -> NativeRuns | TogetherProgram | None:
        """Return the program for the batch of an iteration; None where there is none."""
        schedule = self._schedules[0]
        graph = schedule.batches.graph(iteration)
        if graph not in self._programs:
            settings = schedule.at(0)
            task = Task(
                graph, self._rule.name, settings.coefficients, not schedule.batches.whole,
                scheduled=tuple(settings.scheduled), shows_gradients=False,
            )  # fmt: skip
            leaves = {**schedule.batches.inputs(iteration), **schedule.start().parameters}
            self._programs[graph] = self._compiled(task, leaves)
        return self._programs[graph]

    def _compiled(self, task: Task, leaves: Mapping[str, Array]) -> NativeRuns | TogetherProgram | None:
        if task.graph.backend.name == NATIVE:
            try:
                return NativeRuns(task, leaves, self._differing, cache_folder())
            except UNFIT:
                pass  # NumPy has the same bits
        try:
            return TogetherProgram(task, leaves, self._differing)
        except REFUSED:
            return None

    @property
    def done(self) -> bool:
        """Whether all iterations are done, or no training is finite any more."""
        state = self.state
        return state is not None and (state.iteration > self._goal or not state.alive)

    def run(
        self,
        note: Note,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] = never,
        tell: Callable[[float], None] = silent,
    ) -> None:
        """Do iterations until all are done, or the time is over; :attr:`state` says how far that is.

        Args:
            note: told the losses.
            seconds: how long, roughly, of the processor: a machine that is busy does not make it less work.
            should_stop: asked every few milliseconds.
            tell: told then how much is done, in trainings.

        Raises:
            Interrupted: ``should_stop`` said so; the state is that of the last look.
            ArithmeticError, ValueError, …: one of :data:`REFUSED`: they have to be done one after another.
        """
        until, pace = time.thread_time() + seconds, 8
        fixed = self._schedules[0].start().parameters
        if self.state is None:
            self.state = self._started(note, should_stop)
        while not self.done:
            _give_way(should_stop)
            state = self.state
            iteration, batches = state.iteration, self._schedules[0].batches
            program = self.program(iteration)
            if program is None:
                raise UntraceableError("a batch that cannot be done together")
            count = min(
                pace, self._goal + 1 - iteration, batches.alike(iteration), max(1, self._goal // SHARE)
            )
            schedules = [self._schedules[number] for number in _rows(state.alive)]
            part = np.empty((count, len(schedules)))
            begun = time.perf_counter()
            request = ManyRequest(
                part, [one.at(0).coefficients for one in schedules], {**fixed, **state.parameters},
                state.memory, iteration, iteration, [one.batches.seed for one in schedules],
                self._scheduled(schedules, iteration, count), *self._samples(schedules, iteration),
            )  # fmt: skip
            after, memory = program.run(request)
            del request  # it holds the losses
            if count == pace and time.perf_counter() - begun < PAUSE:
                pace *= 2
            parameters = {name: after.get(name, value) for name, value in state.parameters.items()}
            note(iteration, state.alive, part[:, : len(state.alive)])
            finite = np.isfinite(part).all(axis=0)
            del part  # or two of them would be held at the next turn
            self.state = _sound(GroupState(iteration + count, state.alive, parameters, memory), finite)
            tell(len(self._schedules) * min(iteration + count, self._goal) / self._goal)
            if time.thread_time() >= until:
                return

    def _started(self, note: Note, should_stop: Callable[[], bool]) -> GroupState:
        """Return the state of all at their start, or behind their first update."""
        alive = tuple(range(len(self._schedules)))
        schedules = [self._schedules[number] for number in _rows(alive)]
        states, iteration = [schedule.start() for schedule in schedules], 0
        every = [schedule.parameters(state) for schedule, state in zip(schedules, states, strict=True)]
        if self._rule.memory:  # the first update has no memory to add to, not even zeros
            losses = np.empty((1, len(states)))
            for number, schedule in enumerate(schedules):
                _give_way(should_stop)
                states[number], losses[0, number] = advance(states[number], schedule)
            note(0, alive, losses[:, : len(alive)])
            every, iteration = [state.parameters for state in states], 1
        stay = {name for name, spec in self.lesson.parameters.items() if not spec.trainable}
        own = every[0].keys() - (stay - self._differing.parameters)
        parameters = {name: np.stack([values[name] for values in every]) for name in every[0] if name in own}
        memory = {
            name: {
                code: np.stack([state.memory[name].arrays[code] for state in states]) for code in kept.arrays
            }
            for name, kept in states[0].memory.items()
        }
        return GroupState(iteration, alive, parameters, memory)

    def _samples(self, schedules: Sequence[Schedule], iteration: int) -> Any:
        """Return an epoch's samples, of each training where their orders differ."""
        whole = schedules[0].batches.epoch_samples(iteration)
        if whole is None:
            return {}, 0, 1
        if not self._differing.order:
            return whole
        every = [schedule.batches.epoch_samples(iteration) for schedule in schedules]
        samples = {name: np.stack([one[0][name] for one in every if one]) for name in whole[0]}
        return samples, whole[1], whole[2]

    def _scheduled(self, schedules: Sequence[Schedule], iteration: int, count: int) -> dict[str, Any]:
        """Return what changes from iteration to iteration, by name: numbers, or arrays of all trainings."""
        values: dict[str, Any] = {}
        for name in schedules[0].at(0).scheduled:
            rates = [schedule.at(0).scheduled[name] for schedule in schedules]
            distinct: dict[Any, list[float]] = {}
            for rate in rates:
                if rate_key(rate) not in distinct:
                    distinct[rate_key(rate)] = [rate(k) for k in range(iteration, iteration + count)]
            rows = [distinct[rate_key(rate)] for rate in rates]
            values[name] = np.array(rows).T.copy() if name in self._differing.coefficients else rows[0]
        return values


def rate_key(rate: Any) -> Any:
    """Return what two rates that are the same have in common."""
    return rate.func, tuple(sorted(rate.keywords.items()))


def _rows(alive: Sequence[int]) -> Sequence[int]:
    """Return the trainings that have a row: a single one has two."""
    return alive if len(alive) != 1 else (*alive, *alive)


def _sound(state: GroupState, finite: Any) -> GroupState:
    """Return a state without the trainings that are not finite.

    Args:
        state: the state.
        finite: whether its losses on the way there were, of each row.
    """
    sound: Any = finite.copy()
    for value in state.parameters.values():
        sound &= np.isfinite(value.reshape(len(sound), -1)).all(axis=1)
    count = len(state.alive)
    if sound.all():
        return state
    left = [place for place in range(count) if sound[place]]
    rows: Final = list(_rows(left))
    return GroupState(
        state.iteration, tuple(state.alive[place] for place in left),
        {name: value[rows] for name, value in state.parameters.items()},
        {name: {code: a[rows] for code, a in kept.items()} for name, kept in state.memory.items()},
    )  # fmt: skip


def _give_way(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted(tr("the sweep was interrupted"))
