"""The validation losses that are shown: some of them, thinned out evenly as they become many."""

from __future__ import annotations

from tui_backprop.engine.core.arrays import Array, frozen

MOST = 512
"""Losses left after thinning out."""
OF_A_CHUNK = 8
"""Losses that are taken of iterations done in one go."""


class ValidationCurve:
    """Validation losses at some iterations."""

    def __init__(self) -> None:
        self._losses: dict[int, float] = {}
        self._last = -1

    def __contains__(self, iteration: int) -> bool:
        return iteration in self._losses

    def add(self, iteration: int, loss: float) -> None:
        """Note the validation loss of an iteration."""
        self._losses[iteration] = loss
        self._last = max(self._last, iteration)
        if len(self._losses) > 2 * MOST:
            known = sorted(self._losses)
            least = (known[-1] - known[0]) / MOST  # between two that stay
            kept = known[:1]
            for iteration in known[1:]:
                if iteration - kept[-1] >= least:
                    kept.append(iteration)
            self._losses = {iteration: self._losses[iteration] for iteration in kept}

    def take(self, first: int, losses: Array) -> None:
        """Note some of the validation losses of consecutive iterations."""
        for place in range(0, len(losses), -(-len(losses) // OF_A_CHUNK) or 1):
            self.add(first + place, float(losses[place]))

    def truncate(self, iteration: int) -> None:
        """Forget those after an iteration."""
        if self._last > iteration:
            self._losses = {known: loss for known, loss in self._losses.items() if known <= iteration}
            self._last = iteration

    @property
    def points(self) -> tuple[Array, Array]:
        """The iterations, ascending, and the losses, both of shape (count,)."""
        iterations = sorted(self._losses)
        return frozen(iterations), frozen([self._losses[iteration] for iteration in iterations])
