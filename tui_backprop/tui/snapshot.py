"""What the screen shows of a trainer at one moment: immutable, made by the thread that trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Record
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Node
from tui_backprop.explain.records import Explanation, explain
from tui_backprop.explain.titles import plan
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.explain.wrt import target_of
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.history import Envelope
from tui_backprop.training.trainer import Phase, Trainer

CHART_BUCKETS = 512


@dataclass(frozen=True, eq=False, slots=True)
class ParameterView:
    """One parameter: value now, gradient at this iteration's start, and what the next update makes of it.

    Gradient and next value are None while a run goes on.
    """

    name: str
    trainable: bool
    value: Array
    gradient: Array | None
    after: Array | None


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """The state behind one frame.

    Attributes:
        generation: counts lessons opened; a larger one means that everything may be different.
        plan: titles of all records of this iteration.
        records: the records done.
        explanation: of the record done last; None where none was stepped over.
        explained_iteration: the iteration that record belongs to.
        samples: the batch's samples, by index; None for all of them.
        inputs: data and this batch's samples.
        envelope: the losses before each update, and the loss now.
        rate: iterations a second, while running.
        divergence: one line, where the training left the finite numbers.
    """

    generation: int
    lesson: Lesson
    hyperparameters: Hyperparameters
    running: bool
    iteration: int
    epoch: int
    iterations_per_epoch: int
    loss: float
    phase: Phase
    position: int
    record_count: int
    plan: tuple[str, ...]
    records: tuple[Record, ...]
    explanation: Explanation | None
    explained_iteration: int
    parameters: tuple[ParameterView, ...]
    inputs: Mapping[str, Array]
    samples: tuple[int, ...] | None
    envelope: Envelope
    rate: float | None
    divergence: str | None

    @property
    def at_origin(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.iteration == 0 and self.position == 0


class Photographer:
    """Makes snapshots of one trainer; remembers what does not change between them.

    Attributes:
        target: name of the node whose chain the factors are shown in; None for each factor's own choice,
            which also holds where the graph has no such node.
    """

    def __init__(self, trainer: Trainer, generation: int) -> None:
        self.trainer, self.generation = trainer, generation
        self.target: str | None = None
        self._plans: dict[int, tuple[str, ...]] = {}
        self._explained: tuple[Record | None, str | None, Explanation | None, int] = (None, None, None, 0)
        self._values_before: dict[str, Array] = {}

    def take(self, running: bool, rate: float | None = None) -> Snapshot:
        """Return the trainer's state; while running without records, gradients and explanations."""
        trainer = self.trainer
        graph = trainer.graph
        if id(graph) not in self._plans:
            self._plans[id(graph)] = tuple(plan(graph))
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
            plan=self._plans[id(graph)],
            records=() if running else trainer.records,
            explanation=explanation,
            explained_iteration=explained,
            parameters=tuple(self._parameters(running)),
            inputs=trainer.inputs,
            samples=None if chosen is None else tuple(int(i) for i in chosen[:1000]),
            envelope=trainer.history.envelope(CHART_BUCKETS).with_next(trainer.loss),
            rate=rate,
            divergence=trainer.divergence.message if trainer.divergence else None,
        )

    def _explanation(self) -> tuple[Explanation | None, int]:
        """Explain the record done last, with the notes; at an iteration's start it is the one before's."""
        trainer = self.trainer
        record = trainer.record
        if record is None:
            return None, trainer.iteration
        if record is self._explained[0] and self.target == self._explained[1]:
            return self._explained[2], self._explained[3]
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
            return target_of(self.trainer.graph, self.target)
        except BackpropError:
            return None

    def step(self) -> None:
        """Step the trainer; what the last record's notes are about is gone afterwards, so keep it before."""
        trainer = self.trainer
        if trainer.position == trainer.record_count - 1:
            self._values_before = live_values(trainer)
        trainer.step()

    def _parameters(self, running: bool) -> Iterator[ParameterView]:
        trainer = self.trainer
        values = trainer.parameters
        gradients = {} if running else trainer.gradients
        after = {} if running else trainer.next_parameters
        for node in trainer.graph.parameters:
            yield ParameterView(
                node.name, node.trainable, values[node.name], gradients.get(node.name), after.get(node.name)
            )
