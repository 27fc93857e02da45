"""Functions at every place: smooth ones, and those with a kink, whose derivative is told by cases.

sigmoid, tanh, exp and sqrt state their derivative through their output, as one does by hand. A function is a
class here and its name in :data:`ELEMENTWISE`.
"""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.core import elementary
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.kernels import indicator, where
from tui_backprop.engine.ops.arithmetic import SQUARED
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.signature import NumberOption, Signature
from tui_backprop.text.sentences import later


class Exp(PointwiseOp):
    """y = exp(x); ∂y/∂x = y."""

    name = "exp"
    compute = staticmethod(elementary.exp)
    slopes = (
        Slope(
            lambda x, y: y,
            "{y}",
            later(
                "The exponential function grows as fast as it is large: its own output is the local "
                "derivative."
            ),
        ),
    )


class Log(PointwiseOp):
    """y = log(x), the natural logarithm, -Infinity at 0 and NaN below; ∂y/∂x = 1/x."""

    name = "log"
    compute = staticmethod(elementary.log)
    slopes = (
        Slope(
            lambda x, y: 1.0 / x,
            "1 / {x}",
            later(
                "A logarithm measures relative changes: the larger its operand, the less the same step "
                "counts. So its slope is one over the operand."
            ),
        ),
    )


class Sqrt(PointwiseOp):
    """y = √x; ∂y/∂x = 1/(2y)."""

    name = "sqrt"
    compute = staticmethod(elementary.sqrt)
    slopes = (
        Slope(
            lambda x, y: 1.0 / (2.0 * y),
            "1 / (2 * {y})",
            later(
                "The root undoes the square, whose slope at the output is twice the output; "
                "so the slope of the root is one over that."
            ),
        ),
    )


class Square(PointwiseOp):
    """y = x²; ∂y/∂x = 2x."""

    name = "square"
    compute = staticmethod(lambda x: x * x)
    slopes = (Slope(lambda x, y: 2.0 * x, "2 * {x}", SQUARED),)


class Sin(PointwiseOp):
    """y = sin(x); ∂y/∂x = cos(x)."""

    name = "sin"
    compute = staticmethod(elementary.sin)
    slopes = (
        Slope(
            lambda x, y: elementary.cos(x),
            "cos({x})",
            later(
                "The sine is steepest where it crosses zero and level at its crests and troughs: "
                "its slope is the cosine."
            ),
        ),
    )


class Cos(PointwiseOp):
    """y = cos(x); ∂y/∂x = -sin(x)."""

    name = "cos"
    compute = staticmethod(elementary.cos)
    slopes = (
        Slope(
            lambda x, y: -elementary.sin(x),
            "-sin({x})",
            later(
                "The cosine is level where the sine is zero and falls where the sine is positive: "
                "its slope is minus the sine."
            ),
        ),
    )


class Tanh(PointwiseOp):
    """y = tanh(x); ∂y/∂x = 1 - y²."""

    name = "tanh"
    compute = staticmethod(elementary.tanh)
    slopes = (
        Slope(
            lambda x, y: 1.0 - y * y,
            "1 - {y}**2",
            later(
                "The tanh is steepest where it crosses zero and nearly level where its output is near −1 "
                "or 1. Its slope can be read off the output alone, as 1 minus its square."
            ),
        ),
    )


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow: exp only ever sees -|x|."""
    decay = elementary.exp(-np.abs(x))
    result: Array = where(x >= 0, 1.0, decay) / (1.0 + decay)
    return result


class Sigmoid(PointwiseOp):
    """y = σ(x) = 1 / (1 + exp(-x)); ∂y/∂x = y(1 - y)."""

    name = "sigmoid"
    compute = staticmethod(sigmoid)
    slopes = (
        Slope(
            lambda x, y: y * (1.0 - y),
            "{y} * (1 - {y})",
            later(
                "The sigmoid's slope can be read off its output y alone, as y(1 − y). "
                "Near 0 and 1 it is nearly level, and hardly any gradient comes through."
            ),
        ),
    )


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x)), without overflow for any x."""
    result: Array = np.maximum(x, 0.0) + elementary.log1p(elementary.exp(-np.abs(x)))
    return result


class Softplus(PointwiseOp):
    """y = log(1 + exp(x)), without overflow; ∂y/∂x = σ(x)."""

    name = "softplus"
    compute = staticmethod(softplus)
    slopes = (
        Slope(
            lambda x, y: sigmoid(x),
            "sigmoid({x})",
            later(
                "Softplus is a relu with a rounded kink: its slope rises smoothly from 0 to 1, "
                "and that rise is the sigmoid of the operand."
            ),
        ),
    )


def at_zero(x: Array) -> Array:
    """Return x: the kink is where it changes sign."""
    return x


class Abs(PointwiseOp):
    """y = |x|; ∂y/∂x = sign(x), taken as 0 at the kink."""

    name = "abs"
    compute = staticmethod(np.abs)
    slopes = (
        Slope(
            lambda x, y: np.sign(x),
            "sign({x})",
            later(
                "An absolute value climbs with slope 1 to the right of zero and falls with slope −1 to "
                "the left: the sign. At zero it has a kink, where the slope is taken as 0."
            ),
        ),
    )
    kink = staticmethod(at_zero)


class Relu(PointwiseOp):
    """y = max(x, 0), NaN staying NaN; ∂y/∂x = 1 where x > 0, else 0 (0 at the kink)."""

    name = "relu"
    compute = staticmethod(lambda x: np.maximum(x, 0.0))
    slopes = (
        Slope(
            lambda x, y: indicator(x > 0, x),
            "1 where {x} > 0, else 0",
            later(
                "A relu is a gate: where its operand is positive the upstream gradient passes unchanged, "
                "elsewhere it is stopped. At zero, its kink, the gate is taken as shut."
            ),
        ),
    )
    kink = staticmethod(at_zero)
    is_gate = True


class LeakyRelu(PointwiseOp):
    """y = x where x > 0, else slope·x; ∂y/∂x = 1 or the slope (the slope at the kink).

    The slope is PyTorch's ``negative_slope``, 0.01 by default.
    """

    name = "leaky_relu"
    signature = Signature(options=(NumberOption("negative_slope", 0.01),))
    compute = staticmethod(lambda x, negative_slope: where(x > 0, x, negative_slope * x))
    slopes = (
        Slope(
            lambda x, y, negative_slope: where(x > 0, 1.0, negative_slope),
            "1 where {x} > 0, else {negative_slope}",
            later(
                "Where the operand is positive the upstream gradient passes unchanged. "
                "Elsewhere, the kink at zero included, the slope of the leak lets a small part of it through."
            ),
        ),
    )
    kink = staticmethod(at_zero)


class Choosing(PointwiseOp):
    """One of two operands shows at every place and gets the gradient; a tie shares it in halves."""

    signature = Signature(("a", "b"))
    kink = staticmethod(lambda a, b: a - b)


class Maximum(Choosing):
    """y = max(a, b); the larger operand gets the gradient, a tie shares it in halves."""

    name = "maximum"
    compute = staticmethod(np.maximum)
    _WHY = later(
        "Only the larger operand shows in the result, so it alone gets the upstream gradient. "
        "In a tie each of the two gets half of it."
    )
    slopes = (
        Slope(lambda a, b, y: share(a, b), later("1 where {a} > {b}, 0.5 at a tie, else 0"), _WHY),
        Slope(lambda a, b, y: share(b, a), later("1 where {b} > {a}, 0.5 at a tie, else 0"), _WHY),
    )


def share(mine: Array, other: Array) -> Array:
    """Return 1 where the first is larger, ½ at a tie, else 0."""
    result: Array = where(mine > other, 1.0, where(mine == other, 0.5, 0.0))
    return result


ELEMENTWISE = (Exp, Log, Sqrt, Square, Abs, Sin, Cos, Tanh, Sigmoid, Relu, LeakyRelu, Softplus, Maximum)
"""The functions of this page, as the table of functions has them."""
