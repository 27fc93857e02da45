"""Graph and optimizer become one Python function that does many iterations, with the bits that stepping has.

One iteration is done on values that keep a record (:mod:`tracing`), the record is written as Python text
(:mod:`codegen`), and the text is compiled. It holds identifiers that the formula parser has accepted, renamed
where Python or this program uses them, numbers, and calls of NumPy; nothing else of a lesson reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.codegen import Code
from tui_backprop.engine.graph import Graph, Kind
from tui_backprop.engine.optimizers import Coefficients, State
from tui_backprop.engine.recording import DIALS, Recording, Sight, Watching, plain
from tui_backprop.engine.traced import UntraceableError

__all__ = [
    "DIALS",
    "Iterations",
    "Program",
    "Sight",
    "Source",
    "UntraceableError",
    "Watching",
    "compile_graph",
    "write",
]

Fixed: TypeAlias = tuple[Any, ...]


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
        with np.errstate(all="ignore"):
            return self._prepare(*(plain(inputs[name]) for name in self.source.inputs))

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
        after_states = {name: State(count + done, own) for name, own in arrays.items()}
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
        written = Recording(graph, optimizer, coefficients, leaves, batched, watching)
    code = Code(written.request(buffers), written.names)
    written.trace.finish()
    parts = Source(written.inputs, written.parameters, tuple(written.memory), code, written.samples, "")
    return replace(parts, text=_assemble(parts, written.step if written.step in code.uses else ""))


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
