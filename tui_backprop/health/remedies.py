"""Remedies that were tried: each on a copy from the start, beside what comes of the training as it is set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.core.backends import named
from tui_backprop.engine.core.errors import BackpropError, Interrupted, never
from tui_backprop.health.candidates import Candidate, candidates
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.checkup.signs import vitals_of
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.vitals.alarms import raised
from tui_backprop.training.vitals.names import AlarmName

SHORTEST, USUAL, LONGEST = 200, 500, 1000
"""Iterations of a trial: as many as were done, within bounds; 500 where few were."""
WORK: Final = 400_000_000
"""Numbers that are computed in one trial: some seconds."""
BETTER: Final = 0.9
"""Of the loss that there would be otherwise: what is left of it where something has helped."""


class CopyRun(Struct, frozen=True):
    """What a copy came to.

    Attributes:
        iterations: how many it did; fewer where it diverged.
        loss: the loss then, or the validation loss where that went wrong; NaN where it diverged.
        silent: whether the alarm is not raised there.
    """

    iterations: int
    loss: float
    silent: bool


class Trial(Struct, frozen=True, eq=False):
    """A candidate that was tried.

    Attributes:
        candidate: what.
        outcome: what came of it.
        without: what comes of the training as it is set, in as many iterations.
        measure: what was compared, "loss" or "validation loss".
    """

    candidate: Candidate
    outcome: CopyRun
    without: CopyRun
    measure: str

    @property
    def helped(self) -> bool:
        """Whether it made things measurably better."""
        loss, other = self.outcome.loss, self.without.loss
        if not math.isfinite(loss):
            return False
        return not math.isfinite(other) or other - loss > (1 - BETTER) * abs(other)

    @property
    def text(self) -> str:
        """One line: what, what came of it, and what comes otherwise."""
        done, other = self.outcome, self.without
        came = _came(done, self.measure)
        against = (
            number(other.loss)
            if math.isfinite(other.loss)
            else tr("NaN after {iterations}", iterations=other.iterations)
        )
        values = {"remedy": self.candidate.text, "outcome": came, "otherwise": against}
        if not math.isfinite(done.loss):
            return tr("{remedy}: {outcome}, against {otherwise}", **values)
        if done.silent:
            return tr("{remedy}: {outcome}, against {otherwise}; the alarm is silent", **values)
        return tr("{remedy}: {outcome}, against {otherwise}; the alarm stays", **values)


def _came(outcome: CopyRun, measure: str) -> str:
    if not math.isfinite(outcome.loss):
        return tr("diverges at iteration {iteration}", iteration=outcome.iterations)
    values = {"loss": number(outcome.loss), "iterations": outcome.iterations}
    if measure == "loss":
        return tr("loss {loss} after {iterations} iterations", **values)
    return tr("validation loss {loss} after {iterations} iterations", **values)


class Remedies(Struct, frozen=True, eq=False):
    """What was tried against one alarm.

    Attributes:
        alarm: the alarm's name.
        iterations: of each trial.
        trials: all of them, in the order in which they were tried.
    """

    alarm: AlarmName
    iterations: int
    trials: tuple[Trial, ...]

    @property
    def helped(self) -> tuple[Trial, ...]:
        """Those that helped: first where the alarm is silent, then the lowest loss."""
        found = [trial for trial in self.trials if trial.helped]
        return tuple(sorted(found, key=lambda trial: (not trial.outcome.silent, trial.outcome.loss)))


def try_remedies(
    trainer: Trainer,
    alarm: AlarmName,
    should_stop: Callable[[], bool] = never,
    iterations: int | None = None,
) -> Remedies:
    """Try what may help against an alarm, and see.

    The training itself is left alone. Copies start from the start, with the hyperparameters as they are
    here; what was put in by hand is left out. What comes of them follows from the lesson alone.

    Args:
        trainer: the training.
        alarm: the alarm.
        should_stop: asked every few milliseconds.
        iterations: of each trial; by default about as many as were done.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    steps = iterations or _length(trainer)
    plain: dict[str, Any] = trainer.hyperparameters.plain()
    without = _run(trainer.lesson, plain, alarm, steps, should_stop)
    trials = []
    start = vitals_of(Trainer(trainer.lesson, **plain))
    for candidate in candidates(alarm, vitals_of(trainer), start):
        for lesson, settings in _applied(candidate, trainer, plain):
            try:
                outcome = _run(lesson, settings, alarm, steps, should_stop)
            except Interrupted:
                raise
            except BackpropError:  # it does not go with this lesson
                continue
            measure = "validation loss" if alarm == "overfitting" else "loss"
            trials.append(Trial(candidate, outcome, without, measure))
    return Remedies(alarm, steps, tuple(trials))


def _applied(
    candidate: Candidate, trainer: Trainer, plain: dict[str, Any]
) -> Iterator[tuple[Lesson, dict[str, Any]]]:
    """Yield lesson and hyperparameters of a candidate; nothing where it cannot be done, or is so already."""
    settings = trainer.hyperparameters.replace(**candidate.settings).plain()
    lesson = trainer.lesson.in_type("float64")
    changed: Lesson | None = lesson
    if candidate.change is not None:
        try:
            changed = candidate.change(lesson)
        except BackpropError:  # such as a formula that refuses another function
            return
    if changed is not None and (changed is not lesson or settings != plain):
        yield changed, settings


def _length(trainer: Trainer) -> int:
    numbers = sum(size_of(node.shape) for node in trainer.graph.nodes)
    wanted = trainer.iteration if trainer.iteration >= SHORTEST else USUAL
    return max(20, min(wanted, LONGEST, WORK // max(numbers, 1)))


def _run(
    lesson: Lesson,
    settings: dict[str, Any],
    alarm: AlarmName,
    steps: int,
    should_stop: Callable[[], bool],
) -> CopyRun:
    """Run a copy from the start."""
    copy = Trainer(lesson, **{**settings, "backend": named(settings["backend"])})
    if alarm == "overfitting":
        return _run_held_back(copy, steps, should_stop)
    if copy.run(steps, should_stop=should_stop).reason == "stopped":
        raise Interrupted(tr(_INTERRUPTED))
    vitals = vitals_of(copy)
    silent = vitals.course.finite and not raised(vitals, frozenset({alarm}))
    return CopyRun(copy.iteration, vitals.course.now, silent)


def _run_held_back(copy: Trainer, steps: int, should_stop: Callable[[], bool]) -> CopyRun:
    """Run a copy whose validation loss is compared; where the lesson stops early, that is its lowest."""
    copy.breakpoints.add("overfitting")
    silent = True
    while (report := copy.run(steps - copy.iteration, should_stop=should_stop)).reason == "breakpoint":
        silent = False
    if report.reason == "stopped":
        raise Interrupted(tr(_INTERRUPTED))
    if report.early_stop is not None:
        return CopyRun(report.early_stop.best, report.early_stop.loss, silent)
    return CopyRun(copy.iteration, copy.evaluate().loss, silent)


_INTERRUPTED: Final = later("trying remedies was interrupted; nothing has changed")
