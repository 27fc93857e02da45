"""Portions of a sweep: some trainings of a family, how far they are, and what of their losses is wanted.

A portion can be worked at for a while, put aside, and gone on with by somebody else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct

from tui_backprop.engine.compile.together import Differing
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.backends import named
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.sweeps.alike import SweepFamily
from tui_backprop.sweeps.plan import SweepPoint
from tui_backprop.sweeps.rows import MOST_LOSSES, NO_LOSSES, SweepRow
from tui_backprop.sweeps.together import REFUSED, GroupState, RunGroup, silent
from tui_backprop.text.sentences import later
from tui_backprop.training.history import History
from tui_backprop.training.running import Reason
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.trainer import Trainer

MEMORY = 1 << 16
"""Bytes of each training for going back, which nobody does."""
BY_THEMSELVES = 8
"""Trainings that are not done together that are a portion, at most."""
INTERRUPTED = later("the sweep was interrupted")


class WantedLosses(Struct, frozen=True):
    """Which losses of a training are wanted.

    Attributes:
        every: those of every so many iterations, and the last; None for the last alone.
        whole: whether all are wanted.
    """

    every: int | None = None
    whole: bool = True

    def marks(self, goal: int) -> Sequence[int]:
        """Return the iterations whose losses are wanted, of so many updates."""
        if self.whole:
            return range(goal + 1)
        return (*(() if self.every is None else range(0, goal, self.every)), goal)

    def of(self, losses: Array) -> Array:
        """Return those that are wanted of all."""
        return losses if self.whole else losses[list(self.marks(len(losses) - 1))]


ALL = WantedLosses()
"""All losses."""


class Trained(Struct, frozen=True, eq=False):
    """What a setting came to.

    Attributes:
        point: the setting.
        iterations: updates done.
        losses: the losses that were wanted: of all, the loss before each update, and at last the one behind
            all, shape (iterations + 1,).
        ended: how its training ended.
        wanted: which they are.
    """

    point: SweepPoint
    iterations: int
    losses: Array
    ended: Reason
    wanted: WantedLosses = ALL

    def rows(self, every: int | None) -> Iterator[SweepRow]:
        """Yield the row of the last iteration, and before it those of every so many iterations."""
        marks = WantedLosses(every, whole=False).marks(self.iterations)
        for place, iteration in enumerate(marks):
            whole = self.wanted.whole
            loss = float(self.losses[iteration if whole else place])
            before = self.losses[:iteration] if whole else NO_LOSSES
            yield SweepRow(self.point.settings, iteration, loss, before, self.ended)


class PortionLosses:
    """The losses of trainings that go together, as they come.

    Args:
        wanted: which of them.
        goal: the updates of each.
        runs: how many trainings.
    """

    def __init__(self, wanted: WantedLosses, goal: int, runs: int) -> None:
        self.wanted, self._goal = wanted, goal
        self._of = [np.empty(len(wanted.marks(goal))) for _ in range(runs)]

    def note(self, first: int, alive: Sequence[int], part: Array) -> None:
        """Take the losses before some updates, a column for each of these trainings."""
        places, rows = self._places(first, len(part))
        for column, number in enumerate(alive):
            self._of[number][places] = part[rows, column]

    def put(self, first: int, until: int, alive: Sequence[int], kept: Array) -> None:
        """Take the wanted ones of the losses before some updates, as :meth:`between` gave them elsewhere."""
        places, _ = self._places(first, until - first)
        for column, number in enumerate(alive):
            self._of[number][places] = kept[:, column]

    def between(self, first: int, until: int, alive: Sequence[int]) -> Array:
        """Return the wanted ones of the losses before some updates, a column for each of these trainings."""
        places, _ = self._places(first, until - first)
        parts = [self._of[number][places] for number in alive]
        return np.stack(parts, axis=1) if parts else np.empty((0, 0))

    def of(self, number: int) -> Array:
        """Return those of a training, read-only."""
        self._of[number].flags.writeable = False
        return self._of[number]

    def _places(self, first: int, count: int) -> tuple[slice | list[int], slice | list[int]]:
        """Return where the losses of these iterations are kept, and which of them are."""
        if self.wanted.whole:
            return slice(first, first + count), slice(None)
        every, goal = self.wanted.every, self._goal
        found = (
            [] if every is None else list(range(-(-first // every) * every, min(first + count, goal), every))
        )
        places = [iteration // every for iteration in found] if every is not None else []
        if first <= goal < first + count:
            found.append(goal)
            places.append(-(-goal // every) if every is not None else 0)
        return places, [iteration - first for iteration in found]


class Begun(Struct, frozen=True, eq=False):
    """Trainings that went together until somebody was interrupted.

    Attributes:
        numbers: their numbers in the sweep.
        differing: what they differed in.
        state: where they stood.
        losses: the wanted ones of those on the way there, a column for each that was finite.
    """

    numbers: tuple[int, ...]
    differing: Differing
    state: GroupState
    losses: Array


class Portion:
    """Some trainings of a family.

    Args:
        numbers: their numbers in the sweep.
        family: the family.
        wanted: which losses are wanted.
        together: whether they go together.

    Attributes:
        state: where those that go together stand; None before their start.
        losses: theirs.
    """

    def __init__(
        self, numbers: Sequence[int], family: SweepFamily, wanted: WantedLosses, *, together: bool
    ) -> None:
        self.numbers, self.family, self.together = tuple(numbers), family, together
        self.state: GroupState | None = None
        self.losses = PortionLosses(wanted, family.goal, len(numbers) if together else 0)

    @classmethod
    def of_begun(cls, begun: Begun, found: Sequence[SweepFamily], wanted: WantedLosses) -> Portion | None:
        """Return a portion that goes on from there; None where it does not fit the families of the sweep."""
        state, some = begun.state, set(begun.numbers)
        for family in found:
            if family.most and some.issubset(family.numbers) and family.differing == begun.differing:
                portion = cls(begun.numbers, family, wanted, together=True)
                alive = set(state.alive)
                if not 0 < state.iteration <= family.goal or not alive <= set(range(len(some))) or not alive:
                    return None
                try:
                    portion.losses.put(0, state.iteration, state.alive, begun.losses)
                except (ValueError, IndexError):
                    return None
                portion.state = state
                return portion
        return None

    @property
    def wanted(self) -> WantedLosses:
        """Which losses are wanted."""
        return self.losses.wanted

    @property
    def part(self) -> float:
        """How much is done, in trainings."""
        done = 0 if self.state is None else min(self.state.iteration, self.family.goal)
        return len(self.numbers) * done / max(1, self.family.goal)

    def rest(self, numbers: Sequence[int]) -> Portion:
        """Return a portion of some of its trainings, each of which goes by itself."""
        return Portion(numbers, self.family, self.wanted, together=False)


def shared_out(
    found: Sequence[SweepFamily], left: Collection[int], wanted: WantedLosses, workers: int = 1
) -> Iterator[Portion]:
    """Yield portions of all trainings that are left, as many as so many workers can use.

    Args:
        found: the families of the sweep.
        left: the numbers of those that are not done.
        wanted: which losses are wanted.
        workers: how many work at the same time.
    """
    for family in found:
        numbers = [number for number in family.numbers if number in left]
        if not numbers:
            continue
        if family.most:
            enough = max(1, len(numbers) // family.share)
            parts = max(-(-len(numbers) // family.most), min(workers, enough))
            rounded = -(-parts // workers) * workers  # so that none waits for the last
            parts = rounded if rounded <= enough else parts
        else:
            parts = max(-(-len(numbers) // BY_THEMSELVES), min(workers, len(numbers)))
        bounds = [len(numbers) * part // parts for part in range(parts + 1)]
        for low, high in pairwise(bounds):
            yield Portion(numbers[low:high], family, wanted, together=bool(family.most))


def work(
    portion: Portion,
    schedules: Sequence[Schedule],
    seconds: float = math.inf,
    should_stop: Callable[[], bool] = never,
    tell: Callable[[float], None] = silent,
) -> list[int]:
    """Go on with trainings that go together; return the places of those that have to be done by themselves.

    Args:
        portion: the trainings; where they stand is kept in it, also where they are interrupted.
        schedules: what each of them follows from.
        seconds: how long, roughly, of the processor.
        should_stop: asked every few milliseconds.
        tell: told then how much is done, in trainings.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    group = RunGroup(schedules, portion.family.goal, portion.family.differing, portion.state)
    try:
        group.run(portion.losses.note, seconds, should_stop, tell)
    except REFUSED:
        group.state = GroupState(portion.family.goal + 1, (), {}, {})
    finally:
        portion.state = group.state
    alive = group.state.alive if group.state is not None else ()
    return [place for place in range(len(portion.numbers)) if place not in alive] if group.done else []


def alone(schedule: Schedule, goal: int, should_stop: Callable[[], bool] = never) -> tuple[Array, Reason]:
    """Train one to its end, as ``train`` does it; return its losses and how it ended.

    Raises:
        Interrupted: ``should_stop``, asked every few milliseconds, said so.
    """
    settings, lesson = schedule.at(0), schedule.lesson
    backend = named(settings.hyperparameters.backend)
    given = {**settings.hyperparameters.plain(), "backend": backend}
    trainer = Trainer(lesson, memory=MEMORY, **given)
    for name, value in settings.edits.items():
        trainer.edit(name, value)
    most = min(goal, MOST_LOSSES)
    parts: list[Array] = []
    reason: Reason = "asked"
    while reason == "asked" and (trainer.iteration < most or not parts):
        begun = trainer.iteration  # in parts whose losses are there, exact, when they are done
        reason = trainer.run(min(most - begun, History.EXACT), should_stop=should_stop).reason
        parts.append(trainer.losses[begun:])
    if reason == "stopped":
        raise Interrupted(INTERRUPTED)
    losses = np.concatenate([*parts, [trainer.loss]])
    if lesson.dtype != "float64":
        losses = np.array([lesson.digits(float(loss)) for loss in losses])
    losses.flags.writeable = False
    return losses, "full" if goal > most and reason == "asked" else reason


def some_alone(schedules: Sequence[Schedule], goal: int, seconds: float) -> Iterator[tuple[Array, Reason]]:
    """Train one after another until the time is over, and at least one."""
    until = time.thread_time() + seconds
    for schedule in schedules:
        yield alone(schedule, goal)
        if time.thread_time() >= until:
            return
