"""Writes down which NumPy calls an iteration makes, by doing it once with values that keep a record.

A :class:`Traced` value stands in for a number or an array: sweeps and optimizer rules run on it unchanged,
and each call they make is noted in a :class:`Trace` while it is done on a sample of real values, from which
shapes and memory layouts follow. So compiled code does what stepping does because it *is* what stepping does.
What is left out changes no bit: a product with 1, a copy of a number to a whole array before it is used
elementwise, the same call twice. Powers of two and signs are carried along to where they cost nothing, though
no sign across a sum: one that is 0 is +0 with either sign of its terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.form import Frequency, Key, is_contiguous, root
from tui_backprop.engine.compile.functions import FUNCTIONS, VIEW_AGAIN
from tui_backprop.engine.compile.traced import Traced, shape_of
from tui_backprop.engine.core.arrays import DOUBLE
from tui_backprop.engine.core.backends import PLAIN, Backend, named
from tui_backprop.engine.core.elementary import OF_ARRAYS
from tui_backprop.text.sentences import tr

MANY_NUMBERS: Final = 10_000
"""Numbers of an array that a program has in its text."""


class Trace:
    """The calls of one iteration, in the order in which they were made.

    In single precision a number of the formula's own is none of Python's: it rounds as arrays do.
    """

    def __init__(self, dtype: np.dtype[Any] = DOUBLE, backend: Backend | None = None) -> None:
        self.dtype = dtype
        self._backend = backend or named(PLAIN)
        self._single = dtype != DOUBLE
        self._least = 0.75 if self._single else 2.0**-60
        self.calls: list[Traced] = []
        self._known: dict[Key, Traced] = {}

    def leaf(self, name: str, value: Any, level: Frequency) -> Traced:
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
        compute = compute or self._backend.compute(call)
        compute = compute or OF_ARRAYS.get(f"{call}_array") or getattr(np, call)
        value = compute(*(a.value if isinstance(a, Traced) else a for a in args))
        weak = not self._single or all(a.weak if isinstance(a, Traced) else type(a) is float for a in args)
        if not any(isinstance(a, Traced) for a in args):
            return float(value) if weak else value
        if weak and self._single and not np.ndim(value):
            value = float(value)
        level = max(a.level for a in args if isinstance(a, Traced))
        noted = self._known[key] = self._note(Traced(self, call, args, options, value, level))
        noted.weak = weak and not noted.shape
        return noted

    def elementwise(self, call: str, *inputs: Any) -> Any:
        """Note an elementwise call on values as they were before they were broadcast to a common shape."""
        args = [self._lift(arg) for arg in inputs]
        shapes = [shape_of(a) for a in args]
        if not any(shapes):
            return self._scaled_call(call, args)
        whole = np.broadcast_shapes(*shapes)
        bases = [self._before_broadcast(arg) for arg in args]
        if all(base is not arg or not isinstance(arg, Traced) for base, arg in zip(bases, args, strict=True)):
            args = bases
        else:
            for at, base in enumerate(bases):
                shapes[at] = shape_of(base)
                if base is not args[at] and np.broadcast_shapes(*shapes) == whole:
                    args[at] = base
                else:
                    shapes[at] = shape_of(args[at])
        result = self._scaled_call(call, args)
        return result if shape_of(result) == whole else self.broadcast(result, whole)

    def matmul(self, a: Any, b: Any) -> Any:
        """Note a product of stacks of matrices."""
        return self.dot(a, b, "matmul")

    def both(self, a: Any, b: Any) -> Any:
        """Note that two conditions hold; one that is known beforehand is left out."""
        for known, other in ((a, b), (b, a)):
            if not isinstance(known, Traced):
                return other if known else False
        return self.elementwise("bitwise_and", a, b)

    def dot(self, a: Any, b: Any, call: str = "dot") -> Any:
        """Note a product of vectors or matrices."""
        a, b = self._lift(a), self._lift(b)
        (scale_a, base_a), (scale_b, base_b) = self._unscaled(a), self._unscaled(b)
        if len(base_a.shape) > 1 and root(base_a) is root(base_b):  # with its scale, one is apart in memory
            return self.apply(call, (self._whole(a), self._whole(b)), ())
        scale = scale_a * scale_b
        if scale < 0 and not shape_of(base_a) == shape_of(base_b) == (1,):
            base_a, base_b = self._turned(base_a, base_b)
            scale = -scale
        return self.scaled(self.apply(call, (base_a, base_b), ()), scale)

    def share_memory(self, a: Any, b: Any) -> bool:
        """Tell whether two arrays look at the same memory."""
        (scale_a, base_a), (scale_b, base_b) = self._unscaled(self._lift(a)), self._unscaled(self._lift(b))
        return scale_a == scale_b == 1.0 and root(base_a) is root(base_b)

    def reduce(self, ufunc: np.ufunc, a: Any, axis: Any = 0, keepdims: bool = False) -> Any:
        """Note a sum, or a largest element."""
        axes = tuple(range(a.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted(number % a.ndim for number in axes)) if a.ndim else ()
        if not axes:
            return a
        scale, base = self._unscaled(a) if ufunc is np.add else (1.0, self._whole(a))
        result = self.apply(
            f"{ufunc.__name__}.reduce", (base,), (axes, keepdims),
            lambda x: ufunc.reduce(x, axis=axes, keepdims=keepdims),
        )  # fmt: skip
        if scale < 0:  # NumPy's sums start from 0, so that none is -0
            result, scale = self.apply("subtract", (0.0, result), ()), -scale
        return self.scaled(result, scale)

    def view(self, call: str, of: Traced, options: Key, value: Any) -> Any:
        """Note another look at the same memory."""
        scale, base = self._unscaled(of)
        if base is not of:
            return self.scaled(VIEW_AGAIN[call](self, base, options), scale)
        return self.apply(call, (of,), options, lambda _: value)

    def broadcast(self, a: Any, shape: tuple[int, ...]) -> Any:
        """Note the repetition of a value to a shape."""
        a = self._lift(a)
        if not isinstance(a, Traced):
            return self._full(a, shape)
        if a.call == "full":
            return self._full(a.args[0], shape)
        if a.shape == shape:
            return a
        return self.view("broadcast_to", a, shape, np.broadcast_to(a.value, shape))

    def copy(self, a: Any, order: str) -> Any:
        """Note a copy; what has to be multiplied by its sign first is one in C's order already."""
        scale, base = self._unscaled(a)
        if scale != 1.0 and not is_contiguous(base):
            return self.scaled(self.copy(base, order), scale)
        whole = self.whole(a)
        if order == "C" and whole is not a and is_contiguous(whole):
            return whole
        return self.apply("copy", (whole,), (order,), lambda x: np.copy(x, order=order))  # type: ignore[call-overload]

    def function(self, name: str, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Note a call of one of NumPy's functions."""
        handler = FUNCTIONS.get(name)
        if handler is None:
            raise UntraceableError(name)
        return handler(self, *args, **options)

    def whole(self, a: Any) -> Any:
        """Return a value with its sign and power of two multiplied in."""
        return self._whole(self._lift(a))

    # ---------------------------------------------------------------- inside

    def _note(self, call: Traced) -> Traced:
        call.place = len(self.calls)
        self.calls.append(call)
        return call

    def _full(self, number: float, shape: tuple[int, ...]) -> Traced:
        key = ("full", number, math.copysign(1.0, number), shape)
        if key not in self._known:
            value = np.full(shape, number, self.dtype)
            self._known[key] = self._note(Traced(self, "full", (number,), shape, value, Frequency.ONCE))
        return self._known[key]

    def _lift(self, a: Any) -> Any:
        """Return a traced value or a number; an array must have one number in every place."""
        if isinstance(a, Traced):
            return a
        if isinstance(a, bool | int | float | np.floating | np.integer):
            return a if self._single and isinstance(a, np.floating) else float(a)
        array = np.asarray(a)
        if array.dtype == np.object_:
            raise UntraceableError(tr("an array of traced values"))
        if not array.ndim:
            return array[()] if self._single and array.dtype.kind == "f" else float(array)
        number = array.flat[0] if array.size else 0.0
        if not np.all(array == number):
            return self._constant(array.astype(self.dtype))
        return self._full(float(number), array.shape)

    def _constant(self, array: Any) -> Traced:
        """Return an array of numbers that the formula's text makes."""
        if _is_identity(array):  # such as the rows that classes choose from, a row for each class
            call, options = "eye", array.shape
        elif array.size <= MANY_NUMBERS:
            call, options = "constant", (array.shape, tuple(array.ravel().tolist()))
        else:
            raise UntraceableError(tr("a large array of its own"))
        key = (call, array.shape, array.tobytes())
        if key not in self._known:
            value = np.ascontiguousarray(array)
            self._known[key] = self._note(Traced(self, call, (), options, value, Frequency.ONCE))
        return self._known[key]

    def _before_broadcast(self, a: Any) -> Any:
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
        return a if scale == 1.0 else self.scaled(a, scale)

    def _scaled_call(self, call: str, args: list[Any]) -> Any:
        """Note an elementwise call; signs and powers of two are taken out where that is exact."""
        if call not in ("add", "subtract", "multiply", "divide", "negative"):
            return self.apply(call, [self._whole(a) for a in args], ())
        parts = [self._unscaled(a) for a in args]
        if call == "negative":
            return self.scaled(parts[0][1], -parts[0][0])
        (p, a), (q, b) = parts
        if call in ("multiply", "divide"):
            return self._product(call, a, b, p * q if call == "multiply" else p / q)
        if call == "subtract":
            q = -q
        if not isinstance(a, Traced) or not isinstance(b, Traced) or abs(p) != abs(q):
            return self.apply(call, [self._whole(arg) for arg in args], ())
        if p == q < 0:
            return self.scaled(self.apply("subtract", (self.apply("negative", (a,), ()), b), ()), -p)
        if p == q:
            return self.scaled(self.apply("add", (a, b), ()), p)
        if p > 0:
            return self.scaled(self.apply("subtract", (a, b), ()), p)
        return self.scaled(self.apply("subtract", (b, a), ()), q)

    def _turned(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Return two factors of sums of products with the sign of one changed: seldom, or in the smaller."""
        if (a.level, a.size) <= (b.level, b.size):
            return self.apply("negative", (a,), ()), b
        return a, self.apply("negative", (b,), ())

    def _product(self, call: str, a: Any, b: Any, scale: float) -> Any:
        if not isinstance(b, Traced) and b == 1.0:
            return self.scaled(a, scale)
        if call == "multiply":
            if not isinstance(a, Traced) and a == 1.0:
                return self.scaled(b, scale)
            gate_a, gate_b = _gate(a), _gate(b)
            # NumPy multiplies by a condition as by 1 and 0; the other factor gives the product its type
            if gate_b is not None and gate_a is None and shape_of(a):
                b = gate_b
            elif gate_a is not None and gate_b is None and shape_of(b):
                a = gate_a
        if scale != 1.0:  # a number that is computed less often takes the power of two along for nothing
            for at, part in enumerate((a, b)):
                rare = not isinstance(part, Traced) or (part.level < Frequency.ITERATION and not part.shape)
                if rare:
                    under = call == "divide" and at == 1
                    scaled = self.apply("multiply", (part, 1.0 / scale if under else scale), ())
                    a, b = (scaled, b) if at == 0 else (a, scaled)
                    scale = 1.0
                    break
        return self.scaled(self.apply(call, (a, b), ()), scale)

    def _unscaled(self, a: Any) -> tuple[float, Any]:
        """Take sign and power of two off a value."""
        if isinstance(a, Traced):
            return (a.options[0], a.args[0]) if a.call == "scale" else (1.0, a)
        if a and math.isfinite(a) and abs(math.frexp(a)[0]) == 0.5:
            return a, 1.0
        return 1.0, a

    def scaled(self, a: Any, scale: float) -> Any:
        """Return a value times a sign and a power of two, carried along where that costs nothing."""
        if not isinstance(a, Traced):
            return a * scale
        inner, base = self._unscaled(a)
        scale *= inner
        if scale == 1.0:
            return base
        # single precision has few exponents: what is carried along might be lost below the least of them
        if base.level < Frequency.ITERATION or not self._least < abs(scale) < 1 / self._least:
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


def _gate(a: Any) -> Traced | None:
    """Return the condition of an array that is 1 where it holds and else 0; None for any other value."""
    if not isinstance(a, Traced) or not a.args or a.call not in ("where", "astype"):
        return None
    condition = a.args[0]
    if not isinstance(condition, Traced) or condition.shape != a.shape or condition.dtype != np.bool_:
        return None
    numbers = [repr(float(n)) for n in a.args[1:] if not isinstance(n, Traced)]
    return condition if a.shape and (a.call == "astype" or numbers == ["1.0", "0.0"]) else None


def _is_identity(array: Any) -> bool:
    return array.ndim == 2 and np.array_equal(array, np.eye(*array.shape))
