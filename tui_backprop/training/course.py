"""The course of a training: everything that holds at the start of an iteration, and the way to the next one.

A course moves in whole iterations only; the :class:`~tui_backprop.training.trainer.Trainer` adds the records
inside them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.names import ByName
from tui_backprop.engine.optimizers import State, Update
from tui_backprop.lessons.hyperparameters import Hyperparameters, check_batch_size
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.batches import Batches
from tui_backprop.training.history import History
from tui_backprop.training.settings import NOTHING, Log, Settings, find, fit
from tui_backprop.training.timeline import Checkpoint, Timeline

MEMORY = 64 << 20
_FRESH = State()


class Course:
    """A training that stands at the start of an iteration.

    Args:
        lesson: what to train.
        memory: bytes that may be used for going back.
        **hyperparameters: any hyperparameter, ``seed`` included, in place of the lesson's.

    Raises:
        HyperparameterError: an unknown hyperparameter, or a value out of range.
        FormulaError: the formula does not fit the batch size.
    """

    _iteration: int
    _trained: Mapping[str, Array]  # the parameters as the update before left them
    _parameters: Mapping[str, Array]  # the same with what was edited at this iteration's start
    _states_of: str
    _states: Mapping[str, State]
    _loss: float
    _swept: Tape | None
    _full: Tape | None

    def __init__(self, lesson: Lesson, /, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        if not isinstance(lesson, Lesson):
            raise BackpropError(f"found {printable(repr(lesson), 40)}; give a lesson: load_lesson('linear')")
        self.lesson = lesson
        self._memory = memory
        dials = lesson.hyperparameters.replace(**hyperparameters)
        self._begin([(0, self._checked(dials, NOTHING))])

    # ------------------------------------------------------------------ what holds here

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The dials as they are at this iteration."""
        return self._settings.dials

    @property
    def overrides(self) -> Mapping[str, Array]:
        """Values put in by hand, by node name."""
        return self._settings.overrides

    @property
    def edits(self) -> Mapping[str, Array]:
        """Values that parameters were moved to at the start of this iteration, by name."""
        since, settings = self._log[self._place_in_log(self._iteration)]
        return settings.edits if since == self._iteration else NOTHING

    @property
    def iteration(self) -> int:
        """Updates done."""
        return self._iteration

    @property
    def iterations_per_epoch(self) -> int:
        """Updates in one pass over the samples."""
        return self._batches.per_epoch

    @property
    def epoch(self) -> int:
        """Passes over the samples completed."""
        return self._iteration // self._batches.per_epoch

    @property
    def graph(self) -> Graph:
        """The graph for this iteration's batch."""
        return self._batches.graph(self._iteration)

    @property
    def inputs(self) -> Mapping[str, Array]:
        """Data and this batch's samples, as the lesson gives them, read-only."""
        return self._batches.inputs(self._iteration)

    @property
    def sample_indices(self) -> npt.NDArray[np.intp] | None:
        """Which samples this batch has, read-only; None for all in order."""
        return self._batches.indices(self._iteration)

    @property
    def leaves(self) -> Mapping[str, Array]:
        """Inputs and parameters that this iteration starts from, read-only."""
        start = {name: frozen(value) for name, value in self._parameters.items()}
        return MappingProxyType({**self.inputs, **start})

    @property
    def loss(self) -> float:
        """The loss at the parameters this iteration starts from, on the batch that the next update uses."""
        self._forward()
        return self._loss

    @property
    def losses(self) -> Array:
        """losses[k] is the loss before update k + 1; read-only, one entry for each update done."""
        return self._history.losses[: self._iteration]

    @property
    def history(self) -> History:
        """The losses, with an envelope for drawing."""
        return self._history

    @property
    def optimizer_states(self) -> Mapping[str, State]:
        """The optimizer's memory by parameter, as this iteration starts."""
        return self._states if self._states_of == self.hyperparameters.optimizer else {}

    @property
    def gradients(self) -> Mapping[str, Array]:
        """∂L/∂node of every named node and input at the current parameters, read-only.

        It is zero where the loss does not depend on the node. A name may be given in either spelling.
        """
        return MappingProxyType(ByName(self.tape.gradients_by_name()))

    @property
    def next_parameters(self) -> Mapping[str, Array]:
        """What this iteration's updates make of the trainable parameters, read-only."""
        updates = self._updates(training_gradients(self.tape))
        return MappingProxyType({name: frozen(update.after) for name, update in updates.items()})

    @property
    def tape(self) -> Tape:
        """Values and gradients of this iteration, complete."""
        if self._full is None:
            tape = self._forward()
            tape.backward()
            self._full = tape
        return self._full

    @property
    def forward_tape(self) -> Tape:
        """Values of this iteration; gradients only where somebody asked for :attr:`tape`."""
        return self._forward()

    # ------------------------------------------------------------------ settings

    def _checked(
        self, dials: Hyperparameters, overrides: Mapping[str, Array], edits: Mapping[str, Array] = NOTHING
    ) -> Settings:
        """Return settings that fit the lesson in every batch, the uneven last one of an epoch included."""
        check_batch_size(dials, self.lesson.rows)
        samples = self.lesson.samples
        whole = frozenset(n for n in samples if n in overrides and overrides[n].shape == samples[n].shape)
        sizes = Batches(self.lesson, dials).sizes
        for rows in sizes:
            graph = self.lesson.graph(rows)
            for name, value in overrides.items():
                where = f" in a batch of {rows}" if len(sizes) > 1 else ""
                if name in samples and rows != self.lesson.rows:
                    where += f", or {shape_text(samples[name].shape)} for all samples"
                for node in () if name in whole else find(graph, name):
                    fit(node, value, where)
        return Settings(dials, overrides, edits, whole)

    def _place_in_log(self, iteration: int) -> int:
        """Return where in the log the settings of an iteration stand."""
        return bisect_right(self._log, iteration, key=lambda entry: entry[0]) - 1

    # ------------------------------------------------------------------ moving

    def _begin(self, log: Log) -> None:
        """Stand at iteration 0 of a training whose settings are these."""
        dials = log[0][1].dials
        self._log = log
        self._batches = Batches(self.lesson, dials)
        self._history = History()
        self._timeline = Timeline(self._memory)
        self._place(Checkpoint(0, self.lesson.start(dials.seed), dials.optimizer, {}))
        self._timeline.add(self._checkpoint())

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self._iteration, self._trained, self._states_of, self._states)

    def _place(self, checkpoint: Checkpoint) -> None:
        """Stand at the start of a checkpoint's iteration."""
        self._iteration, self._trained, self._states_of, self._states = checkpoint
        self._settle()

    def _settle(self) -> None:
        """Begin this iteration anew, with the settings that the log has for it."""
        self._apply_log()
        self._forget()

    def _apply_log(self) -> None:
        self._settings = self._log[self._place_in_log(self._iteration)][1]
        edits = self.edits
        self._parameters = {**self._trained, **edits} if edits else self._trained

    def _forget(self) -> None:
        """Drop what was computed for this iteration."""
        self._swept = self._full = None

    def _new_tape(self) -> Tape:
        graph = self.graph
        overrides = self._settings.overrides_in(graph, self.sample_indices)
        return Tape(graph, {**self.inputs, **self._parameters}, overrides)

    def _forward(self) -> Tape:
        """Return this iteration's tape with its values; gradients are there only if somebody asked."""
        if self._swept is None:
            if self._full is None:
                self._swept = self._new_tape()
                self._loss = self._swept.forward()
            else:
                self._swept = self._full
                self._loss = self._full.loss()
        return self._swept

    def _update(self, node: Node, gradient: Array) -> Update:
        """Make the optimizer's update of one parameter."""
        return self._updates({node.name: gradient})[node.name]

    def _updates(self, gradients: Mapping[str, Array]) -> dict[str, Update]:
        """Make the optimizer's updates of these parameters."""
        rule, coefficients = self._settings.rule, self._settings.coefficients
        parameters, states = self._parameters, self.optimizer_states
        with np.errstate(all="ignore"):  # once for all, which saves a third of the time on small lessons
            return {
                name: rule(parameters[name], gradient, states.get(name, _FRESH), coefficients)
                for name, gradient in gradients.items()
            }

    def _advance(self) -> None:
        """Do one whole iteration without records; the same numbers as stepping through it."""
        tape = self._forward()
        if tape is not self._full:  # which somebody may be looking at, and which has all gradients already
            tape.backward(tape.graph.training_factors)
        self._commit(self._loss, self._updates(training_gradients(tape)))

    def _commit(self, loss: float, updates: Mapping[str, Update]) -> None:
        """Finish the iteration: move the parameters and stand at the start of the next one."""
        parameters: dict[str, Array] = dict(self._parameters)
        states: dict[str, State] = {}
        for name, update in updates.items():
            parameters[name], states[name] = update.after, update.state
        self._arrive(np.array([loss]), parameters, states)

    def _arrive(self, losses: Array, parameters: Mapping[str, Array], states: Mapping[str, State]) -> None:
        """Stand at the start of an iteration further on; ``losses`` are those before each update on the way.

        An interrupt finds either the old place or the new one: losses too many, and a checkpoint that is not
        there, do no harm.
        """
        for state in states.values():
            for array in state.arrays.values():
                if isinstance(array, np.ndarray):
                    array.flags.writeable = False
        optimizer, iteration = self._settings.dials.optimizer, self._iteration + len(losses)
        if len(self._history) > self._iteration:  # left by an interrupt
            self._history.truncate(self._iteration)
        self._history.extend(losses)
        self._forget()
        self._parameters, self._trained, self._states, self._states_of, self._iteration = (
            parameters, parameters, states, optimizer, iteration
        )  # fmt: skip
        if self._log[-1][0] >= self._iteration:  # settings changed here once, before somebody went back
            self._apply_log()
        self._timeline.add(self._checkpoint())


def training_gradients(tape: Tape) -> dict[str, Array]:
    """Return the gradients that updates are made of, from a tape that has gone backward."""
    return {node.name: tape.gradient(node) for node in tape.graph.trainable}
