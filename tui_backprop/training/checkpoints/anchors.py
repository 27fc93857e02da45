"""States all over the way, packed: from the nearest of them a replay to any iteration is short.

How far apart they stand is counted in goes, of which each is a few milliseconds of work, and never in time by
a clock. Nothing that is shown depends on which are kept: a replay comes to the same bits from any of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from tui_backprop.training.checkpoints.packed import packed
from tui_backprop.training.state import TrainingState


class Anchor(NamedTuple):
    """A state, packed: its iteration, and the rest."""

    iteration: int
    data: bytes


class Anchors:
    """Packed states, evenly spread over what was worked; each second one goes as there become many.

    Args:
        anchors: those of a training that is restored, ascending.
        every: of how many goes one is kept; 0 to find out.
    """

    EVERY: ClassVar[int] = 16
    """Goes from one to the next, to begin with: about 60 ms of work."""
    MOST: ClassVar[int] = 1 << 14
    """Of them: with half as many, a tenth of a second apart, a quarter of an hour."""
    NBYTES: ClassVar[int] = 8 << 20
    """What they may take."""

    def __init__(self, anchors: Sequence[Anchor] = (), every: int = 0) -> None:
        self._anchors = list(anchors)
        self.every = every or self.EVERY
        self._since = 0
        self._nbytes = sum(len(anchor.data) for anchor in anchors)

    def __len__(self) -> int:
        return len(self._anchors)

    @property
    def all(self) -> tuple[Anchor, ...]:
        """All of them, ascending."""
        return tuple(self._anchors)

    def passed(self, state: TrainingState) -> None:
        """Take note of where a go has come to, and keep it if it is due."""
        self._since += 1
        if self._since < self.every or state.nbytes > self.NBYTES // 8:
            return
        self._since = 0
        if self._anchors and self._anchors[-1].iteration >= state.iteration:
            return
        anchor = Anchor(state.iteration, packed(state))
        kept = [*self._anchors[1::2], anchor] if self._full(anchor) else None
        if kept is None:
            self._anchors.append(anchor)
            self._nbytes += len(anchor.data)
        else:
            self._anchors, self.every = kept, 2 * self.every
            self._nbytes = sum(len(one.data) for one in kept)

    def nearest(self, iteration: int) -> Anchor | None:
        """Return the last one at or before an iteration."""
        count = self._count(iteration)
        return self._anchors[count - 1] if count else None

    def truncate(self, iteration: int) -> None:
        """Forget those after an iteration."""
        if self._anchors and self._anchors[-1].iteration > iteration:
            kept = self._anchors[: self._count(iteration)]
            self._anchors, self._nbytes = kept, sum(len(anchor.data) for anchor in kept)

    def upto(self, iteration: int) -> Anchors:
        """Return those at or before an iteration."""
        return Anchors(self._anchors[: self._count(iteration)], self.every)

    def _full(self, anchor: Anchor) -> bool:
        return len(self._anchors) >= self.MOST or self._nbytes + len(anchor.data) > self.NBYTES

    def _count(self, iteration: int) -> int:
        return bisect_right(self._anchors, iteration, key=lambda anchor: anchor.iteration)
