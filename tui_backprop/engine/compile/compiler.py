"""Graph and optimizer become one function that does many iterations, with the bits that stepping has.

One iteration is done on values that keep a record (:mod:`iteration`), which gives its intermediate form
(:mod:`form`); a target writes that as a program. Its text holds identifiers that the formula parser has
accepted, renamed where Python or the program uses them, numbers, and calls of NumPy; nothing else of a lesson
reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.compile.iteration import Task, iteration, plain
from tui_backprop.engine.compile.packing import packed
from tui_backprop.engine.compile.targets.python.program import ProgramText, functions, program_text
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers import COEFFICIENTS, Coefficients, State
from tui_backprop.engine.optimizers.rate_schedules import Rate

Fixed: TypeAlias = tuple[Any, ...]


class Iterations(NamedTuple):
    """What a chunk of iterations came to.

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


class RunRequest(NamedTuple):
    """Iterations that a program is to do, and what they start from.

    Attributes:
        iterations: how many.
        losses: where the loss before each update is written, (iterations,).
        coefficients: the optimizer's.
        parameters: all parameters' values; they are not written to.
        states: the optimizer's memory; empty before its first update.
        samples: the epoch's in their order, where batches are taken from them.
        batch, batches: the number of the first batch, and of batches.
        first: the number of the first iteration.
        before: what was looked at before it; None to take what is seen in it.
        scheduled: the coefficients that change, by name.
        validation: where the validation losses are written, as ``losses``, by a program that has them.
        seed: what masks are drawn from.
    """

    iterations: int
    losses: Array
    coefficients: Coefficients
    parameters: Mapping[str, Array]
    states: Mapping[str, State] = {}
    samples: Mapping[str, Array] = {}
    batch: int = 0
    batches: int = 1
    first: int = 0
    before: tuple[Any, ...] | None = None
    scheduled: Mapping[str, Rate] = {}
    validation: Array | None = None
    seed: int = 0

    @property
    def updates(self) -> int:
        """How many updates the optimizer has made."""
        return next((state.count for state in self.states.values()), 0)


class RunProgram(Protocol):
    """What does iterations of a graph, as NumPy or as machine code."""

    @property
    def is_native(self) -> bool:
        """Whether it is machine code."""

    def bind(self, inputs: Mapping[str, Array]) -> Any:
        """Work out what depends on the data alone, and make the arrays that are written to."""

    def run(self, fixed: Any, request: RunRequest) -> Iterations:
        """Do iterations in what :meth:`bind` has made."""


class CompiledProgram:
    """A compiled graph.

    Attributes:
        source: its text.
        is_native: that it is no machine code.
    """

    is_native = False

    def __init__(self, graph: Graph, source: ProgramText) -> None:
        self.source = source
        self._dtype = graph.dtype
        self._samples = [node.name for node in graph.inputs if node.kind is Kind.SAMPLES]
        self._trained = [node.name for node in graph.trainable]
        self._prepare, self._train = functions(source)

    def bind(self, inputs: Mapping[str, Array]) -> Fixed:
        """Work out what depends on the data alone, and make the arrays that are written to."""
        with np.errstate(all="ignore"):
            fixed: Fixed = self._prepare(*(plain(inputs[name]) for name in self.source.inputs))
        return fixed

    def run(self, fixed: Fixed, request: RunRequest) -> Iterations:
        """Do iterations in what :meth:`bind` has made."""
        source, states = self.source, request.states
        given = [_copied(request.parameters[name]) for name in source.parameters]
        count = request.updates
        memory = [
            _copied(states[name].arrays[kind]) if count else _zeros(request.parameters[name], self._dtype)
            for name, kind, _ in source.memory
        ]
        rows = [request.samples[name] for name in self._samples] if request.samples else []
        hyperparameters = [getattr(request.coefficients, name) for name in COEFFICIENTS]
        with np.errstate(all="ignore"):
            done, after, kept, seen = self._train(
                request.iterations, request.losses, fixed, hyperparameters, given, memory, count, rows,
                request.batch, request.batches, request.first, request.before, request.scheduled,
                request.validation, request.seed,
            )  # fmt: skip
        values = {
            name: np.asarray(value, dtype=self._dtype)
            for name, value in zip(source.parameters, after, strict=True)
        }
        arrays: dict[str, dict[str, Array]] = {name: {} for name in self._trained}
        for (name, kind, _), value in zip(source.memory, kept, strict=True):
            arrays[name][kind] = np.asarray(value, dtype=self._dtype)
        after_states = {name: State(count + done, own) for name, own in arrays.items()}
        return Iterations(done, values, after_states, seen)


PROGRAMS = 8
"""Programs that are kept of one graph: optimizers, breakpoints and batches differ. Training holds its own."""
_PROGRAMS: WeakKeyDictionary[Graph, dict[Any, CompiledProgram]] = WeakKeyDictionary()


def compile_graph(task: Task, leaves: Mapping[str, Array]) -> CompiledProgram:
    """Compile a task of a graph, or return what was compiled for it lately.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters, as a sample.

    Raises:
        UntraceableError: it has to be done step by step.
    """
    known, key = _PROGRAMS.setdefault(task.graph, {}), task.key
    program = known.pop(key, None)
    if program is None:
        form = packed(iteration(task, leaves)) or iteration(task, leaves)
        program = CompiledProgram(task.graph, program_text(form, ahead=True))
    known[key] = program  # the one used last stands last
    while len(known) > PROGRAMS:
        del known[next(iter(known))]
    return program


def write(task: Task, leaves: Mapping[str, Array], *, buffers: bool = True) -> ProgramText:
    """Write the program for a task.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters, as a sample.
        buffers: see :class:`Code`.
    """
    return program_text(iteration(task, leaves), buffers=buffers)


def _copied(value: Array) -> Any:
    return plain(value) if np.ndim(value) == 0 else np.array(value, order="C")


def _zeros(value: Array, dtype: np.dtype[Any]) -> Any:
    return plain(np.zeros(np.shape(value), dtype))
