"""One iteration on record: sweeps and updates done on traced values, and what code is to be made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple, Protocol, cast

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.codegen import Request
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.identifiers import Names
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, State
from tui_backprop.engine.traced import VIEWS, Level, Traced
from tui_backprop.engine.tracing import Trace

MEMORY: Final[Mapping[str, tuple[str, ...]]] = {
    "sgd": (), "momentum": ("velocity",), "nesterov": ("velocity",), "rmsprop": ("mean square",),
    "adam": ("mean", "mean square"), "adamw": ("mean", "mean square"),
}  # fmt: skip
"""The arrays that each optimizer keeps for a parameter, all zero before its first update."""
_LETTER: Final[Mapping[str, str]] = {"velocity": "v", "mean": "m", "mean square": "s"}
DIALS: Final = tuple(f.name for f in fields(Coefficients))
_POWER: Final = re.compile(r"([^\W\d]\w*)\*\*(\d+)")


class Sight(Protocol):
    """What may be looked at before an iteration's updates."""

    def value(self, node: Node) -> Any:
        """Return a node's value."""

    def gradient(self, node: Node) -> Any:
        """Return a node's gradient."""

    def number(self, name: str) -> Any:
        """Return "iteration", "epoch", "loss" or "learning_rate"."""


class Watching(NamedTuple):
    """Something that ends a stretch of iterations when it changes.

    Attributes:
        key: two with the same key look at the same.
        look: returns truths, over values that keep a record.
        per_epoch: iterations in an epoch.
    """

    key: tuple[str, ...]
    look: Callable[[Sight], Sequence[Any]]
    per_epoch: int


class _Count:
    """The number of updates before this one: adding one to it gives the number of this one."""

    def __init__(self, step: Traced) -> None:
        self._step = step

    def __add__(self, one: int) -> Traced:
        return self._step


class Recording:
    """One iteration on record."""

    def __init__(
        self,
        graph: Graph,
        optimizer: str,
        coefficients: Coefficients,
        leaves: Mapping[str, Array],
        batched: bool,
        watching: Watching | None,
    ) -> None:
        self.graph, self.trace, self.names = graph, Trace(), Names()
        self.inputs: dict[str, str] = {}
        self.samples: dict[str, tuple[str, int]] = {}
        self.parameters: dict[str, str] = {}
        self.memory: list[tuple[str, str, str]] = []
        self.labels: dict[int, str] = {}
        self.lines: dict[int, str] = {}
        given: dict[str, Traced] = {}
        for node in graph.given:
            name = self.names.take(node.name)
            level = Level.ONCE
            if node.kind is Kind.PARAMETER:
                self.parameters[node.name] = name
                level = Level.ITERATION if node.trainable else Level.CALL
            elif batched and node.kind is Kind.SAMPLES:
                self.samples[name] = (self.names.take(f"{name}_all"), node.shape[0])
                level = Level.ITERATION
            else:
                self.inputs[node.name] = name
            given[node.name] = self.trace.leaf(name, plain(leaves[node.name]), level)
        self.tape = Tape(graph, cast(Mapping[str, Array], given))
        self._forward()
        self.forward_end = len(self.trace.calls)
        self._backward()
        self.dials: dict[str, Any] = {
            name: self.trace.leaf(name, getattr(coefficients, name), Level.CALL) for name in DIALS
        }
        self.watched: Sequence[Any] = ()
        if watching is not None:
            self.tape.backward()  # all the way; the calls made before are not made again
            self._per_epoch = watching.per_epoch
            self.watched = [self.trace.whole(truth) for truth in watching.look(self)]
        self.backward_end = len(self.trace.calls)
        self.results: list[tuple[Traced, Traced]] = []
        self.step = self.names.take("step")
        self._update(optimizer, coefficients, given)

    def request(self, buffers: bool) -> Request:
        """Return what code is wanted for."""
        ends = self.forward_end, self.backward_end
        return Request(
            self.trace.calls, self.labels, self.loss, self.results, *ends, self.lines, self.watched, buffers
        )

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
            return self.dials[name]
        text = {"iteration": "(first + k)", "epoch": f"((first + k) // {self._per_epoch})"}[name]
        return self.trace.leaf(text, 1.0, Level.ITERATION)

    def _forward(self) -> None:
        values: list[Any] = self.tape.values
        for at, compute, reads in self.tape.plan.forward:
            node, begin = self.graph.nodes[at], len(self.trace.calls)
            value = compute(*[values[i] for i in reads])
            values[at] = value if node.label is None else self.trace.whole(value)
            self._label(values[at], node.label or _short_name(node))
            if node.line is not None:
                for place in range(begin, len(self.trace.calls)):
                    self.lines[place] = node.line
        self.loss = self.trace.whole(values[self.graph.loss.index])

    def _backward(self) -> None:
        self.tape.backward(self.graph.training_factors)
        gradients = self.tape.gradients
        for node in self.graph.trainable:
            gradients[node.index] = self.trace.whole(self.tape.gradient(node))
        for name, node in reversed(tuple(self.graph.named.items())):
            self._label(gradients[node.index], f"d{name}")

    def _label(self, value: Any, name: str) -> None:
        if name and isinstance(value, Traced) and value.call not in VIEWS and value.call != "scale":
            self.labels.setdefault(value.place, name)

    def _update(self, optimizer: str, coefficients: Coefficients, given: Mapping[str, Traced]) -> None:
        trace = self.trace
        dials = dict(self.dials)
        if not coefficients.weight_decay:
            dials["weight_decay"] = 0.0
        step = _Count(trace.leaf(self.step, 2.0, Level.ITERATION))
        for node in self.graph.trainable:
            arrays = {}
            for kind in MEMORY[optimizer]:
                name = self.names.take(f"{_LETTER[kind]}_{self.parameters[node.name]}")
                self.memory.append((node.name, kind, name))
                arrays[kind] = trace.leaf(name, np.zeros(node.shape)[()], Level.ITERATION)
            state = State(cast(int, step), cast(Mapping[str, Array], arrays))
            rule: Any = OPTIMIZERS[optimizer]
            update = rule(given[node.name], self.tape.gradient(node), state, Coefficients(**dials))
            self.results.append((given[node.name], trace.whole(update.after)))
            self.results += [(arrays[kind], trace.whole(update.state.arrays[kind])) for kind in arrays]


def _short_name(node: Node) -> str:
    """Return a name for a power without one, such as x2 for x**2."""
    match = _POWER.fullmatch(node.term.text)
    return f"{match[1]}{match[2]}" if match else ""


def plain(value: Array) -> Any:
    """Return a number as Python's own, whose arithmetic is fastest, and an array in C's order."""
    return float(value) if np.ndim(value) == 0 else np.ascontiguousarray(value)
