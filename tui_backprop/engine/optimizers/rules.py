"""How a gradient becomes an update: SGD, momentum, Nesterov, RMSProp, Adam, AdamW.

The formulas are PyTorch's (torch.optim): v is velocity, m and s are running means of the gradient and of its
square, ε stands outside the root, Adam corrects the bias of both means. Weight decay λ is coupled (added to
the gradient) everywhere but in AdamW, where it shrinks the parameter directly. With an unset rate of decay
nothing is added, so that the plain formulas stay bit-identical.
"""

from __future__ import annotations

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.elementary import sqrt
from tui_backprop.engine.optimizers.base import (
    Coefficients,
    Memory,
    Result,
    State,
    TermSpec,
    Values,
    optimizer,
)
from tui_backprop.text.sentences import later

DECAY = TermSpec("weight_decay", later("weight decay"), later("λ·θ, added to g"))
DECOUPLED_DECAY = TermSpec("decoupled_decay", later("weight decay"), later("η·λ·θ, taken from θ"))

VELOCITY = Memory("velocity", "v")
MEAN = Memory("mean", "m")
MEAN_SQUARE = Memory("mean_square", "s", once="mean square")


def decayed(theta: Array, gradient: Array, c: Coefficients) -> tuple[Array, Values]:
    """Add coupled weight decay to the gradient."""
    if not c.weight_decay:
        return gradient, {}
    decay = c.weight_decay * theta
    return gradient + decay, {"weight_decay": decay}


@optimizer(terms=(DECAY, TermSpec("step", later("step"), "η·g")))
def sgd(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·g."""
    g, terms = decayed(theta, gradient, c)
    step = c.learning_rate * g
    return theta - step, {}, {**terms, "step": step}


VELOCITY_TERM = TermSpec("velocity", later("velocity"), "v ← μ·v + g")


def _velocity(g: Array, state: State, c: Coefficients) -> Array:
    """Return v ← μ·v + g, which is g in the first update."""
    return c.momentum * state.arrays["velocity"] + g if state.count else g


@optimizer(
    memory=(VELOCITY,),
    coefficients=("momentum",),
    terms=(DECAY, VELOCITY_TERM, TermSpec("step", later("step"), "η·v")),
)
def momentum(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·v with the velocity v ← μ·v + g."""
    g, terms = decayed(theta, gradient, c)
    v = _velocity(g, state, c)
    step = c.learning_rate * v
    return theta - step, {"velocity": v}, {**terms, "velocity": v, "step": step}


@optimizer(
    memory=(VELOCITY,),
    coefficients=("momentum",),
    terms=(
        DECAY,
        VELOCITY_TERM,
        TermSpec("look_ahead", later("look-ahead"), "g + μ·v"),
        TermSpec("step", later("step"), "η·(g + μ·v)"),
    ),
)
def nesterov(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·(g + μ·v), one velocity ahead, with v ← μ·v + g."""
    g, terms = decayed(theta, gradient, c)
    v = _velocity(g, state, c)
    ahead = g + c.momentum * v
    step = c.learning_rate * ahead
    return theta - step, {"velocity": v}, {**terms, "velocity": v, "look_ahead": ahead, "step": step}


@optimizer(
    memory=(MEAN_SQUARE,),
    coefficients=("rho", "epsilon"),
    terms=(
        DECAY,
        TermSpec("mean_square", later("mean square"), "s ← ρ·s + (1 − ρ)·g²"),
        TermSpec("step", later("step"), "η·g / (√s + ε)"),
    ),
)
def rmsprop(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return θ - η·g/(√s + ε) with the mean square s ← ρ·s + (1 - ρ)·g²."""
    g, terms = decayed(theta, gradient, c)
    share = (1.0 - c.rho) * (g * g)
    s = c.rho * state.arrays["mean_square"] + share if state.count else share
    step = c.learning_rate * g / (sqrt(s) + c.epsilon)
    return theta - step, {"mean_square": s}, {**terms, "mean_square": s, "step": step}


ADAM_TERMS = (
    TermSpec("mean", later("mean"), "m ← β₁·m + (1 − β₁)·g"),
    TermSpec("mean_square", later("mean square"), "s ← β₂·s + (1 − β₂)·g²"),
    TermSpec("corrected_mean", later("corrected mean"), "m̂ = m / (1 − β₁ᵗ)"),
    TermSpec("corrected_root", later("corrected root"), "√ŝ = √s / √(1 − β₂ᵗ)"),
    TermSpec("step", later("step"), "η·m̂ / (√ŝ + ε)"),
)


def _adam_step(theta: Array, g: Array, state: State, c: Coefficients) -> Result:
    count = state.count + 1
    m, s = (1.0 - c.beta1) * g, (1.0 - c.beta2) * (g * g)
    if state.count:
        m = c.beta1 * state.arrays["mean"] + m
        s = c.beta2 * state.arrays["mean_square"] + s
    m_hat = m / (1.0 - c.beta1**count)
    s_root = sqrt(s) / sqrt(1.0 - c.beta2**count)
    step = c.learning_rate * m_hat / (s_root + c.epsilon)
    memory = {"mean": m, "mean_square": s}
    return theta - step, memory, {**memory, "corrected_mean": m_hat, "corrected_root": s_root, "step": step}


@optimizer(
    memory=(MEAN, MEAN_SQUARE),
    coefficients=("beta1", "beta2", "epsilon"),
    terms=(DECAY, *ADAM_TERMS),
)
def adam(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Return Adam's update, with the decay added to the gradient."""
    g, decay = decayed(theta, gradient, c)
    after, memory, terms = _adam_step(theta, g, state, c)
    return after, memory, {**decay, **terms}


@optimizer(
    memory=(MEAN, MEAN_SQUARE),
    coefficients=("beta1", "beta2", "epsilon"),
    terms=(DECOUPLED_DECAY, *ADAM_TERMS),
)
def adamw(theta: Array, gradient: Array, state: State, c: Coefficients) -> Result:
    """Shrink the parameter by η·λ·θ, then make Adam's update with the gradient alone."""
    decay: Values = {}
    if c.weight_decay:
        decay = {"decoupled_decay": c.learning_rate * c.weight_decay * theta}
        theta = theta * (1.0 - c.learning_rate * c.weight_decay)
    after, memory, terms = _adam_step(theta, gradient, state, c)
    return after, memory, {**decay, **terms}
