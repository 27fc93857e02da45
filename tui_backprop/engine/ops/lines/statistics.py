"""What a line of elements comes to besides its sum: its extremes, its spread, its product, its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.elementary import exp, log, sqrt
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import total, where
from tui_backprop.engine.ops.lines.line import LineOp
from tui_backprop.engine.ops.signature import AxisOption, FlagOption, NumberOption, Signature
from tui_backprop.engine.ops.structure import Element
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import subscripted


class Extreme(LineOp):
    """The largest or the smallest element; elements that tie share the upstream gradient equally."""

    ufunc: ClassVar[np.ufunc]
    slope_text = later("1 where {x} == {y}, shared equally in a tie, else 0")

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the extreme of each line."""
        if not axes:
            return x
        found: Array = self.ufunc.reduce(x, axis=axes, keepdims=True)
        return found

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return 1 at the extreme, or its share in a tie."""
        hit = where(x == y, 1.0, 0.0)
        share: Array = hit / total(hit, axes, keepdims=True) if axes else hit
        return share

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return how far each element is from the extreme of the others of its line."""
        (x,) = operands
        axes = self.axes(np.shape(x))
        if not axes:
            return np.ones(np.shape(x))
        far = -np.inf if self.ufunc is np.maximum else np.inf
        best = self.ufunc.reduce(x, axis=axes, keepdims=True)
        second = self.ufunc.reduce(np.where(x == best, far, x), axis=axes, keepdims=True)
        alone = np.sum(x == best, axis=axes, keepdims=True) == 1
        apart: Array = x - np.where((x == best) & alone, second, best)
        return apart


class Max(Extreme):
    """y = the largest element of a line; ∂y/∂x = 1 there, 0 elsewhere."""

    name = "max"
    ufunc = np.maximum
    whys = (
        later(
            "Only the largest element of a line shows in the result, so it alone gets the upstream gradient. "
            "Where several tie they share it equally."
        ),
    )


class Min(Extreme):
    """y = the smallest element of a line; ∂y/∂x = 1 there, 0 elsewhere."""

    name = "min"
    ufunc = np.minimum
    whys = (
        later(
            "Only the smallest element of a line shows in the result, so it alone gets the upstream "
            "gradient. Where several tie they share it equally."
        ),
    )


SPREAD = Signature(options=(AxisOption(), FlagOption("keepdims"), NumberOption("ddof", 0.0)))


class Var(LineOp):
    """y = Σ (x - m)² / (n - ddof), m the line's mean; ∂y/∂x = 2 (x - m)/(n - ddof).

    That m moves as well changes nothing: the deviations from it add up to 0.
    """

    name = "var"
    signature = SPREAD
    slope_text = "2 * ({x} - {mean}) / {divisor:g}"
    whys = (
        later(
            "It averages squared deviations from the mean, and the slope of a square is twice the deviation. "
            "That the mean moves as well adds nothing, because the deviations add up to zero."
        ),
    )

    def divisor(self, shape: Shape) -> float:
        """Return n - ddof."""
        return self.length(shape) - float(self.options["ddof"])

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without a line's axes, or with length 1 there."""
        if self.divisor(shapes[0]) <= 0:
            raise ShapeError(
                tr(
                    "{name} with ddof={ddof:g} needs longer lines",
                    name=self.name,
                    ddof=self.options["ddof"],
                )
            )
        return super().shape(*shapes)

    def deviation(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return x less its line's mean."""
        return x - total(x, axes, keepdims=True) / self.length(np.shape(x)) if axes else x - x

    def variance(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return each line's variance, with length 1 along the axes."""
        deviation = self.deviation(x, axes)
        squares: Array = total(deviation * deviation, axes, keepdims=True) if axes else deviation
        return squares / self.divisor(np.shape(x))

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the variance."""
        return self.variance(x, axes)

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return 2 (x - m)/(n - ddof)."""
        return 2.0 * self.deviation(x, axes) / self.divisor(np.shape(x))

    def _filled(self, x: str, y: str, shape: Shape) -> str:
        axes = self.axes(shape)
        leading = axes == tuple(range(len(axes)))  # what is left then meets x from the right, as NumPy has it
        mean = self._mean(x, shape, "" if leading else ", keepdims=True")
        return self.slope_text.format(x=x, y=y, mean=mean, divisor=self.divisor(shape))

    def _mean(self, x: str, shape: Shape, keepdims: str = "") -> str:
        """Write the means of an array's lines."""
        axes = self.axes(shape)
        if len(axes) == len(shape):
            return f"mean({x})"
        return f"mean({x}, axis={axes[0] if len(axes) == 1 else axes}{keepdims})"

    def _slope_at(self, x: str, y: str, element: Element, shape: Shape) -> str:
        axes = self.axes(shape)
        line = [at for axis, at in enumerate(element) if axis not in axes]
        mean = subscripted(self._mean(x, shape), line)
        return self.slope_text.format(x=subscripted(x, element), y=y, mean=mean, divisor=self.divisor(shape))

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return the number of elements of a line."""
        return self.length(shapes[0])


class Std(Var):
    """y = √var(x); ∂y/∂x = (x - m)/((n - ddof) y)."""

    name = "std"
    slope_text = "({x} - {mean}) / ({divisor:g} * {y})"
    whys = (
        later(
            "It is the root of the variance: the slope of a variance, twice the deviation by n, "
            "times the slope of a root, one over twice the output. Where all are equal it is taken as 0."
        ),
    )

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the standard deviation."""
        return sqrt(self.variance(x, axes))  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return (x - m)/((n - ddof) y)."""
        return _or_zero(self.deviation(x, axes), self.divisor(np.shape(x)) * y)

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return the deviation itself, which is 0 at its kink."""
        return self.spread_out(operands[0])


class Prod(LineOp):
    """y = Π x; ∂y/∂x = the product of the line's other elements."""

    name = "prod"
    slope_text = "{y} / {x}"
    whys = (
        later(
            "Each element is multiplied by all others of its line, so their product is its slope: "
            "the result with the element itself divided out, also where it is zero."
        ),
    )

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the product."""
        if not axes:
            return x
        found: Array = np.multiply.reduce(x, axis=axes, keepdims=True)
        return found

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return the product of the others, without a division by zero."""
        if not axes:
            return where(x == x, 1.0, x)  # type: ignore[no-any-return]
        zero = where(x == 0.0, 1.0, 0.0)
        filled = where(x == 0.0, 1.0, x)
        rest = np.multiply.reduce(filled, axis=axes, keepdims=True) / filled
        others = total(zero, axes, keepdims=True) - zero
        result: Array = where(others == 0.0, rest, 0.0)
        return result


class LogSumExp(LineOp):
    """y = log Σ exp(x), shifted so that nothing overflows; ∂y/∂x = exp(x - y), the softmax."""

    name = "logsumexp"
    slope_text = "exp({x} - {y})"
    whys = (
        later(
            "The logarithm's slope is one over the sum, and the element's own slope in the sum is exp(x). "
            "Their quotient is its share of the sum: the softmax."
        ),
    )

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return log Σ exp(x)."""
        if not axes:
            return x
        top = np.maximum.reduce(x, axis=axes, keepdims=True)
        top = where(np.isfinite(top), top, 0.0)
        return top + log(total(exp(x - top), axes, keepdims=True))  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return exp(x - y)."""
        return exp(x - y)  # type: ignore[no-any-return]


class Norm(LineOp):
    """y = √(Σ x²), the Euclidean (for all elements of a matrix, Frobenius') norm; ∂y/∂x = x/y, 0 at 0."""

    name = "norm"
    slope_text = "{x} / {y}"
    whys = (
        later(
            "A length grows fastest in its own direction: the slope is the unit vector that points there. "
            "At zero there is no direction, and the slope is taken as 0."
        ),
    )

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the length."""
        if not axes:
            return np.abs(x)
        return sqrt(total(x * x, axes, keepdims=True))  # type: ignore[no-any-return]

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return x/y, or 0 where y is 0."""
        return _or_zero(x, y)

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return the length itself, which is 0 at its kink."""
        return self.spread_out(operands[0])


def _or_zero(a: Array, b: Array) -> Array:
    """Return a/b, or 0 where b is 0."""
    quotient: Array = where(b == 0.0, 0.0, a / where(b == 0.0, 1.0, b))
    return quotient


STATISTICS = (Max, Min, Var, Std, Prod, LogSumExp, Norm)
"""The functions of this page, as the table of functions has them."""
