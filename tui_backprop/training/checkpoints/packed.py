"""A state as a few bytes: what stays in memory, and on disk, of thousands of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import MAX_DIMENSIONS, Array, size_of
from tui_backprop.engine.optimizers import OPTIMIZERS, State
from tui_backprop.training.state import TrainingState


class _PackedArray(Struct, frozen=True, array_like=True):
    """An array with the order of its axes in memory, on which the last bits of a product depend."""

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    scalar: bool
    data: bytes


class _PackedState(Struct, frozen=True, array_like=True):
    """A state; all of its arrays are of one type."""

    parameters: dict[str, _PackedArray]
    optimizer: str
    memory: dict[str, tuple[int, dict[str, _PackedArray]]]


def packed(state: TrainingState) -> bytes:
    """Return a state as bytes, without its iteration."""
    memory = {name: (kept.count, _arrays(kept.arrays)) for name, kept in state.memory.items()}
    return msgspec.msgpack.encode(_PackedState(_arrays(state.parameters), state.optimizer, memory))


def unpacked(iteration: int, data: bytes, like: TrainingState) -> TrainingState | None:
    """Return the state again, to the last bit; None where it is none of a training with such a state."""
    try:
        part = msgspec.msgpack.decode(data, type=_PackedState)
        if (
            part.parameters.keys() != like.parameters.keys()
            or not part.memory.keys() <= like.parameters.keys()
        ):
            return None
        parameters = {name: _array(part.parameters[name], value) for name, value in like.parameters.items()}
        codes = {array.code for array in OPTIMIZERS[part.optimizer].memory}
        if any(count and arrays.keys() != codes for count, arrays in part.memory.values()):
            return None
        memory = {
            name: State(count, {code: _array(array, like.parameters[name]) for code, array in arrays.items()})
            for name, (count, arrays) in part.memory.items()
        }
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError):
        return None
    return TrainingState(iteration, parameters, part.optimizer, memory)


def _arrays(values: Mapping[str, Array]) -> dict[str, _PackedArray]:
    return {name: _pack(value) for name, value in values.items()}


def _pack(value: Array) -> _PackedArray:
    array = np.asarray(value)
    axes = tuple(int(axis) for axis in np.argsort([-abs(s) for s in array.strides], kind="stable"))
    data = np.ascontiguousarray(array.transpose(axes)).tobytes()
    return _PackedArray(array.shape, axes, not isinstance(value, np.ndarray), data)


def _array(part: _PackedArray, like: Array) -> Array:
    """Return an array as it was, read-only; it must be of the shape and type of another."""
    dtype = np.asarray(like).dtype
    if (
        part.shape != np.shape(like)
        or len(part.shape) > MAX_DIMENSIONS
        or sorted(part.axes) != list(range(len(part.shape)))
        or len(part.data) != dtype.itemsize * size_of(part.shape)
        or (part.scalar and part.shape)
    ):
        raise ValueError("it does not fit")
    flat = np.frombuffer(part.data, dtype=dtype).copy()
    array: Array = flat.reshape([part.shape[axis] for axis in part.axes]).transpose(
        np.argsort(part.axes).tolist()
    )
    if part.scalar:
        return array[()]
    array.flags.writeable = False
    return array
