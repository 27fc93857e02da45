"""What can be seen of a training where it stands; nothing here moves or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.element_terms import check_element
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.arrays import DOUBLE, Array, frozen, in_type
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.engine.language import places
from tui_backprop.engine.language.names import ByName, resolve
from tui_backprop.engine.optimizers import State
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.changes import interventions
from tui_backprop.training.changes.interventions import Alteration
from tui_backprop.training.history import History
from tui_backprop.training.iteration import Iteration, Phase, checked_position, whole_number
from tui_backprop.training.losses.sequence import Losses
from tui_backprop.training.stops.divergence import Divergence
from tui_backprop.training.training import LossesAhead, Training
from tui_backprop.training.validation import evaluation
from tui_backprop.training.validation.evaluation import Evaluation
from tui_backprop.training.values import course

if TYPE_CHECKING:
    from tui_backprop.engine.compile.compiler import RunProgram
    from tui_backprop.training.runs.compiled import ProgramKey


class TrainingView:
    """A training to look at."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._whole: tuple[Iteration, float | None] | None = None
        self._evaluated: tuple[Iteration, Evaluation] | None = None
        self._doubled: tuple[Iteration, Tape] | None = None

    # ------------------------------------------------------------------ what holds here

    @property
    def lesson(self) -> Lesson:
        """What is trained, in the type that its arrays are trained in."""
        return self._training.here.lesson

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The hyperparameters at this iteration."""
        return self._training.here.settings.hyperparameters

    @property
    def learning_rate(self) -> float:
        """The rate of this iteration's updates, by the schedule."""
        return self._training.here.learning_rate

    @property
    def overrides(self) -> Mapping[str, Array]:
        """Values put in by hand, by node name."""
        return self._training.here.settings.overrides

    @property
    def edits(self) -> Mapping[str, Array]:
        """Values that parameters were moved to at the start of this iteration, by name."""
        return self._training.here.schedule.edits(self.iteration)

    @property
    def alterations(self) -> tuple[Alteration, ...]:
        """The values put in by hand that are in force at this iteration."""
        return interventions.alterations(self._training.here)

    @property
    def altered(self) -> frozenset[int]:
        """Indices of the nodes whose value is put in, or depends on one that is, at this iteration."""
        return self._training.here.altered

    @property
    def iteration(self) -> int:
        """Updates done."""
        return self._training.here.number

    @property
    def iterations_per_epoch(self) -> int:
        """Updates in one pass over the samples."""
        return self._training.here.schedule.batches.per_epoch

    @property
    def epoch(self) -> int:
        """Passes over the samples completed."""
        return self._training.here.epoch

    @property
    def graph(self) -> Graph:
        """The graph for this iteration's batch."""
        return self._training.here.graph

    @property
    def inputs(self) -> Mapping[str, Array]:
        """Data and this batch's samples, as the lesson gives them, read-only."""
        inputs, drawn = self._training.here.batch.inputs, self.graph.drawn
        if not drawn:
            return inputs
        return MappingProxyType({node.name: inputs[node.name] for node in self.graph.inputs})

    @property
    def sample_indices(self) -> npt.NDArray[np.intp] | None:
        """Which samples this batch has, read-only; None for all in order."""
        return self._training.here.sample_indices

    @property
    def leaves(self) -> Mapping[str, Array]:
        """Inputs and parameters that this iteration starts from, read-only."""
        return self._training.here.leaves

    @property
    def optimizer_states(self) -> Mapping[str, State]:
        """The optimizer's memory by parameter, as this iteration starts."""
        return self._training.here.memory

    @property
    def parameters(self) -> Mapping[str, Array]:
        """All parameters as they are now, read-only; among an iteration's updates some have moved already.

        Running statistics stand behind them. A name may be given in either spelling.
        """
        here = self._training.here
        now = ByName((name, frozen(value)) for name, value in here.parameters.items())
        for update in here.updates_done:
            now[update.parameter.name] = update.after
        return MappingProxyType(now)

    # ------------------------------------------------------------------ what follows from it

    @property
    def loss(self) -> float:
        """The loss at the parameters this iteration starts from, on the batch that the next update uses."""
        return self._training.here.loss

    @property
    def whole_loss(self) -> float | None:
        """The loss over all samples at the same parameters, as ``batch_size = "all"`` has it.

        A batch's own jumps with the batch, though nothing may be learnt; this is the formula's for all. None
        where the batch has all samples, a value is held by hand, or computing it would take long.
        """
        here = self._training.here
        if self._whole is None or self._whole[0] is not here:
            some = here.sample_indices is not None and len(here.sample_indices) != here.lesson.rows
            told = some and not here.settings.overrides
            leaves = {**here.schedule.batches.everything(here.number), **here.parameters} if told else {}
            self._whole = here, evaluation.whole_loss(here.lesson, leaves) if told else None
        return self._whole[1]

    def evaluate(self) -> Evaluation:
        """Return loss and metrics in evaluation mode, on the samples of [validation] where there are any.

        The parameters are those that this iteration starts from; without [validation] all samples are taken.
        Values held by hand are left out.
        """
        here = self._training.here
        if self._evaluated is None or self._evaluated[0] is not here:
            self._evaluated = here, evaluation.evaluate(here.lesson, here.parameters)
        return self._evaluated[1]

    @property
    def validation(self) -> Evaluation | None:
        """What :meth:`evaluate` gives; None for a lesson without [validation]."""
        return None if self.lesson.validation is None else self.evaluate()

    def validation_curve(self, *, look_back: bool = True) -> tuple[Array, Array] | None:
        """Return some iterations on the way here, and the validation losses there; None without [validation].

        Args:
            look_back: whether those that nobody has asked for are worked out: at checkpoints, some at a time.
        """
        here, trajectory = self._training.here, self._training.trajectory
        if here.lesson.validation is None:
            return None
        curve = trajectory.validated
        curve.add(here.number, self.evaluate().loss)
        unknown = [state for state in trajectory.checkpoints if look_back and state.iteration not in curve]
        for one in evaluation.few_of(here.lesson, unknown):
            curve.add(one.iteration, evaluation.validation_loss(here.lesson, here.schedule.parameters(one)))
        return curve.points

    @property
    def losses(self) -> Losses:
        """losses[k] is the loss before update k + 1, one entry for each update done; old ones by replay."""
        return self._training.losses

    @property
    def history(self) -> History:
        """The losses, with an envelope for drawing."""
        return self._training.trajectory.history

    @property
    def ahead(self) -> LossesAhead | None:
        """What was reached before one went back; None where there is none, or something was changed since."""
        ahead = self._training.ahead
        return ahead if ahead is not None and len(ahead) > self.iteration + 1 else None

    @property
    def gradients(self) -> Mapping[str, Array]:
        """∂L/∂node of every named node and input at the current parameters, read-only.

        It is zero where the loss does not depend on the node. A name may be given in either spelling.
        """
        return MappingProxyType(ByName(self.tape.gradients_by_name()))

    @property
    def next_parameters(self) -> Mapping[str, Array]:
        """What this iteration's updates make of the trainable parameters, read-only."""
        updates = self._training.here.updates()
        return MappingProxyType({name: frozen(update.after) for name, update in updates.items()})

    @property
    def tape(self) -> Tape:
        """Values and gradients of this iteration, complete."""
        return self._training.here.tape

    @property
    def forward_tape(self) -> Tape:
        """Values of this iteration; gradients only where somebody asked for :attr:`tape`."""
        return self._training.here.forward_tape

    def doubles(self) -> tuple[Graph, Mapping[str, Array]]:
        """Return the graph and the leaves of this iteration in double precision: what work is judged by."""
        here = self._training.here
        if here.graph.dtype == DOUBLE:
            return here.graph, here.leaves
        leaves = {name: frozen(in_type(value, DOUBLE)) for name, value in here.leaves.items()}
        return here.lesson.in_type(DOUBLE.name).graph(here.lesson.rows_of(leaves)), leaves

    @property
    def double_tape(self) -> Tape:
        """The tape in double precision, at the same numbers; :attr:`tape` where training has that."""
        here = self._training.here
        if here.graph.dtype == DOUBLE:
            return here.tape
        if self._doubled is None or self._doubled[0] is not here:
            graph, leaves = self.doubles()
            held = {index: in_type(value, DOUBLE) for index, value in here.forward_tape.overrides.items()}
            self._doubled = here, swept(graph, leaves, held)
        return self._doubled[1]

    @property
    def programs(self) -> Mapping[ProgramKey, RunProgram | None]:
        """What runs were compiled to lately, by what it is for; None where that is done step by step."""
        return self._training.runs.programs

    @property
    def divergence(self) -> Divergence | None:
        """Where the training left the finite numbers; None while it has not."""
        return self._training.divergence

    def recent(self, name: str, count: int, element: tuple[int, ...] | None = None) -> tuple[Array, Array]:
        """Return a parameter's last values; near the present every iteration has one, far back few.

        Args:
            name: the parameter, in either spelling.
            count: how many values, at most.
            element: follow this element; by default a number itself, and of an array its length √Σx².

        Returns:
            The iterations and the values at their starts, both of shape (at most count,), ascending.

        Raises:
            BackpropError: an unknown parameter, or an element that it does not have.
        """
        node = self.graph.named[resolve(name, [node.name for node in self.graph.parameters], "parameter")]
        at = None if element is None else check_element(node, element)
        return course(self.recent_parameters(count), node.name, at)

    def recent_parameters(self, count: int) -> tuple[tuple[int, Mapping[str, Array]], ...]:
        """Return the same iterations, each with all parameters by the lesson's names, read-only."""
        here, trajectory = self._training.here, self._training.trajectory
        return tuple(trajectory.recent(whole_number("count", count), here.schedule))

    def recent_values(self, name: str, count: int) -> tuple[tuple[int, Array], ...]:
        """Return one parameter's, by the lesson's name."""
        return tuple((iteration, there[name]) for iteration, there in self.recent_parameters(count))

    # ------------------------------------------------------------------ inside the iteration

    @property
    def position(self) -> int:
        """Records done in this iteration."""
        return self._training.here.position

    @property
    def record_count(self) -> int:
        """Records in this iteration."""
        return self._training.here.total

    @property
    def records(self) -> tuple[Record, ...]:
        """The records done in this iteration."""
        return tuple(self._training.here.records)

    @property
    def lazy_records(self) -> Lazy[Record]:
        """The same, each made when it is looked at."""
        return self._training.here.records

    @property
    def record(self) -> Record | None:
        """The record done last, if it was stepped over; None after a run, a jump or a reset."""
        return self._training.here.record

    def apart(self) -> Iteration:
        """Return this iteration anew, for whoever goes through it apart from the training."""
        return Iteration(self._training.here.schedule, self._training.here.state)

    @property
    def phase(self) -> Phase:
        """What the record done last in this iteration belongs to."""
        return self._training.here.phase

    def peek(self, position: int) -> Record:
        """Return the record that is the last one done at a position of this iteration, without going there.

        Raises:
            BackpropError: a position that this iteration does not have, or 0, where nothing is done.
        """
        return self._training.here.record_at(checked_position(self.graph, position, least=1))

    def place_of(self, node: str | Node, index: int | None = None) -> int:
        """Return the position at which a node's gradient is complete, or one of its factors is done.

        Arguments, and what is refused: as of :func:`tui_backprop.engine.language.places.place_of`.
        """
        return places.place_of(self.graph, node, index)

    def assignment_place(self, node: str | Node) -> int:
        """Return the position at which a node has its value: 0 for what is given.

        Raises:
            BackpropError: an unknown node.
        """
        return places.assignment_place(self.graph, node)
