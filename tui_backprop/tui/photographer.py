"""The camera of the thread that trains: it takes snapshots of one trainer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import Record
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Node
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.snapshot import ParameterView, Plan, Snapshot

if TYPE_CHECKING:
    from tui_backprop.explain.predicting import Prediction
    from tui_backprop.explain.records import Explanation

CHART_BUCKETS = 512
RECENT = 32
"""Iterations in a parameter's sparkline."""


class Photographer:
    """Makes snapshots of one trainer; remembers what does not change between them.

    Attributes:
        target: name of the node whose chain the factors are shown in; None for each factor's own choice,
            which also holds where the graph has no such node.
        prediction: asks for factors before they are shown; None while none are asked for.
    """

    def __init__(self, trainer: Trainer, generation: int) -> None:
        self.trainer, self.generation = trainer, generation
        self.target: str | None = None
        self.prediction: Prediction | None = None
        self._plans: dict[int, Plan] = {}
        self._explained: tuple[Record | None, str | None, Explanation | None, int] = (None, None, None, 0)
        self._values_before: dict[str, Array] = {}

    def take(self, running: bool, rate: float | None = None, goal: int | None = None) -> Snapshot:
        """Return the trainer's state; while running without records, gradients and explanations."""
        trainer = self.trainer
        graph = trainer.graph
        if id(graph) not in self._plans:
            self._plans[id(graph)] = Plan(graph)
        if self.prediction is not None:
            self.prediction.follow(trainer)
        explanation, explained = (None, trainer.iteration) if running else self._explanation()
        chosen = trainer.sample_indices
        return Snapshot(
            generation=self.generation,
            lesson=trainer.lesson,
            hyperparameters=trainer.hyperparameters,
            running=running,
            iteration=trainer.iteration,
            epoch=trainer.epoch,
            iterations_per_epoch=trainer.iterations_per_epoch,
            loss=trainer.loss,
            phase=trainer.phase,
            position=trainer.position,
            record_count=trainer.record_count,
            records_of=self._plans[id(graph)],
            tape=None if running else trainer.tape,
            records=() if running else trainer.records,
            explanation=explanation,
            explained_iteration=explained,
            parameters=tuple(self._parameters(running)),
            inputs=trainer.inputs,
            samples=None if chosen is None else tuple(int(i) for i in chosen[:1000]),
            envelope=trainer.history.envelope(CHART_BUCKETS).with_next(trainer.loss),
            losses=trainer.losses,
            rate=rate,
            goal=trainer.hyperparameters.iterations if goal is None else goal,
            divergence=trainer.divergence.message if trainer.divergence else None,
            alterations=trainer.alterations,
            altered=frozenset() if running else trainer.altered,
            undoable=trainer.undoable,
            redoable=trainer.redoable,
            breakpoints=tuple(trainer.breakpoints),
            marks=trainer.workbook.marks,
            prediction=None if self.prediction is None else self.prediction.view,
            target=self.target,
        )

    def _explanation(self) -> tuple[Explanation | None, int]:
        """Explain the record done last, with the notes; at an iteration's start it is the one before's."""
        trainer = self.trainer
        record = trainer.record
        if record is None:
            return None, trainer.iteration
        if record is self._explained[0] and self.target == self._explained[1]:
            return self._explained[2], self._explained[3]
        from tui_backprop.explain.records import Explanation, explain
        from tui_backprop.explain.whys import why_rows

        at_end = trainer.position == 0  # the iteration's last record, seen from the start of the next one
        notes = why_rows(trainer, record, self._values_before if at_end else None)
        explanation = explain(record, trainer.tape, self._target())
        rows = (*explanation.rows, *notes)
        explanation = Explanation(explanation.title, rows, explanation.values)
        self._explained = record, self.target, explanation, trainer.iteration - at_end
        return self._explained[2], self._explained[3]

    def _target(self) -> Node | None:
        """Return the node chosen, in this batch's graph."""
        if self.target is None:
            return None
        try:
            return find_one(self.trainer.graph, self.target)
        except BackpropError:
            return None

    def step(self) -> None:
        """Step the trainer; what the last record's notes are about is gone afterwards, so keep it before."""
        trainer = self.trainer
        if trainer.position == trainer.record_count - 1:
            from tui_backprop.explain.whys import live_values

            self._values_before = live_values(trainer)
        trainer.step()

    def _parameters(self, running: bool) -> Iterator[ParameterView]:
        trainer = self.trainer
        values, states, edits = trainer.parameters, trainer.optimizer_states, trainer.edits
        hidden = running or self.prediction is not None
        after = {} if hidden else trainer.next_parameters
        for node in trainer.graph.parameters:
            name = node.name
            state = states[name].arrays if name in states else {}
            _, recent = trainer.recent(name, RECENT)
            gradient = None if hidden else frozen(trainer.tape.gradient(node))
            yield ParameterView(
                name, node.trainable, values[name], gradient, after.get(name), state, recent, name in edits
            )
