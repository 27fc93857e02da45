"""One iteration: what it starts from, and its values, gradients, records and updates, made when asked for.

In one sweep or record by record, an iteration gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import ParameterUpdate, Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.engine.optimizers import State, Update
from tui_backprop.engine.optimizers.updates import updates
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
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
        "_batch", "_complete", "_next", "_records", "_source", "_stepped", "_stepped_over", "_swept",
        "_updated",
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
        self._next: Mapping[str, Update] | None = None
        self._records: dict[int, Record] = {}  # by place
        self._stepped_over = 0  # so many were made one after the other, on a tape of their own
        self._stepped: Tape | None = None
        self._updated: Mapping[str, Update] = {}
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

    def updates(self) -> Mapping[str, Update]:
        """Return the updates of the trainable parameters."""
        if self._next is None:
            self._next = self._updates(training_gradients(self.tape))
        return self._next

    def finish(self) -> tuple[TrainingState, float]:
        """Return the state behind its updates, and its loss."""
        if self._stepped is not None and self._stepped_over == self.total:
            return self._after(self._updated, self._stepped), self._stepped.loss()
        tape, loss = self._sweep()
        if self._complete:  # somebody may be looking at it
            return self._after(self.updates(), tape), loss
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
    def records(self) -> Lazy[Record]:
        """The records done."""
        return Lazy(self.position, self.pick)

    @property
    def record(self) -> Record | None:
        """The record done last, or stepped over to get here."""
        return self.record_at(self.position) if self.position else self.passed

    @property
    def updates_done(self) -> Sequence[ParameterUpdate]:
        """The updates among them."""
        first = len(self.graph.assignments) + len(self.graph.factors)
        done = (self.pick(place) for place in range(first, self.position))
        return [record for record in done if isinstance(record, ParameterUpdate)]

    @property
    def phase(self) -> Phase:
        """What the record done last in it belongs to."""
        if not self.position:
            return "start"
        if self.position == self.total:
            return "end"
        forward = len(self.graph.assignments)
        if self.position <= forward:
            return "forward"
        return "backward" if self.position <= forward + len(self.graph.factors) else "update"

    def record_at(self, position: int) -> Record:
        """Return the record that is the last one done at a position from 1 on, without going there.

        The next one is made of the one before, as stepping does; any other is picked out.
        """
        if position == self._stepped_over + 1 and position - 1 not in self._records:
            self._make(position)
        return self.pick(position - 1)

    def pick(self, place: int) -> Record:
        """Return the record at a place from 0 on; once all gradients are there, any thread may ask."""
        record = self._records.get(place)
        if record is None:
            updates = place - len(self.graph.assignments) - len(self.graph.factors)
            if updates < 0:
                record = self.tape.record(place)
            else:
                record = self._update_of(self.graph.trainable[updates], self.updates(), self.tape)
            self._records[place] = record
        return record

    def all_records(self) -> list[Record]:
        """Return all records, without going there."""
        self._make(self.total)
        return [self._records[place] for place in range(self.total)]

    def seek(self, position: int) -> None:
        """Go to where that many records are done, and refuse it where the last of them cannot be made."""
        if position:
            self.record_at(position)
        self.position = position

    def jump(self, position: int) -> None:
        """Go to where that many of the records are done; no step led there."""
        self.position, self.passed = position, None

    def _make(self, count: int) -> None:
        """Make records, each of the one before, until there are ``count``."""
        if self._source is None:
            self._source = self._produce()
        while self._stepped_over < count:
            self._records.setdefault(self._stepped_over, next(self._source))
            self._stepped_over += 1

    def _produce(self) -> Iterator[Record]:
        tape = self._stepped = self._new_tape()
        yield from tape.records()
        self._updated = self._updates(training_gradients(tape))
        for node in tape.graph.trainable:
            yield self._update_of(node, self._updated, tape)

    def _update_of(self, node: Node, updates: Mapping[str, Update], tape: Tape) -> ParameterUpdate:
        update = updates[node.name]
        terms = (*self.settings.scheduled_terms(self.number), *update.shown_terms(node.shape))
        before = frozen(self.parameters[node.name])
        return ParameterUpdate(node, frozen(tape.gradient(node)), before, frozen(update.after), terms)


def record_count(graph: Graph) -> int:
    """Return how many records an iteration over this graph has."""
    return len(graph.assignments) + len(graph.factors) + len(graph.trainable)


def training_gradients(tape: Tape) -> dict[str, Array]:
    """Return the gradients that updates are made of, from a tape that has gone backward."""
    return {node.name: tape.gradient(node) for node in tape.graph.trainable}


def checked_position(graph: Graph, position: int, least: int = 0) -> int:
    """Return a position that an iteration has; refuse any other."""
    count = record_count(graph)
    if whole_number("position", position) > count or position < least:
        raise BackpropError(
            tr(
                "position: found {position}; it must be from {least} to {most}",
                position=position,
                least=least,
                most=count,
            )
        )
    return int(position)


def whole_number(name: str, value: Any) -> int:
    """Return a count as an int; refuse what is not a whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise BackpropError(
            tr(
                "{name}: found {found}; it must be a whole number from 0 on",
                name=name,
                found=printable(repr(value), 30),
            )
        )
    return int(value)


def checked_iteration(value: Any, here: int) -> int:
    """Return an iteration to go back to; refuse one that has not been reached."""
    iteration = whole_number("to_iteration", value)
    if iteration <= here:
        return iteration
    reason = tr(
        "to_iteration: found {found}; it must be from 0 to {here}, where we are", found=iteration, here=here
    )
    raise BackpropError(reason)
