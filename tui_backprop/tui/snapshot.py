"""What the screen shows of a trainer at one moment: immutable, made by the thread that trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Record, Tape
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.explain.titles import plan as titles
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.breakpoints import Breakpoint
from tui_backprop.training.editor import Alteration
from tui_backprop.training.history import Envelope
from tui_backprop.training.trainer import Phase

if TYPE_CHECKING:
    from tui_backprop.explain.predicting import PredictionView
    from tui_backprop.explain.records import Explanation
    from tui_backprop.training.workbook import KeptMark


class ParameterView(Struct, frozen=True, eq=False):
    """One parameter: value now, gradient at this iteration's start, and what the next update makes of it.

    Gradient and next value are None while a run goes on, and while they are to be predicted.

    Attributes:
        state: the optimizer's memory of it, by name.
        recent: its values, or their L2 norms, over the last iterations.
        edited: whether it was moved by hand at this iteration.
    """

    name: str
    trainable: bool
    value: Array
    gradient: Array | None
    after: Array | None
    state: Mapping[str, Array]
    recent: Array
    edited: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """The records of an iteration over one graph: their titles, and the node that each is about."""

    graph: Graph
    titles: tuple[str, ...] = field(init=False)
    nodes: tuple[Node, ...] = field(init=False)

    def __post_init__(self) -> None:
        graph = self.graph
        nodes = (*graph.assignments, *(output.operands[i] for output, i in graph.factors), *graph.trainable)
        object.__setattr__(self, "titles", tuple(titles(graph)))
        object.__setattr__(self, "nodes", nodes)

    @cached_property
    def places(self) -> Mapping[int, int]:
        """The place of the record that completes a node's gradient (or else gives its value), by index."""
        last = len(self.nodes) - len(self.graph.trainable)
        return {node.index: place for place, node in enumerate(self.nodes[:last])}


class Snapshot(Struct, frozen=True, eq=False):
    """The state behind one frame.

    Attributes:
        generation: counts lessons opened; a larger one means that everything may be different.
        plan: titles of all records of this iteration.
        records_of: the plan with the nodes that the records are about.
        tape: values and gradients of this iteration, complete; None while a run goes on.
        records: the records done.
        explanation: of the record done last; None where none was stepped over.
        explained_iteration: the iteration that record belongs to.
        samples: the batch's samples, by index; None for all of them.
        inputs: data and this batch's samples.
        envelope: the losses before each update, and the loss now.
        losses: the same, each of them.
        alterations: what was put in by hand.
        altered: indices of the nodes that depend on it.
        undoable, redoable: what undo and redo would change, in words.
        marks: the homework so far.
        prediction: what is asked, while factors are predicted.
        target: the node whose chain was chosen to be shown.
        rate: iterations a second, while running.
        goal: the iteration where the run will stop.
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
    records_of: Plan
    tape: Tape | None
    records: tuple[Record, ...]
    explanation: Explanation | None
    explained_iteration: int
    parameters: tuple[ParameterView, ...]
    inputs: Mapping[str, Array]
    samples: tuple[int, ...] | None
    envelope: Envelope
    losses: Array
    rate: float | None
    goal: int
    divergence: str | None
    alterations: tuple[Alteration, ...]
    altered: frozenset[int]
    undoable: str | None
    redoable: str | None
    breakpoints: tuple[Breakpoint, ...]
    marks: tuple[KeptMark, ...]
    prediction: PredictionView | None
    target: str | None

    @property
    def plan(self) -> tuple[str, ...]:
        """Titles of all records of this iteration."""
        return self.records_of.titles

    @property
    def graph(self) -> Graph:
        """The graph for this iteration's batch."""
        return self.records_of.graph

    @property
    def at_origin(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.iteration == 0 and self.position == 0

    @property
    def available(self) -> tuple[bool, bool, bool]:
        """Whether going back, undo and redo have anything to act on."""
        return not self.at_origin, self.undoable is not None, self.redoable is not None

    @property
    def current_node(self) -> Node | None:
        """The node that the record done last in this iteration is about; None at its start."""
        return self.records_of.nodes[self.position - 1] if self.position else None

    @property
    def current_edge(self) -> tuple[int, int] | None:
        """The factor done last: output's index, operand's place; None where the last record is none."""
        place = self.position - 1 - len(self.graph.assignments)
        if not 0 <= place < len(self.graph.factors):
            return None
        output, index = self.graph.factors[place]
        return output.index, index

    def looks_like(self, before: Snapshot | None) -> bool:
        """Tell whether records and graph look as in another snapshot: in a run they show no numbers."""
        return (
            before is not None
            and self.running
            and before.running
            and self.records_of is before.records_of
            and self.position == before.position
            and self.put_in == before.put_in
        )

    def is_hidden(self, node: Node) -> bool:
        """Tell whether a node's gradient has still to be predicted."""
        return self.prediction is not None and self.records_of.places.get(node.index, 0) >= self.position

    def is_altered(self, place: int) -> bool:
        """Tell whether a record's numbers depend on what was put in; every gradient depends on the values."""
        nodes = self.records_of.nodes
        return bool(self.altered) and (
            place >= len(self.graph.assignments) or nodes[place].index in self.altered
        )

    @property
    def put_in(self) -> frozenset[int]:
        """Indices of the nodes whose value was put in by hand."""
        names = {change.name for change in self.alterations}
        return (
            frozenset(node.index for node in self.graph.nodes if node.name in names) if names else frozenset()
        )

    @property
    def values(self) -> Sequence[Array | None]:
        """Values by node index; while running there are none."""
        return [None] * len(self.graph.nodes) if self.tape is None else self.tape.values

    @property
    def gradients(self) -> Sequence[Array | None]:
        """Gradients by node index; while running there are none."""
        if self.tape is None:
            return [None] * len(self.graph.nodes)
        return [self.tape.gradient(node) for node in self.graph.nodes]
