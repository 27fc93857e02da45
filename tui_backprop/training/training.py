"""A training: where it stands, what led there, and the moves between iterations.

An interrupt at any moment finds either the old place or the new one: everything is worked out first, and the
place is one assignment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from msgspec import Struct

from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.core.errors import never
from tui_backprop.training.checkpoints.anchors import Anchor
from tui_backprop.training.checkpoints.kept import Checkpoints
from tui_backprop.training.history import Envelope, History
from tui_backprop.training.iteration import Iteration, checked_position
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.losses.replay import Looker, Replay
from tui_backprop.training.losses.sequence import Losses
from tui_backprop.training.runs.compiled import NOWHERE, CompiledRuns, Stop, are_finite
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import Chunk, TrainingState
from tui_backprop.training.stops.divergence import Divergence, locate
from tui_backprop.training.stops.early_stop import Lowest
from tui_backprop.training.trajectory import Trajectory


class LossesAhead(Struct, frozen=True, eq=False):
    """What was reached before one went back; entry k of the losses is that of iteration k.

    Attributes:
        history: the losses, for a chart.
        losses: each of them.
    """

    history: History
    losses: Losses

    def __len__(self) -> int:
        return len(self.history)

    def envelope(self, columns: int, start: int = 0) -> Envelope:
        """Sum the losses up from an iteration on, as :meth:`History.envelope` does."""
        return self.history.envelope(columns, start)


class Training:
    """A training that stands at an iteration, or within it.

    Args:
        schedule: what holds at each iteration.
        memory: bytes that checkpoints may hold.

    Attributes:
        here: the iteration where it stands.
        trajectory: the states and losses that led there.
        runs: what does many iterations at speed.
        looker: what replays at speed for those who look on, from any thread.
        ahead: what was reached before one went back, while it would be reached again; None where there is
            nothing.
        divergence: where it left the finite numbers, once that was looked for.
    """

    here: Iteration
    trajectory: Trajectory
    ahead: LossesAhead | None
    divergence: Divergence | None

    def __init__(self, schedule: Schedule, memory: int) -> None:
        self._memory = memory
        self.runs = CompiledRuns()
        self.looker = Looker(self.runs)
        self.begin(schedule)

    # ------------------------------------------------------------------ forward

    def advance(self) -> None:
        """Do this iteration without records; the same numbers as stepping through it."""
        self.arrive(*self.here.finish())

    def seek(self, position: int) -> Record | None:
        """Go to where that many records of this iteration are done, and return the last of them."""
        here = self.here
        if position <= here.position:
            if position < here.position:
                here.jump(position)
            return here.record
        record = here.record_at(position)
        done = here.finish() if position == here.total and here.lesson.trains else None
        if done is None:
            here.seek(position)
        else:
            self.arrive(*done, passed=record)
        return record

    def finish(self) -> None:
        """Go to the end of this iteration's records; where it trains, that is the start of the next one."""
        here = self.here
        if here.lesson.trains:
            self.arrive(*here.finish())
        else:
            here.jump(here.total)

    def advance_many(self, most: int, stop: Stop = NOWHERE) -> Chunk | None:
        """Do many iterations as compiled code, and return what came of it; None where there were none."""
        here = self.here
        chunk = self.runs.advance(here.state, here.schedule, most, stop)
        if chunk is not None:
            self.trajectory.extend(chunk)
            self.here = Iteration(here.schedule, chunk.state)
        return chunk

    def lowest(self, iteration: int, should_stop: Callable[[], bool]) -> Lowest:
        """Return the lowest validation loss up to an iteration that was reached.

        Raises:
            Interrupted: ``should_stop``, asked before each iteration that has to be replayed, said so.
        """
        return self.trajectory.look(iteration, self.here.schedule, should_stop)

    def arrive(self, state: TrainingState, loss: float, passed: Record | None = None) -> None:
        """Stand at the start of the next iteration.

        Args:
            state: what this iteration came to.
            loss: the loss before its updates.
            passed: the record that was stepped over to get there.
        """
        self.trajectory.add(state, loss)
        self.here = Iteration(self.here.schedule, state, passed)

    # ------------------------------------------------------------------ back, and elsewhere

    def begin(self, schedule: Schedule) -> None:
        """Stand at the start of a schedule."""
        start = schedule.start()
        trajectory, here = Trajectory(start, self.runs, self._memory), Iteration(schedule, start)
        self.trajectory, self.here, self.ahead, self.divergence = trajectory, here, None, None

    def resume(
        self,
        schedule: Schedule,
        states: Sequence[TrainingState],
        losses: Kept,
        lowest: Lowest,
        anchors: Sequence[Anchor],
    ) -> None:
        """Stand at the last of these states, to which another training of the same lesson has led.

        Args:
            schedule: what led there, and further on.
            states: checkpoints, ascending.
            losses: the loss before each update.
            lowest: the lowest validation loss.
            anchors: states all over the way.
        """
        start = schedule.start()
        trajectory = Trajectory(start, self.runs, self._memory, losses, states, lowest, anchors)
        here = Iteration(schedule, states[-1])
        self.trajectory, self.here, self.ahead, self.divergence = trajectory, here, None, None

    def go_to(
        self,
        iteration: int,
        should_stop: Callable[[], bool] | None = None,
        *,
        position: int = 0,
        schedule: Schedule | None = None,
    ) -> None:
        """Go back to an iteration; the way there may be long.

        Args:
            iteration: where to.
            should_stop: asked before each iteration that has to be replayed.
            position: records to be done in it; below 0, counted from its end.
            schedule: what is to hold there and from there on, in place of what does now.

        Raises:
            Interrupted: ``should_stop`` said so; nothing has changed.
        """
        kept = self.trajectory.back_to(iteration, self.here.schedule, should_stop or never)
        here = Iteration(schedule or self.here.schedule, kept.newest)
        here.seek(position if position >= 0 else here.total + position)
        ahead = None if schedule is not None else self._reached()
        if schedule is not None:
            self._forget_evaluated(schedule, iteration)
        self.here, self.ahead, self.divergence = here, ahead, None
        self.trajectory.truncate(kept)

    def _forget_evaluated(self, schedule: Schedule, iteration: int) -> None:
        """Forget an iteration's validation loss, where either schedule moves parameters at its start."""
        if schedule.edits(iteration) or self.here.schedule.edits(iteration):
            self.trajectory.forget_evaluated(iteration - 1)

    @property
    def losses(self) -> Losses:
        """The loss before each update, as they are now."""
        return self._losses(self.trajectory.history, self.here.number, self.trajectory.checkpoints)

    def _losses(self, history: History, length: int, checkpoints: Checkpoints) -> Losses:
        kept = history.kept(length)
        if not kept.origin:
            return Losses(kept)
        states = checkpoints.states, checkpoints.anchors.upto(length)
        return Losses(kept, Replay(self.looker, self.here.schedule, *states))

    def _reached(self) -> LossesAhead | None:
        """Return the losses as far as this schedule has been followed, the one here included."""
        number, history = self.here.number, self.trajectory.history
        if self.ahead is not None and len(self.ahead) > number:
            return self.ahead
        if len(history) != number:
            return None  # left so by an interrupt
        reached = history.shared()
        reached.append(self.here.loss)
        return LossesAhead(reached, self._losses(reached, len(reached), self.trajectory.checkpoints))

    def go_under(
        self, schedule: Schedule, iteration: int, position: int, should_stop: Callable[[], bool] | None = None
    ) -> None:
        """Use another schedule from an iteration on: stand there, or before it, where we are.

        Raises:
            Interrupted: as :meth:`go_to` does.
        """
        here = self.here
        if here.number > iteration:
            self.go_to(iteration, should_stop, position=position, schedule=schedule)
        else:
            self.stand(schedule, min(here.position, position) if here.number == iteration else here.position)

    def go_into(
        self, schedule: Schedule, iteration: int, position: int, should_stop: Callable[[], bool] | None = None
    ) -> None:
        """Go to a place under another schedule from its start, all of which is replayed.

        Raises:
            Interrupted: as :meth:`go_to` does.
        """
        trajectory = Trajectory(schedule.start(), self.runs, self._memory)
        trajectory.reach(iteration, schedule, should_stop or never)
        here = Iteration(schedule, trajectory.checkpoints.newest)
        here.seek(position)
        self.trajectory, self.here, self.ahead, self.divergence = trajectory, here, None, None

    def stand(self, schedule: Schedule, position: int) -> None:
        """Do this iteration's records anew, under another schedule from here on, up to a position."""
        here = Iteration(schedule, self.here.state, self.here.passed)
        here.seek(position)
        self._forget_evaluated(schedule, here.number)
        self.here, self.ahead, self.divergence = here, None, None

    def go_inside(self, position: int, *, stepped: bool) -> None:
        """Go inside the iteration where a training was left, with the record that was stepped over before."""
        here, schedule = self.here, self.here.schedule
        if stepped and here.number and not position:
            before = Iteration(schedule, self.trajectory.state_at(here.number - 1, schedule))
            here.passed = before.record_at(before.total)
        here.seek(checked_position(here.graph, position))

    # ------------------------------------------------------------------ numbers that are not finite

    def is_finite(self) -> bool:
        """Tell whether loss and parameters are finite, and find the culprit where they are not."""
        if math.isfinite(self.here.loss) and are_finite(self.here.parameters):
            return True
        if self.divergence is None:
            self.divergence = self._locate()
        return False

    def _locate(self) -> Divergence:
        """Name the first record that left the finite numbers, in the update before or in this iteration."""
        here = self.here
        number = here.number - 1 if here.number and not are_finite(here.parameters) else here.number
        state = here.state if number == here.number else self.trajectory.state_at(number, here.schedule)
        spoilt = Iteration(here.schedule, state)
        return locate(spoilt.tape, spoilt.all_records(), number)
