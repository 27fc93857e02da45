"""Writes down which NumPy calls an iteration makes, by doing it once with values that keep a record.

A :class:`Traced` value stands in for a number or an array: sweeps and optimizer rules run on it unchanged,
and each call they make is noted in a :class:`Trace` while it is done on a sample of real values, from which
shapes and memory layouts follow. So compiled code does what stepping does because it *is* what stepping does.
What is left out changes no bit: a product with 1, a copy of a number to a whole array before it is used
elementwise, the same call twice. Powers of two and signs are carried along to where they cost nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

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
LEAVES: Final = frozenset({"leaf", "full"})
SCALED_THROUGH: Final = VIEWS | {"add.reduce"}


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
        self.strides: tuple[int, ...] = getattr(value, "strides", ())
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
        return self.trace.view("index", self, (_frozen_index(index),), self.value[index])

    def reshape(self, *shape: Any) -> Any:
        """Return the same elements in another shape."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        value = np.reshape(self.value, wanted)
        if value.shape == self.shape:
            return self
        if isinstance(self.value, np.ndarray) and not np.shares_memory(value, self.value):
            raise UntraceableError("a reshape that copies")
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
        """Return the sample's number."""
        return float(self.value.item())

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
        handler = _FUNCTIONS.get(function.__name__)
        if handler is None:
            raise UntraceableError(function.__name__)
        return handler(self.trace, *args, **options)


class Trace:
    """The calls of one iteration, in the order in which they were made."""

    def __init__(self) -> None:
        self.calls: list[Traced] = []
        self._known: dict[Key, Traced] = {}

    def leaf(self, name: str, value: Any, level: Level) -> Traced:
        """Return a value that is given."""
        return self._note(Traced(self, "leaf", (name,), (), value, level))

    def finish(self) -> None:
        """Let go of the sample."""
        for call in self.calls:
            call.value = None

    # ---------------------------------------------------------------- calls

    def apply(
        self, call: str, args: Sequence[Any], options: Key, compute: Callable[..., Any] | None = None
    ) -> Any:
        """Note one call, or return the same one noted before; numbers alone are worked out at once."""
        args = [self._lift(arg) for arg in args]
        key = (call, options, *(id(a) if isinstance(a, Traced) else (a, math.copysign(1.0, a)) for a in args))
        known = self._known.get(key)
        if known is not None:
            return known
        value = (compute or getattr(np, call))(*(a.value if isinstance(a, Traced) else a for a in args))
        if not any(isinstance(a, Traced) for a in args):
            return float(value)
        level = max(a.level for a in args if isinstance(a, Traced))
        noted = self._known[key] = self._note(Traced(self, call, args, options, value, level))
        return noted

    def elementwise(self, call: str, *inputs: Any) -> Any:
        """Note an elementwise call on values as they were before they were spread to a common shape."""
        args = [self._lift(arg) for arg in inputs]
        shapes = [_shape(a) for a in args]
        if not any(shapes):
            return self._scaled_call(call, args)
        whole = np.broadcast_shapes(*shapes)
        bases = [_before_spreading(arg) for arg in args]
        if all(base is not arg or not isinstance(arg, Traced) for base, arg in zip(bases, args, strict=True)):
            args = bases
        else:
            for at, base in enumerate(bases):
                shapes[at] = _shape(base)
                if base is not args[at] and np.broadcast_shapes(*shapes) == whole:
                    args[at] = base
                else:
                    shapes[at] = _shape(args[at])
        result = self._scaled_call(call, args)
        return result if _shape(result) == whole else self.spread(result, whole)

    def matmul(self, a: Any, b: Any) -> Any:
        """Note a product of stacks of matrices."""
        (scale_a, a), (scale_b, b) = self._unscaled(self._lift(a)), self._unscaled(self._lift(b))
        return self._scaled(self.apply("matmul", (a, b), ()), scale_a * scale_b)

    def both(self, a: Any, b: Any) -> Any:
        """Note that two conditions hold; one that is known beforehand is left out."""
        for known, other in ((a, b), (b, a)):
            if not isinstance(known, Traced):
                return other if known else False
        return self.elementwise("bitwise_and", a, b)

    def dot(self, a: Any, b: Any) -> Any:
        """Note a product of vectors or matrices."""
        (scale_a, a), (scale_b, b) = self._unscaled(self._lift(a)), self._unscaled(self._lift(b))
        return self._scaled(self.apply("dot", (a, b), ()), scale_a * scale_b)

    def reduce(self, ufunc: np.ufunc, a: Any, axis: Any = 0, keepdims: bool = False) -> Any:
        """Note a sum, or a largest element."""
        axes = tuple(range(a.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted(number % a.ndim for number in axes)) if a.ndim else ()
        if not axes:
            return a
        scale, base = self._unscaled(a) if ufunc is np.add else (1.0, self._whole(a))
        return self._scaled(
            self.apply(
                f"{ufunc.__name__}.reduce", (base,), (axes, keepdims),
                lambda x: ufunc.reduce(x, axis=axes, keepdims=keepdims),
            ),
            scale,
        )  # fmt: skip

    def view(self, call: str, of: Traced, options: Key, value: Any) -> Any:
        """Note another look at the same memory."""
        scale, base = self._unscaled(of)
        if base is not of:
            return self._scaled(_VIEW[call](base, options), scale)
        return self.apply(call, (of,), options, lambda _: value)

    def spread(self, a: Any, shape: tuple[int, ...]) -> Any:
        """Note the repetition of a value to a shape."""
        a = self._lift(a)
        if not isinstance(a, Traced):
            return self._full(a, shape)
        if a.call == "full":
            return self._full(a.args[0], shape)
        if a.shape == shape:
            return a
        return self.view("broadcast_to", a, shape, np.broadcast_to(a.value, shape))

    def whole(self, a: Any) -> Any:
        """Return a value with its sign and power of two multiplied in."""
        return self._whole(self._lift(a))

    # ---------------------------------------------------------------- inside

    def _note(self, call: Traced) -> Traced:
        call.place = len(self.calls)
        self.calls.append(call)
        return call

    def _full(self, number: float, shape: tuple[int, ...]) -> Traced:
        key = ("full", number, shape)
        if key not in self._known:
            value = np.full(shape, number)
            self._known[key] = self._note(Traced(self, "full", (number,), shape, value, Level.ONCE))
        return self._known[key]

    def _lift(self, a: Any) -> Any:
        """Return a traced value or a number; an array must have one number in every place."""
        if isinstance(a, Traced):
            return a
        if isinstance(a, bool | int | float | np.floating | np.integer):
            return float(a)
        array = np.asarray(a)
        if array.dtype == np.object_:
            raise UntraceableError("an array of traced values")
        if not array.ndim:
            return float(array)
        number = array.flat[0]
        if not np.all(array == number):
            raise UntraceableError("an array of its own")
        return self._full(float(number), array.shape)

    def _scaled_call(self, call: str, args: list[Any]) -> Any:
        """Note an elementwise call; signs and powers of two are taken out where that is exact."""
        if call not in ("add", "subtract", "multiply", "divide", "negative"):
            return self.apply(call, [self._whole(a) for a in args], ())
        parts = [self._unscaled(a) for a in args]
        if call == "negative":
            return self._scaled(parts[0][1], -parts[0][0])
        (p, a), (q, b) = parts
        if call in ("multiply", "divide"):
            return self._product(call, a, b, p * q if call == "multiply" else p / q)
        if call == "subtract":
            q = -q
        if not isinstance(a, Traced) or not isinstance(b, Traced) or abs(p) != abs(q):
            return self.apply(call, [self._whole(arg) for arg in args], ())
        if p == q:
            return self._scaled(self.apply("add", (a, b), ()), p)
        if p > 0:
            return self._scaled(self.apply("subtract", (a, b), ()), p)
        return self._scaled(self.apply("subtract", (b, a), ()), q)

    def _product(self, call: str, a: Any, b: Any, scale: float) -> Any:
        if not isinstance(b, Traced) and b == 1.0:
            return self._scaled(a, scale)
        if call == "multiply" and not isinstance(a, Traced) and a == 1.0:
            return self._scaled(b, scale)
        if scale != 1.0:  # a number that is computed less often takes the power of two along for nothing
            for at, part in enumerate((a, b)):
                rare = not isinstance(part, Traced) or (part.level < Level.ITERATION and not part.shape)
                if rare:
                    under = call == "divide" and at == 1
                    scaled = self.apply("multiply", (part, 1.0 / scale if under else scale), ())
                    a, b = (scaled, b) if at == 0 else (a, scaled)
                    scale = 1.0
                    break
        return self._scaled(self.apply(call, (a, b), ()), scale)

    def _unscaled(self, a: Any) -> tuple[float, Any]:
        """Take sign and power of two off a value."""
        if isinstance(a, Traced):
            return (a.options[0], a.args[0]) if a.call == "scale" else (1.0, a)
        if a and math.isfinite(a) and abs(math.frexp(a)[0]) == 0.5:
            return a, 1.0
        return 1.0, a

    def _scaled(self, a: Any, scale: float) -> Any:
        if not isinstance(a, Traced):
            return a * scale
        inner, base = self._unscaled(a)
        scale *= inner
        if scale == 1.0:
            return base
        if base.level < Level.ITERATION or not 2.0**-60 < abs(scale) < 2.0**60:
            return self.apply("multiply", (base, scale), ())
        if base.call == "full":
            return self._full(base.args[0] * scale, base.shape)
        return self.apply("scale", (base,), (scale,), lambda x: x * scale)

    def _whole(self, a: Any) -> Any:
        if not isinstance(a, Traced) or a.call != "scale":
            return a
        (scale,), (base,) = a.options, a.args
        return (
            self.apply("negative", (base,), ())
            if scale == -1.0
            else self.apply("multiply", (base, scale), ())
        )


def _shape(a: Any) -> tuple[int, ...]:
    return a.shape if isinstance(a, Traced) else ()


def _before_spreading(a: Any) -> Any:
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
    return a if scale == 1.0 else a.trace._scaled(a, scale)


def _frozen_index(index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(("slice", p.start, p.stop) if isinstance(p, slice) else p for p in parts)


def thawed_index(frozen: Any) -> tuple[Any, ...]:
    """Return an index as NumPy takes it."""
    return tuple(slice(p[1], p[2]) if isinstance(p, tuple) else p for p in frozen)


def _concatenate(trace: Trace, arrays: Sequence[Any], axis: int = 0) -> Any:
    parts = [trace.whole(a) for a in arrays]
    return trace.apply("concatenate", parts, (axis,), lambda *a: np.concatenate(a, axis=axis))


def _ravel(trace: Trace, a: Any) -> Any:
    """Note a vector of all elements: the same memory where they stand in C's order, a copy elsewhere."""
    if a.ndim == 1:
        return a
    whole = trace.whole(a)
    if whole.value.flags.c_contiguous:
        return a.reshape(-1)
    return trace.apply("ravel", (whole,), ())


def _copy(trace: Trace, a: Any, order: str) -> Any:
    return trace.apply("copy", (trace.whole(a),), (order,), lambda x: np.copy(x, order="C"))


def _stack(trace: Trace, arrays: Sequence[Any]) -> Any:
    return trace.apply("stack", [trace.whole(a) for a in arrays], (), lambda *a: np.stack(a))


def _where(trace: Trace, condition: Any, a: Any, b: Any) -> Any:
    if not isinstance(condition, Traced) and np.ndim(condition) == 0:
        chosen = a if condition else b
        if _shape(chosen) == np.broadcast_shapes(_shape(a), _shape(b)):
            return chosen
    return trace.elementwise("where", condition, a, b)


def _expand_dims(trace: Trace, a: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, tuple) else (axis,)
    return trace.view("expand_dims", a, axes, np.expand_dims(a.value, axes)) if axes else a


def _swapaxes(trace: Trace, a: Any, one: int, other: int) -> Any:
    return trace.view("swapaxes", a, (one, other), np.swapaxes(a.value, one, other))


def _einsum(trace: Trace, subscripts: str, *operands: Any) -> Any:
    return trace.apply(
        "einsum", [trace.whole(o) for o in operands], (subscripts,), lambda *o: np.einsum(subscripts, *o)
    )


_VIEW: Final[Mapping[str, Callable[[Traced, Any], Any]]] = {
    "T": lambda a, _: a.T,
    "reshape": lambda a, shape: a.reshape(shape),
    "index": lambda a, options: a[thawed_index(options[0])],
    "broadcast_to": lambda a, shape: a.trace.spread(a, shape),
    "expand_dims": lambda a, axes: _expand_dims(a.trace, a, axes),
    "swapaxes": lambda a, axes: _swapaxes(a.trace, a, *axes),
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "concatenate": _concatenate,
    "stack": _stack,
    "copy": _copy,
    "where": _where,
    "expand_dims": _expand_dims,
    "swapaxes": _swapaxes,
    "einsum": _einsum,
    "broadcast_to": lambda trace, a, shape: trace.spread(a, shape),
    "dot": lambda trace, a, b: trace.dot(a, b),
    "ravel": lambda trace, a: _ravel(trace, a),
    "size": lambda trace, a: a.size,
    "shape": lambda trace, a: a.shape,
    "ndim": lambda trace, a: a.ndim,
    "reshape": lambda trace, a, shape: a.reshape(shape),
}
