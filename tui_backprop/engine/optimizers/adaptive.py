"""More optimizers that give each element a step size of its own: Adagrad, Adadelta, NAdam; and Lion.

The first three are PyTorch's formulas (torch.optim), Lion is that of Chen et al., Symbolic Discovery of
Optimization Algorithms (2023). ε stands outside the root in Adagrad, inside it in Adadelta; Keras and optax
put it inside in Adagrad and RMSProp too, and their Adagrad starts from a sum of 0.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import SINGLE, Array, in_type
from tui_backprop.engine.core.elementary import sqrt
from tui_backprop.engine.optimizers.base import Coefficients, Memory, Result, State, TermSpec, optimizer
from tui_backprop.engine.optimizers.rules import DECAY, DECOUPLED_DECAY, MEAN, MEAN_SQUARE, decayed
from tui_backprop.text.sentences import later

SUM = Memory("sum", "s")
MEAN_SQUARED_STEP = Memory("mean_squared_step", "d")
REST = Memory("rest_of_the_momenta", "q")
"""1 less the product of NAdam's momenta, which is 1 before the first update: memory begins at 0."""
MOMENTUM_DECAY = 0.004
"""ψ of NAdam: how slowly its momentum rises to β₁ (PyTorch's ``momentum_decay``)."""


@optimizer(
    memory=(SUM,),
    coefficients=("epsilon",),
    defaults={"epsilon": 1e-10},
    terms=(
        DECAY,
        TermSpec("sum", later("sum of squares"), "s ← s + g²"),
        TermSpec("step", later("step"), "η·g / (√s + ε)"),
    ),
)
def adagrad(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·g/(√s + ε) with the sum s ← s + g² of all squared gradients so far."""
    g, terms = decayed(theta, gradient, c)
    s = state.arrays["sum"] + g * g if state.count else g * g
    step = c.learning_rate * g / (sqrt(s) + c.epsilon)
    return theta - step, {"sum": s}, {**terms, "sum": s, "step": step}


@optimizer(
    memory=(MEAN_SQUARE, MEAN_SQUARED_STEP),
    coefficients=("rho", "epsilon"),
    defaults={"rho": 0.9, "epsilon": 1e-6},
    terms=(
        DECAY,
        TermSpec("mean_square", later("mean square"), "s ← ρ·s + (1 − ρ)·g²"),
        TermSpec("own_step", later("step of its own"), "δ = √(d + ε) / √(s + ε) · g"),
        TermSpec("mean_squared_step", later("mean squared step"), "d ← ρ·d + (1 − ρ)·δ²"),
        TermSpec("step", later("step"), "η·δ"),
    ),
)
def adadelta(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·δ, where δ = g·√(d + ε)/√(s + ε) has the size of the steps before it."""
    g, terms = decayed(theta, gradient, c)
    s = (1.0 - c.rho) * (g * g)
    past: Any = c.epsilon
    if state.count:
        s = c.rho * state.arrays["mean_square"] + s
        past = state.arrays["mean_squared_step"] + c.epsilon
    own = sqrt(past) / sqrt(s + c.epsilon) * g
    d = (1.0 - c.rho) * (own * own)
    if state.count:
        d = c.rho * state.arrays["mean_squared_step"] + d
    step = c.learning_rate * own
    memory = {"mean_square": s, "mean_squared_step": d}
    return (
        theta - step,
        memory,
        {**terms, "mean_square": s, "own_step": own, "mean_squared_step": d, "step": step},
    )


def _single(a: Any) -> Any:
    """Round to single precision, in which PyTorch keeps NAdam's product (Veltkamp's splitting)."""
    if getattr(a, "dtype", None) == SINGLE:
        return a
    scaled = a * (2.0**29 + 1.0)
    return scaled - (scaled - a)


@optimizer(
    memory=(MEAN, MEAN_SQUARE, REST),
    coefficients=("beta1", "beta2", "epsilon"),
    terms=(
        DECAY,
        TermSpec("mean", later("mean"), "m ← β₁·m + (1 − β₁)·g"),
        TermSpec("mean_square", later("mean square"), "s ← β₂·s + (1 − β₂)·g²"),
        TermSpec(
            "rest_of_the_momenta",
            later("rest of the momenta"),
            "q ← 1 − (1 − q)·μₜ, μₜ = β₁·(1 − 0.5·0.96^(0.004·t))",
        ),
        TermSpec("corrected_root", later("corrected root"), "√ŝ = √(s / (1 − β₂ᵗ))"),
        TermSpec("step", later("step"), "η·((1 − μₜ)/q·g + μₜ₊₁/(1 − (1 − q)·μₜ₊₁)·m) / (√ŝ + ε)"),
    ),
)
def nadam(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return Adam's update with Nesterov's look-ahead: the mean that the next update will use."""
    g, terms = decayed(theta, gradient, c)
    count = state.count + 1
    mu, ahead = (c.beta1 * (1.0 - 0.5 * 0.96 ** (t * MOMENTUM_DECAY)) for t in (count, count + 1))
    m, s = (1.0 - c.beta1) * g, (1.0 - c.beta2) * (g * g)
    p: Any = np.broadcast_to(in_type(_single(mu), theta.dtype), np.shape(theta))[()]
    if state.count:
        m = c.beta1 * state.arrays["mean"] + m
        s = c.beta2 * state.arrays["mean_square"] + s
        p = _single((1.0 - state.arrays["rest_of_the_momenta"]) * _single(mu))
    root = sqrt(s / (1.0 - c.beta2**count))
    now = (1.0 - mu) / (1.0 - p) * g
    behind = ahead / (1.0 - p * ahead) * m
    step = c.learning_rate * (now + behind) / (root + c.epsilon)
    memory = {"mean": m, "mean_square": s, "rest_of_the_momenta": 1.0 - p}
    return theta - step, memory, {**terms, **memory, "corrected_root": root, "step": step}


@optimizer(
    memory=(MEAN,),
    coefficients=("beta1", "beta2"),
    defaults={"beta2": 0.99},
    terms=(
        DECOUPLED_DECAY,
        TermSpec("direction", later("direction"), "c = β₁·m + (1 − β₁)·g"),
        TermSpec("step", later("step"), "η·sign(c)"),
        TermSpec("mean", later("mean"), "m ← β₂·m + (1 − β₂)·g"),
    ),
)
def lion(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·sign(c): every element moves by the same step, or not at all."""
    g = gradient
    direction, m = (1.0 - c.beta1) * g, (1.0 - c.beta2) * g
    if state.count:
        direction = c.beta1 * state.arrays["mean"] + direction
        m = c.beta2 * state.arrays["mean"] + m
    terms = {}
    if c.weight_decay:
        terms = {"decoupled_decay": c.learning_rate * c.weight_decay * theta}
        theta = theta * (1.0 - c.learning_rate * c.weight_decay)
    step = c.learning_rate * np.sign(direction)
    return theta - step, {"mean": m}, {**terms, "direction": direction, "step": step, "mean": m}
