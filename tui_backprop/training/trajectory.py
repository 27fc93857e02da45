"""The trajectory of a training: checkpoints of the states it went through, and the loss before each update.

To go back is to restore the nearest checkpoint before and to replay the rest; both are exact. Checkpoints
thin out with distance: near the present each iteration has one, far back one in many, so that their number
stays bounded and a replay costs a bounded share of the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.training.history import History
from tui_backprop.training.iteration import advance
from tui_backprop.training.runs.compiled import NOWHERE, CompiledRuns, Stop
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import Chunk, TrainingState
from tui_backprop.training.stops.early_stop import NOTHING_SEEN, Lowest
from tui_backprop.training.validation.curve import ValidationCurve
from tui_backprop.training.validation.evaluation import validation_loss

MOST = 512
"""Checkpoints left after thinning out, however small they are."""


class Trajectory:
    """The states and losses that a training went through, as far as they are kept.

    Attributes:
        history: the loss before each update.
        checkpoints: the states.
        lowest: the lowest validation loss, as far as an early stop has looked at them.
        validated: some of the validation losses, to be shown.

    Args:
        start: the state before the first update.
        runs: what replays at speed.
        memory: bytes that checkpoints may hold.
        losses: those of a training that is restored.
        states: its checkpoints, ascending.
        lowest: its lowest validation loss.
    """

    def __init__(
        self,
        start: TrainingState,
        runs: CompiledRuns,
        memory: int,
        losses: Array | None = None,
        states: Sequence[TrainingState] = (),
        lowest: Lowest = NOTHING_SEEN,
    ) -> None:
        self.history = History()
        self.checkpoints = Checkpoints(memory)
        self.checkpoints.add(start)
        self.lowest = lowest
        self.validated = ValidationCurve()
        self._runs = runs
        if losses is not None:
            self.history.extend(losses)
        for state in states:
            if state.iteration:
                self.checkpoints.add(state)

    def extend(self, chunk: Chunk) -> None:
        """Go on with what some iterations came to.

        What is there behind their start, left by an interrupt or of a future gone back from, is forgotten.
        """
        start = chunk.state.iteration - len(chunk.losses)
        self._forget_behind(start)
        self.history.extend(chunk.losses)
        self.checkpoints.add(chunk.state)
        self._take(start, chunk.validation)

    def _take(self, start: int, validation: Array | None) -> None:
        """Note the validation losses of iterations from one on, where those before are known."""
        known = self.lowest.upto - start + 1
        if validation is not None and known >= 0:
            self.lowest = self.lowest.followed_by(validation[known:])
            self.validated.take(start, validation)

    def add(self, state: TrainingState, loss: float) -> None:
        """Go on with what one iteration came to; as :meth:`extend`."""
        self._forget_behind(state.iteration - 1)
        self.history.append(loss)
        self.checkpoints.add(state)

    def _forget_behind(self, start: int) -> None:
        if len(self.history) > start:
            self.history.truncate(start)
        if self.checkpoints.newest.iteration > start:
            self.checkpoints.truncate(start)
        self.forget_evaluated(start)

    def state_at(
        self, iteration: int, schedule: Schedule, should_stop: Callable[[], bool] = never
    ) -> TrainingState:
        """Return the state of an iteration that was reached: the nearest checkpoint, and the rest replayed.

        Raises:
            Interrupted: ``should_stop``, asked before each iteration that has to be replayed, said so.
        """
        return self.back_to(iteration, schedule, should_stop).newest

    def back_to(
        self, iteration: int, schedule: Schedule, should_stop: Callable[[], bool] = never
    ) -> Checkpoints:
        """Return what is kept once one has gone back to an iteration; its state is the newest of them.

        Raises:
            Interrupted: as :meth:`state_at` does.
        """
        kept = self.checkpoints.upto(iteration)
        for chunk in self._replay(kept.newest, iteration, schedule, should_stop):
            kept.add(chunk.state)
        return kept

    def truncate(self, kept: Checkpoints) -> None:
        """Forget all but these checkpoints, and the losses from the newest of them on."""
        self.history.truncate(kept.newest.iteration)
        self.checkpoints = kept
        self.forget_evaluated(kept.newest.iteration)

    def forget_evaluated(self, iteration: int) -> None:
        """Forget the validation losses after an iteration."""
        self.lowest = self.lowest.upto_at_most(iteration)
        self.validated.truncate(iteration)

    def reach(self, iteration: int, schedule: Schedule, should_stop: Callable[[], bool] = never) -> None:
        """Go on to an iteration.

        Raises:
            Interrupted: as :meth:`state_at` does.
        """
        for chunk in self._replay(self.checkpoints.newest, iteration, schedule, should_stop):
            self.extend(chunk)

    def look(self, iteration: int, schedule: Schedule, should_stop: Callable[[], bool] = never) -> Lowest:
        """Return the lowest validation loss up to an iteration; those not looked at yet are worked out.

        What was done when it is interrupted stays.

        Raises:
            Interrupted: as :meth:`state_at` does.
        """
        if self.lowest.upto < iteration:
            state = self.state_at(self.lowest.upto + 1, schedule, should_stop)
            self._see(schedule, state)
            while state.iteration < iteration:
                stop = Stop(lowest=self.lowest)
                chunk = next(self._replay(state, iteration, schedule, should_stop, stop))
                self._take(state.iteration, chunk.validation)
                state = chunk.state
                self._see(schedule, state)
        return self.lowest

    def _see(self, schedule: Schedule, state: TrainingState) -> None:
        loss = validation_loss(schedule.lesson_at(state.iteration), schedule.parameters(state))
        self.lowest = self.lowest.followed_by(np.array([loss]))

    def recent(self, count: int, schedule: Schedule) -> Iterator[tuple[int, Mapping[str, Array]]]:
        """Yield the parameters at the starts of the last iterations that have a checkpoint."""
        for state in self.checkpoints.last(count):
            yield state.iteration, schedule.parameters(state)

    def _replay(
        self,
        state: TrainingState,
        goal: int,
        schedule: Schedule,
        should_stop: Callable[[], bool],
        stop: Stop = NOWHERE,
    ) -> Iterator[Chunk]:
        """Do whole iterations from a state up to the start of one."""
        while state.iteration < goal:
            if should_stop():
                raise Interrupted(f"going back to iteration {goal} was interrupted")
            chunk = self._runs.advance(state, schedule, goal - state.iteration, stop)
            if chunk is None:
                after, loss = advance(state, schedule)
                chunk = Chunk(np.array([loss]), after)
            state = chunk.state
            yield chunk


class Checkpoints:
    """The checkpoints of one training.

    Args:
        budget: bytes that checkpoints may hold; the first and the newest are kept whatever it is.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
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
    def newest(self) -> TrainingState:
        """The last checkpoint."""
        return self._states[-1]

    def add(self, state: TrainingState) -> None:
        """Keep a checkpoint, and forget those that are not before it."""
        if self._states and self._states[-1].iteration >= state.iteration:
            self.truncate(state.iteration - 1)
        self._states.append(state)
        self._nbytes += self._size(state)
        if len(self._states) > 2 * MOST or (len(self._states) > 2 and self._nbytes > self.budget):
            self._thin()

    def nearest(self, iteration: int) -> TrainingState:
        """Return the last checkpoint at or before an iteration."""
        return self._states[self._count(iteration) - 1]

    def last(self, count: int) -> list[TrainingState]:
        """Return the newest checkpoints, ascending."""
        return self._states[max(0, len(self._states) - count) :]

    def truncate(self, iteration: int) -> None:
        """Forget checkpoints after an iteration."""
        if self._states[-1].iteration > iteration:
            del self._states[self._count(iteration) :]
            self._nbytes = sum(map(self._size, self._states))

    def upto(self, iteration: int) -> Checkpoints:
        """Return those at or before an iteration."""
        earlier = Checkpoints(self.budget)
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
