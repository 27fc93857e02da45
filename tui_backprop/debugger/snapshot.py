"""What the screen shows of a trainer at one moment: immutable, made by the thread that trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.debugger.command import Need
from tui_backprop.debugger.lines.folding import Folding
from tui_backprop.debugger.lines.rows import RecordIndex, RecordRow
from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.changes.interventions import Alteration
from tui_backprop.training.history import Envelope
from tui_backprop.training.iteration import Phase
from tui_backprop.training.losses.sequence import Losses
from tui_backprop.training.stops.breakpoints import Breakpoint
from tui_backprop.training.validation.baselines import NONE_KNOWN, Baselines
from tui_backprop.training.validation.evaluation import Evaluation

if TYPE_CHECKING:
    from tui_backprop.debugger.predicting import PredictionView
    from tui_backprop.debugger.seat.view import CourseView
    from tui_backprop.debugger.session import PictureChoice
    from tui_backprop.explain.outcome import Outcome
    from tui_backprop.explain.record import Explanation
    from tui_backprop.lessons.remarks.remark import Remark
    from tui_backprop.pictures.picture import Picture
    from tui_backprop.sweeps.pins import PinnedRun
    from tui_backprop.training.workbook import KeptMark, Pin


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


class Snapshot(Struct, frozen=True, eq=False):
    """The state behind one frame.

    Attributes:
        generation: counts lessons opened; a larger one means that everything may be different.
        record_index: titles of all records of this iteration, and the nodes that they are about.
        tape: values and gradients of this iteration, complete; None while a run goes on.
        records: the records done.
        explanation: of the record done last; None where none was stepped over.
        explained_iteration: the iteration that record belongs to.
        samples: the batch's samples, by index; None for all of them.
        inputs: data and this batch's samples.
        envelope: the losses before each update, and the loss now.
        losses: the same, each of them.
        ahead: the losses behind the one now, reached before one went back; None where there are none.
        losses_ahead: all losses up to those, each of them.
        alterations: what was put in by hand.
        altered: indices of the nodes that depend on it.
        undoable, redoable: what undo and redo would change, in words.
        marks: the homework so far.
        outcome: what it predicts beside its targets; None in a run, where it is not worked out, and where
            that cannot be told.
        prediction: what is asked, while factors are predicted.
        target: the node whose chain was chosen to be shown.
        folding: which records are folded into one line.
        all_factors: whether stepping stops at every factor.
        rate: iterations a second, while running.
        goal: the iteration where the run will stop.
        whole_loss: the loss over all samples, where the batch has some of them and it is quickly computed.
        evaluation: loss and metrics on the samples of [validation]; None without any.
        validation_curve: iterations and the validation losses there; None without any.
        remarks: what was found that is almost surely not meant.
        picture: the picture that is looked at, as of this or an earlier frame; None where none is, or where
            there is none of this training.
        no_picture: why there is none, in a line.
        picture_choice: which picture that is.
        picture_iteration: the iteration that it is of; below 0 where none is looked at.
        picture_turns: whether it can be about something else than what it chooses itself.
        baselines: the losses of predictions that know nothing; none before the first update.
        pins: the runs that are pinned.
        pinned: what tells them apart, in words.
        course: tasks and questions of the lesson, and the course; None where there are none.
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
    whole_loss: float | None
    phase: Phase
    position: int
    record_count: int
    record_index: RecordIndex
    tape: Tape | None
    records: Sequence[Record]
    explanation: Explanation | None
    explained_iteration: int
    parameters: Sequence[ParameterView]
    inputs: Mapping[str, Array]
    samples: tuple[int, ...] | None
    envelope: Envelope
    losses: Losses
    ahead: Envelope | None
    losses_ahead: Losses
    rate: float | None
    goal: int
    divergence: str | None
    alterations: tuple[Alteration, ...]
    altered: frozenset[int]
    undoable: str | None
    redoable: str | None
    breakpoints: tuple[Breakpoint, ...]
    marks: tuple[KeptMark, ...]
    outcome: Outcome | None
    prediction: PredictionView | None
    target: str | None
    remarks: Sequence[Remark]
    evaluation: Evaluation | None
    validation_curve: tuple[Array, Array] | None
    baselines: Baselines = NONE_KNOWN
    pins: tuple[Pin, ...] = ()
    pinned: tuple[PinnedRun, ...] = ()
    folding: Folding = Folding()
    all_factors: bool = False
    picture: Picture | None = None
    no_picture: str = ""
    picture_choice: PictureChoice | None = None
    picture_iteration: int = -1
    picture_turns: bool = False
    course: CourseView | None = None

    @property
    def rows(self) -> tuple[RecordRow, ...]:
        """The rows of the list of records; those that stepping passes over stand folded where we are not."""
        asking = self.prediction is not None and self.prediction.question is not None
        here = -1 if asking else self.position - 1  # gone past on the way to a question
        return self.record_index.rows(self.folding, None if self.all_factors else here)

    @property
    def titles(self) -> Sequence[str]:
        """Titles of all records of this iteration."""
        return self.record_index.titles

    @property
    def graph(self) -> Graph:
        """The graph for this iteration's batch."""
        return self.record_index.graph

    @property
    def at_origin(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.iteration == 0 and self.position == 0

    @property
    def available(self) -> frozenset[Need]:
        """What commands can act on here."""
        there = {
            Need.PAST: not self.at_origin,
            Need.UNDOABLE: self.undoable is not None,
            Need.REDOABLE: self.redoable is not None,
        }
        return frozenset(need for need in Need if there[need])

    @property
    def current_node(self) -> Node | None:
        """The node that the record done last in this iteration is about; None at its start."""
        return self.record_index.nodes[self.position - 1] if self.position else None

    @property
    def current_factor(self) -> Factor | None:
        """The factor done last; None where the last record is none."""
        place = self.position - 1 - len(self.graph.assignments)
        return self.graph.factors[place] if 0 <= place < len(self.graph.factors) else None

    def looks_like(self, before: Snapshot | None) -> bool:
        """Tell whether records and graph look as in another snapshot: in a run they show no numbers."""
        return (
            before is not None
            and self.running
            and before.running
            and self.record_index is before.record_index
            and self.position == before.position
            and self.put_in == before.put_in
        )

    def is_hidden(self, node: Node) -> bool:
        """Tell whether a node's gradient has still to be predicted."""
        return self.prediction is not None and self.record_index.places.get(node.index, 0) >= self.position

    def is_altered(self, place: int) -> bool:
        """Tell whether a record's numbers depend on what was put in; every gradient depends on the values."""
        nodes = self.record_index.nodes
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
        nodes, tape = self.graph.nodes, self.tape
        return Lazy(len(nodes), lambda index: None if tape is None else tape.gradient(nodes[index]))
