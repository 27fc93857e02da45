"""The intermediate form of an iteration: the calls that it makes, in order, each value computed once.

It is all that a target sees. Values know their shapes and their layout in memory, but no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, TypeAlias

import numpy as np

from tui_backprop.engine.compile.identifiers import Identifiers
from tui_backprop.engine.core.arrays import DOUBLE, Shape
from tui_backprop.engine.core.backends import PLAIN, Backend, named
from tui_backprop.engine.core.elementary import ELEMENTARY
from tui_backprop.engine.core.masks import Mask

Key: TypeAlias = "tuple[Any, ...]"


class Frequency(IntEnum):
    """How often something has to be computed."""

    ONCE = 0
    CALL = 1  # it depends on the hyperparameters
    ITERATION = 2  # it depends on parameters, an optimizer's memory or the batch


OPERATORS: Final = frozenset({
    "add", "subtract", "multiply", "divide", "negative", "greater", "greater_equal", "less", "less_equal",
    "equal", "not_equal", "bitwise_and", "where",
})  # fmt: skip
"""Calls that work element by element, besides the elementary functions."""
VIEWS: Final = frozenset({"broadcast_to", "expand_dims", "reshape", "T", "swapaxes", "index"})
"""Calls whose result looks at the memory of what they are made on."""


class Value:
    """One value of an iteration, and the call that computes it.

    Attributes:
        place: its number in the form.
        call: what is called, such as "add" or "dot"; "leaf" for what is given, "full" for one number in
            every place.
        args: what it is called on: values, numbers, or (for "leaf") a name.
        options: everything else that the call needs.
        level: how often it has to be computed.
        shape, strides, dtype: as NumPy's.
        weak: whether it is a number of Python's own, which takes the type of what it meets.
    """

    __slots__ = ("args", "call", "dtype", "level", "options", "place", "shape", "strides", "weak")

    args: tuple[Any, ...]
    call: str
    dtype: np.dtype[Any]
    level: Frequency
    options: Key
    place: int
    shape: Shape
    strides: tuple[int, ...]
    weak: bool

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Form:
    """An iteration.

    Attributes:
        calls: its values, in the order in which they are computed; leaves have their names already.
        names: identifiers that are taken.
        labels: names wanted for other values, by place.
        loss: the loss, or a number where it does not depend on anything.
        results: parameters and memory, each with what it becomes.
        forward, validated, backward: places where these sections end.
        lines: the formula's line that a value belongs to, by place.
        watched: what is looked at in each iteration before its updates.
        validation: the validation loss, or a number as of ``loss``; None where it is not worked out.
        dtype: what parameters and memory are of.
        inputs, parameters: identifiers of data and samples, and of parameters, by the lesson's names.
        memory: parameter, code and identifier of each array of the optimizer's memory.
        samples: for each array of a batch, the identifier of the whole epoch's and the length of a batch.
        step: the identifier of the update's number.
        scheduled: the coefficients that change from iteration to iteration.
        drawn: identifiers and shapes of masks that are drawn in each iteration.
        backend: how elementary functions are computed.
    """

    calls: Sequence[Value]
    names: Identifiers
    labels: Mapping[int, str]
    loss: Value | float
    results: Sequence[tuple[Value, Value]]
    forward: int
    validated: int
    backward: int
    lines: Mapping[int, str]
    watched: Sequence[Any]
    inputs: Mapping[str, str]
    parameters: Mapping[str, str]
    memory: Sequence[tuple[str, str, str]]
    samples: Mapping[str, tuple[str, int]]
    step: str
    scheduled: tuple[str, ...]
    validation: Value | float | None = None
    dtype: np.dtype[Any] = DOUBLE
    drawn: Sequence[tuple[str, Mask, Shape]] = ()
    backend: Backend = field(default_factory=lambda: named(PLAIN))

    def needed(self) -> list[Value]:
        """Return the values that losses, results and what is watched depend on, in order."""
        wanted = bytearray(len(self.calls))
        for value in (
            self.loss,
            self.validation,
            *self.watched,
            *(part for pair in self.results for part in pair),
        ):
            if isinstance(value, Value):
                wanted[value.place] = 1
        for call in reversed(self.calls):
            if wanted[call.place]:
                for arg in call.args:
                    if isinstance(arg, Value):
                        wanted[arg.place] = 1
        return [call for call in self.calls if wanted[call.place]]


def is_elementwise(call: str) -> bool:
    """Tell whether a call works element by element."""
    return call in OPERATORS or call in ELEMENTARY


def root(value: Value) -> Value:
    """Return the value whose memory this one looks at."""
    while value.call in VIEWS:
        value = value.args[0]
    return value


def operands(value: Value) -> list[Value]:
    """Return what a call is made on, views resolved."""
    return [root(arg) for arg in value.args if isinstance(arg, Value)]


def is_contiguous(value: Value) -> bool:
    """Tell whether the elements stand in memory one after the other, in C's order."""
    step = value.dtype.itemsize
    for length, stride in zip(reversed(value.shape), reversed(value.strides), strict=True):
        if length != 1 and stride != step:
            return False
        step *= length
    return True


def thawed_index(frozen: Any) -> tuple[Any, ...]:
    """Return the index of an "index" call as NumPy takes it."""
    return tuple(slice(*p[1:]) if isinstance(p, tuple) else p for p in frozen)
