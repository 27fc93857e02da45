"""Sharing a sweep out among workers: some seconds of work for each at a time, and what comes back joined.

Where everything stands is known here: with a worker those seconds are lost, and another one does them again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Protocol
from weakref import WeakKeyDictionary

import msgspec

from tui_backprop.engine.core.errors import BackpropError, Interrupted, never
from tui_backprop.sessions.format import unpack_array
from tui_backprop.sweeps.elsewhere.messages import (
    Facts,
    Job,
    JobAnswer,
    LessonPart,
    TrainingPart,
    decode_answer,
    encode,
    pack_differing,
    pack_lesson,
    pack_state,
    pack_training,
    unpack_state,
)
from tui_backprop.sweeps.plan import SweepPlan, SweepPoint
from tui_backprop.sweeps.portions import ALL, INTERRUPTED, Begun, Portion, Trained, WantedLosses
from tui_backprop.sweeps.run import InGroups, finished, portions
from tui_backprop.sweeps.together import silent
from tui_backprop.text.sentences import tr

SLICE = 2.0
"""Seconds of work that a worker is given at a time: so much is lost at Ctrl-C, or with a worker."""
SENDING = 0.05
"""Seconds of each job for every one that is under way, so that whoever sends them keeps up."""
LOOK = 0.1
"""Seconds between two looks at whether to give up."""
STARTED = 1.5
"""Seconds of work for which a process is started; it takes about half of that to start."""
MOST_LOST = 3
"""Times that the same work may be lost, one after another: whatever ends a worker may be its doing."""


class Crew(Protocol):
    """Workers.

    Attributes:
        capacity: jobs that can be under way.
    """

    @property
    def capacity(self) -> int:
        """Jobs that can be under way."""

    def submit(self, number: int, job: bytes) -> None:
        """Have a job done, which is known by a number."""

    def wait(self, seconds: float) -> Iterator[tuple[int, bytes | None]]:
        """Yield answers that are there, and None for a job whose worker died; wait for one, if need be."""

    def close(self) -> None:
        """End the work."""


class Elsewhere:
    """Trains settings in other processes, or on other machines.

    Args:
        where: how many processes of this machine, or the address of a scheduler.
        tell: told now and then how much is done of settings that are not done, in settings.
        wanted: which losses are wanted.
        begun: portions that were begun before.

    Attributes:
        going: portions that were begun and are not done, with where they stand.
    """

    def __init__(
        self,
        where: int | str,
        tell: Callable[[float], None] = silent,
        wanted: WantedLosses = ALL,
        begun: Sequence[Begun] = (),
    ) -> None:
        self._where, self._tell, self._wanted, self._begun = where, tell, wanted, begun
        self._here: InGroups | None = None
        self._under_way: dict[int, Portion] = {}
        self._waiting: deque[Portion] = deque()

    @property
    def going(self) -> list[Portion]:
        """Portions that were begun and are not done."""
        if self._here is not None:
            return self._here.going
        both = (*self._under_way.values(), *self._waiting)
        return [portion for portion in both if portion.state is not None]

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, as they are done.

        Raises:
            BackpropError: nobody is there to do it, or the same work is lost again and again.
            Interrupted: ``should_stop`` said so.
        """
        by_number = {point.number: point for point in points}
        if isinstance(self._where, str):
            from tui_backprop.sweeps.elsewhere.cluster import ClusterCrew

            cluster = ClusterCrew(self._where)
            found = list(portions(plan, by_number, self._wanted, cluster.capacity, self._begun))
            yield from self._shared(plan, found, by_number, cluster, cluster.facts, should_stop)
            return
        from tui_backprop.sweeps.elsewhere.processes import ProcessCrew
        from tui_backprop.sweeps.elsewhere.worker import facts

        found = list(portions(plan, by_number, self._wanted, self._where, self._begun))
        useful = min(self._where, len(found), int(_seconds(found) / STARTED))
        if useful <= 1:  # done here before workers would have begun
            self._here = InGroups(self._tell, self._wanted, self._begun)
            yield from self._here.train(plan, by_number.values(), should_stop)
            return
        yield from self._shared(plan, found, by_number, ProcessCrew(useful), facts(), should_stop)

    def _shared(
        self,
        plan: SweepPlan,
        found: Sequence[Portion],
        points: dict[int, SweepPoint],
        crew: Crew,
        facts: Facts,
        should_stop: Callable[[], bool],
    ) -> Iterator[Trained]:
        packing = _Packing(plan, points, facts)
        packing.seconds = max(SLICE, SENDING * crew.capacity)
        numbers, lost = count(), dict[Portion, int]()
        self._waiting.extend(found)
        try:
            while self._waiting or self._under_way:
                capacity = crew.capacity
                while self._waiting and len(self._under_way) < capacity:
                    number, portion = next(numbers), self._waiting.popleft()
                    self._under_way[number] = portion
                    crew.submit(number, packing.job(portion))
                if should_stop():
                    raise Interrupted(tr(INTERRUPTED))
                for number, data in crew.wait(LOOK):
                    portion = self._under_way.pop(number)
                    if data is None:
                        lost[portion] = lost.get(portion, 0) + 1
                        if lost[portion] >= MOST_LOST:
                            raise BackpropError(
                                tr(
                                    "{count} workers were lost over the same work; what was done is kept",
                                    count=MOST_LOST,
                                )
                            )
                        self._waiting.appendleft(portion)
                        continue
                    lost.pop(portion, None)
                    yield from self._taken(portion, _answer(data), points)
                self._tell(sum(portion.part for portion in self.going))
        finally:
            crew.close()

    def _taken(self, portion: Portion, answer: JobAnswer, points: dict[int, SweepPoint]) -> Iterator[Trained]:
        """Take an answer, and yield what is done with it; what is left waits."""
        numbers = portion.numbers
        if not portion.together:
            for number, one in zip(numbers, answer.ended, strict=False):
                losses = unpack_array(one.losses)
                yield Trained(points[number], one.iterations, losses, one.ended, self._wanted)
            if rest := numbers[len(answer.ended) :]:
                self._waiting.appendleft(portion.rest(rest))
            return
        first = 0 if portion.state is None else portion.state.iteration
        state = unpack_state(answer.state)
        if state is None or answer.losses is None or not set(state.alive) <= set(range(len(numbers))):
            raise BackpropError(tr("a worker gave an answer to something else"))
        portion.losses.put(first, state.iteration, state.alive, unpack_array(answer.losses))
        portion.state = state
        if state.alive and state.iteration <= portion.family.goal:
            self._waiting.appendleft(portion)
            return
        yield from finished(portion, points)
        if answer.apart:
            self._waiting.append(portion.rest([numbers[place] for place in answer.apart]))


class _Packing:
    """Makes jobs of portions.

    Attributes:
        seconds: how long each of them is.
    """

    def __init__(self, plan: SweepPlan, points: dict[int, SweepPoint], facts: Facts) -> None:
        self._plan, self._points, self._facts = plan, points, facts
        self._lesson: tuple[str, LessonPart] | None = None
        self._trainings: WeakKeyDictionary[Portion, list[TrainingPart]] = WeakKeyDictionary()
        self.seconds = SLICE

    def job(self, portion: Portion) -> bytes:
        """Return the next seconds of a portion as they are sent."""
        family = portion.family
        lesson = self._plan.schedule(self._points[portion.numbers[0]].settings).lesson
        if portion not in self._trainings:
            points = (self._points[number] for number in portion.numbers)
            self._trainings[portion] = [pack_training(self._plan.schedule(p.settings)) for p in points]
        if self._lesson is None or self._lesson[0] != lesson.text:
            self._lesson = lesson.text, pack_lesson(lesson)
        return encode(
            Job(
                self._facts, self._lesson[1], self._trainings[portion], family.goal,
                pack_differing(family.differing) if portion.together else None, pack_state(portion.state),
                portion.wanted.every, portion.wanted.whole, self.seconds,
            )
        )  # fmt: skip


def _answer(data: bytes) -> JobAnswer:
    try:
        answer = decode_answer(data)
    except msgspec.MsgspecError:
        raise BackpropError(tr("a worker gave an answer that is none")) from None
    if answer.refused:
        raise BackpropError(answer.refused)
    return answer


def _seconds(found: Sequence[Portion]) -> float:
    """Return how long some portions take one process, roughly."""
    return sum(p.family.seconds * len(p.numbers) / len(p.family.numbers) for p in found)
