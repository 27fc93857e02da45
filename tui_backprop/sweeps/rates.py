"""Learning-rate range test: a copy is trained while the rate grows, and the losses say which rates will do.

After L. N. Smith, "Cyclical learning rates for training neural networks" (2017), as fastai's ``lr_find``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, Interrupted, never
from tui_backprop.engine.optimizers.rate_schedules import CONSTANT
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import advance
from tui_backprop.training.schedule import Schedule, checked
from tui_backprop.training.state import TrainingState
from tui_backprop.training.trainer import Trainer

LOWEST, HIGHEST = 1e-7, 10.0
"""Where the rate begins, where nothing calls for less, and where it ends."""
GROWTH = 10.0 ** (8 / 99)
"""Factor from one iteration's rate to the next one's: 100 of them from 1e-7 to 10."""
BELOW = 1e-3
"""The rate begins at most at this share of the one that is set, which may be right already."""
TOO_FEW = 12
"""Iterations in which a test must not be over; it begins a thousand times lower then."""
LEAST = 1e-30
DIVERGED = 4.0
"""The test is over where the loss is so many times the lowest one before."""
SMOOTHING = 0.9
"""Share of the running mean that is kept at each iteration, where losses are noisy."""


class RateProposal(Struct, frozen=True):
    """A rate that the test proposes.

    Attributes:
        rate: the rate, with two digits.
        lowest: the rate at which the loss was lowest.
        steepest: the rate at which the loss fell fastest over the logarithm of the rate.
    """

    rate: float
    lowest: float
    steepest: float


class RangeTest(Struct, frozen=True, eq=False):
    """A learning-rate range test.

    Attributes:
        begun: the iteration from whose state it began.
        rates: the rate of each update, shape (updates,), ascending.
        losses: the loss before the first update and behind each, shape (updates + 1,).
        smoothed: the same, smoothed where the losses of batches are noisy; the same where they are not.
        noisy: whether they are.
        diverged: whether it ended because the loss had become too large, or not finite.
        proposal: a rate; None where the loss did not fall.
        set_rate: the rate that is set.
        scheduled: the kind of the schedule that is set, which the test leaves out; "" for none.
    """

    begun: int
    rates: Array
    losses: Array
    smoothed: Array
    noisy: bool
    diverged: bool
    proposal: RateProposal | None
    set_rate: float
    scheduled: str = ""


def range_test(
    trainer: Trainer, *, start: bool = False, should_stop: Callable[[], bool] = never
) -> RangeTest:
    """Train a copy while the learning rate grows.

    The trainer stays as it is. Everything else is as it is set there; a schedule of the rate is left out.

    Args:
        trainer: where to begin.
        start: whether to begin at iteration 0, and not where the trainer stands.
        should_stop: asked before each iteration.

    Raises:
        Interrupted: ``should_stop`` said so.
        BackpropError: a lesson that trains nothing, or a loss that is not finite to begin with.
    """
    if not trainer.lesson.trains:
        raise BackpropError(
            tr("{lesson} trains nothing: no rate is better than another", lesson=trainer.lesson.name)
        )
    saved, hyperparameters = trainer.snapshot(), trainer.hyperparameters
    schedule = saved.schedule
    state = schedule.start() if start else saved.states[-1]
    low = min(LOWEST, BELOW * hyperparameters.learning_rate or LOWEST)
    while True:
        rates, losses, diverged = _losses(schedule, state, low, should_stop)
        if not diverged or len(rates) >= TOO_FEW or low < LEAST:
            break
        low /= 1000.0
    noisy = not schedule.batches.whole or bool(trainer.graph.drawn)
    smoothed = _smoothed(losses) if noisy else losses
    kind = hyperparameters.schedule.kind if hyperparameters.schedule.varies else ""
    return RangeTest(
        state.iteration, rates, losses, smoothed, noisy, diverged,
        _proposal(rates, smoothed, TOO_FEW * noisy), hyperparameters.learning_rate, kind,
    )  # fmt: skip


def _losses(
    schedule: Schedule, state: TrainingState, low: float, should_stop: Callable[[], bool]
) -> tuple[Array, Array, bool]:
    """Return the rates of the updates, the loss before the first and behind each, and whether it diverged."""
    settings = schedule.at(state.iteration)
    hyperparameters = settings.hyperparameters.replace(schedule=CONSTANT)
    rates: list[float] = []
    losses: list[float] = []
    best, rate = math.inf, low
    while True:
        if should_stop():
            raise Interrupted(tr("the range test was interrupted"))
        if rate <= HIGHEST * (1 + 1e-9):
            edits = schedule.edits(state.iteration)
            there = checked(
                schedule.lesson, hyperparameters.replace(learning_rate=rate), settings.overrides, edits
            )
        state, loss = advance(state, schedule.changed(state.iteration, there))
        losses.append(loss)
        if not losses[1:] and not math.isfinite(loss):
            raise BackpropError(tr("the loss is not finite to begin with; no rate helps there"))
        diverged = not math.isfinite(loss) or loss - best > (DIVERGED - 1) * abs(best)
        if diverged or rate > HIGHEST * (1 + 1e-9):
            return np.array(rates), np.array(losses), diverged
        best = min(best, loss)
        rates.append(rate)
        rate *= GROWTH


def _smoothed(losses: Array) -> Array:
    """Return the running mean of losses, each weighed as if it had begun with the first of them."""
    mean, smoothed = 0.0, []
    for count, loss in enumerate(losses.tolist(), 1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed.append(mean / (1 - SMOOTHING**count))
    return np.array(smoothed)


def _proposal(rates: Array, smoothed: Array, skipped: int = 0) -> RateProposal | None:
    """Return a tenth of the rate at the lowest loss; None where the loss never fell.

    The steepest fall is looked for behind the first updates that are to be skipped, where a running mean has
    few losses.
    """
    behind = smoothed[1:]
    finite = np.where(np.isfinite(behind), behind, np.inf)
    if not len(finite):
        return None
    place = int(np.argmin(finite))
    if not finite[place] < smoothed[0]:
        return None
    falls = np.diff(smoothed[: place + 2])  # over equal steps of the rate's logarithm
    first = min(skipped, place)
    steepest = float(rates[first + int(np.argmin(falls[first:]))])
    lowest = float(rates[place])
    return RateProposal(float(f"{lowest / 10:.2g}"), lowest, steepest)
