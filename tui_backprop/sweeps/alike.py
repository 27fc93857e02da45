"""Which trainings of a sweep go together: those that do the same with other numbers, a family.

What a family is, and whether its trainings go together or one after another, follows from the whole sweep and
not from who trains how many of them at a time: so every way of sharing them out gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from tui_backprop.engine.compile.native_runs import NativeRuns
from tui_backprop.engine.compile.together import Differing
from tui_backprop.engine.core.arrays import MAX_DIMENSIONS
from tui_backprop.engine.optimizers import COEFFICIENTS
from tui_backprop.sweeps.rows import MOST_LOSSES
from tui_backprop.sweeps.together import RunGroup, rate_key
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
NUMBER, ARRAY = 0.06, 0.75
"""Microseconds of a call in one training, whose result is a number or an array."""
CALL, RUN, ELEMENT = 1.4, 0.03, 0.002
"""Microseconds of a call for all trainings, for each of them, and for each of its elements."""

NATIVE_CALL, NATIVE_ELEMENT = 0.02, 0.0005
"""Microseconds of a call, and of an element, as machine code."""


class SweepFamily(Struct, frozen=True, eq=False):
    """Trainings of one sweep that have one program.

    Attributes:
        numbers: their numbers in the sweep.
        goal: the updates of each.
        differing: what they differ in.
        most: how many go together at most; 0 where each goes by itself.
        alone: microseconds of an iteration of one by itself, roughly.
        calls: calls of an iteration of several.
        run: microseconds of such a call that each training adds, roughly.
    """

    numbers: Sequence[int]
    goal: int
    differing: Differing
    most: int
    alone: float
    calls: int
    run: float

    @property
    def seconds(self) -> float:
        """Seconds that all of them take one process, roughly."""
        count = len(self.numbers)
        if not self.most:
            return count * self.goal * self.alone * 1e-6
        groups = -(-count // self.most)
        return self.goal * self.calls * (CALL * groups + self.run * count) * 1e-6

    @property
    def share(self) -> int:
        """Trainings of a group below which most of its time goes into calls, whoever makes them."""
        return max(LEAST_RUNS, round(CALL / self.run)) if self.most else 1


def families(schedules: Iterable[Schedule], goals: Iterable[int]) -> list[SweepFamily]:
    """Return the families of all trainings of a sweep, in the order of their first ones.

    Args:
        schedules: what each follows from; nothing changes on the way.
        goals: the updates of each.
    """
    found: dict[Any, _Kin] = {}
    for number, (schedule, goal) in enumerate(zip(schedules, goals, strict=True)):
        key = _key(schedule, goal)
        if key not in found:
            found[key] = _Kin(schedule, goal)
        found[key].add(number, schedule)
    return [kin.family(key[0]) for key, kin in found.items()]


def _key(schedule: Schedule, goal: int) -> tuple[Any, ...]:
    """Return what trainings that go together have in common; first, whether they may."""
    lesson, settings = schedule.lesson, schedule.at(0)
    own = settings.hyperparameters
    may = not (
        lesson.patience is not None
        or lesson.dtype != "float64"
        or not lesson.trains
        or settings.overrides
        or len(schedule.entries) > 1
        or not LEAST_ITERATIONS <= goal < lesson.sandbox.at_most("losses", MOST_LOSSES)
        or 0.0 < own.learning_rate < LEAST_RATE
    )
    done, scheduled = settings.coefficients.done, tuple(settings.scheduled)
    return (
        may, lesson.text, lesson.dtype, goal, own.optimizer, done, scheduled, own.batch_size, own.shuffle,
        own.backend,
    )  # fmt: skip


class _Kin:
    """A family as it is found, training by training."""

    def __init__(self, schedule: Schedule, goal: int) -> None:
        self._first, self._goal = schedule, goal
        self._numbers: list[int] = []
        settings = schedule.at(0)
        self._settings, self._rates = settings, _rates(settings)
        self._seed, self._coefficients, self._edited = False, set[str](), set[str]()

    def add(self, number: int, schedule: Schedule) -> None:
        """Take in a training."""
        self._numbers.append(number)
        mine, first = schedule.at(0), self._settings
        self._seed |= mine.hyperparameters.seed != first.hyperparameters.seed
        self._edited |= mine.edits.keys()
        rates = bool(mine.scheduled) and _rates(mine) != self._rates
        one, other = mine.coefficients, first.coefficients
        for name in COEFFICIENTS:
            if rates if name in first.scheduled else getattr(one, name) != getattr(other, name):
                self._coefficients.add(name)

    def family(self, may: bool) -> SweepFamily:
        """Return it.

        Args:
            may: whether trainings like these may go together.
        """
        batches, lesson = self._first.batches, self._first.lesson
        # what is drawn for parameters that stay is drawn from the seed as well
        stay = {name for name, spec in lesson.parameters.items() if not spec.trainable}
        stay = stay if self._seed else stay & self._edited
        order = self._seed and not batches.whole and batches.shuffle
        differing = Differing(frozenset(self._coefficients), frozenset(stay), order, self._seed)
        may = may and all(len(spec.shape) < MAX_DIMENSIONS for spec in lesson.parameters.values())
        program = RunGroup([self._first], self._goal, differing).program(0) if may else None
        if program is None:
            alone = ARRAY * len(lesson.graph().nodes) * 2
            return SweepFamily(self._numbers, self._goal, differing, 0, alone, 0, 0.0)
        count = len(self._numbers)
        kept = lesson.sandbox.at_most("losses", LOSSES)
        most = min(MOST_RUNS, kept // (self._goal + 1), count)
        if isinstance(program, NativeRuns):  # one after the other, with the losses of all
            alone = NATIVE_CALL * program.calls + NATIVE_ELEMENT * program.elements
            return SweepFamily(self._numbers, self._goal, differing, most, alone, 1, alone)
        source = program.source
        samples = sum(a.size for a in lesson.samples.values()) if order else 0
        calls, alone = source.numbers + source.arrays, NUMBER * source.numbers + ARRAY * source.arrays
        most = min(most, max(1, ELEMENTS // max(source.largest, samples)))
        if most < LEAST_RUNS or most * alone < calls * (CALL + RUN * most):
            most = 0
        run = RUN + ELEMENT * source.elements / max(1, calls)
        return SweepFamily(self._numbers, self._goal, differing, most, alone, calls, run)


def _rates(settings: Any) -> Any:
    return {name: rate_key(rate) for name, rate in settings.scheduled.items()}
