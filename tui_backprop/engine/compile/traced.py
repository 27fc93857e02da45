"""A value that stands in for a number or an array, and has whatever is done with it written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.form import Frequency, Key, Value, is_contiguous, root, thawed_index
from tui_backprop.engine.core.arrays import DOUBLE
from tui_backprop.text.sentences import tr


class Recorder(Protocol):
    """What notes the calls that are made on traced values.

    Attributes:
        dtype: what the values are of, but for numbers of Python's own.
    """

    dtype: np.dtype[Any]

    def apply(
        self, call: str, args: Sequence[Any], options: Key, compute: Callable[..., Any] | None = None
    ) -> Any:
        """Note a call; ``compute`` does it on the sample."""

    def elementwise(self, call: str, *inputs: Any) -> Any:
        """Note a call that works element by element."""

    def matmul(self, a: Any, b: Any) -> Any:
        """Note a product of stacks of matrices."""

    def both(self, a: Any, b: Any) -> Any:
        """Note that two conditions hold."""

    def reduce(self, ufunc: np.ufunc, a: Any, axis: Any = 0, keepdims: bool = False) -> Any:
        """Note a sum, or a largest element."""

    def view(self, call: str, of: Traced, options: Key, value: Any) -> Any:
        """Note another look at the same memory."""

    def copy(self, a: Any, order: str) -> Any:
        """Note a copy."""

    def function(self, name: str, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Note a call of one of NumPy's functions."""

    def whole(self, a: Any) -> Any:
        """Return a value with all that was put off multiplied in."""


class Traced(Value, NDArrayOperatorsMixin):
    """A value on record.

    Attributes:
        trace: where it is on record.
        value: the result for the sample; None once the trace is finished.
    """

    __slots__ = ("trace", "value")

    def __init__(
        self, trace: Recorder, call: str, args: Sequence[Any], options: Key, value: Any, level: Frequency
    ) -> None:
        self.trace, self.call, self.args, self.options = trace, call, tuple(args), options
        self.value, self.level = value, level
        self.shape = np.shape(value)
        # sign and power of two are multiplied in later, if at all: the memory is that of what they belong to
        self.strides = args[0].strides if call == "scale" else getattr(value, "strides", ())
        self.dtype = getattr(value, "dtype", DOUBLE)
        self.weak = type(value) is float
        self.place = -1

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return self.trace.view("T", self, (), self.value.T) if self.ndim > 1 else self

    def __bool__(self) -> bool:
        if self.level is Frequency.CALL:  # a hyperparameter, which is only asked for where it is not zero
            return True
        raise UntraceableError(tr("a decision that hangs on a number"))

    def astype(self, dtype: Any) -> Any:
        """Return the same in another type."""
        wanted = np.dtype(dtype)
        if self.dtype == wanted:
            return self
        return self.trace.apply(
            "astype", (self.trace.whole(self),), (wanted.name,), lambda a: np.asarray(a).astype(wanted)[()]
        )

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        if index == ():
            return self
        return self.trace.view("index", self, (frozen_index(index),), np.asarray(self.value)[index])

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
        return self.trace.apply("array", parts, (), lambda *a: np.array(a, self.trace.dtype))

    def kernel(self, compute: Callable[..., Any], *factors: Any) -> Any:
        """Note a call of a kernel of our own on this value and others; see :data:`KERNELS`."""
        if compute.__name__ == "_settled" and any(map(_settles, factors)):
            return self
        product, *parts = (self.trace.whole(a) for a in (self, *factors))
        if product.shape and root(product).call == "leaf":  # the result may be the product itself, and kept
            product = self.trace.copy(product, "C")
        return self.trace.apply(compute.__name__.lstrip("_"), (product, *parts), (), compute)

    def placed(
        self, function: Callable[..., Any], arrays: Sequence[Any], fixed: Key, index: tuple[Any, ...]
    ) -> Any:
        """Note a call of one of the functions that put elements in their places.

        Args:
            function: which, of :mod:`tui_backprop.engine.core.placing`.
            arrays: its first arguments.
            fixed: those that follow.
            index: the last one; arrays in it may be on record.
        """
        parts = [self.trace.whole(a) for a in arrays]
        places = [self.trace.whole(p) for p in index if isinstance(p, Traced | np.ndarray)]
        frozen = tuple("array" if isinstance(p, Traced | np.ndarray) else p for p in frozen_index(index))
        count = len(parts)

        def compute(*args: Any) -> Any:
            left = iter(args[count:])
            at = tuple(
                np.asarray(next(left)).astype(np.intp) if p == "array" else p for p in thawed_index(frozen)
            )
            return function(*(np.asarray(a) for a in args[:count]), *fixed, at)

        return self.trace.apply(function.__name__, (*parts, *places), (count, fixed, frozen), compute)

    def called(self, function: Callable[..., Any], fixed: Key) -> Any:
        """Note a call of one of the functions on windows.

        Args:
            function: which, of :mod:`tui_backprop.engine.core.windows`; this value is its first argument.
            fixed: those that follow.
        """
        return self.trace.apply(
            function.__name__, (self.trace.whole(self),), fixed, lambda x: function(x, *fixed)
        )

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
        raise UntraceableError(tr("a number that is not known before"))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc is np.matmul:
                return self.trace.matmul(*inputs)
            if ufunc is np.bitwise_and:
                return self.trace.both(*inputs)
            return self.trace.elementwise(ufunc.__name__, *inputs)
        if method == "reduce" and ufunc in (np.add, np.maximum, np.minimum, np.multiply):
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


def frozen_index(index: Any) -> Any:
    """Return an index that can be a key."""
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(("slice", p.start, p.stop, p.step) if isinstance(p, slice) else p for p in parts)


def _settles(factor: Any) -> bool:
    """Tell whether a factor is a number, or one number everywhere, that is neither 0 nor infinite."""
    if isinstance(factor, Traced):
        factor = factor.args[0] if factor.call == "full" else np.nan
    smallest, largest = np.min(np.abs(factor)), np.max(np.abs(factor))
    return bool(0 < smallest <= largest < np.inf)
