"""Indices of traced arrays: what is read at them, and what is assigned to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import operands
from tui_backprop.engine.frontends.numpy_tracing.places import refuse
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, LOOSEST, Operand, Pieces, RunRecorder
from tui_backprop.engine.frontends.numpy_tracing.views import SharedMemory, Viewing
from tui_backprop.text.sentences import tr


def read(array: Viewing, key: Any) -> Any:
    """Return what stands at an index; a view where NumPy has one."""
    if (mask := _mask_of(array, key)) is not None:
        array.recorder.note(tr("an index by a condition; another value may choose other places"))
        key = np.nonzero(mask)
    value = array.value[numbers_of(key)]
    pieces = [Operand(array.step, ATOM), "[", *_text(array.recorder, key), "]"]
    taken = array.recorder.made(pieces, ATOM, value)
    if np.ndim(value) and _is_basic(key):
        taken.viewing(SharedMemory(array, lambda: read(array, key), lambda new: store(array, key, new), key))
    return taken


def store(array: Viewing, key: Any, value: Any) -> None:
    """Assign to the places of an index, in the array and in what it is a view of."""
    recorder = array.recorder
    if isinstance(value, Viewing) and value.is_fresh_view(array, key):
        return  # a[k] -= 1 has changed a already
    if (mask := _mask_of(array, key)) is not None:
        _store_where(array, key, mask, value)
        return
    result = np.array(array.value)
    result[numbers_of(key)] = operands.numbers_of(value)
    step = array.step
    if step.given:
        step = recorder.add(["np.copy(", Operand(step, LOOSEST), ")"], ATOM, step.value)
    elif step.stores is None and step.value.dtype.kind != "f":
        raise refuse(
            tr("an array of whole numbers is assigned to; make it with np.zeros, in double precision")
        )
    piece = operands.piece(recorder, value, LOOSEST)
    array.become(recorder.add_store(step, tuple(_text(recorder, key)), piece, result))


def _store_where(array: Viewing, key: Any, mask: Any, value: Any) -> None:
    """Assign one number to the places where a condition holds: ``where(mask, value, x)``."""
    if np.size(operands.numbers_of(value)) != 1:
        raise refuse(
            tr("several numbers are assigned where a condition holds; write np.where(mask, values, x)")
        )
    result = np.where(mask, operands.numbers_of(value), array.value)
    inside = [operands.piece(array.recorder, part, LOOSEST) for part in (key, value)]
    pieces = ["np.where(", inside[0], ", ", inside[1], ", ", Operand(array.step, LOOSEST), ")"]
    array.become(array.recorder.add(pieces, ATOM, result))


def _mask_of(array: Viewing, key: Any) -> Any:
    """Return the numbers of an index that is a condition of the array's shape; None of any other."""
    if isinstance(key, tuple):
        return None
    numbers = operands.numbers_of(key) if hasattr(key, "dtype") else None
    is_mask = numbers is not None and np.asarray(numbers).dtype == bool and np.shape(numbers) == array.shape
    return numbers if is_mask and array.shape else None


def numbers_of(key: Any) -> Any:
    """Return an index in NumPy's own arrays."""
    if isinstance(key, tuple):
        return tuple(map(numbers_of, key))
    if isinstance(key, range):
        return np.asarray(key)
    value = operands.numbers_of(key)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.intp)
    return value


def _is_basic(key: Any) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return all(part is None or isinstance(part, slice | int | np.integer | type(...)) for part in parts)


def _text(recorder: RunRecorder, key: Any) -> Pieces:
    """Write what stands between the brackets."""
    parts = key if isinstance(key, tuple) else (key,)
    pieces: list[str | Operand] = []
    for number, part in enumerate(parts):
        pieces.append(", " if number else "")
        if part is None:
            pieces.append("None")
        elif part is ...:
            pieces.append("...")
        elif isinstance(part, slice):
            pieces.append(_slice(part))
        elif isinstance(part, bool | np.bool_):
            raise refuse(tr("an index is True or False; write a whole number, a slice or an array"))
        elif isinstance(part, int | np.integer):
            pieces.append(str(int(part)))
        else:
            pieces.append(_places(recorder, part))
    return tuple(piece for piece in pieces if piece != "")


def _places(recorder: RunRecorder, part: Any) -> str | Operand:
    """Write an array of places."""
    numbers = np.asarray(operands.numbers_of(part))
    traced = hasattr(part, "step")
    if not traced and numbers.dtype == bool:
        numbers = np.flatnonzero(numbers)
    if not traced and numbers.ndim == 1 and np.array_equal(numbers, np.arange(len(numbers))):
        return f"np.arange({len(numbers)})"
    return operands.piece(recorder, part if traced else numbers, LOOSEST)


def _slice(part: slice) -> str:
    sides = ["" if side is None else str(int(side)) for side in (part.start, part.stop)]
    step = "" if part.step is None else f":{int(part.step)}"
    return f"{sides[0]}:{sides[1]}{step}"
