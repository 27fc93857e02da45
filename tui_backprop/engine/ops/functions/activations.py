"""Activations beyond relu, tanh and sigmoid: each a bend, smooth or with kinks, by PyTorch's definitions."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.core import elementary
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.kernels import where
from tui_backprop.engine.ops.functions.elementwise import at_zero, sigmoid, softplus
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.signature import NumberOption, Signature
from tui_backprop.text.sentences import later

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
"""Of Klambauer et al., Self-Normalizing Neural Networks (2017), as PyTorch has them."""


class LogSigmoid(PointwiseOp):
    """y = log σ(x) = -log(1 + exp(-x)), without overflow; ∂y/∂x = σ(-x)."""

    name = "log_sigmoid"
    compute = staticmethod(lambda x: np.minimum(x, 0.0) - elementary.log1p(elementary.exp(-np.abs(x))))
    slopes = (
        Slope(
            lambda x, y: sigmoid(-x),
            "sigmoid(-{x})",
            later(
                "The slope of the logarithm, 1/σ, and that of the sigmoid, σ(1 − σ), leave 1 − σ(x), "
                "which is σ(−x): nearly 1 far to the left, where the answer is badly wrong."
            ),
        ),
    )


class Silu(PointwiseOp):
    """y = x σ(x), also called swish; ∂y/∂x = σ(x) (1 + x (1 - σ(x)))."""

    name = "silu"
    compute = staticmethod(lambda x: x * sigmoid(x))
    slopes = (
        Slope(
            lambda x, y: _silu_slope(x, sigmoid(x)),
            "sigmoid({x}) * (1 + {x} * (1 - sigmoid({x})))",
            later(
                "The operand is multiplied by its own gate σ(x). By the product rule the slope has two "
                "parts: the gate itself, and x times how fast the gate opens."
            ),
        ),
    )


def _silu_slope(x: Array, gate: Array) -> Array:
    return gate * (1.0 + x * (1.0 - gate))


class Mish(PointwiseOp):
    """y = x tanh(softplus(x)) = x t; ∂y/∂x = t + x (1 - t²) σ(x)."""

    name = "mish"
    compute = staticmethod(lambda x: x * elementary.tanh(softplus(x)))
    slopes = (
        Slope(
            lambda x, y: _mish_slope(x, elementary.tanh(softplus(x))),
            "tanh(softplus({x})) + {x} * (1 - tanh(softplus({x}))**2) * sigmoid({x})",
            later(
                "The operand is multiplied by a gate, tanh(softplus(x)). By the product rule the slope "
                "is the gate, plus x times the gate's own slope: 1 − gate² from tanh, σ(x) from softplus."
            ),
        ),
    )


def _mish_slope(x: Array, gate: Array) -> Array:
    return gate + x * (1.0 - gate * gate) * sigmoid(x)


class Softsign(PointwiseOp):
    """y = x / (1 + |x|); ∂y/∂x = 1/(1 + |x|)²."""

    name = "softsign"
    compute = staticmethod(lambda x: x / (1.0 + np.abs(x)))
    slopes = (
        Slope(
            lambda x, y: _over_square(1.0 + np.abs(x)),
            "1 / (1 + abs({x}))**2",
            later(
                "It bends towards −1 and 1 as tanh does, but slowly: its slope falls with the square of the "
                "distance, not exponentially. Both sides meet at 0 with slope 1, so there is no kink."
            ),
        ),
    )


def _over_square(a: Array) -> Array:
    return 1.0 / (a * a)


class Elu(PointwiseOp):
    """y = x where x > 0, else α (exp(x) - 1); ∂y/∂x = 1, else α exp(x)."""

    name = "elu"
    signature = Signature(options=(NumberOption("alpha", 1.0),))
    compute = staticmethod(lambda x, alpha: where(x > 0, x, alpha * elementary.expm1(np.minimum(x, 0.0))))
    slopes = (
        Slope(
            lambda x, y, alpha: where(x > 0, 1.0, alpha * elementary.exp(np.minimum(x, 0.0))),
            "1 where {x} > 0, else {alpha} * exp({x})",
            later(
                "Where the operand is positive the upstream gradient passes unchanged. Elsewhere the output "
                "falls towards −α as an exponential function does, and so does the slope."
            ),
        ),
    )
    kink = staticmethod(at_zero)


class Selu(PointwiseOp):
    """y = s·x where x > 0, else s·α (exp(x) - 1), s = 1.0507…, α = 1.6733…; ∂y/∂x = s, else s·α exp(x)."""

    name = "selu"
    compute = staticmethod(
        lambda x: SELU_SCALE * where(x > 0, x, SELU_ALPHA * elementary.expm1(np.minimum(x, 0.0)))
    )
    slopes = (
        Slope(
            lambda x, y: SELU_SCALE * where(x > 0, 1.0, SELU_ALPHA * elementary.exp(np.minimum(x, 0.0))),
            f"{SELU_SCALE!r} where {{x}} > 0, else {SELU_SCALE * SELU_ALPHA!r} * exp({{x}})",
            later(
                "A stretched elu: the slope is the stretch where the operand is positive, and falls as an "
                "exponential function does elsewhere. Its two numbers keep layers at mean 0 and variance 1."
            ),
        ),
    )
    kink = staticmethod(at_zero)


class Hardtanh(PointwiseOp):
    """y = x between -1 and 1, else the bound; ∂y/∂x = 1 inside, 0 outside and at a bound."""

    name = "hardtanh"
    compute = staticmethod(lambda x: np.minimum(np.maximum(x, -1.0), 1.0))
    slopes = (
        Slope(
            lambda x, y: where(np.abs(x) < 1.0, 1.0, 0.0),
            "1 where abs({x}) < 1, else 0",
            later(
                "Between the bounds the operand passes unchanged, and so does the gradient. "
                "Beyond them, and at a bound, the output stands still and nothing comes through."
            ),
        ),
    )
    kink = staticmethod(lambda x: np.abs(x) - 1.0)


class Relu6(PointwiseOp):
    """y = min(max(x, 0), 6); ∂y/∂x = 1 between 0 and 6, else 0, at a bound too."""

    name = "relu6"
    compute = staticmethod(lambda x: np.minimum(np.maximum(x, 0.0), 6.0))
    slopes = (
        Slope(
            lambda x, y: where(np.abs(x - 3.0) < 3.0, 1.0, 0.0),
            "1 where abs({x} - 3) < 3, else 0",
            later(
                "A relu with a ceiling: between its two bounds the upstream gradient passes unchanged, "
                "elsewhere, and at a bound, it is stopped."
            ),
        ),
    )
    kink = staticmethod(lambda x: np.abs(x - 3.0) - 3.0)


ACTIVATIONS = (LogSigmoid, Silu, Mish, Softsign, Elu, Selu, Hardtanh, Relu6)
"""The functions of this page, as the table of functions has them."""
