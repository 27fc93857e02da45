"""One iteration on record: sweeps and updates done on traced values, and what code is to be made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, cast

import numpy as np

from tui_backprop.engine.autodiff.fusion import Step
from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.compile.form import VIEWS, Form, Frequency, Key
from tui_backprop.engine.compile.identifiers import Identifiers
from tui_backprop.engine.compile.trace import Trace
from tui_backprop.engine.compile.traced import Traced
from tui_backprop.engine.core.arrays import DOUBLE, SINGLE, Array, Shape
from tui_backprop.engine.core.masks import Mask
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS, OPTIONAL, Coefficients, State
from tui_backprop.engine.optimizers.updates import updates

_POWER: Final = re.compile(r"([^\W\d]\w*)\*\*(\d+)")


Guard: TypeAlias = Callable[[Step], bool]
"""Tells at which steps of the way back 0 · ∞ is looked for; it is met hardly ever."""


def unguarded(step: Step) -> bool:
    """Look nowhere: where it is met, a parameter becomes NaN."""
    return False


def guarded(step: Step) -> bool:
    """Look everywhere."""
    return True


class Observed(Protocol):
    """What may be observed before an iteration's updates."""

    def value(self, node: Node) -> Any:
        """Return a node's value."""

    def gradient(self, node: Node) -> Any:
        """Return a node's gradient."""

    def number(self, name: str) -> Any:
        """Return "iteration", "epoch", "loss" or "learning_rate"."""


class Watching(NamedTuple):
    """Something that ends a chunk of iterations when it changes.

    Attributes:
        key: two with the same key observe the same.
        observe: returns truths, over values that keep a record.
        per_epoch: iterations in an epoch.
    """

    key: tuple[str, ...]
    observe: Callable[[Observed], Sequence[Any]]
    per_epoch: int


class Validating(NamedTuple):
    """A graph over the same parameters and other samples, whose loss is noted in each iteration.

    Attributes:
        graph: the graph.
        samples: its samples by name.
    """

    graph: Graph
    samples: Mapping[str, Array]

    @property
    def held(self) -> dict[str, Array]:
        """The samples as a program's inputs are called, apart from those that are trained on."""
        return {_held_name(name): array for name, array in self.samples.items()}


def _held_name(name: str) -> str:
    return f"validation {name}"


class _Count:
    """The number of updates before this one: adding one to it gives the number of this one."""

    def __init__(self, step: Traced) -> None:
        self._step = step

    def __add__(self, one: int) -> Traced:
        return self._step


class Task(NamedTuple):
    """What is to be done in each iteration: two equal ones, but for numbers, have one program.

    Attributes:
        graph: what is computed.
        optimizer: the optimizer's name.
        coefficients: only which of them updates may do without, and do not, matters.
        batched: whether samples change from iteration to iteration.
        watching: what ends a chunk of iterations when it changes.
        guard: where the code is to count 0 · ∞ as 0.
        scheduled: the coefficients that change from iteration to iteration.
        validating: what gives the validation loss, where that is noted.
        shows_gradients: whether somebody reads the program, so that each parameter's gradient is a value of
            its own; else its sign and power of two may go into the learning rate, which saves a pass over it.
    """

    graph: Graph
    optimizer: str
    coefficients: Coefficients
    batched: bool
    watching: Watching | None = None
    guard: Guard = unguarded
    scheduled: tuple[str, ...] = ()
    validating: Validating | None = None
    shows_gradients: bool = True

    @property
    def key(self) -> Key:
        """What tells it from others of its graph that need another program."""
        looks = self.watching and (self.watching.key, self.watching.per_epoch)
        validated = self.validating and self.validating.graph
        return (
            self.optimizer, self.coefficients.done, self.batched, looks, self.guard, self.scheduled,
            validated, self.shows_gradients,
        )  # fmt: skip


def iteration(task: Task, leaves: Mapping[str, Array]) -> Form:
    """Do one iteration on traced values and return its form.

    Args:
        task: what is done.
        leaves: values of data, samples and parameters, as a sample.

    Raises:
        UntraceableError: it has to be done step by step.
    """
    with task.graph.backend.quiet():
        return _Recording(task, leaves).form()


class _Recording:
    """One iteration on record."""

    def __init__(self, task: Task, leaves: Mapping[str, Array]) -> None:
        graph = task.graph
        self.graph, self.trace, self.names = graph, Trace(graph.dtype, graph.backend), Identifiers()
        self.guard, self.scheduled = task.guard, task.scheduled
        self.inputs: dict[str, str] = {}
        self.samples: dict[str, tuple[str, int]] = {}
        self.parameters: dict[str, str] = {}
        self.memory: list[tuple[str, str, str]] = []
        self.labels: dict[int, str] = {}
        self.lines: dict[int, str] = {}
        self.drawn: list[tuple[str, Mask, Shape]] = []
        given: dict[str, Traced] = {}
        masks = dict(graph.drawn)
        for node in graph.given:
            own = node.kind in (Kind.DRAWN, Kind.RUNNING)  # of a layer, such as h.mask
            name = self.names.take(node.name.replace(".", "_") if own else node.name)
            level = Frequency.ONCE
            if node.kind in (Kind.PARAMETER, Kind.RUNNING):
                self.parameters[node.name] = name
                fixed = node.kind is Kind.PARAMETER and not node.trainable
                level = Frequency.CALL if fixed else Frequency.ITERATION
            elif task.batched and node.kind is Kind.SAMPLES:
                self.samples[name] = (self.names.take(f"{name}_all"), node.shape[0])
                level = Frequency.ITERATION
            elif node in masks:
                self.drawn.append((name, masks[node], node.shape))
                level = Frequency.ITERATION
            else:
                self.inputs[node.name] = name
            given[node.name] = self.trace.leaf(name, plain(leaves[node.name]), level)
        self.tape = Tape(graph, cast(Mapping[str, Array], given))
        self._forward()
        self.forward_end = len(self.trace.calls)
        self.validation = None if task.validating is None else self._validate(task.validating, given)
        self.validation_end = len(self.trace.calls)
        self._backward(task.shows_gradients)
        coefficients = task.coefficients
        undone = {*OPTIONAL} - {*coefficients.done}
        self.hyperparameters: dict[str, Any] = {
            name: getattr(coefficients, name)
            if name in undone
            else self.trace.leaf(name, getattr(coefficients, name), self._level(name))
            for name in COEFFICIENTS
        }
        self.watched: Sequence[Any] = ()
        if task.watching is not None:
            # all the way; the calls made before are not made again. A NaN where nothing is trained spoils no
            # parameter, by which it could be told
            trained = frozenset(self.tape.computed.training_factors)
            self.tape.backward(suspect=lambda step, _: self.guard(step) or step not in trained)
            self._per_epoch = task.watching.per_epoch
            self.watched = [self.trace.whole(truth) for truth in task.watching.observe(self)]
        self.backward_end = len(self.trace.calls)
        self.results: list[tuple[Traced, Traced]] = []
        self.step = self.names.take("step")
        self._update(task.optimizer, given)

    def form(self) -> Form:
        """Return what is on record."""
        self.trace.finish()
        return Form(
            self.trace.calls, self.names, self.labels, self.loss, self.results,
            self.forward_end, self.validation_end, self.backward_end, self.lines, self.watched,
            self.inputs, self.parameters, self.memory, self.samples, self.step, self.scheduled,
            self.validation, self.graph.dtype, self.drawn, self.graph.backend,
        )  # fmt: skip

    def _level(self, hyperparameter: str) -> Frequency:
        return Frequency.ITERATION if hyperparameter in self.scheduled else Frequency.CALL

    # what may be looked at

    def value(self, node: Node) -> Any:
        """Return a node's value."""
        return self.tape.value(node)

    def gradient(self, node: Node) -> Any:
        """Return a node's gradient."""
        return self.tape.gradient(node)

    def number(self, name: str) -> Any:
        """Return a number that a breakpoint may name."""
        if name == "loss":
            return self.tape.value(self.graph.loss)
        if name == "learning_rate":
            return self.hyperparameters[name]
        text = {"iteration": "(first + k)", "epoch": f"((first + k) // {self._per_epoch})"}[name]
        return self.trace.leaf(text, 1.0, Frequency.ITERATION)

    def _forward(self) -> None:
        values: list[Any] = self.tape.values
        for operation in self.tape.computed.operations:
            node, begin = operation.node, len(self.trace.calls)
            value = self.tape.result(operation)
            values[node.index] = value if node.label is None else self.trace.whole(value)
            self._label(values[node.index], node.label or _short_name(node))
            if node.line is not None:
                for place in range(begin, len(self.trace.calls)):
                    self.lines[place] = node.line
        self.loss = self.trace.whole(values[self.graph.loss.index])

    def _validate(self, validating: Validating, given: Mapping[str, Traced]) -> Any:
        """Return the validation loss at this iteration's parameters."""
        leaves = dict(given)
        for node in validating.graph.given:
            if node.kind is Kind.SAMPLES:
                name = self.names.take(f"{node.name}_validation")
                self.inputs[_held_name(node.name)] = name
                leaves[node.name] = self.trace.leaf(
                    name, plain(validating.samples[node.name]), Frequency.ONCE
                )
        tape = Tape(validating.graph, cast(Mapping[str, Array], leaves))
        values: list[Any] = tape.values
        for operation in tape.computed.operations:
            values[operation.node.index] = tape.result(operation)
        return self.trace.whole(values[validating.graph.loss.index])

    def _backward(self, shown: bool) -> None:
        self.tape.backward(self.graph.training_factors, lambda step, _: self.guard(step))
        gradients = self.tape.gradients
        for node in self.graph.trainable if shown else ():
            gradients[node.index] = self.trace.whole(self.tape.gradient(node))
        for name, node in reversed(tuple(self.graph.named.items())):
            self._label(gradients[node.index], f"d{name}")

    def _label(self, value: Any, name: str) -> None:
        if name and isinstance(value, Traced) and value.call not in VIEWS and value.call != "scale":
            self.labels.setdefault(value.place, name.replace(".", "_"))  # z.1 is called z_1

    def _update(self, optimizer: str, given: Mapping[str, Traced]) -> None:
        trace, rule = self.trace, OPTIMIZERS[optimizer]
        step = _Count(trace.leaf(self.step, 2.0, Frequency.ITERATION))
        memory: dict[str, dict[str, Traced]] = {}
        for node in self.graph.trainable:
            arrays = memory[node.name] = {}
            for code, letter, _ in rule.memory:
                name = self.names.take(f"{letter}_{self.parameters[node.name]}")
                self.memory.append((node.name, code, name))
                arrays[code] = trace.leaf(
                    name, plain(np.zeros(node.shape, self.graph.dtype)), Frequency.ITERATION
                )
        made: Mapping[str, Any] = updates(
            rule,
            cast(Mapping[str, Array], given),
            {node.name: self.tape.gradient(node) for node in self.graph.trainable},
            {name: State(cast(int, step), cast(Mapping[str, Array], own)) for name, own in memory.items()},
            Coefficients(**self.hyperparameters),
        )
        for name, update in made.items():
            self.results.append((given[name], trace.whole(update.after)))
            own = update.state.arrays
            self.results += [(leaf, trace.whole(own[code])) for code, leaf in memory[name].items()]
        for name, node in self.graph.handed.items():
            # copied where updates are: an iteration that breaks off before hands nothing on
            self.results.append((given[name], trace.copy(self.tape.value(node), "C")))


def _short_name(node: Node) -> str:
    """Return a name for a power without one, such as x2 for x**2."""
    match = _POWER.fullmatch(node.term.text)
    return f"{match[1]}{match[2]}" if match else ""


def plain(value: Array) -> Any:
    """Return a number as Python's own, whose arithmetic is fastest, and an array in C's order.

    A number of single precision stays one, or what is computed with it would not round as it should.
    """
    if np.ndim(value):
        return np.ascontiguousarray(value)
    return np.asarray(value)[()] if getattr(value, "dtype", DOUBLE) == SINGLE else float(value)
