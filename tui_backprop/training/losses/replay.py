"""Exact losses again, by replay from the nearest state that is kept; beside the training, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.text.sentences import tr
from tui_backprop.training.checkpoints.anchors import Anchors
from tui_backprop.training.checkpoints.kept import nearest
from tui_backprop.training.iteration import advance
from tui_backprop.training.losses.extremes import Floats
from tui_backprop.training.runs.compiled import CompiledRuns
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import Chunk, TrainingState

REMEMBERED = 1 << 16
"""Losses that are remembered of the last replay: 512 KiB of them."""


class _Stretch(Struct, frozen=True, eq=False):
    """What the last replay came to: losses of a schedule from an iteration on, and the state behind them."""

    schedule: Schedule
    start: int
    losses: Floats
    state: TrainingState


class Looker:
    """Runs beside those of a training, so that a replay is never in its way; it remembers the last one."""

    def __init__(self, runs: CompiledRuns) -> None:
        self._lock = threading.Lock()
        self._runs = CompiledRuns(runs)
        self._stretch: _Stretch | None = None

    def go(self, state: TrainingState, schedule: Schedule, goal: int) -> Chunk:
        """Do iterations from a state, some milliseconds of them and not beyond a goal."""
        with self._lock:
            chunk = self._runs.advance(state, schedule, goal - state.iteration)
        if chunk is not None:
            return chunk
        after, loss = advance(state, schedule)
        return Chunk(np.array([loss]), after)

    def remember(self, schedule: Schedule, losses: Floats, state: TrainingState) -> None:
        """Remember losses that end in front of a state."""
        some = losses[-REMEMBERED:]
        self._stretch = _Stretch(schedule, state.iteration - len(some), some, state)

    def remembered(self, schedule: Schedule) -> _Stretch | None:
        """Return what is remembered of a schedule."""
        stretch = self._stretch
        return stretch if stretch is not None and stretch.schedule is schedule else None


class Replay(Struct, frozen=True, eq=False):
    """How to come to the losses of a training again.

    Attributes:
        looker: what does it.
        schedule: what holds at each iteration.
        states: checkpoints, ascending, the start among them.
        anchors: states all over the way.
    """

    looker: Looker
    schedule: Schedule
    states: Sequence[TrainingState]
    anchors: Anchors

    def known(self, iteration: int) -> float | None:
        """Return a loss where the last replay has come by."""
        stretch = self.looker.remembered(self.schedule)
        if stretch is None or not stretch.start <= iteration < stretch.start + len(stretch.losses):
            return None
        return float(stretch.losses[iteration - stretch.start])

    def losses(self, start: int, stop: int, should_stop: Callable[[], bool] = never) -> Iterator[Floats]:
        """Yield the losses from an iteration on up to another, in parts of any size.

        Raises:
            Interrupted: ``should_stop``, asked every few milliseconds, said so.
        """
        state = nearest(self.states, self.anchors, start)
        stretch = self.looker.remembered(self.schedule)
        if stretch is not None and state.iteration <= start < stretch.state.iteration:
            if start >= stretch.start:
                yield stretch.losses[start - stretch.start : stop - stretch.start]
                start = min(stop, stretch.state.iteration)
                state = stretch.state
        elif stretch is not None and state.iteration < stretch.state.iteration <= start:
            state = stretch.state
        came: list[Floats] = []
        while state.iteration < stop:
            if should_stop():
                raise Interrupted(
                    tr("the replay up to iteration {iteration} was interrupted", iteration=stop)
                )
            chunk = self.looker.go(state, self.schedule, stop)
            came.append(chunk.losses)
            here = chunk.losses[max(0, start - state.iteration) :]
            state = chunk.state
            while len(came) > 1 and sum(map(len, came[1:])) >= REMEMBERED:
                del came[0]
            if len(here):
                yield here
        if came:
            self.looker.remember(self.schedule, np.concatenate(came), state)
