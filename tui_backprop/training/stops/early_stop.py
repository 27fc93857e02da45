"""Early stop: the lowest validation loss so far, and how long ago that was.

All of it follows from the validation losses, and these from the parameters, so that it can be worked out
again wherever a training stands.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr


class Lowest(NamedTuple):
    """The lowest validation loss up to an iteration.

    Attributes:
        upto: the last iteration whose validation loss was looked at, like all before; −1 for none.
        iteration: where it was lowest, the first time.
        loss: how low; Infinity where there was none but NaN.
    """

    upto: int = -1
    iteration: int = 0
    loss: float = math.inf

    def followed_by(self, losses: Array) -> Lowest:
        """Return the lowest once the losses of the next iterations are looked at, shape (count,)."""
        upto, iteration, loss = self.upto + len(losses), self.iteration, self.loss
        known = np.where(np.isnan(losses), np.inf, losses)
        if len(known) and (least := float(known.min())) < loss:
            iteration, loss = self.upto + 1 + int(known.argmin()), least
        return Lowest(upto, iteration, loss)

    def stops_within(self, losses: Array, patience: int) -> int | None:
        """Return after how many more iterations a run stops, given their losses; None for none of them.

        It stops where the lowest is exactly that many iterations back, and not again until there is a lower.
        """
        known = np.where(np.isnan(losses), np.inf, losses)
        before = np.minimum.accumulate(np.append(self.loss, known))[:-1]
        numbers = np.arange(self.upto + 1, self.upto + 1 + len(known))
        since = np.maximum.accumulate(np.where(known < before, numbers, self.iteration))
        stops = np.flatnonzero(numbers - since == patience)
        return int(stops[0]) + 1 if len(stops) else None

    def upto_at_most(self, iteration: int) -> Lowest:
        """Return the lowest as it was at an iteration; nothing looked at where that is not known any more."""
        if self.upto <= iteration:
            return self
        return Lowest(iteration, self.iteration, self.loss) if self.iteration <= iteration else NOTHING_SEEN


NOTHING_SEEN = Lowest()


class EarlyStop(Struct, frozen=True):
    """A run was stopped, as the validation loss was not lower any more.

    Attributes:
        iteration: where; the run stands at its start.
        patience: for how many iterations it was not lower.
        best: the iteration where it was lowest.
        loss: the validation loss there.
    """

    iteration: int
    patience: int
    best: int
    loss: float

    @property
    def message(self) -> str:
        """One line for people."""
        return tr(
            "early stop at iteration {iteration}: for {patience} iterations the validation loss was not "
            "lower than at iteration {best}, {loss}",
            iteration=self.iteration,
            patience=self.patience,
            best=self.best,
            loss=number(self.loss),
        )
