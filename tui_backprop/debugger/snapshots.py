"""Snapshots of a session: what does not change from one to the next is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.debugger.course.following import seat_of
from tui_backprop.debugger.lines.rows import RecordIndex
from tui_backprop.debugger.playground.following import FollowedPicture
from tui_backprop.debugger.session import DebugSession
from tui_backprop.debugger.snapshot import ParameterView, Snapshot
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.training.validation.baselines import NONE_KNOWN, Baselines, baselines
from tui_backprop.training.values import length

if TYPE_CHECKING:
    from tui_backprop.engine.autodiff.tape import Tape
    from tui_backprop.explain.outcome import Outcome
    from tui_backprop.lessons.hyperparameters import Hyperparameters
    from tui_backprop.lessons.lesson import Lesson
    from tui_backprop.sweeps.pins import PinnedRun
    from tui_backprop.training.workbook import Pin

    _PinKey: TypeAlias = tuple[tuple[Pin, ...], Hyperparameters]

CHART_BUCKETS = 512
RECENT = 32
"""Iterations in a parameter's sparkline."""


class _Start(Struct, frozen=True, eq=False):
    """The parameters at the start of an iteration, and the lengths that were asked for so far, by name."""

    parameters: Mapping[str, Array]
    lengths: dict[str, float]

    def length(self, name: str) -> float:
        """Return a number itself, or an array's length, worked out once."""
        if name not in self.lengths:
            with np.errstate(over="ignore"):
                self.lengths[name] = length(self.parameters[name])
        return self.lengths[name]


class SnapshotBuilder:
    """Makes snapshots of one session."""

    def __init__(self, session: DebugSession) -> None:
        self._session = session
        self._generation = session.generation
        self._indices: dict[int, RecordIndex] = {}
        self._told: tuple[Tape, Outcome | None] | None = None
        self._listed: tuple[_PinKey, tuple[PinnedRun, ...]] | None = None
        self._levels: tuple[Lesson, Baselines] | None = None
        self._picture = FollowedPicture(session)
        self._starts: list[_Start] = []
        self._viewed: tuple[Tape, int, Sequence[ParameterView]] | None = None

    def take(self, running: bool, rate: float | None = None, goal: int | None = None) -> Snapshot:
        """Return the session's state; while running without records, gradients and explanations."""
        session, trainer = self._session, self._session.trainer
        if session.generation != self._generation:
            self._generation = session.generation
            self._indices.clear()
        graph = trainer.graph
        if id(graph) not in self._indices:
            self._indices[id(graph)] = RecordIndex(graph)
        prediction = session.prediction
        if prediction is not None:
            prediction.follow(trainer)
        explained = None if running else session.explained()
        chosen, losses, ahead = trainer.sample_indices, trainer.losses, trainer.ahead
        picture, no_picture = self._picture.take(running)
        picture_choice, picture_iteration = self._picture.at
        return Snapshot(
            generation=session.generation,
            lesson=trainer.lesson,
            hyperparameters=trainer.hyperparameters,
            running=running,
            iteration=trainer.iteration,
            epoch=trainer.epoch,
            iterations_per_epoch=trainer.iterations_per_epoch,
            loss=trainer.loss,
            whole_loss=None if running else trainer.whole_loss,
            phase=trainer.phase,
            position=trainer.position,
            record_count=trainer.record_count,
            record_index=self._indices[id(graph)],
            tape=None if running else trainer.tape,
            records=() if running else trainer.lazy_records,
            explanation=explained.explanation if explained is not None else None,
            explained_iteration=explained.iteration if explained is not None else trainer.iteration,
            parameters=self._parameters(running),
            inputs=trainer.inputs,
            samples=None if chosen is None else tuple(int(i) for i in chosen[:1000]),
            envelope=trainer.history.envelope(CHART_BUCKETS).with_next(trainer.loss),
            losses=losses,
            ahead=None if ahead is None else ahead.envelope(CHART_BUCKETS, trainer.iteration + 1),
            losses_ahead=losses if ahead is None else ahead.losses,
            rate=rate,
            goal=trainer.hyperparameters.iterations if goal is None else goal,
            divergence=trainer.divergence.message if trainer.divergence else None,
            alterations=trainer.alterations,
            altered=frozenset() if running else trainer.altered,
            undoable=trainer.undoable,
            redoable=trainer.redoable,
            breakpoints=tuple(trainer.breakpoints),
            marks=trainer.workbook.marks,
            outcome=None if running else self._outcome(),
            prediction=None if prediction is None else prediction.view,
            target=session.target,
            remarks=session.remarks,
            folding=session.folding,
            evaluation=trainer.validation,
            validation_curve=trainer.validation_curve(look_back=not running),
            all_factors=session.all_factors,
            baselines=self._known_levels(),
            pins=trainer.workbook.pins,
            pinned=self._pinned(),
            picture=picture,
            no_picture=no_picture,
            picture_choice=picture_choice,
            picture_iteration=picture_iteration,
            picture_turns=self._picture.turns,
            course=seat.view if (seat := seat_of(session)) is not None else None,
        )

    def fill(self) -> bool:
        """Fill a picture that takes long a little more; tell whether there is something new to show."""
        return self._picture.grow()

    def _pinned(self) -> tuple[PinnedRun, ...]:
        """Return what tells the pinned runs apart; worked out when they, or what is set, are others."""
        trainer = self._session.trainer
        key = trainer.workbook.pins, trainer.hyperparameters
        if not key[0]:
            return ()
        if self._listed is None or self._listed[0] != key:
            from tui_backprop.sweeps.pins import listed

            self._listed = key, listed(*key)
        return self._listed[1]

    def _known_levels(self) -> Baselines:
        """Return the lesson's baselines, worked out once; not before the first update."""
        lesson = self._session.trainer.lesson
        if not self._session.trainer.iteration:
            return NONE_KNOWN
        if self._levels is None or self._levels[0] is not lesson:
            self._levels = lesson, baselines(lesson)
        return self._levels[1]

    def _outcome(self) -> Outcome | None:
        """Return what is predicted; not before the first update, whose screen need not wait for it."""
        trainer = self._session.trainer
        if not trainer.iteration:
            return None
        from tui_backprop.explain.outcome import outcome

        tape = trainer.forward_tape
        if self._told is None or self._told[0] is not tape:
            self._told = tape, outcome(trainer.graph, tape, trainer.lesson.reading.classes)
        return self._told[1]

    def _parameters(self, running: bool) -> Sequence[ParameterView]:
        """Return the parameters, which stay the same within an iteration, up to its updates."""
        trainer = self._session.trainer
        if running or self._session.secret:
            return self._parameter_views(None)
        tape, done = trainer.tape, trainer.position - trainer.record_count + len(trainer.graph.trainable)
        if self._viewed is None or self._viewed[:2] != (tape, max(done, 0)):
            self._viewed = tape, max(done, 0), self._parameter_views(tape)
        return self._viewed[2]

    def _parameter_views(self, tape: Tape | None) -> Sequence[ParameterView]:
        """Return the parameters, each looked at when it is shown, of what is complete and stays as it is."""
        trainer = self._session.trainer
        nodes, values, states = trainer.graph.parameters, trainer.parameters, trainer.optimizer_states
        after: Mapping[str, Array] = {} if tape is None else trainer.next_parameters
        edits, recent = trainer.edits, self._recent()

        def view(place: int) -> ParameterView:
            node = nodes[place]
            name = node.name
            gradient = None if tape is None else frozen(tape.gradient(node))
            state = states[name].arrays if name in states else {}
            return ParameterView(
                name, node.trainable, values[name], gradient, after.get(name), state,
                np.array([start.length(name) for start in recent]), name in edits,
            )  # fmt: skip

        return Lazy(len(nodes), view)

    def _recent(self) -> list[_Start]:
        """Return the last iterations, with the lengths that are known."""
        known = {id(start.parameters): start for start in self._starts}
        found = [parameters for _, parameters in self._session.trainer.recent_parameters(RECENT)]
        self._starts = [known.get(id(parameters)) or _Start(parameters, {}) for parameters in found]
        return self._starts
