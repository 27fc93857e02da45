"""Graph and optimizer become one Python function that does many iterations, with the bits that stepping has.

One iteration is done on values that keep a record (:mod:`tracing`), the record is written as Python text
(:mod:`codegen`), and the text is compiled. It holds identifiers that the formula parser has accepted, renamed
where Python or this program uses them, numbers, and calls of NumPy; nothing else of a lesson reaches it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.codegen import Code, Names, Request
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, State
from tui_backprop.engine.tracing import VIEWS, Level, Trace, Traced, UntraceableError

__all__ = ["Iterations", "Program", "UntraceableError", "compile_graph", "write"]

MEMORY: Final[Mapping[str, tuple[str, ...]]] = {
    "sgd": (), "momentum": ("velocity",), "nesterov": ("velocity",), "rmsprop": ("mean square",),
    "adam": ("mean", "mean square"), "adamw": ("mean", "mean square"),
}  # fmt: skip
"""The arrays that each optimizer keeps for a parameter, all zero before its first update."""
_LETTER: Final[Mapping[str, str]] = {"velocity": "v", "mean": "m", "mean square": "s"}
DIALS: Final = tuple(f.name for f in fields(Coefficients))
_POWER: Final = re.compile(r"([^\W\d]\w*)\*\*(\d+)")

Fixed: TypeAlias = tuple[Any, ...]


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


class Iterations(NamedTuple):
    """What a stretch of iterations came to.

    Attributes:
        done: how many were done; fewer than asked for where a number left what Python can compute, and
            the next iteration has to be done step by step.
        parameters: the parameters' values by name, after them.
        states: the optimizer's memory by parameter.
        seen: what was looked at last.
    """

    done: int
    parameters: Mapping[str, Array]
    states: Mapping[str, State]
    seen: tuple[Any, ...] | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """A program's parts as text, for showing and for export.

    Attributes:
        inputs, parameters, memory: Python names of data and samples, parameters, and the optimizer's memory
            (of each parameter in turn), by the lesson's.
        code: the statements.
        samples: for each array of a batch, the name of the whole epoch's and the length of a batch.
        text: what is executed.
    """

    inputs: Mapping[str, str]
    parameters: Mapping[str, str]
    memory: Sequence[tuple[str, str, str]]
    code: Code
    samples: Mapping[str, tuple[str, int]]
    text: str


class Program:
    """A compiled graph.

    Attributes:
        source: its text.
    """

    def __init__(self, graph: Graph, source: Source) -> None:
        self.source = source
        self._samples = [node.name for node in graph.inputs if node.kind is Kind.SAMPLES]
        self._trained = [node.name for node in graph.trainable]
        space: dict[str, Any] = {"np": np, "math": math, "maximum": _maximum, "sign": _sign}
        exec(compile(source.text, "<compiled lesson>", "exec"), space)
        self._prepare: Callable[..., Fixed] = space["prepare"]
        self._train: Callable[..., Any] = space["train"]

    def bind(self, inputs: Mapping[str, Array]) -> Fixed:
        """Work out what depends on the data alone, and make the arrays that are written to."""
        return self._prepare(*(_plain(inputs[name]) for name in self.source.inputs))

    def run(
        self,
        fixed: Fixed,
        iterations: int,
        losses: Array,
        coefficients: Coefficients,
        parameters: Mapping[str, Array],
        states: Mapping[str, State],
        batch: tuple[Mapping[str, Array], int, int] | None = None,
        first: int = 0,
        before: tuple[Any, ...] | None = None,
    ) -> Iterations:
        """Do iterations.

        Args:
            fixed: from :meth:`bind`.
            iterations: how many.
            losses: where the loss before each update is written, (iterations,).
            coefficients: the optimizer's.
            parameters: all parameters' values; they are not written to.
            states: the optimizer's memory; empty before its first update.
            batch: the epoch's samples in their order, the number of the first batch, and of batches.
            first: the number of the first iteration.
            before: what was looked at before it; None to take what is seen in it.
        """
        source = self.source
        given = [_copied(parameters[name]) for name in source.parameters]
        count = next((state.count for state in states.values()), 0)
        memory = [
            _copied(states[name].arrays[kind]) if count else _zeros(parameters[name])
            for name, kind, _ in source.memory
        ]
        samples, place, batches = batch if batch is not None else ({}, 0, 1)
        rows = [samples[name] for name in self._samples] if samples else []
        dials = [getattr(coefficients, name) for name in DIALS]
        with np.errstate(all="ignore"):
            done, after, kept, seen = self._train(
                iterations, losses, fixed, dials, given, memory, count, rows, place, batches, first, before
            )
        values = {
            name: np.asarray(value, dtype=np.float64)
            for name, value in zip(source.parameters, after, strict=True)
        }
        arrays: dict[str, dict[str, Array]] = {name: {} for name in self._trained}
        for (name, kind, _), value in zip(source.memory, kept, strict=True):
            arrays[name][kind] = np.asarray(value, dtype=np.float64)
        after_states = {name: State(count + done, kept) for name, kept in arrays.items()}
        return Iterations(done, values, after_states, seen)


_PROGRAMS: WeakKeyDictionary[Graph, dict[Any, Program]] = WeakKeyDictionary()


def compile_graph(
    graph: Graph,
    optimizer: str,
    coefficients: Coefficients,
    leaves: Mapping[str, Array],
    batched: bool,
    watching: Watching | None = None,
) -> Program:
    """Compile a graph, or return what was compiled for it before.

    Args:
        graph: what is computed.
        optimizer: the optimizer's name.
        coefficients: only whether there is a weight decay matters.
        leaves: values of data, samples and parameters, as a sample.
        batched: whether samples change from iteration to iteration.
        watching: what ends a stretch of iterations when it changes.

    Raises:
        UntraceableError: it has to be done step by step.
    """
    known = _PROGRAMS.setdefault(graph, {})
    key = optimizer, bool(coefficients.weight_decay), batched, watching and (watching.key, watching.per_epoch)
    if key not in known:
        source = write(graph, optimizer, coefficients, leaves, batched, watching=watching)
        known[key] = Program(graph, source)
    return known[key]


def write(
    graph: Graph,
    optimizer: str,
    coefficients: Coefficients,
    leaves: Mapping[str, Array],
    batched: bool,
    *,
    watching: Watching | None = None,
    buffers: bool = True,
) -> Source:
    """Write the program for a graph; the arguments are those of :func:`compile_graph`."""
    with np.errstate(all="ignore"):
        written = _Writer(graph, optimizer, coefficients, leaves, batched, watching)
    code = Code(written.request(buffers), written.names)
    written.trace.finish()
    parts = Source(written.inputs, written.parameters, tuple(written.memory), code, written.samples, "")
    return replace(parts, text=_assemble(parts, written.step if written.step in code.uses else ""))


class _Count:
    """The number of updates before this one: adding one to it gives the number of this one."""

    def __init__(self, step: Traced) -> None:
        self._step = step

    def __add__(self, one: int) -> Traced:
        return self._step


class _Writer:
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
            given[node.name] = self.trace.leaf(name, _plain(leaves[node.name]), level)
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


def _assemble(source: Source, step: str) -> str:
    """Put the parts of a program together."""
    code = source.code
    inputs = list(source.inputs.values())
    fixed = [*inputs, *dict.fromkeys(code.fixed)]
    once = [*code.once, *code.arrays, f"return {_tuple(fixed)}"]
    body = []
    if source.samples:
        (size,) = {length for _, length in source.samples.values()}
        body.append(f"row = (batch + k) % batches * {size}")
        body += [f"{name} = {whole}[row:row + {size}]" for name, (whole, _) in source.samples.items()]
    if step:
        body.append(f"{step} = updates + k + 1")
    statements = code.iteration
    body += [s.text for s in statements if s.section == "forward"]
    body.append(f"losses[k] = {code.loss}")
    body += [s.text for s in statements if s.section == "backward"]
    if code.watched:
        body += [
            f"seen = {_tuple(code.watched)}",
            "if seen != before:",
            "    if before is not None:",
            "        break",
            "    before = seen",
        ]
    body += [s.text for s in statements if s.section == "update"]
    parameters, memory = _tuple(source.parameters.values()), _tuple(name for *_, name in source.memory)
    unpacked = {
        _tuple(fixed): "fixed",
        _tuple(DIALS): "dials",
        parameters: "parameters",
        memory: "memory",
        _tuple(whole for whole, _ in source.samples.values()): "samples",
    }
    lines = [
        f"def prepare({', '.join(inputs)}):",
        *(f"    {line}" for line in once),
        "",
        "def train(iterations, losses, fixed, dials, parameters, memory, updates,",
        "          samples, batch, batches, first, before):",
        *(f"    {names} = {given}" for names, given in unpacked.items() if names != "()"),
        "    k = 0",
        "    try:",
        *(f"        {line}" for line in code.call),
        "        for k in range(iterations):",
        *(f"            {line}" for line in body),
        "        else:",
        "            k = iterations",
        "    except (ArithmeticError, ValueError):",
        "        pass",
        f"    return k, {parameters}, {memory}, before",
    ]
    return "\n".join(lines) + "\n"


def _tuple(names: Iterable[str]) -> str:
    names = list(names)
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _plain(value: Array) -> Any:
    """Return a number as Python's own, whose arithmetic is fastest, and an array in C's order."""
    return float(value) if np.ndim(value) == 0 else np.ascontiguousarray(value)


def _copied(value: Array) -> Any:
    return float(value) if np.ndim(value) == 0 else np.array(value, order="C")


def _zeros(value: Array) -> Any:
    return np.zeros(np.shape(value)) if np.ndim(value) else 0.0


def _maximum(a: float, b: float) -> float:
    """Return the larger number; NaN where one of them is."""
    return a if a >= b or a != a else b


def _sign(a: float) -> float:
    """Return -1, 0 or 1; NaN for NaN."""
    return (1.0 if a > 0 else -1.0 if a < 0 else 0.0) if a == a else a
