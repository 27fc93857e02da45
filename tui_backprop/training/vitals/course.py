"""How the loss went: where it began, where it is, and how much of the way was made of late."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.validation.curve import ValidationCurve

WINDOW: Final = 50
"""Batches whose losses are averaged at most: one batch's alone says little."""
SOLVED: Final = 0.05
"""Of the first loss: what is left of it where nothing needs help any more."""


class LossesKept(Protocol):
    """Losses by iteration, as a history has them."""

    @property
    def exact_from(self) -> int:
        """The iteration from which on each is kept."""

    def exact(self, start: int, stop: int) -> Array:
        """Return those of some iterations that are kept."""

    def mean(self, start: int, stop: int) -> float:
        """Return the mean of a few, roughly where they are not kept."""

    def lowest_mean_of_old(self, window: int) -> tuple[int, float] | None:
        """Return where the mean of so many is lowest among those that are not kept."""


class Past(Protocol):
    """What led to an iteration, as a trajectory has it."""

    @property
    def history(self) -> LossesKept:
        """The loss before each update."""

    @property
    def validated(self) -> ValidationCurve:
        """Some of the validation losses."""


class Course(Struct, frozen=True, eq=False):
    """The losses up to an iteration.

    Those of batches are means over an epoch, of 50 at most; those under masks that are drawn over 50. Where
    old losses are thinned out, they are means over a bucket of them.

    Attributes:
        number: the iteration.
        first: the loss at the start.
        now: the loss here.
        lowest: the least loss on the way, and ``at`` which iteration.
        half: the loss when half of the iterations were done.
        evaluated: iterations, and the validation losses there, shapes (n,); empty without [validation].
        trained: the training losses at the same iterations.
    """

    number: int
    first: float
    now: float
    lowest: float
    at: int
    half: float
    evaluated: tuple[Array, Array]
    trained: Array

    @classmethod
    def of(cls, here: Iteration, past: Past, only: Callable[[int], bool] = bool) -> Course:
        """Return how the loss went; with the validation losses that are known, where ``only`` says so."""
        history = past.history
        begin = min(history.exact_from, here.number)
        losses = history.exact(begin, here.number)
        noisy = here.schedule.batches.per_epoch if not here.graph.drawn else WINDOW
        window = max(1, min(noisy, WINDOW, here.number))
        now = float(np.mean([*losses[len(losses) - window + 1 :], here.loss]))

        def around(at: int) -> float:
            if at >= here.number:
                return now
            start = max(0, min(at - window // 2, here.number - window))
            return history.mean(start, start + window)

        iterations, evaluated = past.validated.points
        known = np.array([k <= here.number and (not k or only(int(k))) for k in iterations], bool)
        iterations, evaluated = iterations[known], evaluated[known]
        means = _means(losses, window)
        at = int(np.nanargmin(means)) if len(means) and not np.isnan(means).all() else 0
        lowest, at = (float(means[at]), begin + at) if len(means) else (now, 0)
        old = history.lowest_mean_of_old(window)
        if old is not None and not lowest < old[1]:
            at, lowest = old
        trained = [around(int(k)) for k in iterations]
        return cls(
            here.number, around(0), now, lowest, at, around(here.number // 2), (iterations, evaluated),
            np.array(trained),
        )  # fmt: skip

    @property
    def finite(self) -> bool:
        """Whether the loss is a number."""
        return math.isfinite(self.now)

    @property
    def left(self) -> float:
        """What is left of the first loss, as a share; NaN where that was not above 0."""
        return self.now / self.first if self.first > 0 else math.nan

    @property
    def solved(self) -> bool:
        """Whether so little is left of the first loss that nothing needs help."""
        return self.left <= SOLVED or (self.finite and not self.first > 0)

    @property
    def of_late(self) -> float:
        """By what share of itself the loss fell over the second half of the iterations."""
        return (self.half - self.now) / abs(self.half) if self.half else 0.0


def _means(losses: Array, window: int) -> Array:
    """Return the means of so many losses from each on."""
    if window == 1 or len(losses) < window:
        return losses
    with np.errstate(all="ignore"):
        sums = np.cumsum(np.append(0.0, losses))
        means: Array = (sums[window:] - sums[:-window]) / window
    return means
