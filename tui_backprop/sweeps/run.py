"""Training the settings of a sweep: how is a runner's own matter, and every runner gives the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from tui_backprop.engine.core.errors import never
from tui_backprop.sweeps.alike import families
from tui_backprop.sweeps.plan import SweepPlan, SweepPoint
from tui_backprop.sweeps.portions import ALL, Begun, Portion, Trained, WantedLosses, alone, shared_out, work
from tui_backprop.sweeps.together import silent


class SweepRunner(Protocol):
    """Trains settings.

    Attributes:
        going: portions that were begun and are not done, with where they stand.
    """

    @property
    def going(self) -> Sequence[Portion]:
        """Portions that were begun and are not done."""

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, as they are done, in any order.

        Raises:
            Interrupted: ``should_stop`` said so; what was yielded is whole.
        """


class InTurn:
    """Trains one setting after another, in this process."""

    def __init__(self) -> None:
        self.going: list[Portion] = []

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, in order."""
        for point in points:
            yield train_one(plan, point, should_stop)


class InGroups:
    """Trains settings that have one program together, and others one after another, in this process.

    Args:
        tell: told every few milliseconds how much of what is at work is done, in settings.
        wanted: which losses are wanted.
        begun: portions that were begun before, and are gone on with.

    Attributes:
        going: what goes together and is not done.
    """

    def __init__(
        self,
        tell: Callable[[float], None] = silent,
        wanted: WantedLosses = ALL,
        begun: Sequence[Begun] = (),
    ) -> None:
        self._tell, self._wanted, self._begun = tell, wanted, begun
        self.going: list[Portion] = []

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to: those that are done together at a time."""
        by_number = {point.number: point for point in points}
        waiting = list(portions(plan, by_number.keys(), self._wanted, 1, self._begun))
        while waiting:
            self.going = [portion for portion in waiting if portion.together]
            yield from self._trained(plan, waiting[0], by_number, should_stop)
            del waiting[0]

    def _trained(
        self,
        plan: SweepPlan,
        portion: Portion,
        points: dict[int, SweepPoint],
        should_stop: Callable[[], bool],
    ) -> Iterator[Trained]:
        numbers, goal = portion.numbers, portion.family.goal
        if portion.together:
            schedules = [plan.schedule(points[number].settings) for number in numbers]
            apart = work(portion, schedules, should_stop=should_stop, tell=self._tell)
            yield from finished(portion, points)
            numbers = tuple(numbers[place] for place in apart)
        for number in numbers:
            losses, ended = alone(plan.schedule(points[number].settings), goal, should_stop)
            kept = self._wanted.of(losses)
            yield Trained(points[number], len(losses) - 1, kept, ended, self._wanted)


def portions(
    plan: SweepPlan, left: Iterable[int], wanted: WantedLosses, workers: int, begun: Sequence[Begun] = ()
) -> Iterator[Portion]:
    """Yield the portions of a plan's settings that are left: those that were begun, and the others."""
    found = families((plan.schedule(p.settings) for p in plan), (plan.goal(p) for p in plan))
    rest = set(left)
    for one in begun:
        portion = Portion.of_begun(one, found, wanted)
        if portion is not None and rest.issuperset(portion.numbers):
            yield portion
            rest.difference_update(portion.numbers)
    yield from shared_out(found, rest, wanted, workers)


def finished(portion: Portion, points: dict[int, SweepPoint]) -> Iterator[Trained]:
    """Yield the trainings of a portion that went together to the end."""
    assert portion.state is not None
    goal, wanted = portion.family.goal, portion.wanted
    for place in portion.state.alive:
        yield Trained(points[portion.numbers[place]], goal, portion.losses.of(place), "asked", wanted)


def train_one(plan: SweepPlan, point: SweepPoint, should_stop: Callable[[], bool] = never) -> Trained:
    """Train one setting to its end, as ``train`` does it.

    Raises:
        Interrupted: ``should_stop``, asked every few milliseconds, said so.
    """
    losses, ended = alone(plan.schedule(point.settings), plan.goal(point), should_stop)
    return Trained(point, len(losses) - 1, losses, ended)
