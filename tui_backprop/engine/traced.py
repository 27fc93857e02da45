"""A value that stands in for a number or an array, and has whatever is done with it written down."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

if TYPE_CHECKING:
    from tui_backprop.engine.tracing import Trace

Key: TypeAlias = "tuple[Any, ...]"


class Level(IntEnum):
    """How often something has to be computed."""

    ONCE = 0
    CALL = 1  # it depends on the dials
    ITERATION = 2  # it depends on parameters, an optimizer's memory or the batch


class UntraceableError(Exception):
    """Something that compiled code cannot be written for; it can still be done step by step."""


ELEMENTWISE: Final = frozenset({
    "add", "subtract", "multiply", "divide", "negative", "power", "exp", "log", "log1p", "sqrt", "sin", "cos",
    "tanh", "absolute", "sign", "maximum", "greater", "greater_equal", "less", "less_equal", "equal",
    "not_equal", "bitwise_and", "isfinite", "where",
})  # fmt: skip
VIEWS: Final = frozenset({"broadcast_to", "expand_dims", "reshape", "T", "swapaxes", "index"})


class Traced(NDArrayOperatorsMixin):
    """A value on record.

    Attributes:
        place: its number in the trace.
        call: what was called, such as "add" or "dot"; "leaf" for what is given, "full" for one number in
            every place.
        args: what it was called on: traced values, numbers, or (for "leaf") a name.
        options: everything else that the call needs.
        value: the result for the sample; None once the trace is finished.
        level: how often it has to be computed.
    """

    __slots__ = ("args", "call", "dtype", "level", "options", "place", "shape", "strides", "trace", "value")

    def __init__(self, trace: Trace, call: str, args: Sequence[Any], options: Key, value: Any, level: Level):
        self.trace, self.call, self.args, self.options = trace, call, tuple(args), options
        self.value, self.level = value, level
        self.shape: tuple[int, ...] = np.shape(value)
        # sign and power of two are multiplied in later, if at all: the memory is that of what they belong to
        self.strides: tuple[int, ...] = args[0].strides if call == "scale" else getattr(value, "strides", ())
        self.dtype = getattr(value, "dtype", np.dtype(np.float64))
        self.place = -1

    # ---------------------------------------------------------------- what NumPy and the operations ask for

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return self.trace.view("T", self, (), self.value.T) if self.ndim > 1 else self

    def __bool__(self) -> bool:
        if self.level is Level.CALL:  # a dial, which is only asked for where it is not zero
            return True
        raise UntraceableError("a decision that hangs on a number")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        if index == ():
            return self
        return self.trace.view("index", self, (frozen_index(index),), self.value[index])

    def reshape(self, *shape: Any) -> Any:
        """Return the same elements in another shape."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        value = np.reshape(self.value, wanted)
        if value.shape == self.shape:
            return self
        if self.shape and not is_contiguous(self):
            return self.trace.copy(self, "C").reshape(wanted)
        return self.trace.view("reshape", self, value.shape, value)

    def row_of(self, numbers: Sequence[Any]) -> Any:
        """Return a vector that is made of numbers, which NumPy has no call for that could be caught."""
        parts = [self.trace.whole(a) for a in numbers]
        return self.trace.apply("array", parts, (), lambda *a: np.array(a))

    def any(self) -> Any:
        """Tell whether any element is true."""
        return self.trace.apply("any", (self,), ()) if self.shape else self

    def all(self, axis: Any = None) -> Any:
        """Tell whether all elements are true, along some axes or at all."""
        return (
            self.trace.apply("all", (self,), (axis,), lambda a: np.all(a, axis=axis)) if self.shape else self
        )

    def item(self) -> float:
        """Refuse to give a number: it would be the sample's."""
        raise UntraceableError("a number that is not known before")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc is np.matmul:
                return self.trace.matmul(*inputs)
            if ufunc is np.bitwise_and:
                return self.trace.both(*inputs)
            return self.trace.elementwise(ufunc.__name__, *inputs)
        if method == "reduce" and ufunc in (np.add, np.maximum):
            return self.trace.reduce(ufunc, *inputs, **options)
        if method == "outer":
            parts = [self.trace.whole(part) for part in inputs]
            return self.trace.apply(f"{ufunc.__name__}.outer", parts, (), ufunc.outer)
        raise UntraceableError(f"{ufunc.__name__}.{method}")

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Mapping[str, Any]
    ) -> Any:
        return self.trace.function(function.__name__, args, options)


def shape_of(a: Any) -> tuple[int, ...]:
    """Return the shape of a traced value or a number."""
    return a.shape if isinstance(a, Traced) else ()


def root(value: Traced) -> Traced:
    """Return the value whose memory this one looks at."""
    while value.call in VIEWS:
        value = value.args[0]
    return value


def before_spreading(a: Any) -> Any:
    """Return what was repeated to this value's shape."""
    scale = 1.0
    while isinstance(a, Traced):
        if a.call == "full":
            return a.args[0] * scale
        if a.call == "broadcast_to" or (a.call in ("expand_dims", "reshape") and not a.args[0].shape):
            (a,) = a.args
        elif a.call == "scale" and a.args[0].call == "broadcast_to":
            scale *= a.options[0]
            (a,) = a.args
        else:
            break
    return a if scale == 1.0 else a.trace.scaled(a, scale)


def frozen_index(index: Any) -> Any:
    """Return an index that can be a key."""
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(("slice", p.start, p.stop) if isinstance(p, slice) else p for p in parts)


def thawed_index(frozen: Any) -> tuple[Any, ...]:
    """Return an index as NumPy takes it."""
    return tuple(slice(p[1], p[2]) if isinstance(p, tuple) else p for p in frozen)


def is_contiguous(a: Any) -> bool:
    """Tell whether the elements stand in memory one after the other, in C's order."""
    step = 8
    for length, stride in zip(reversed(a.shape), reversed(a.strides), strict=True):
        if length != 1 and stride != step:
            return False
        step *= length
    return True
