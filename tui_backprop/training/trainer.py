"""Trainer: where we are in a training, and every way of moving there.

An *iteration* is one update of all trainable parameters, whether it used one sample or all of them. An *epoch* is one
pass over the samples: ceil(samples / batch_size) iterations, or one where a lesson has no samples. ``epoch`` counts
completed passes. A position is an iteration and a number of records done in it; the position after an iteration's
last record *is* the start of the next one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.backprop import Assignment, ChainFactor, ParameterUpdate, Record, Tape
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.names import resolve
from tui_backprop.engine.optimizers import OPTIMIZERS, State, Update
from tui_backprop.lessons.hyperparameters import Hyperparameters, specification
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import check_batch_size
from tui_backprop.training.batches import Batches
from tui_backprop.training.divergence import Divergence, is_finite, locate
from tui_backprop.training.history import History
from tui_backprop.training.timeline import Checkpoint, Timeline

MEMORY = 64 << 20
Phase = Literal["start", "forward", "backward", "update", "end"]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended.

    ``reason`` is "target" (the iterations hyperparameter), "asked" (the number asked for), "stopped" (from
    outside, or the time given is over), "diverged", or "nothing to train".
    """

    reason: Literal["target", "asked", "stopped", "diverged", "nothing to train"]
    iterations: int
    divergence: Divergence | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has set: the dials, and values put in by hand by node name."""

    dials: Hyperparameters
    overrides: Mapping[str, Array]


class _Walk:
    """The records of one iteration, produced as far as somebody has stepped."""

    def __init__(
        self, tape: Tape, update: Callable[[Node, Array], Update], parameters: Mapping[str, Array]
    ) -> None:
        self.tape = tape
        self.total = len(tape.graph.assignments) + len(tape.graph.factors) + len(tape.graph.trainable)
        self.records: list[Record] = []
        self.updates: dict[str, Update] = {}
        self._update, self._parameters = update, parameters
        self._source = self._produce()

    def _produce(self):  # type: ignore[no-untyped-def]
        yield from self.tape.records()
        for node in self.tape.graph.trainable:
            gradient = self.tape.gradient(node)
            update = self.updates[node.name] = self._update(node, gradient)
            yield ParameterUpdate(
                node, frozen(gradient), frozen(self._parameters[node.name]), frozen(update.after),
                update.shown_terms(node.shape),
            )  # fmt: skip

    def upto(self, count: int) -> None:
        """Produce records until there are ``count``."""
        while len(self.records) < count:
            self.records.append(next(self._source))


class Trainer:
    """Trains a lesson and can stop, go back and look anywhere.

    Args:
        lesson: what to train.
        memory: bytes that may be used for going back.
        **hyperparameters: any hyperparameter, ``seed`` included, in place of the lesson's.

    Raises:
        HyperparameterError: an unknown hyperparameter, or a value out of range.
        FormulaError: the formula does not fit the batch size.
    """

    def __init__(self, lesson: Lesson, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        self.lesson = lesson
        self._memory = memory
        self._settings = Settings(lesson.hyperparameters.replace(**hyperparameters), MappingProxyType({}))
        self._check_batches(self._settings.dials)
        self._restart()

    # ------------------------------------------------------------------ where we are

    @property
    def hyperparameters(self) -> Hyperparameters:
        """The dials as they are at this iteration."""
        return self._settings.dials

    @property
    def overrides(self) -> Mapping[str, Array]:
        """Values put in by hand, by node name."""
        return self._settings.overrides

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
    def position(self) -> int:
        """Records done in this iteration."""
        return self._cursor

    @property
    def record_count(self) -> int:
        """Records in this iteration."""
        graph = self.graph
        return len(graph.assignments) + len(graph.factors) + len(graph.trainable)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records done in this iteration."""
        return tuple(self._walk.records[: self._cursor]) if self._walk else ()

    @property
    def record(self) -> Record | None:
        """The record done last, if it was stepped over; None after a run, a jump or a reset."""
        if self._cursor and self._walk:
            return self._walk.records[self._cursor - 1]
        return self._last_record

    @property
    def phase(self) -> Phase:
        """What the record done last in this iteration belongs to."""
        if not self._cursor or not self._walk:
            return "start"
        if self._cursor == self._walk.total:
            return "end"
        record = self._walk.records[self._cursor - 1]
        return (
            "forward"
            if isinstance(record, Assignment)
            else "backward"
            if isinstance(record, ChainFactor)
            else "update"
        )

    @property
    def graph(self) -> Graph:
        """The graph for this iteration's batch."""
        chosen = self._batches.indices(self._iteration)
        return self.lesson.graph(None if chosen is None else len(chosen))

    @property
    def inputs(self) -> Mapping[str, Array]:
        """Data and this batch's samples, as the lesson gives them."""
        return self._batches.inputs(self._iteration)

    @property
    def sample_indices(self) -> Array | None:
        """Which samples this batch has; None for all in order."""
        return self._batches.indices(self._iteration)  # type: ignore[return-value]

    @property
    def leaves(self) -> Mapping[str, Array]:
        """Inputs and parameters that this iteration starts from."""
        return {**self.inputs, **self._parameters}

    @property
    def loss(self) -> float:
        """The loss at the parameters this iteration starts from, on the batch that the next update uses."""
        return self._forward().loss()

    @property
    def losses(self) -> Array:
        """losses[k] is the loss before update k + 1; read-only, one entry for each update done."""
        return self._history.losses

    @property
    def history(self) -> History:
        """The losses, with an envelope for drawing."""
        return self._history

    @property
    def parameters(self) -> Mapping[str, Array]:
        """All parameters as they are now, read-only; inside an iteration's updates some have moved already."""
        now = {name: frozen(value) for name, value in self._parameters.items()}
        for record in self.records:
            if isinstance(record, ParameterUpdate):
                now[record.parameter.name] = record.after
        return MappingProxyType(now)

    @property
    def optimizer_states(self) -> Mapping[str, State]:
        """The optimizer's memory by parameter, as this iteration starts."""
        return self._states if self._states_of == self.hyperparameters.optimizer else {}

    @property
    def gradients(self) -> Mapping[str, Array]:
        """∂L/∂node of every named node and input at the current parameters, read-only; zero where L does not depend."""
        return MappingProxyType(self.tape.gradients_by_name())

    @property
    def tape(self) -> Tape:
        """This iteration's values and gradients, complete."""
        if self._full is None:
            self._full = self._new_tape()
            self._full.forward()
            self._full.backward()
        return self._full

    @property
    def divergence(self) -> Divergence | None:
        """Where the training left the finite numbers; None while it has not."""
        return self._divergence

    # ------------------------------------------------------------------ moving forward

    def step(self) -> Record | None:
        """Go one record on and return it; None at the end of a lesson that trains nothing."""
        walk = self._walk or self._start_walk()
        if self._cursor == walk.total:
            return None
        walk.upto(self._cursor + 1)
        record = walk.records[self._cursor]
        self._cursor += 1
        if self._cursor == walk.total and walk.updates:
            self._commit(walk.tape.loss(), walk.updates)
            self._last_record = record
        return record

    def next(self) -> None:
        """Go to the start of the next iteration; a lesson that trains nothing goes to the end of its pass."""
        if self.lesson.trains and self._cursor == 0:
            self._advance()
        else:
            walk = self._walk or self._start_walk()
            walk.upto(walk.total)
            self._cursor = walk.total
            if walk.updates:
                self._commit(walk.tape.loss(), walk.updates)
        self._last_record = None

    def run(
        self,
        iterations: int | None = None,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
    ) -> RunReport:
        """Do many iterations; an iteration already begun is finished first and counts as one.

        Args:
            iterations: how many; up to the ``iterations`` hyperparameter when None.
            seconds: stop after this time.
            should_stop: asked before each iteration.

        Divergence stops the run: at the start of the iteration whose loss is not finite, or behind the update that
        made a parameter so.
        """
        if not self.lesson.trains:
            return RunReport("nothing to train", 0)
        start, reason = self._iteration, "asked"
        goal = start + iterations if iterations is not None else max(start, self.hyperparameters.iterations)
        deadline = time.monotonic() + seconds if seconds < math.inf else None
        while True:
            if not self._check_divergence():
                reason = "diverged"
            elif self._iteration >= goal:
                reason = "asked" if iterations is not None else "target"
            elif (should_stop is not None and should_stop()) or (deadline and time.monotonic() > deadline):
                reason = "stopped"
            else:
                self.next()
                # a dial turned in the past and replayed now may move the target
                goal = (
                    goal if iterations is not None else max(self._iteration, self.hyperparameters.iterations)
                )
                continue
            return RunReport(reason, self._iteration - start, self._divergence)  # type: ignore[arg-type]

    # ------------------------------------------------------------------ moving back

    def back(self) -> Record | None:
        """Go one record back and return the record that is now the last one done.

        From the start of an iteration this goes into the one before, ahead of its last record.
        """
        if self._cursor == 0:
            if self._iteration == 0:
                return None
            self._go_to(self._iteration - 1)
            walk = self._start_walk()
            walk.upto(walk.total)
            self._cursor = walk.total
        self._cursor -= 1
        self._last_record = None
        return self.record

    def previous(self) -> None:
        """Go to the start of this iteration, or of the one before when already there."""
        if self._cursor:
            self._cursor = 0
            self._last_record = None
        elif self._iteration:
            self._go_to(self._iteration - 1)

    def rewind(self, to_iteration: int = 0) -> None:
        """Go back to the start of an iteration; dials and overrides are as they were then.

        Raises:
            ValueError: an iteration that has not been reached.
        """
        if isinstance(to_iteration, bool) or not isinstance(to_iteration, int | np.integer):
            raise BackpropError(f"to_iteration: found {to_iteration!r}; it must be a whole number")
        if not 0 <= to_iteration <= self._iteration:
            raise BackpropError(
                f"to_iteration: found {to_iteration}; it must be from 0 to {self._iteration}, where we are"
            )
        self._go_to(int(to_iteration))

    def reset(self) -> None:
        """Start anew from the starting parameters, with dials and overrides as they are now."""
        self._restart()

    # ------------------------------------------------------------------ changing things

    def set(self, **hyperparameters: Any) -> bool:
        """Turn dials; return whether that restarted the training.

        A dial that applies live holds from this iteration on; going back undoes it and going forward redoes it.

        Raises:
            HyperparameterError, FormulaError: a value is refused; nothing has changed then.
        """
        dials = self.hyperparameters.replace(**hyperparameters)
        if dials == self.hyperparameters:
            return False
        self._check_batches(dials)
        restarts = any(
            not specification(name).live and getattr(dials, name) != getattr(self.hyperparameters, name)
            for name in hyperparameters
        )
        if restarts:
            self._settings = replace(self._settings, dials=dials)
            self._restart()
        else:
            self._change(replace(self._settings, dials=dials))
        return restarts

    def override(self, name: str, value: Any) -> None:
        """Put a value in place of what a node's operation gives, until :meth:`release`.

        Everything behind it is recomputed; backward goes on as if the operation had produced it, which makes the
        gradients an exercise and not the derivative of anything.

        Raises:
            BackpropError: an unknown node, or a value that does not fit.
        """
        node = self._node(name)
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise BackpropError(
                f"{node.name}: found {value!r}; it must be a number or a list of numbers"
            ) from None
        if not np.all(np.isfinite(array)):
            raise BackpropError(f"{node.name}: found a number that is not finite")
        self._fit(node, array)
        self._change(
            replace(self._settings, overrides=MappingProxyType({**self.overrides, node.name: frozen(array)}))
        )

    def release(self, name: str) -> None:
        """Lift an override.

        Raises:
            BackpropError: the node is not overridden.
        """
        known = resolve(name, self.overrides, "override") if name not in self.overrides else name
        rest = {key: value for key, value in self.overrides.items() if key != known}
        self._change(replace(self._settings, overrides=MappingProxyType(rest)))

    # ------------------------------------------------------------------ inside

    def _check_batches(self, dials: Hyperparameters) -> None:
        check_batch_size(dials, self.lesson.rows)
        for rows in Batches(self.lesson, dials).sizes:
            self.lesson.graph(rows)

    def _restart(self) -> None:
        dials = self._settings.dials
        self._batches = Batches(self.lesson, dials)
        self._history = History()
        self._timeline = Timeline(self._memory)
        self._log: list[tuple[int, Settings]] = [(0, self._settings)]
        self._divergence: Divergence | None = None
        self._place(Checkpoint(0, self.lesson.start(dials.seed), dials.optimizer, {}))
        self._timeline.add(self._checkpoint())

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self._iteration, self._parameters, self._states_of, self._states)

    def _place(self, checkpoint: Checkpoint) -> None:
        """Stand at the start of a checkpoint's iteration."""
        self._iteration = checkpoint.iteration
        self._parameters = checkpoint.parameters
        self._states_of, self._states = checkpoint.optimizer, checkpoint.states
        self._settings = self._settings_at(checkpoint.iteration)
        self._last_record: Record | None = None
        self._forget()

    def _forget(self) -> None:
        """Drop what was computed for this iteration."""
        self._cursor = 0
        self._walk: _Walk | None = None
        self._swept: Tape | None = None
        self._full: Tape | None = None

    def _settings_at(self, iteration: int) -> Settings:
        return next(settings for since, settings in reversed(self._log) if since <= iteration)

    def _change(self, settings: Settings) -> None:
        """Use new settings from this iteration on; settings of a future that was gone back from are dropped."""
        self._log = [(since, old) for since, old in self._log if since < self._iteration]
        self._log.append((self._iteration, settings))
        self._settings = settings
        self._divergence = None
        cursor, last = self._cursor, self._last_record
        self._forget()
        if cursor:
            walk = self._start_walk()
            self._cursor = min(cursor, walk.total)
            walk.upto(self._cursor)
        else:
            self._last_record = last

    def _node(self, name: str) -> Node:
        nodes = {node.name: node for node in self.graph.nodes if node.kind is not Kind.LITERAL}
        return nodes[resolve(name, nodes, "node")]

    def _fit(self, node: Node, array: Array) -> Array:
        try:
            return np.broadcast_to(array, node.shape)
        except ValueError:
            raise BackpropError(
                f"{node.name}: found shape {shape_text(array.shape)}; here it must be {shape_text(node.shape)}"
            ) from None

    def _new_tape(self) -> Tape:
        overrides = {}
        for name, value in self.overrides.items():
            node = self._node(name)
            overrides[node.index] = self._fit(node, value)
        return Tape(self.graph, {**self.inputs, **self._parameters}, overrides)

    def _forward(self) -> Tape:
        """Return this iteration's tape with its values; gradients are there only if somebody asked."""
        if self._full is not None:
            return self._full
        if self._swept is None:
            self._swept = self._new_tape()
            self._swept.forward()
        return self._swept

    def _start_walk(self) -> _Walk:
        self._walk = _Walk(self._new_tape(), self._update, self._parameters)
        return self._walk

    def _update(self, node: Node, gradient: Array) -> Update:
        dials, name = self.hyperparameters, node.name
        state = self.optimizer_states.get(name) or State()
        with np.errstate(all="ignore"):
            return OPTIMIZERS[dials.optimizer](self._parameters[name], gradient, state, dials.coefficients)

    def _advance(self) -> None:
        """Do one whole iteration without records; the same numbers as stepping through it."""
        tape = self._forward()
        tape.backward(tape.graph.training_factors)
        self._commit(tape.loss(), {n.name: self._update(n, tape.gradient(n)) for n in tape.graph.trainable})

    def _commit(self, loss: float, updates: Mapping[str, Update]) -> None:
        """Finish the iteration: move the parameters and stand at the start of the next one."""
        self._history.append(loss)
        self._parameters = {**self._parameters, **{name: update.after for name, update in updates.items()}}
        self._states = {name: update.state for name, update in updates.items()}
        self._states_of = self.hyperparameters.optimizer
        self._iteration += 1
        if self._log[-1][0] >= self._iteration:  # settings changed here once, before somebody went back
            self._settings = self._settings_at(self._iteration)
        self._forget()
        self._timeline.add(self._checkpoint())

    def _go_to(self, iteration: int) -> None:
        """Go back to the start of an iteration: restore the nearest checkpoint and replay the rest."""
        checkpoint = self._timeline.nearest(iteration)
        self._timeline.truncate(checkpoint.iteration)
        self._history.truncate(checkpoint.iteration)
        self._divergence = None
        self._place(checkpoint)
        while self._iteration < iteration:
            self._advance()
        self._last_record = None

    def _check_divergence(self) -> bool:
        """Tell whether loss and parameters are finite, and find the culprit where they are not."""
        if math.isfinite(self._forward().loss()) and all(
            is_finite(value) for value in self._parameters.values()
        ):
            return True
        if self._divergence is None:
            self._divergence = self._locate()
        return False

    def _locate(self) -> Divergence:
        """Name the first record that left the finite numbers, in the update before or in this iteration."""
        if self._iteration and not all(is_finite(value) for value in self._parameters.values()):
            before = self._timeline.nearest(self._iteration - 1)
            scout = Trainer.__new__(Trainer)
            scout.__dict__.update(self.__dict__)
            scout._timeline, scout._history = Timeline(self._memory), History()
            scout._place(before)
            while scout._iteration < self._iteration - 1:
                scout._advance()
            walk = scout._start_walk()
            walk.upto(walk.total)
            return locate(walk.tape.graph, walk.records, scout._iteration)
        walk = _Walk(self._new_tape(), self._update, self._parameters)
        walk.upto(len(walk.tape.graph.assignments))
        return locate(walk.tape.graph, walk.records, self._iteration)
