"""Bounds and steps: which operand shows in the result, and functions that are level but for their jumps."""

from __future__ import annotations

import math

import numpy as np

from tui_backprop.engine.core import elementary
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.kernels import indicator, where
from tui_backprop.engine.ops.functions.elementwise import Choosing, at_zero, share
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.text.sentences import later


class Minimum(Choosing):
    """y = min(a, b); the smaller operand gets the gradient, a tie shares it in halves."""

    name = "minimum"
    compute = staticmethod(np.minimum)
    _WHY = later(
        "Only the smaller operand shows in the result, so it alone gets the upstream gradient. "
        "In a tie each of the two gets half of it."
    )
    slopes = (
        Slope(lambda a, b, y: share(b, a), later("1 where {a} < {b}, 0.5 at a tie, else 0"), _WHY),
        Slope(lambda a, b, y: share(a, b), later("1 where {b} < {a}, 0.5 at a tie, else 0"), _WHY),
    )


class Clip(PointwiseOp):
    """y = min(max(x, low), high); ∂y/∂x = 1 inside, 0 outside and at a bound."""

    name = "clip"
    signature = Signature(("x", "low", "high"))
    compute = staticmethod(lambda x, low, high: np.minimum(np.maximum(x, low), high))
    slopes = (
        Slope(
            lambda x, low, high, y: where((low < x) & (x < high), 1.0, 0.0),
            "1 where {low} < {x} < {high}, else 0",
            later(
                "Between the bounds the operand passes unchanged, and so does the gradient. "
                "Beyond them, and at a bound, the output is the bound, and the operand gets nothing."
            ),
        ),
        Slope(
            lambda x, low, high, y: where((x <= low) & (low < high), 1.0, 0.0),
            "1 where {x} <= {low} < {high}, else 0",
            later("Where the operand is at the lower bound or below it the bound shows in the result."),
        ),
        Slope(
            lambda x, low, high, y: where(np.maximum(x, low) >= high, 1.0, 0.0),
            "1 where {high} <= maximum({x}, {low}), else 0",
            later("Where the operand is at the upper bound or above it the bound shows in the result."),
        ),
    )
    kink = staticmethod(lambda x, low, high: (x - low) * (x - high))


class Sign(PointwiseOp):
    """y = -1, 0 or 1; ∂y/∂x = 0, and there is none at the jump."""

    name = "sign"
    compute = staticmethod(np.sign)
    slopes = (
        Slope(
            lambda x, y: np.zeros(np.shape(x)),
            later("0 where {x} != 0, taken as 0 at the jump"),
            later(
                "On either side of zero the sign does not change at all, so its slope is 0 and no gradient "
                "comes through: a network cannot learn through it."
            ),
        ),
    )
    kink = staticmethod(at_zero)


class Floor(PointwiseOp):
    """y = the whole number at or below x; ∂y/∂x = 0, and there is none at whole numbers."""

    name = "floor"
    compute = staticmethod(np.floor)
    slopes = (
        Slope(
            lambda x, y: np.zeros(np.shape(x)),
            later("0 where {x} is between whole numbers, taken as 0 at the jumps"),
            later(
                "Between two whole numbers the result does not change at all, so its slope is 0 and no "
                "gradient comes through."
            ),
        ),
    )
    kink = staticmethod(lambda x: elementary.sin(math.pi * x))


class Trunc(PointwiseOp):
    """y = x without its fraction, as ``astype(int)`` makes it; ∂y/∂x = 0, and there is none at the jumps."""

    name = "trunc"
    compute = staticmethod(lambda x: np.sign(x) * np.floor(np.abs(x)) + 0.0)  # which has no -0
    slopes = (
        Slope(
            lambda x, y: np.zeros(np.shape(x)),
            later("0 where {x} is between whole numbers, taken as 0 at the jumps"),
            later(
                "What is cut off does not show in the result: between two whole numbers nothing changes, "
                "so the slope is 0 and no gradient comes through."
            ),
        ),
    )
    kink = staticmethod(lambda x: where(np.abs(x) < 0.5, 1.0, elementary.sin(math.pi * np.abs(x))))


def _rounded(x: Array) -> Array:
    below = np.floor(x)
    rest = x - below
    to_even = below - 2.0 * np.floor(0.5 * below)
    result: Array = below + where(rest == 0.5, to_even, indicator(rest > 0.5, rest))
    return result


class Round(PointwiseOp):
    """y = the nearest whole number, in a tie the even one, as NumPy's; ∂y/∂x = 0, and none at the jumps."""

    name = "round"
    compute = staticmethod(_rounded)
    slopes = (
        Slope(
            lambda x, y: np.zeros(np.shape(x)),
            later("0 where {x} is not half way between whole numbers, taken as 0 at the jumps"),
            later(
                "The nearest whole number does not change but half way to the next one, so its slope is "
                "0 and no gradient comes through: what is rounded can be counted and not learnt from."
            ),
        ),
    )
    kink = staticmethod(lambda x: elementary.cos(math.pi * x))


BOUNDS = (Minimum, Clip, Sign, Floor, Trunc, Round)
"""The functions of this page, as the table of functions has them."""
