"""States all over the way, packed: from the nearest of them a replay to any iteration is short.

How far apart they stand is counted in chunks, each a few milliseconds of work, and never in time by a clock.
Nothing that is shown depends on which are kept: a replay comes to the same bits from any of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from tui_backprop.training.checkpoints.packed import packed
from tui_backprop.training.state import OVERHEAD, TrainingState


class Anchor(NamedTuple):
    """A state, packed.

    Attributes:
        iteration: updates done.
        chunks: in how many chunks, roughly.
        data: the rest of the state.
    """

    iteration: int
    chunks: int
    data: bytes


class Anchors:
    """Packed states, evenly spread over what was worked; twice as far apart once there are many.

    Args:
        budget: bytes that they may take.
        anchors: those of a training that is restored, ascending.
    """

    EVERY: ClassVar[int] = 8
    """Chunks from one to the next, to begin with: about 30 ms of work."""
    MOST: ClassVar[int] = 1 << 14
    """Of them: half as many, a tenth of a second apart, are a quarter of an hour of work."""

    def __init__(self, budget: int, anchors: Sequence[Anchor] = ()) -> None:
        self.budget = budget
        self._keep(list(anchors), self.EVERY)

    def __len__(self) -> int:
        return len(self._anchors)

    @property
    def all(self) -> tuple[Anchor, ...]:
        """All of them, ascending."""
        return tuple(self._anchors)

    def passed(self, state: TrainingState) -> None:
        """Take note of where a chunk has come to, and keep it if it is due."""
        self._chunks += 1
        last = self._anchors[-1] if self._anchors else _START
        if self._chunks - last.chunks < self._every or state.nbytes - OVERHEAD > self.budget // 8:
            return
        if last.iteration >= state.iteration:
            return
        anchor = Anchor(state.iteration, self._chunks, packed(state))
        if len(self._anchors) >= self.MOST or self._nbytes + len(anchor.data) > self.budget:
            self._keep([*self._anchors, anchor], self._every)
        else:
            self._anchors.append(anchor)
            self._nbytes += len(anchor.data)

    def nearest(self, iteration: int) -> Anchor | None:
        """Return the last one at or before an iteration."""
        count = self._count(iteration)
        return self._anchors[count - 1] if count else None

    def truncate(self, iteration: int) -> None:
        """Forget those after an iteration."""
        if self._anchors and self._anchors[-1].iteration > iteration:
            self._keep(self._anchors[: self._count(iteration)], self._every)

    def upto(self, iteration: int) -> Anchors:
        """Return those at or before an iteration."""
        return Anchors(self.budget, self._anchors[: self._count(iteration)])

    def _keep(self, anchors: list[Anchor], every: int) -> None:
        """Have these, or as many of them as may be."""
        chunks = anchors[-1].chunks if anchors else 0
        while chunks > every * self.MOST:
            every *= 2
        nbytes = sum(len(anchor.data) for anchor in anchors)
        while anchors and (len(anchors) > self.MOST or nbytes > self.budget):
            last, spread = 0, []
            for anchor in anchors:
                if anchor.chunks - last >= every:
                    spread.append(anchor)
                    last = anchor.chunks
            every = every if len(spread) < len(anchors) else 2 * every
            anchors, nbytes = spread, sum(len(anchor.data) for anchor in spread)
        self._anchors, self._nbytes, self._every, self._chunks = anchors, nbytes, every, chunks

    def _count(self, iteration: int) -> int:
        return bisect_right(self._anchors, iteration, key=lambda anchor: anchor.iteration)


_START = Anchor(0, 0, b"")
