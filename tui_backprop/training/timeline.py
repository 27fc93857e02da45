"""Checkpoints for going back: restore the nearest one before, then replay; both are exact.

Arrays are never written after they were computed, so a checkpoint holds references and costs no copying. Checkpoints
thin out with distance: near the present each iteration has one, far back one in many, so that their number stays
bounded and a replay costs a bounded share of the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.optimizers import State

MOST = 512
"""Checkpoints kept however small they are."""
OVERHEAD = 1000
"""Bytes of Python objects in a checkpoint, roughly."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything an iteration starts from; data and batch order follow from the iteration's number."""

    iteration: int
    parameters: Mapping[str, Array]
    optimizer: str
    states: Mapping[str, State]

    @property
    def nbytes(self) -> int:
        """Memory it keeps alive, if nothing else does."""
        arrays = [*self.parameters.values(), *(a for s in self.states.values() for a in s.arrays.values())]
        return OVERHEAD + sum(array.nbytes for array in arrays)


class Timeline:
    """The checkpoints of one training.

    Args:
        budget: bytes that checkpoints may hold at any moment. Iteration 0 and the newest checkpoint are always kept.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._checkpoints: list[Checkpoint] = []
        self._capacity: int | None = None

    def __len__(self) -> int:
        return len(self._checkpoints)

    @property
    def nbytes(self) -> int:
        """Memory that the checkpoints hold."""
        return sum(checkpoint.nbytes for checkpoint in self._checkpoints)

    @property
    def iterations(self) -> list[int]:
        """The iterations that have a checkpoint."""
        return [checkpoint.iteration for checkpoint in self._checkpoints]

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, later than all others."""
        self._checkpoints.append(checkpoint)
        # optimizer states appear with the first update, so the second checkpoint tells the real size
        if self._capacity is None or len(self._checkpoints) == 2:
            self._capacity = max(2, min(2 * MOST, self.budget // checkpoint.nbytes))
        if len(self._checkpoints) > self._capacity:
            self.thin()

    def nearest(self, iteration: int) -> Checkpoint:
        """Return the last checkpoint at or before an iteration."""
        return self._checkpoints[bisect_right(self._checkpoints, iteration, key=lambda c: c.iteration) - 1]

    def truncate(self, iteration: int) -> None:
        """Forget checkpoints after an iteration."""
        del self._checkpoints[bisect_right(self._checkpoints, iteration, key=lambda c: c.iteration) :]

    def thin(self) -> None:
        """Drop to half the capacity or below: the gap between neighbours grows in proportion to their distance."""
        assert self._capacity is not None
        target = max(2, self._capacity // 2)
        share = 1 / 64
        kept = self._spaced(share)
        while len(kept) > target and share < 1e12:
            share *= 2
            kept = self._spaced(share)
        self._checkpoints = kept

    def _spaced(self, share: float) -> list[Checkpoint]:
        """Keep the first and the newest, and between them one for each stretch of ``share`` × distance."""
        first, *rest = self._checkpoints
        newest = rest[-1]
        kept = [newest]
        for checkpoint in reversed(rest[:-1]):
            distance = newest.iteration - checkpoint.iteration
            if kept[-1].iteration - checkpoint.iteration >= share * distance:
                kept.append(checkpoint)
        return [first, *reversed(kept)]
