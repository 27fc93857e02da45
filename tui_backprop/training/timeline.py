"""Checkpoints for going back: restore the nearest one before, then replay; both are exact.

Arrays are never written after they were computed, so a checkpoint holds references and costs no copying.
Checkpoints thin out with distance: near the present each iteration has one, far back one in many, so that
their number stays bounded and a replay costs a bounded share of the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.optimizers import State

MOST = 512
"""Checkpoints left after thinning out, however small they are."""
OVERHEAD = 1000
"""Bytes of Python objects in a checkpoint, roughly."""


class Checkpoint(NamedTuple):
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
        budget: bytes that checkpoints may hold; the first and the newest are kept whatever it is.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._checkpoints: list[Checkpoint] = []
        self._nbytes = 0
        self._sizes: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._checkpoints)

    @property
    def nbytes(self) -> int:
        """Memory that the checkpoints hold."""
        return self._nbytes

    @property
    def iterations(self) -> list[int]:
        """The iterations that have a checkpoint."""
        return [checkpoint.iteration for checkpoint in self._checkpoints]

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, and forget those that are not before it."""
        if self._checkpoints and self._checkpoints[-1].iteration >= checkpoint.iteration:
            self.truncate(checkpoint.iteration - 1)
        self._checkpoints.append(checkpoint)
        self._nbytes += self._size(checkpoint)
        if len(self._checkpoints) > 2 * MOST or (len(self._checkpoints) > 2 and self._nbytes > self.budget):
            self._thin()

    def nearest(self, iteration: int) -> Checkpoint:
        """Return the last checkpoint at or before an iteration."""
        return self._checkpoints[bisect_right(self._checkpoints, iteration, key=lambda c: c.iteration) - 1]

    def last(self, count: int) -> list[Checkpoint]:
        """Return the newest checkpoints, ascending."""
        return self._checkpoints[max(0, len(self._checkpoints) - count) :]

    def truncate(self, iteration: int) -> None:
        """Forget checkpoints after an iteration."""
        del self._checkpoints[bisect_right(self._checkpoints, iteration, key=lambda c: c.iteration) :]
        self._nbytes = sum(map(self._size, self._checkpoints))

    def take(self, later: Timeline) -> None:
        """Keep the checkpoints of another timeline, later than all of this one."""
        for checkpoint in later._checkpoints:
            self.add(checkpoint)

    def _size(self, checkpoint: Checkpoint) -> int:
        """Return a checkpoint's bytes, counted once for each kind of memory that an optimizer has."""
        kind = checkpoint.optimizer, len(checkpoint.states)
        size = self._sizes.get(kind)
        if size is None:
            size = self._sizes[kind] = checkpoint.nbytes
        return size

    def _thin(self) -> None:
        """Drop to half of what is allowed: gaps between neighbours grow in proportion to their distance."""
        share = 1 / 64
        self._keep(share)
        while len(self._checkpoints) > 2 and (
            len(self._checkpoints) > MOST or self._nbytes > self.budget // 2
        ):
            # from a half on, a neighbour stands 2, 4, 8 … times as far back; at last only the ends stay
            share = 2 * share if share < 0.5 else (1 + share) / 2 if share < 1 - 1e-9 else 2.0
            self._keep(share)

    def _keep(self, share: float) -> None:
        """Keep the first and the newest, and between them one for each stretch of ``share`` × distance."""
        first, *rest = self._checkpoints
        newest = rest[-1]
        kept = [newest]
        for checkpoint in reversed(rest[:-1]):
            distance = newest.iteration - checkpoint.iteration
            if kept[-1].iteration - checkpoint.iteration >= share * distance:
                kept.append(checkpoint)
        self._checkpoints = [first, *reversed(kept)]
        self._nbytes = sum(map(self._size, self._checkpoints))
