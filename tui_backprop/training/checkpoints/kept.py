"""The checkpoints of a training: near the present each iteration has one, far back one in many.

Their number stays bounded and a replay costs a bounded share of the way back. Besides, some states all over
the way are kept packed (`anchors.py`), so that no replay is long.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tui_backprop.training.checkpoints.anchors import Anchors
from tui_backprop.training.checkpoints.packed import unpacked
from tui_backprop.training.state import TrainingState

MOST = 512
"""Checkpoints left after thinning out, however small they are."""
ANCHORS = 8
"""A share in the budget of the states all over the way; at most 8 MiB of the usual 64."""


class Checkpoints:
    """The checkpoints of one training.

    Args:
        budget: bytes that checkpoints may hold; the first and the newest are kept whatever it is.
        anchors: the states all over the way.
    """

    def __init__(self, budget: int, anchors: Anchors | None = None) -> None:
        self.budget = budget
        self.anchors = Anchors(budget // ANCHORS) if anchors is None else anchors
        self._states: list[TrainingState] = []
        self._nbytes = 0
        self._sizes: dict[tuple[str, int], int] = {}

    def __iter__(self) -> Iterator[TrainingState]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    @property
    def nbytes(self) -> int:
        """Memory that the checkpoints hold."""
        return self._nbytes

    @property
    def iterations(self) -> list[int]:
        """The iterations that have a checkpoint."""
        return [checkpoint.iteration for checkpoint in self._states]

    @property
    def states(self) -> tuple[TrainingState, ...]:
        """All of them, ascending."""
        return tuple(self._states)

    @property
    def newest(self) -> TrainingState:
        """The last checkpoint."""
        return self._states[-1]

    def add(self, state: TrainingState) -> None:
        """Keep a checkpoint, and forget those that are not before it."""
        if self._states and self._states[-1].iteration >= state.iteration:
            self.truncate(state.iteration - 1)
        self._states.append(state)
        if len(self._states) > 1:
            self.anchors.passed(state)
        self._nbytes += self._size(state)
        if len(self._states) > 2 * MOST or (len(self._states) > 2 and self._nbytes > self.budget):
            self._thin()

    def nearest(self, iteration: int) -> TrainingState:
        """Return the last checkpoint at or before an iteration, an anchor where that is later."""
        return nearest(self._states, self.anchors, iteration)

    def last(self, count: int) -> list[TrainingState]:
        """Return the newest checkpoints, ascending."""
        return self._states[max(0, len(self._states) - count) :]

    def truncate(self, iteration: int) -> None:
        """Forget checkpoints after an iteration."""
        self.anchors.truncate(iteration)
        if self._states[-1].iteration > iteration:
            del self._states[self._count(iteration) :]
            self._nbytes = sum(map(self._size, self._states))

    def upto(self, iteration: int) -> Checkpoints:
        """Return those at or before an iteration."""
        earlier = Checkpoints(self.budget, self.anchors.upto(iteration))
        earlier._states = self._states[: self._count(iteration)]
        earlier._nbytes, earlier._sizes = sum(map(self._size, earlier._states)), self._sizes.copy()
        return earlier

    def _count(self, iteration: int) -> int:
        """Return how many are at or before an iteration."""
        return bisect_right(self._states, iteration, key=lambda state: state.iteration)

    def _size(self, state: TrainingState) -> int:
        """Return a checkpoint's bytes, counted once for each kind of memory that an optimizer has."""
        kind = state.optimizer, len(state.memory)
        size = self._sizes.get(kind)
        if size is None:
            size = self._sizes[kind] = state.nbytes
        return size

    def _thin(self) -> None:
        """Drop to half of what is allowed: gaps between neighbours grow in proportion to their distance."""
        share = 1 / 64
        self._keep(share)
        while len(self._states) > 2 and (len(self._states) > MOST or self._nbytes > self.budget // 2):
            # from a half on, a neighbour stands 2, 4, 8 … times as far back; at last only the ends stay
            share = 2 * share if share < 0.5 else (1 + share) / 2 if share < 1 - 1e-9 else 2.0
            self._keep(share)

    def _keep(self, share: float) -> None:
        """Keep the first and the newest, and between them one in each ``share`` × distance."""
        first, *rest = self._states
        newest = rest[-1]
        kept = [newest]
        for checkpoint in reversed(rest[:-1]):
            distance = newest.iteration - checkpoint.iteration
            if kept[-1].iteration - checkpoint.iteration >= share * distance:
                kept.append(checkpoint)
        self._states = [first, *reversed(kept)]
        self._nbytes = sum(map(self._size, self._states))


def nearest(states: Sequence[TrainingState], anchors: Anchors, iteration: int) -> TrainingState:
    """Return the last of states, of which the first is a start, or of anchors at or before an iteration."""
    state = states[bisect_right(states, iteration, key=lambda one: one.iteration) - 1]
    anchor = anchors.nearest(iteration)
    while anchor is not None and anchor.iteration > state.iteration:
        found = unpacked(anchor.iteration, anchor.data, states[0])
        if found is not None:
            return found
        anchor = anchors.nearest(anchor.iteration - 1)  # of a session that is not what it says
    return state
