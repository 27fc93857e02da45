"""How a gradient becomes an update: SGD, momentum, Nesterov, RMSProp, Adam, AdamW.

The formulas are PyTorch's (torch.optim): v is velocity, m and s are running means of the gradient and of its
square, ε stands outside the root, Adam corrects the bias of both means. Weight decay λ is coupled (added to
the gradient) everywhere but in AdamW, where it shrinks the parameter directly. With an unset rate of decay
nothing is added, so that the plain formulas stay bit-identical.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import UpdateTerm
from tui_backprop.engine.kernels import sqrt


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What the formulas need; the names are the hyperparameters'."""

    learning_rate: float
    momentum: float = 0.9
    rho: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """An optimizer's memory of one parameter: updates done and named arrays of the parameter's shape."""

    count: int = 0
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """The result of one update: the new value, the new memory, and the terms on the way."""

    after: Array
    state: State
    terms: tuple[tuple[str, str, Array], ...]

    def shown_terms(self, shape: tuple[int, ...]) -> tuple[UpdateTerm, ...]:
        """Return the terms as records hold them."""
        return tuple(UpdateTerm(n, text, frozen(np.broadcast_to(v, shape))) for n, text, v in self.terms)


Rule = Callable[[Array, Array, State, Coefficients], Update]


def _decayed(
    theta: Array, gradient: Array, c: Coefficients
) -> tuple[Array, tuple[tuple[str, str, Array], ...]]:
    """Add coupled weight decay to the gradient."""
    if not c.weight_decay:
        return gradient, ()
    decay = c.weight_decay * theta
    return gradient + decay, (("weight decay", "λ·θ, added to g", decay),)


def sgd(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Return θ - η·g."""
    g, terms = _decayed(theta, gradient, c)
    step = c.learning_rate * g
    return Update(theta - step, State(state.count + 1), (*terms, ("step", "η·g", step)))


def momentum(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Return θ - η·v with the velocity v ← μ·v + g."""
    g, terms = _decayed(theta, gradient, c)
    v = c.momentum * state.arrays["velocity"] + g if state.count else g
    step = c.learning_rate * v
    return Update(
        theta - step,
        State(state.count + 1, {"velocity": v}),
        (*terms, ("velocity", "v ← μ·v + g", v), ("step", "η·v", step)),
    )


def nesterov(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Return θ - η·(g + μ·v), one velocity ahead, with v ← μ·v + g."""
    g, terms = _decayed(theta, gradient, c)
    v = c.momentum * state.arrays["velocity"] + g if state.count else g
    ahead = g + c.momentum * v
    step = c.learning_rate * ahead
    return Update(
        theta - step,
        State(state.count + 1, {"velocity": v}),
        (
            *terms,
            ("velocity", "v ← μ·v + g", v),
            ("look-ahead", "g + μ·v", ahead),
            ("step", "η·(g + μ·v)", step),
        ),
    )


def rmsprop(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Return θ - η·g/(√s + ε) with the mean square s ← ρ·s + (1 - ρ)·g²."""
    g, terms = _decayed(theta, gradient, c)
    share = (1.0 - c.rho) * (g * g)
    s = c.rho * state.arrays["mean square"] + share if state.count else share
    step = c.learning_rate * g / (sqrt(s) + c.epsilon)
    return Update(
        theta - step,
        State(state.count + 1, {"mean square": s}),
        (*terms, ("mean square", "s ← ρ·s + (1 − ρ)·g²", s), ("step", "η·g / (√s + ε)", step)),
    )


def _adam_step(theta: Array, g: Array, state: State, c: Coefficients) -> Update:
    count = state.count + 1
    m, s = (1.0 - c.beta1) * g, (1.0 - c.beta2) * (g * g)
    if state.count:
        m = c.beta1 * state.arrays["mean"] + m
        s = c.beta2 * state.arrays["mean square"] + s
    m_hat = m / (1.0 - c.beta1**count)
    s_root = sqrt(s) / sqrt(1.0 - c.beta2**count)
    step = c.learning_rate * m_hat / (s_root + c.epsilon)
    terms = (
        ("mean", "m ← β₁·m + (1 − β₁)·g", m),
        ("mean square", "s ← β₂·s + (1 − β₂)·g²", s),
        ("corrected mean", "m̂ = m / (1 − β₁ᵗ)", m_hat),
        ("corrected root", "√ŝ = √s / √(1 − β₂ᵗ)", s_root),
        ("step", "η·m̂ / (√ŝ + ε)", step),
    )
    return Update(theta - step, State(count, {"mean": m, "mean square": s}), terms)


def adam(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Return Adam's update, with the decay added to the gradient."""
    g, terms = _decayed(theta, gradient, c)
    update = _adam_step(theta, g, state, c)
    return Update(update.after, update.state, terms + update.terms)


def adamw(theta: Array, gradient: Array, state: State, c: Coefficients) -> Update:
    """Shrink the parameter by η·λ·θ, then make Adam's update with the gradient alone."""
    terms: tuple[tuple[str, str, Array], ...] = ()
    if c.weight_decay:
        shrink = c.learning_rate * c.weight_decay * theta
        theta = theta * (1.0 - c.learning_rate * c.weight_decay)
        terms = (("weight decay", "η·λ·θ, taken from θ", shrink),)
    update = _adam_step(theta, gradient, state, c)
    return Update(update.after, update.state, terms + update.terms)


OPTIMIZERS: Mapping[str, Rule] = {
    "sgd": sgd, "momentum": momentum, "nesterov": nesterov, "rmsprop": rmsprop, "adam": adam, "adamw": adamw,
}  # fmt: skip
COEFFICIENTS_OF: Mapping[str, tuple[str, ...]] = {
    "sgd": (), "momentum": ("momentum",), "nesterov": ("momentum",), "rmsprop": ("rho", "epsilon"),
    "adam": ("beta1", "beta2", "epsilon"), "adamw": ("beta1", "beta2", "epsilon"),
}  # fmt: skip
"""Which coefficients each optimizer uses, besides learning_rate and weight_decay."""
