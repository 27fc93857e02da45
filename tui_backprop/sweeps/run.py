"""Training the settings of a sweep: how is a runner's own matter, and every runner gives the same numbers."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.backends import named
from tui_backprop.engine.core.errors import BackpropError, Interrupted, never
from tui_backprop.lessons.csv_files.reading import Reading
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import SamplesRead, lesson_of_text
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sweeps.plan import SweepPlan, SweepPoint
from tui_backprop.sweeps.rows import SweepRow
from tui_backprop.sweeps.together import MOST_RUNS, group_size, silent, trained_together
from tui_backprop.training.history import History
from tui_backprop.training.running import Reason
from tui_backprop.training.schedule import Schedule, checked
from tui_backprop.training.trainer import Trainer

MEMORY = 1 << 16
"""Bytes of each training for going back, which nobody does."""
MOST_WORKERS = 64
SLICE = 0.1
"""Seconds between two looks at whether to give up."""
GROUP, SHORT = 8, 4_000
"""Settings that are not done together that a worker takes at a time, at most, and iterations of all of them:
the lesson is made anew for each such group, and what is done of one is lost when the sweep is interrupted."""
ROW = 1 << 27
"""Losses of a row, all of which it has: 1 GiB of them. A training stops there."""
INTERRUPTED = "the sweep was interrupted"
AT_A_TIME = 4 * MOST_RUNS
"""Settings among which those are found that go together."""
_Came: TypeAlias = "tuple[Array, Reason]"
"""Losses and end of a training."""
_Task: TypeAlias = "tuple[dict[str, Any], int]"
"""What is set in place of the lesson's hyperparameters, and the updates of the training."""


class Trained(Struct, frozen=True, eq=False):
    """What a setting came to.

    Attributes:
        point: the setting.
        losses: the loss before each update, and at last the loss behind all, shape (iterations + 1,).
        ended: how its training ended.
    """

    point: SweepPoint
    losses: Array
    ended: Reason

    @property
    def iterations(self) -> int:
        """Updates done."""
        return len(self.losses) - 1

    def rows(self, every: int | None) -> Iterator[SweepRow]:
        """Yield the row of the last iteration, and before it those of every so many iterations."""
        last = self.iterations
        for iteration in (*(() if every is None else range(0, last, every)), last):
            losses = self.losses[:iteration]
            yield SweepRow(self.point.settings, iteration, float(self.losses[iteration]), losses, self.ended)


class SweepRunner(Protocol):
    """Trains settings."""

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, as they are done, in any order.

        Raises:
            Interrupted: ``should_stop`` said so; what was yielded is whole.
        """


class InTurn:
    """Trains one setting after another, in this process."""

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, in order."""
        for point in points:
            yield train_one(plan, point, should_stop)


class InGroups:
    """Trains settings that have one program together, and others one after another, in this process.

    Args:
        tell: told every few milliseconds how much of the group at work is done, in settings.
    """

    def __init__(self, tell: Callable[[float], None] = silent) -> None:
        self._tell = tell

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to: those that are done together first."""
        waiting = iter(points)
        while some := list(islice(waiting, AT_A_TIME)):
            for place, came in _each(plan.lesson, _tasks(plan, some), should_stop, self._tell):
                yield Trained(some[place], *came)


class InProcesses:
    """Trains settings in several processes, in each of them together where they can be.

    Args:
        workers: how many processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def train(
        self, plan: SweepPlan, points: Iterable[SweepPoint], should_stop: Callable[[], bool] = never
    ) -> Iterator[Trained]:
        """Yield what each setting came to, as they are done.

        Raises:
            BackpropError: a worker was ended from outside.
        """
        todo = list(points)
        lesson, waiting = _packed(plan.lesson), iter(todo)
        longest = max(map(plan.goal, todo), default=1)
        share = -(-len(todo) // self.workers)
        size = max(1, min(GROUP, SHORT // max(1, longest), share), min(_group_size(plan, todo), share // 2))
        # a worker ends at Ctrl-C, which a terminal sends to all, without a word
        quiet = signal.SIGINT, signal.SIG_DFL
        pool = ProcessPoolExecutor(self.workers, get_context("spawn"), signal.signal, quiet)
        going: dict[Future[list[_Came]], tuple[SweepPoint, ...]] = {}
        try:
            while True:
                while len(going) < 2 * self.workers and (some := tuple(islice(waiting, size))):
                    going[pool.submit(_train_there, lesson, _tasks(plan, some))] = some
                if not going:
                    return
                done, _ = wait(going, timeout=SLICE, return_when=FIRST_COMPLETED)
                if should_stop():
                    raise Interrupted(INTERRUPTED)
                for future in done:
                    came = zip(going.pop(future), future.result(), strict=True)
                    yield from (Trained(point, *one) for point, one in came)
        except BrokenExecutor:
            raise BackpropError("a worker was ended from outside; what was done before is kept") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def runner(workers: int = 1, tell: Callable[[float], None] = silent) -> SweepRunner:
    """Return what trains the settings of a sweep.

    Args:
        workers: how many processes.
        tell: told in between how much is done of settings that one process trains together, in settings.

    Raises:
        BackpropError: not a number of workers from 1 to :data:`MOST_WORKERS`.
    """
    if type(workers) is not int or not 1 <= workers <= MOST_WORKERS:
        raise BackpropError(f"workers: found {workers!r}; it must be a whole number from 1 to {MOST_WORKERS}")
    return InGroups(tell) if workers == 1 else InProcesses(workers)


def train_one(plan: SweepPlan, point: SweepPoint, should_stop: Callable[[], bool] = never) -> Trained:
    """Train one setting to its end, as ``train`` does it.

    Raises:
        Interrupted: ``should_stop``, asked every few milliseconds, said so.
    """
    settings = plan.hyperparameters(point.settings)
    return Trained(point, *_trained(plan.lesson, settings, plan.goal(point), should_stop))


def _trained(
    lesson: Lesson, settings: Mapping[str, Any], goal: int, should_stop: Callable[[], bool]
) -> _Came:
    given = {**settings, "backend": named(settings["backend"])} if settings.get("backend") else settings
    trainer = Trainer(lesson, memory=MEMORY, **given)
    parts: list[Array] = []
    reason: Reason = "asked"
    while reason == "asked" and (trainer.iteration < min(goal, ROW) or not parts):
        begun = trainer.iteration
        reason = trainer.run(min(min(goal, ROW) - begun, History.EXACT), should_stop=should_stop).reason
        parts.append(trainer.losses[begun:])
    if reason == "stopped":
        raise Interrupted(INTERRUPTED)
    losses = np.concatenate([*parts, [trainer.loss]])
    if lesson.dtype != "float64" or trainer.lesson.dtype != "float64":
        losses = np.array([trainer.lesson.digits(float(loss)) for loss in losses])
    losses.flags.writeable = False
    return losses, "full" if goal > ROW and reason == "asked" else reason


def _tasks(plan: SweepPlan, points: Sequence[SweepPoint]) -> list[_Task]:
    return [(plan.hyperparameters(point.settings), plan.goal(point)) for point in points]


def _each(
    lesson: Lesson,
    tasks: Sequence[_Task],
    should_stop: Callable[[], bool] = never,
    tell: Callable[[float], None] = silent,
) -> Iterator[tuple[int, _Came]]:
    """Train settings, together where they can be, and yield the place of each and what it came to."""
    schedules = [
        Schedule(lesson, ((0, checked(lesson, lesson.hyperparameters.replace(**settings))),))
        for settings, _ in tasks
    ]
    for place, losses in trained_together(schedules, [goal for _, goal in tasks], should_stop, tell):
        came = _trained(lesson, *tasks[place], should_stop) if losses is None else (losses, "asked")
        yield place, came


def _group_size(plan: SweepPlan, points: Sequence[SweepPoint]) -> int:
    """Return how many settings a process does together, as far as the first ones tell."""
    some = points[:MOST_RUNS]
    return group_size([plan.schedule(point.settings) for point in some], [plan.goal(p) for p in some])


# ---------------------------------------------------------------------- in another process


class _Packed(Struct, frozen=True, eq=False):
    """A lesson as another process makes it again: its text, and what was read of other files."""

    text: str
    path: str
    builtin: str | None
    samples: dict[str, Array]
    validation: dict[str, Array]
    beside: dict[str, Array]
    reading: Reading


def _packed(lesson: Lesson) -> _Packed:
    lesson = lesson.in_type("float64")
    held = {} if lesson.validation is None else dict(lesson.validation.samples)
    builtin = lesson.name if lesson.builtin else None
    return _Packed(
        lesson.text, str(lesson.path), builtin, dict(lesson.samples), held, dict(lesson.beside),
        lesson.reading,
    )  # fmt: skip


def _train_there(packed: _Packed, tasks: list[_Task]) -> list[_Came]:
    known = SamplesRead(packed.samples, packed.validation, packed.beside, packed.reading)
    lesson = lesson_of_text(packed.text, Path(packed.path), packed.builtin, known, sandbox=OPEN)
    came = dict(_each(lesson, tasks))
    return [came[place] for place in range(len(tasks))]
