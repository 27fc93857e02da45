"""Logarithms and exponentials near 1 and to other bases, and what is left of trigonometry."""

from __future__ import annotations

import math

from tui_backprop.engine.core import elementary
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.text.sentences import later

LN2, LN10 = math.log(2.0), math.log(10.0)
TWO_BY_ROOT_PI = 2.0 / math.sqrt(math.pi)


class Log1p(PointwiseOp):
    """y = log(1 + x), exact for small x; ∂y/∂x = 1/(1 + x)."""

    name = "log1p"
    compute = staticmethod(elementary.log1p)
    slopes = (
        Slope(
            lambda x, y: 1.0 / (1.0 + x),
            "1 / (1 + {x})",
            later("It is the logarithm of 1 + x, and a logarithm's slope is one over what it is taken of."),
        ),
    )


class Expm1(PointwiseOp):
    """y = exp(x) - 1, exact for small x; ∂y/∂x = y + 1."""

    name = "expm1"
    compute = staticmethod(elementary.expm1)
    slopes = (
        Slope(
            lambda x, y: y + 1.0,
            "{y} + 1",
            later("The 1 that is taken off stays the same, so the slope is that of exp: the output plus 1."),
        ),
    )


class Log2(PointwiseOp):
    """y = log₂(x); ∂y/∂x = 1/(x ln 2)."""

    name = "log2"
    compute = staticmethod(elementary.log2)
    slopes = (
        Slope(
            lambda x, y: 1.0 / (x * LN2),
            "1 / ({x} * log(2))",
            later("It is the natural logarithm divided by log 2, and so is its slope, 1/x."),
        ),
    )


class Log10(PointwiseOp):
    """y = log₁₀(x); ∂y/∂x = 1/(x ln 10)."""

    name = "log10"
    compute = staticmethod(elementary.log10)
    slopes = (
        Slope(
            lambda x, y: 1.0 / (x * LN10),
            "1 / ({x} * log(10))",
            later("It is the natural logarithm divided by log 10, and so is its slope, 1/x."),
        ),
    )


class Tan(PointwiseOp):
    """y = tan(x); ∂y/∂x = 1 + y²."""

    name = "tan"
    compute = staticmethod(elementary.tan)
    slopes = (
        Slope(
            lambda x, y: 1.0 + y * y,
            "1 + {y}**2",
            later("The tangent is sin/cos; the quotient rule gives 1/cos², which is 1 plus its own square."),
        ),
    )


class Sinh(PointwiseOp):
    """y = sinh(x) = (exp(x) - exp(-x))/2; ∂y/∂x = cosh(x)."""

    name = "sinh"
    compute = staticmethod(elementary.sinh)
    slopes = (
        Slope(
            lambda x, y: elementary.cosh(x),
            "cosh({x})",
            later(
                "Of (exp(x) − exp(−x))/2 the second part turns its sign once more: the slope is the sum, "
                "cosh."
            ),
        ),
    )


class Cosh(PointwiseOp):
    """y = cosh(x) = (exp(x) + exp(-x))/2; ∂y/∂x = sinh(x)."""

    name = "cosh"
    compute = staticmethod(elementary.cosh)
    slopes = (
        Slope(
            lambda x, y: elementary.sinh(x),
            "sinh({x})",
            later(
                "Of (exp(x) + exp(−x))/2 the second part turns its sign: the slope is the difference, sinh."
            ),
        ),
    )


class Arctan(PointwiseOp):
    """y = arctan(x); ∂y/∂x = 1/(1 + x²)."""

    name = "arctan"
    compute = staticmethod(elementary.arctan)
    slopes = (
        Slope(
            lambda x, y: 1.0 / (1.0 + x * x),
            "1 / (1 + {x}**2)",
            later(
                "It undoes the tangent, whose slope is 1 plus its square; so the slope here is one over that."
            ),
        ),
    )


class Erf(PointwiseOp):
    """y = erf(x) = 2/√π ∫₀ˣ exp(-t²) dt; ∂y/∂x = 2/√π exp(-x²)."""

    name = "erf"
    compute = staticmethod(elementary.erf)
    slopes = (
        Slope(
            lambda x, y: TWO_BY_ROOT_PI * elementary.exp(-(x * x)),
            "2 / sqrt(pi) * exp(-{x}**2)",
            later(
                "It is an integral up to x, and the slope of an integral is what is integrated: the bell "
                "curve."
            ),
        ),
    )


TRANSCENDENTAL = (Log1p, Expm1, Log2, Log10, Tan, Sinh, Cosh, Arctan, Erf)
"""The functions of this page, as the table of functions has them."""
