"""Native programs as a training calls them."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, cast
from weakref import WeakKeyDictionary

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.compile.compiler import PROGRAMS, Iterations, RunRequest
from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.form import Key
from tui_backprop.engine.compile.iteration import Task, iteration
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.machine_code import MachineCode
from tui_backprop.engine.compile.targets.native.writing.program import native_text
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.numpys_blas import numpys_blas
from tui_backprop.engine.optimizers import COEFFICIENTS, State

Bytes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
_BLOCK: Final = 1 << 16
"""Iterations, or elements of masks, that are given to machine code at a time."""
UNFIT = (
    UntraceableError, ArithmeticError, ValueError, MemoryError, RecursionError, RuntimeError, OSError,
    ImportError,
)  # fmt: skip
"""What is raised where something has no machine code, or there is no compiler for it here."""
_PROGRAMS: WeakKeyDictionary[Graph, dict[Key, NativeProgram]] = WeakKeyDictionary()
_LOCK: Final = threading.Lock()


class _Bound(NamedTuple):
    """The memory of a program.

    Attributes:
        memory: its bytes.
        address: where it begins.
        parameters: those in it.
        kept: parameter, code and array of each array of the optimizer's memory.
    """

    memory: Bytes
    address: int
    parameters: dict[str, Array]
    kept: list[tuple[str, str, Array]]


def compile_natively(task: Task, leaves: Mapping[str, Array], folder: Path | None) -> NativeProgram:
    """Compile a task of a graph to machine code, or return what was compiled for it lately.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters, as a sample.
        folder: where machine code is kept; None to keep none.

    Raises:
        UntraceableError: it has to be done by NumPy.
    """
    with _LOCK:
        known = _PROGRAMS.setdefault(task.graph, {})
        program = known.pop(task.key, None) or NativeProgram(task, leaves, folder)
        known[task.key] = program  # the one used last stands last
        while len(known) > PROGRAMS:
            del known[next(iter(known))]
    return program


class NativeProgram:
    """A graph compiled to machine code; it is used as :class:`CompiledProgram` is.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters, as a sample.
        folder: where machine code is kept; None to keep none.

    Attributes:
        source: its text.
        kept: whether its machine code was on disk.
        is_native: that it is machine code.

    Raises:
        UntraceableError: it has to be done by NumPy.
    """

    is_native = True

    def __init__(self, task: Task, leaves: Mapping[str, Array], folder: Path | None = None) -> None:
        blas = numpys_blas()
        if blas is None:
            raise NotNativeError("NumPy's BLAS is not found")
        self.source = native_text(iteration(task, leaves), blas.whole)
        code = MachineCode(self.source.text, blas.addresses, folder)
        self.kept = code.kept
        self._code = code
        self._graph: Graph = task.graph
        self._samples = [node.name for node in task.graph.inputs if node.kind is Kind.SAMPLES]
        self._trained = [node.name for node in task.graph.trainable]
        pointer, whole = ctypes.c_void_p, ctypes.c_int64
        self._prepare = code.function("prepare", ctypes.c_bool, pointer)
        self._many = None if task.watching or task.validating else code.function(
            "many", whole, whole, whole, pointer, pointer, pointer, whole, pointer, whole, pointer, whole,
            pointer, *[whole] * 4,
        )  # fmt: skip
        self._train = code.function(
            "train", whole, whole, *[pointer] * 6, *[whole] * 4, pointer, ctypes.c_bool
        )

    def bind(self, inputs: Mapping[str, Array]) -> Any:
        """Work out what depends on the data alone, and make the memory that is written to.

        Raises:
            IndexError: an index is outside of what it is of.
        """
        source = self.source
        memory = _aligned(source.memory.bytes)
        for offset, array in source.memory.constants:
            memory[offset : offset + array.nbytes] = array.view(np.uint8).ravel()
        for name, place in source.inputs.items():
            _part(memory, place)[...] = inputs[name]
        if not self._prepare(memory.ctypes.data):
            raise IndexError("an index is outside of an axis")
        return _Bound(
            memory,
            memory.ctypes.data,
            {name: _part(memory, place) for name, place in source.parameters.items()},
            [(name, kind, _part(memory, place)) for name, kind, place in source.kept],
        )

    def run(self, fixed: Any, request: RunRequest) -> Iterations:
        """Do iterations in what :meth:`bind` has made."""
        source, bound = self.source, cast("_Bound", fixed)
        for name, place in bound.parameters.items():
            place[...] = request.parameters[name]
        count = request.updates
        for name, kind, place in bound.kept:
            place[...] = request.states[name].arrays[kind] if count else 0.0
        samples, losses, validation = request.samples, request.losses, request.validation
        rows = [np.ascontiguousarray(samples[name]) for name in self._samples] if samples else []
        numbers = np.array([getattr(request.coefficients, name) or 0.0 for name in COEFFICIENTS])
        seen = _seen_bytes(source.watched, request.before)
        done, has = 0, request.before is not None
        block = request.iterations
        if source.drawn or source.scheduled:
            block = max(1, _BLOCK // max([1, *(size_of(shape) for _, shape in source.drawn)]))
        while done < request.iterations:
            many, at = min(block, request.iterations - done), request.first + done
            masks = [
                np.array([mask.values(request.seed, at + k, shape) for k in range(many)])
                for mask, shape in source.drawn
            ]
            given = np.array([array.ctypes.data for array in (*rows, *masks)] or [0], np.uintp)
            rates = np.array(
                [[request.scheduled[name](at + k) for k in range(many)] for name in source.scheduled] or [[]]
            )
            went = self._train(
                many, bound.address, losses[done:].ctypes.data,
                0 if validation is None else validation[done:].ctypes.data, numbers.ctypes.data,
                rates.ctypes.data, given.ctypes.data, (request.batch + done) % request.batches,
                request.batches, count + done, at, seen.ctypes.data, has,
            )  # fmt: skip
            done, has = done + went, True
            if went < many:
                break
        after = {name: place.copy() for name, place in bound.parameters.items()}
        arrays: dict[str, dict[str, Array]] = {name: {} for name in self._trained}
        for name, kind, place in bound.kept:
            arrays[name][kind] = place.copy()
        states_after = {name: State(count + done, own) for name, own in arrays.items()}
        looked = _seen_values(source.watched, seen) if has and source.watched else request.before
        return Iterations(done, after, states_after, looked)

    def run_many(
        self,
        fixed: Any,
        losses: Array,
        numbers: Array,
        rates: Array,
        given: Sequence[Sequence[Array]],
        state: Array,
        batch: tuple[int, int],
        updates: int,
        first: int,
    ) -> bool:
        """Do iterations of many runs, one after the other; tell whether all have been done.

        Args:
            fixed: from :meth:`bind`.
            losses: where the losses before each update are written, (runs, iterations).
            numbers: the coefficients of each run, (runs, coefficients).
            rates: what is scheduled, (runs, scheduled, iterations).
            given: the samples and masks of each run.
            state: parameters and memory of each run, one after the other, (runs, numbers); written over.
            batch: the number of the first batch, and of batches.
            updates: how many the optimizer has made.
            first: the number of the first iteration.
        """
        assert self._many is not None, "a program that looks at something"
        runs, iterations = losses.shape
        addresses = np.array([[array.ctypes.data for array in own] or [0] for own in given], np.uintp)
        done: int = self._many(
            runs, iterations, cast("_Bound", fixed).address, losses.ctypes.data,
            numbers.ctypes.data, numbers.strides[0],
            rates.ctypes.data, rates.strides[0], addresses.ctypes.data, addresses.strides[0],
            state.ctypes.data, *batch, updates, first,
        )  # fmt: skip
        return bool(done == runs)


def _aligned(size: int) -> Bytes:
    """Return bytes that begin on a line of cache."""
    whole = np.empty(size + 64, np.uint8)
    begin = -whole.ctypes.data % 64
    return whole[begin : begin + size]


def _part(memory: Bytes, place: ArrayView) -> Array:
    """Return the array at a place."""
    end = place.offset + 8 * place.size
    return memory[place.offset : end].view(np.float64).reshape(place.shape)


def _seen_bytes(watched: tuple[Any, ...], before: tuple[Any, ...] | None) -> Bytes:
    """Return what was seen before as bytes, a byte a truth."""
    parts = [] if before is None else [
        np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.array([value], np.uint8)
        for shape, value in zip(watched, before, strict=True)
        if not isinstance(shape, bool)
    ]  # fmt: skip
    size = sum(size_of(shape) for shape in watched if not isinstance(shape, bool))
    return np.concatenate(parts).copy() if parts else np.zeros(max(size, 1), np.uint8)


def _seen_values(watched: tuple[Any, ...], seen: Bytes) -> tuple[Any, ...]:
    """Return what was seen as other programs tell it."""
    values: list[Any] = []
    at = 0
    for shape in watched:
        if isinstance(shape, bool):
            values.append(shape)
            continue
        size = size_of(shape)
        part = seen[at : at + size]
        at += size
        values.append(part.tobytes() if shape else bool(part[0]))
    return tuple(values)
