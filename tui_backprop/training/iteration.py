"""One iteration: what it starts from, and its values, gradients, records and updates, made when asked for.

In one sweep or record by record, an iteration gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find
from tui_backprop.engine.optimizers import State, Update
from tui_backprop.engine.optimizers.updates import updates
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.batches import Batch
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import TrainingState, reached

Phase = Literal["start", "forward", "backward", "update", "end"]


def advance(state: TrainingState, schedule: Schedule) -> tuple[TrainingState, float]:
    """Do one iteration: return the state behind its updates, and the loss before them."""
    return Iteration(schedule, state).finish()


class Iteration:
    """An iteration of a schedule, and how far somebody has stepped in it.

    Attributes:
        schedule: what holds at each iteration.
        state: what this one starts from.
        number: updates done before it.
        settings: what holds at it.
        parameters: the values that it starts from, with what is moved at its start.
        position: records done.
        passed: the record that was stepped over to get to its start; None where that was no step.
    """

    __slots__ = (
        "_batch", "_complete", "_records", "_source", "_stepped", "_swept", "_updated",
        "number", "parameters", "passed", "position", "schedule", "settings", "state",
    )  # fmt: skip

    def __init__(self, schedule: Schedule, state: TrainingState, passed: Record | None = None) -> None:
        self.schedule = schedule
        self.state = state
        self.number = number = state.iteration
        self.settings = schedule.at(number)
        self.parameters = schedule.parameters(state)
        self.position = 0
        self.passed = passed
        self._batch: Batch | None = None
        self._swept: tuple[Tape, float] | None = None
        self._complete = False  # whether the swept tape has all gradients
        self._stepped: Tape | None = None
        self._records: list[Record] = []
        self._updated: dict[str, Update] = {}
        self._source: Iterator[Record] | None = None

    # ------------------------------------------------------------------ what it starts from

    @property
    def lesson(self) -> Lesson:
        """What is trained."""
        return self.schedule.lesson_at(self.number)

    @property
    def epoch(self) -> int:
        """Passes over the samples completed."""
        return self.number // self.schedule.batches.per_epoch

    @property
    def batch(self) -> Batch:
        """Its graph and samples."""
        if self._batch is None:
            self._batch = self.schedule.batch(self.number)
        return self._batch

    @property
    def graph(self) -> Graph:
        """The graph for its batch."""
        return self.batch.graph

    @property
    def sample_indices(self) -> npt.NDArray[np.intp] | None:
        """Which samples its batch has, read-only; None for all in order."""
        return self.batch.indices

    @property
    def leaves(self) -> Mapping[str, Array]:
        """Inputs and parameters that it starts from, read-only."""
        start = {name: frozen(value) for name, value in self.parameters.items()}
        return MappingProxyType({**self.batch.inputs, **start})

    @property
    def learning_rate(self) -> float:
        """The rate of its updates, by the schedule that holds at it."""
        return self.settings.coefficients_at(self.number).learning_rate

    @property
    def memory(self) -> Mapping[str, State]:
        """The optimizer's memory by parameter; none where the one before had another optimizer."""
        state = self.state
        return state.memory if state.optimizer == self.settings.hyperparameters.optimizer else {}

    # ------------------------------------------------------------------ in one sweep

    @property
    def loss(self) -> float:
        """The loss at the parameters that it starts from."""
        return self._sweep()[1]

    @property
    def known_loss(self) -> float | None:
        """The loss, where it has been computed."""
        return self._swept[1] if self._swept is not None else None

    @property
    def forward_tape(self) -> Tape:
        """All values; gradients only where somebody asked for :attr:`tape`."""
        return self._sweep()[0]

    @property
    def tape(self) -> Tape:
        """All values and gradients."""
        tape = self._sweep()[0]
        if not self._complete:
            tape.backward()
            self._complete = True
        return tape

    @property
    def altered(self) -> frozenset[int]:
        """Indices of the nodes whose value is put in, or depends on one that is."""
        graph, indices = self.graph, self.sample_indices
        altered = {graph.named[name].index for name in self.schedule.edits(self.number)}
        for index, value in self.settings.overrides_in(graph, indices).items():
            name = graph.nodes[index].name
            rows = name in self.settings.whole and indices is not None
            if not rows or not np.array_equal(value, self.batch.inputs[name]):  # else: another batch's sample
                altered.add(index)
        if altered:
            for node in graph.nodes:
                if any(operand.index in altered for operand in node.operands):
                    altered.add(node.index)
        return frozenset(altered)

    def updates(self) -> dict[str, Update]:
        """Make the updates of the trainable parameters."""
        return self._updates(training_gradients(self.tape))

    def finish(self) -> tuple[TrainingState, float]:
        """Return the state behind its updates, and its loss."""
        tape, loss = self._sweep()
        if not self._complete:  # else somebody may be looking at it, and all gradients are there
            tape.backward(tape.graph.training_factors)
        return self._after(self._updates(training_gradients(tape)), tape), loss

    def _sweep(self) -> tuple[Tape, float]:
        if self._swept is None:
            tape = self._new_tape()
            self._swept = tape, tape.forward()
        return self._swept

    def _new_tape(self) -> Tape:
        graph, inputs, indices = self.batch
        overrides = self.settings.overrides_in(graph, indices)
        return Tape(graph, {**inputs, **self.parameters}, overrides)

    def _updates(self, gradients: Mapping[str, Array]) -> dict[str, Update]:
        settings = self.settings
        # once for all, which saves a third of the time on small lessons
        with self.graph.backend.quiet():
            return updates(
                settings.rule, self.parameters, gradients, self.memory, settings.coefficients_at(self.number)
            )

    def _after(self, updates: Mapping[str, Update], tape: Tape) -> TrainingState:
        parameters: dict[str, Array] = dict(self.parameters)
        memory: dict[str, State] = {}
        for name, update in updates.items():
            parameters[name], memory[name] = update.after, update.state
        for name, node in tape.graph.handed.items():
            parameters[name] = frozen(tape.value(node))
        return reached(self.number + 1, parameters, self.settings.hyperparameters.optimizer, memory)

    # ------------------------------------------------------------------ record by record

    @property
    def total(self) -> int:
        """Records in it."""
        return record_count(self.graph)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records done."""
        return tuple(self._records[: self.position])

    @property
    def record(self) -> Record | None:
        """The record done last, or stepped over to get here."""
        return self._records[self.position - 1] if self.position else self.passed

    @property
    def phase(self) -> Phase:
        """What the record done last in it belongs to."""
        if not self.position:
            return "start"
        if self.position == self.total:
            return "end"
        record = self._records[self.position - 1]
        if isinstance(record, Assignment):
            return "forward"
        return "backward" if isinstance(record, ChainFactor) else "update"

    def record_at(self, position: int) -> Record:
        """Return the record that is the last one done at a position from 1 on, without going there."""
        self._make(position)
        return self._records[position - 1]

    def all_records(self) -> list[Record]:
        """Return all records, without going there."""
        self._make(self.total)
        return self._records

    def seek(self, position: int) -> None:
        """Go to where that many records are done."""
        self._make(position)
        self.position = position

    def jump(self, position: int) -> None:
        """Go to where that many of the records made are done; no step led there."""
        self.position, self.passed = position, None

    def finish_records(self) -> tuple[TrainingState, float] | None:
        """Return what :meth:`finish` does, from the records; None where nothing is trained."""
        self._make(self.total)
        if not self._updated or self._stepped is None:
            return None
        return self._after(self._updated, self._stepped), self._stepped.loss()

    def _make(self, count: int) -> None:
        """Make records until there are ``count``."""
        if self._source is None:
            self._source = self._produce()
        while len(self._records) < count:
            self._records.append(next(self._source))

    def _produce(self) -> Iterator[Record]:
        tape = self._stepped = self._new_tape()
        yield from tape.records()
        self._updated = self._updates(training_gradients(tape))
        scheduled = self.settings.scheduled_terms(self.number)
        for node in tape.graph.trainable:
            update = self._updated[node.name]
            terms = (*scheduled, *update.shown_terms(node.shape))
            yield ParameterUpdate(
                node, frozen(tape.gradient(node)), frozen(self.parameters[node.name]), frozen(update.after),
                terms,
            )  # fmt: skip


def record_count(graph: Graph) -> int:
    """Return how many records an iteration over this graph has."""
    return len(graph.assignments) + len(graph.factors) + len(graph.trainable)


def training_gradients(tape: Tape) -> dict[str, Array]:
    """Return the gradients that updates are made of, from a tape that has gone backward."""
    return {node.name: tape.gradient(node) for node in tape.graph.trainable}


def place_of(graph: Graph, node: str | Node, index: int | None = None) -> int:
    """Return the position at which a node's gradient is complete.

    Args:
        graph: the graph of the iteration.
        node: a name in either spelling, a sub-expression's text, or a node.
        index: in place of that, the factor into this path of the node's, counted from 0.

    Raises:
        BackpropError: an unknown node, one that the loss does not depend on, or a path it does not have.
    """
    found = _node(graph, node)
    forward = len(graph.assignments)
    paths = [
        forward + number for number, (output, i) in enumerate(graph.factors, 1) if output.operands[i] is found
    ]
    shown = pretty_text(found.name)
    if index is not None:
        if not 0 <= index < len(paths):
            right = f"0 to {len(paths) - 1}" if paths else "none, for it has no factor"
            raise BackpropError(f"{shown}: found path {index}; it must be {right}")
        return paths[index]
    if found is graph.loss:
        return forward  # ∂L/∂L = 1 stands before the first factor
    if not paths:
        raise BackpropError(f"the loss does not depend on {shown}, so no factor leads to it")
    return paths[-1]


def assignment_place(graph: Graph, node: str | Node) -> int:
    """Return the position at which a node has its value: 0 for what is given.

    Raises:
        BackpropError: an unknown node.
    """
    found = _node(graph, node)
    places = {computed: place for place, computed in enumerate(graph.assignments, 1)}
    return places.get(found, 0)


def _node(graph: Graph, node: str | Node) -> Node:
    """Return the graph's node for a name, or for a node of another batch's graph."""
    if not isinstance(node, Node):
        return find(graph, node)[0]
    nodes = graph.nodes
    if node.index >= len(nodes) or nodes[node.index].name != node.name:
        raise BackpropError(f"{pretty_text(node.name)} is no node of this lesson")
    return nodes[node.index]


def checked_position(graph: Graph, position: int, least: int = 0) -> int:
    """Return a position that an iteration has; refuse any other."""
    count = record_count(graph)
    if whole_number("position", position) > count or position < least:
        raise BackpropError(f"position: found {position}; it must be from {least} to {count}")
    return int(position)


def whole_number(name: str, value: Any) -> int:
    """Return a count as an int; refuse what is not a whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise BackpropError(
            f"{name}: found {printable(repr(value), 30)}; it must be a whole number from 0 on"
        )
    return int(value)
