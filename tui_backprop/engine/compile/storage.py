"""Which array each value of an iteration is written to, so that a loop allocates nothing.

A value may take the array of an operand that is not needed any more, if the call writes element by element;
otherwise one that is free, of its shape and layout. Arrays of parameters and of an optimizer's memory are
written only by their own update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from tui_backprop.engine.compile.form import VIEWS, Frequency, Value, is_elementwise, operands, root
from tui_backprop.engine.core.settled import KERNELS
from tui_backprop.engine.core.windows import WINDOWS

SMALL = 64
"""Elements up to which a fresh array costs no more than a call with ``out``."""
WITH_OUT = frozenset({"dot", "add.reduce", "maximum.reduce", "concatenate", "copy", *WINDOWS})
"""Calls that can write to an array that is there, besides those that work element by element."""


@dataclass(eq=False)
class Buffer:
    """An array that is written again and again.

    Attributes:
        shape: its shape.
        order: "C" or "F".
        leaf: the parameter or memory whose array it is; None for one of the compiler's own.
        within: the array that it is a row of, and which row.
        values: what is written to it, in order.
    """

    shape: tuple[int, ...]
    order: str
    leaf: Value | None = None
    within: tuple[Buffer, int] | None = None
    values: list[Value] = field(default_factory=list)


_Free: TypeAlias = dict[tuple[tuple[int, ...], str], list[Buffer]]


def order_of(value: Value) -> str | None:
    """Return "C" or "F" for a contiguous array, None for others."""
    for order, shape in (("C", value.shape[::-1]), ("F", value.shape)):
        strides, step = [], value.dtype.itemsize
        for length in shape:
            strides.append(step)
            step *= length
        if tuple(strides if order == "F" else strides[::-1]) == value.strides:
            return order
    return None


def is_buffered(value: Value, dtype: np.dtype[Any]) -> bool:
    """Tell whether a value of this type gets an array that is kept."""
    return (
        value.level is Frequency.ITERATION
        and (value.call in WITH_OUT or (is_elementwise(value.call) and value.call != "where"))
        and value.size > SMALL
        and value.dtype == dtype
        and order_of(value) is not None
    )


def allocate(
    values: Sequence[Value], results: Sequence[tuple[Value, Value]], dtype: np.dtype[Any]
) -> dict[int, Buffer]:
    """Give the values of an iteration their arrays, by place in the trace.

    Args:
        values: all that is needed, in the order in which it is computed.
        results: parameters and memory, each with what it becomes.
        dtype: what these are of; values of another type have arrays of their own.
    """
    buffers = {
        leaf.place: Buffer(leaf.shape, order_of(leaf) or "C", leaf) for leaf, _ in results if leaf.shape
    }
    calls = [value for value in values if value.call not in VIEWS]
    if not any(is_buffered(value, dtype) for value in calls):
        return buffers
    rows = _rows(calls)

    def array(operand: Value) -> int:
        """Return the place of what has the operand's memory, which for a row is the whole array."""
        return rows[operand.place][0].place if operand.place in rows else operand.place

    last = {array(operand): value.place for value in calls for operand in operands(value)}
    last.update((array(root(result)), -1) for _, result in results)  # needed when the iteration is over
    # a kernel may give back the array that it got
    last.update((array(operands(value)[0]), -1) for value in calls if value.call in KERNELS)
    owners = _owners(calls, results)
    free: _Free = {}
    for value in calls:
        mine: Buffer | None = None
        if value.place in rows:
            whole, number = rows[value.place]
            if whole.place not in buffers:
                buffers[whole.place] = _taken(free, whole)
            mine = Buffer(value.shape, "C", within=(buffers[whole.place], number))
        elif is_buffered(value, dtype):
            mine = _in_place(value, buffers, last, owners.get(value.place)) or _taken(free, value)
        if mine is not None:
            mine.values.append(value)
            buffers[value.place] = mine
        for place in dict.fromkeys(map(array, operands(value))):
            buffer = buffers.get(place)
            if buffer and buffer is not mine and buffer.leaf is None and last[place] == value.place:
                free.setdefault((buffer.shape, buffer.order), []).append(buffer)
    return buffers


def _rows(calls: Sequence[Value]) -> dict[int, tuple[Value, int]]:
    """Return of which array which row something is written to, by place."""
    return {
        arg.place: (value, number)
        for value in calls
        if value.call == "rows"
        for number, arg in enumerate(value.args)
    }


def _taken(free: _Free, value: Value) -> Buffer:
    """Take an array that is free, or a new one."""
    key = value.shape, order_of(value) or "C"
    return free[key].pop() if free.get(key) else Buffer(*key)


def _owners(calls: Sequence[Value], results: Sequence[tuple[Value, Value]]) -> dict[int, Value]:
    """Return whose new value a call computes, or the next call does with it alone."""
    owners = {result.place: leaf for leaf, result in results}
    users: dict[int, list[int]] = {}
    for value in calls:
        for operand in operands(value):
            users.setdefault(operand.place, []).append(value.place)
    for value in calls:
        after = users.get(value.place, ())
        if value.place not in owners and len(after) == 1 and after[0] in owners:
            owners[value.place] = owners[after[0]]
    return owners


def _in_place(
    value: Value, buffers: Mapping[int, Buffer], last: Mapping[int, int], owner: Value | None
) -> Buffer | None:
    """Return an operand's array that may be written over."""
    if not is_elementwise(value.call):
        return None
    for arg in value.args:
        buffer = buffers.get(arg.place) if isinstance(arg, Value) else None
        if (
            buffer is not None
            and buffer.within is None
            and arg.shape == value.shape
            and arg.strides == value.strides
            and last[arg.place] == value.place
            and (buffer.leaf is None or buffer.leaf is owner)
        ):
            return buffer
    return None
