"""Each optimizer against a scalar loop written from the algorithms in PyTorch's documentation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tui_backprop.engine.optimizers import COEFFICIENTS_OF, OPTIMIZERS, Coefficients, State

LR, MU, RHO, B1, B2, EPS = 0.03, 0.8, 0.95, 0.85, 0.99, 1e-6
Gradient = Callable[[float], float]


def torch_sgd(theta: float, gradient: Gradient, decay: float, mu: float, nesterov: bool) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.SGD.html, dampening 0."""
    b = 0.0
    t = 0
    while True:
        t += 1
        g = gradient(theta)
        if decay != 0:
            g = g + decay * theta
        if mu != 0:
            b = mu * b + g if t > 1 else g
            g = g + mu * b if nesterov else b
        theta = theta - LR * g
        yield theta


def torch_rmsprop(theta: float, gradient: Gradient, decay: float) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html, not centered, no momentum."""
    v = 0.0
    while True:
        g = gradient(theta)
        if decay != 0:
            g = g + decay * theta
        v = RHO * v + (1 - RHO) * g**2
        theta = theta - LR * g / (math.sqrt(v) + EPS)
        yield theta


def torch_adam(theta: float, gradient: Gradient, decay: float, decoupled: bool) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.Adam.html and AdamW.html, no amsgrad."""
    m = v = 0.0
    t = 0
    while True:
        t += 1
        g = gradient(theta)
        if decoupled:
            theta = theta - LR * decay * theta
        elif decay != 0:
            g = g + decay * theta
        m = B1 * m + (1 - B1) * g
        v = B2 * v + (1 - B2) * g**2
        m_hat = m / (1 - B1**t)
        v_hat = v / (1 - B2**t)
        theta = theta - LR * m_hat / (math.sqrt(v_hat) + EPS)
        yield theta


REFERENCES: dict[str, Callable[[float, Gradient, float], Iterator[float]]] = {
    "sgd": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, 0.0, False),
    "momentum": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, MU, False),
    "nesterov": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, MU, True),
    "rmsprop": torch_rmsprop,
    "adam": lambda theta, gradient, decay: torch_adam(theta, gradient, decay, False),
    "adamw": lambda theta, gradient, decay: torch_adam(theta, gradient, decay, True),
}
STARTS = np.array([[1.5, -0.7, 0.01], [3.0, 0.0, -12.0]])
CENTRES = np.array([[0.2, 0.4, -1.0], [2.5, 0.3, 4.0]])


def slope(theta: float, centre: float) -> float:
    """Return the derivative of a bowl that is not a parabola."""
    return (theta - centre) + 0.3 * math.sin(2 * theta)


def coefficients(decay: float) -> Coefficients:
    return Coefficients(LR, momentum=MU, rho=RHO, beta1=B1, beta2=B2, epsilon=EPS, weight_decay=decay)


def test_every_optimizer_has_a_reference() -> None:
    assert set(REFERENCES) == set(OPTIMIZERS) == set(COEFFICIENTS_OF)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", REFERENCES)
def test_arrays_follow_pytorch(name: str, decay: float) -> None:
    theta, state = STARTS.copy(), State()
    references = [
        REFERENCES[name](float(start), lambda at, c=float(centre): slope(at, c), decay)
        for start, centre in zip(STARTS.flat, CENTRES.flat, strict=True)
    ]
    for _ in range(50):
        gradient = (theta - CENTRES) + 0.3 * np.sin(2 * theta)
        before, kept = theta.copy(), gradient.copy()
        update = OPTIMIZERS[name](theta, gradient, state, coefficients(decay))
        np.testing.assert_array_equal(theta, before)  # nothing is changed in place
        np.testing.assert_array_equal(gradient, kept)
        theta, state = update.after, update.state
        expected = np.array([next(reference) for reference in references]).reshape(STARTS.shape)
        np.testing.assert_allclose(theta, expected, rtol=1e-12, atol=1e-13)
    assert state.count == 50


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", REFERENCES)
def test_scalars_follow_pytorch(name: str, decay: float) -> None:
    theta, state = np.float64(1.5), State()
    reference = REFERENCES[name](1.5, lambda at: slope(at, 0.2), decay)
    for _ in range(50):
        update = OPTIMIZERS[name](theta, np.float64(slope(float(theta), 0.2)), state, coefficients(decay))
        theta, state = update.after, update.state
        assert float(theta) == pytest.approx(next(reference), rel=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", REFERENCES)
def test_terms_add_up_to_the_update(name: str, decay: float) -> None:
    update = OPTIMIZERS[name](STARTS, CENTRES, State(), coefficients(decay))
    update = OPTIMIZERS[name](update.after, CENTRES, update.state, coefficients(decay))
    before = OPTIMIZERS[name](STARTS, CENTRES, State(), coefficients(decay)).after
    terms = {term: value for term, _, value in update.terms}
    assert ("weight decay" in terms) == bool(decay)
    moved = terms["step"] + (terms["weight decay"] if decay and name == "adamw" else 0.0)
    np.testing.assert_allclose(before - update.after, moved, rtol=1e-12, atol=1e-14)
    for shown in update.shown_terms(STARTS.shape):
        assert shown.value.shape == STARTS.shape
        assert not shown.value.flags.writeable
        assert shown.formula


def test_no_decay_leaves_the_plain_formulas_bit_identical() -> None:
    """SOURCES, 001: guess 42 at rate 0.1; each step is g ← g − 0.1·(g − 42)."""
    g = plain = np.float64(-0.2734299525197059)
    state = State()
    for _ in range(5):
        update = OPTIMIZERS["sgd"](g, g - 42.0, state, Coefficients(0.1))
        g, state = update.after, update.state
        plain = plain - 0.1 * (plain - 42.0)
    assert g == plain
    assert float(g) == pytest.approx(17.037962347336638, rel=1e-14)
