"""Many trainings of one lesson at a time, where they do the same with other numbers.

What they differ in may be start values, coefficients of the optimizer, rates, and the order of samples; what
makes another program of them, such as the optimizer or the size of a batch, sets groups apart. A training
that leaves the finite numbers, or that cannot go with others, is left to be done by itself; the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.compile.together import Differing, TogetherProgram
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS
from tui_backprop.training.iteration import advance
from tui_backprop.training.runs.compiled import LEAST_RATE
from tui_backprop.training.schedule import Schedule

MOST_RUNS: Final = 256
"""Trainings that go together."""
LEAST_RUNS, LEAST_ITERATIONS = 4, 32
"""Fewer trainings, or shorter ones, are done one after another before a program is made."""
ELEMENTS = 1 << 15
"""Elements of the largest array of a group, or arrays leave the cache."""
LOSSES = 1 << 24
"""Losses of a group."""
SOON, SOONER = 5.0, 64
"""Seconds of a group, roughly, above which it has fewer trainings: what a group has done comes at its end."""
PAUSE = 0.01
"""Seconds between two looks at whether to stop, and at what is not finite, roughly."""
SHARE = 16
"""Parts of a training, at least, between which one looks; losses of a part are held twice."""
NUMBER, ARRAY = 0.06, 0.75
"""Microseconds of a call in one training, whose result is a number or an array."""
CALL, RUN = 1.4, 0.03
"""Microseconds of a call for all trainings, and for each of them."""
REFUSED = (UntraceableError, ArithmeticError, ValueError, IndexError, MemoryError, RecursionError)
"""What a program says that cannot be made, or does not fit."""
_Come: TypeAlias = "tuple[int, Array | None]"


def silent(done: float) -> None:
    """Tell nobody."""


def trained_together(
    schedules: Sequence[Schedule],
    goals: Sequence[int],
    should_stop: Callable[[], bool] = never,
    tell: Callable[[float], None] = silent,
) -> Iterator[_Come]:
    """Train many, and yield the place of each and its losses.

    Args:
        schedules: what each follows from; nothing changes on the way. They are of one lesson.
        goals: the updates of each.
        should_stop: asked every few milliseconds.
        tell: told then how much of the group at work is done, in trainings.

    Yields:
        The loss before each update, and at last the loss behind all, shape (updates + 1,); None in place of
        that for a training that has to be done by itself.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    groups: dict[Any, list[int]] = {}
    for place, (schedule, goal) in enumerate(zip(schedules, goals, strict=True)):
        groups.setdefault(_key(schedule, goal), []).append(place)
    for key, places in groups.items():
        goal = goals[places[0]]
        size = 0 if key is None else _size([schedules[place] for place in places], goal)
        while size and len(places) >= LEAST_RUNS:
            some, places = places[:size], places[size:]
            group = _Group(some, [schedules[place] for place in some], goal, should_stop, tell)
            yield from group.train()
        yield from ((place, None) for place in places)


def group_size(schedules: Sequence[Schedule], goals: Sequence[int]) -> int:
    """Return how many trainings make a group, of those that go with the first; 0 where it goes by itself."""
    keys = [_key(schedule, goal) for schedule, goal in zip(schedules, goals, strict=True)]
    if not keys or keys[0] is None:
        return 0
    return _size([one for one, key in zip(schedules, keys, strict=True) if key == keys[0]], goals[0])


def _key(schedule: Schedule, goal: int) -> Any:
    """Return what trainings that go together have in common; None for one that goes by itself."""
    lesson, settings = schedule.lesson, schedule.at(0)
    own = settings.hyperparameters
    if (
        lesson.patience is not None
        or lesson.dtype != "float64"
        or not lesson.trains
        or settings.overrides
        or settings.edits
        or len(schedule.entries) > 1
        or not LEAST_ITERATIONS <= goal < lesson.sandbox.at_most("losses", LOSSES)
        or 0.0 < own.learning_rate < LEAST_RATE
    ):
        return None
    done, scheduled = settings.coefficients.done, tuple(settings.scheduled)
    return goal, own.optimizer, done, scheduled, own.batch_size, own.shuffle, own.backend


def _size(schedules: Sequence[Schedule], goal: int) -> int:
    """Return how many trainings make a group; 0 where they are as quick one after another."""
    if len(schedules) < LEAST_RUNS:
        return 0
    group = _Group(range(len(schedules)), schedules, goal)
    program = group.program(0)
    if program is None:
        return 0
    source = program.source
    samples = sum(a.size for a in group.lesson.samples.values()) if group.differing.order else 0
    calls = source.numbers + source.arrays
    kept = group.lesson.sandbox.at_most("losses", LOSSES)
    most = min(MOST_RUNS, kept // (goal + 1), max(1, ELEMENTS // max(source.largest, samples)))
    if goal * calls * (CALL + RUN * most) > SOON * 1e6:
        most = min(most, SOONER)
    runs = min(most, len(schedules))
    alone = runs * (NUMBER * source.numbers + ARRAY * source.arrays)
    if runs < LEAST_RUNS or alone < calls * (CALL + RUN * runs):
        return 0
    parts = -(-len(schedules) // most)
    return -(-len(schedules) // parts)


class _Group:
    """Trainings that go together.

    Args:
        places: what they are called.
        schedules: what each follows from.
        goal: the updates of each.
        should_stop, tell: as for :func:`trained_together`.

    Attributes:
        lesson: what is trained.
        differing: what they differ in.
    """

    def __init__(
        self,
        places: Sequence[int],
        schedules: Sequence[Schedule],
        goal: int,
        should_stop: Callable[[], bool] = never,
        tell: Callable[[float], None] = silent,
    ) -> None:
        self._places, self._schedules, self._goal = list(places), list(schedules), goal
        self._should_stop, self._tell = should_stop, tell
        self.lesson = schedules[0].lesson
        self._rule = OPTIMIZERS[schedules[0].at(0).hyperparameters.optimizer]
        self.differing = self._differences()
        self._programs: dict[Graph, TogetherProgram | None] = {}

    def _differences(self) -> Differing:
        settings = [schedule.at(0) for schedule in self._schedules]
        first, batches = settings[0], self._schedules[0].batches
        seed = any(one.hyperparameters.seed != first.hyperparameters.seed for one in settings)
        rates = any(one.scheduled.keys() and _rates(one) != _rates(first) for one in settings)
        coefficients = {
            name
            for name in COEFFICIENTS
            if (rates if name in first.scheduled else any(
                getattr(one.coefficients, name) != getattr(first.coefficients, name) for one in settings
            ))
        }  # fmt: skip
        # what is drawn for parameters that stay is drawn from the seed as well
        stay = {name for name, spec in self.lesson.parameters.items() if not spec.trainable} if seed else ()
        order = seed and not batches.whole and batches.shuffle
        return Differing(frozenset(coefficients), frozenset(stay), order, seed)

    def program(self, iteration: int) -> TogetherProgram | None:
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
            try:
                self._programs[graph] = TogetherProgram(task, leaves, self.differing)
            except REFUSED:
                self._programs[graph] = None
        return self._programs[graph]

    def train(self) -> Iterator[_Come]:
        """Train them, and yield the place of each and its losses; see :func:`trained_together`."""
        losses = [np.empty(self._goal + 1) for _ in self._places]
        try:
            alive = self._run(losses)
        except REFUSED:
            alive = []
        for number in alive:
            losses[number].flags.writeable = False
            yield self._places[number], losses[number]
        yield from ((place, None) for n, place in enumerate(self._places) if n not in alive)

    def _run(self, losses: Sequence[Array]) -> list[int]:
        """Do all iterations; return the numbers of those that stayed finite."""
        alive = list(range(len(self._places)))
        states = [schedule.start() for schedule in self._schedules]
        iteration = 0
        if self._rule.memory:  # the first update has no memory to add to, not even zeros
            for number, schedule in enumerate(self._schedules):
                self._give_way()
                states[number], losses[number][0] = advance(states[number], schedule)
            iteration = 1
        names, own = states[0].parameters, self._differing_parameters()
        parameters = {
            name: np.stack([state.parameters[name] for state in states]) if name in own else value
            for name, value in names.items()
        }
        memory = {
            name: {
                code: np.stack([state.memory[name].arrays[code] for state in states]) for code in kept.arrays
            }
            for name, kept in states[0].memory.items()
        }
        del states
        pace = 8
        while iteration <= self._goal and alive:
            self._give_way()
            program, batches = self.program(iteration), self._schedules[0].batches
            if program is None:
                raise UntraceableError("a batch that cannot be done together")
            count = min(
                pace, self._goal + 1 - iteration, batches.alike(iteration), max(1, self._goal // SHARE)
            )
            schedules = [self._schedules[number] for number in alive]
            part = np.empty((count, len(alive)))
            begun = time.perf_counter()
            after, memory = program.run(
                part, [schedule.at(0).coefficients for schedule in schedules], parameters, memory, iteration,
                iteration, [schedule.batches.seed for schedule in schedules],
                self._samples(schedules, iteration), self._scheduled(schedules, iteration, count),
            )  # fmt: skip
            if count == pace and time.perf_counter() - begun < PAUSE:
                pace *= 2
            parameters = {**parameters, **after}
            for column, number in enumerate(alive):
                losses[number][iteration : iteration + count] = part[:, column]
            iteration += count
            self._tell(len(self._places) * min(iteration, self._goal) / self._goal)
            sound: Any = np.isfinite(part).all(axis=0)
            for name in own:
                sound &= np.isfinite(parameters[name].reshape(len(alive), -1)).all(axis=1)
            if not sound.all():
                alive = [number for number, good in zip(alive, sound, strict=True) if good]
                parameters = {n: value[sound] if n in own else value for n, value in parameters.items()}
                memory = {n: {c: a[sound] for c, a in kept.items()} for n, kept in memory.items()}
        return alive

    def _differing_parameters(self) -> set[str]:
        stay = {name for name, spec in self.lesson.parameters.items() if not spec.trainable}
        every = self._schedules[0].start().parameters.keys()
        return every - (stay - self.differing.parameters)

    def _samples(self, schedules: Sequence[Schedule], iteration: int) -> Any:
        """Return an epoch's samples, of each training where their orders differ."""
        whole = schedules[0].batches.epoch_samples(iteration)
        if whole is None or not self.differing.order:
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
                if _rate(rate) not in distinct:
                    distinct[_rate(rate)] = [rate(k) for k in range(iteration, iteration + count)]
            rows = [distinct[_rate(rate)] for rate in rates]
            values[name] = np.array(rows).T.copy() if name in self.differing.coefficients else rows[0]
        return values

    def _give_way(self) -> None:
        if self._should_stop():
            raise Interrupted("the sweep was interrupted")


def _rates(settings: Any) -> Any:
    return {name: _rate(rate) for name, rate in settings.scheduled.items()}


def _rate(rate: Any) -> Any:
    return rate.func, tuple(sorted(rate.keywords.items()))
