"""The trajectory of a training: checkpoints of the states it went through, and the loss before each update.

To go back is to restore the nearest checkpoint before and to replay the rest; both are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.text.sentences import tr
from tui_backprop.training.checkpoints.anchors import Anchor, Anchors
from tui_backprop.training.checkpoints.kept import ANCHORS, Checkpoints
from tui_backprop.training.history import History
from tui_backprop.training.iteration import advance
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.runs.compiled import NOWHERE, CompiledRuns, Stop
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import Chunk, TrainingState
from tui_backprop.training.stops.early_stop import NOTHING_SEEN, Lowest
from tui_backprop.training.validation.curve import ValidationCurve
from tui_backprop.training.validation.evaluation import validation_loss


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
        anchors: its states all over the way.
    """

    def __init__(
        self,
        start: TrainingState,
        runs: CompiledRuns,
        memory: int,
        losses: Kept = Kept(),  # noqa: B008
        states: Sequence[TrainingState] = (),
        lowest: Lowest = NOTHING_SEEN,
        anchors: Sequence[Anchor] = (),
    ) -> None:
        self.history = History(losses)
        self.checkpoints = Checkpoints(memory)
        self.checkpoints.add(start)
        self.lowest = lowest
        self.validated = ValidationCurve()
        self._runs = runs
        for state in states:
            if state.iteration:
                self.checkpoints.add(state)
        if anchors:
            self.checkpoints.anchors = Anchors(memory // ANCHORS, anchors)

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
        state = self.checkpoints.nearest(iteration)
        for chunk in self._replay(state, iteration, schedule, should_stop):
            state = chunk.state
        return state

    def back_to(
        self, iteration: int, schedule: Schedule, should_stop: Callable[[], bool] = never
    ) -> Checkpoints:
        """Return what is kept once one has gone back to an iteration; its state is the newest of them.

        The history knows then what :meth:`truncate` needs.

        Raises:
            Interrupted: as :meth:`state_at` does.
        """
        first = self.history.bucket_start(iteration)
        kept, losses = self.checkpoints.upto(first), [np.empty(0)]
        begin = self.checkpoints.nearest(first)
        if begin.iteration > kept.newest.iteration:
            kept.add(begin)
        for chunk in self._replay(begin, iteration, schedule, should_stop):
            kept.add(chunk.state)
            if first < iteration:
                losses.append(chunk.losses)
        if first < iteration:  # in a bucket of losses that are thinned out
            self.history.know(begin.iteration, np.concatenate(losses))
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
                raise Interrupted(tr("going back to iteration {iteration} was interrupted", iteration=goal))
            chunk = self._runs.advance(state, schedule, goal - state.iteration, stop)
            if chunk is None:
                after, loss = advance(state, schedule)
                chunk = Chunk(np.array([loss]), after)
            state = chunk.state
            yield chunk
