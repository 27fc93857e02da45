"""Each optimizer against a scalar loop written from the algorithms in PyTorch's documentation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS, Coefficients, State

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


def torch_adagrad(theta: float, gradient: Gradient, decay: float) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html, lr_decay 0."""
    total = 0.0
    while True:
        g = gradient(theta) + decay * theta
        total += g**2
        theta = theta - LR * g / (math.sqrt(total) + EPS)
        yield theta


def torch_adadelta(theta: float, gradient: Gradient, decay: float) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html."""
    v = u = 0.0
    while True:
        g = gradient(theta) + decay * theta
        v = RHO * v + (1 - RHO) * g**2
        delta = math.sqrt(u + EPS) / math.sqrt(v + EPS) * g
        u = RHO * u + (1 - RHO) * delta**2
        theta = theta - LR * delta
        yield theta


def torch_nadam(theta: float, gradient: Gradient, decay: float) -> Iterator[float]:
    """https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html; its product is a 32-bit number."""
    m = v = 0.0
    product = np.float32(1.0)
    t = 0
    while True:
        t += 1
        g = gradient(theta) + decay * theta
        mu, following = (B1 * (1 - 0.5 * 0.96 ** (k * 0.004)) for k in (t, t + 1))
        product = product * np.float32(mu)
        p = float(product)
        m = B1 * m + (1 - B1) * g
        v = B2 * v + (1 - B2) * g**2
        look_ahead = following * m / (1 - p * following) + (1 - mu) * g / (1 - p)
        theta = theta - LR * look_ahead / (math.sqrt(v / (1 - B2**t)) + EPS)
        yield theta


def paper_lion(theta: float, gradient: Gradient, decay: float) -> Iterator[float]:
    """Chen et al., Symbolic Discovery of Optimization Algorithms (2023), algorithm 2."""
    m = 0.0
    while True:
        g = gradient(theta)
        c = B1 * m + (1 - B1) * g
        theta = theta - LR * (math.copysign(1.0, c) * (c != 0) + decay * theta)
        m = B2 * m + (1 - B2) * g
        yield theta


REFERENCES: dict[str, Callable[[float, Gradient, float], Iterator[float]]] = {
    "sgd": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, 0.0, False),
    "momentum": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, MU, False),
    "nesterov": lambda theta, gradient, decay: torch_sgd(theta, gradient, decay, MU, True),
    "rmsprop": torch_rmsprop,
    "adam": lambda theta, gradient, decay: torch_adam(theta, gradient, decay, False),
    "adamw": lambda theta, gradient, decay: torch_adam(theta, gradient, decay, True),
    "adagrad": torch_adagrad,
    "adadelta": torch_adadelta,
    "nadam": torch_nadam,
    "lion": paper_lion,
}
STARTS = np.array([[1.5, -0.7, 0.01], [3.0, 0.0, -12.0]])
CENTRES = np.array([[0.2, 0.4, -1.0], [2.5, 0.3, 4.0]])


def slope(theta: float, centre: float) -> float:
    """Return the derivative of a bowl that is not a parabola."""
    return (theta - centre) + 0.3 * math.sin(2 * theta)


def coefficients(decay: float) -> Coefficients:
    return Coefficients(LR, momentum=MU, rho=RHO, beta1=B1, beta2=B2, epsilon=EPS, weight_decay=decay)


def test_every_optimizer_has_a_reference() -> None:
    assert set(REFERENCES) == set(OPTIMIZERS)


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
    shown = {term.code: term for term in update.shown_terms(STARTS.shape)}
    assert ("weight decay" in [term.name for term in shown.values()]) == bool(decay)
    moved = shown["step"].value + (shown["decoupled_decay"].value if "decoupled_decay" in shown else 0.0)
    np.testing.assert_allclose(before - update.after, moved, rtol=1e-12, atol=1e-14)
    for term in shown.values():
        assert term.value.shape == STARTS.shape
        assert not term.value.flags.writeable
        assert term.formula


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_list_says_what_a_rule_keeps_and_shows(name: str, decay: float) -> None:
    optimizer = OPTIMIZERS[name]
    update = optimizer(STARTS, CENTRES, State(), coefficients(decay))
    assert optimizer.name == name
    assert list(update.state.arrays) == [memory.code for memory in optimizer.memory]
    codes = [term.code for term in optimizer.terms]
    assert len(set(codes)) == len(codes)
    assert list(update.values) == [code for code in codes if decay or not code.endswith("decay")]
    assert set(optimizer.coefficients) < set(COEFFICIENTS) - {"learning_rate", "weight_decay"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_only_the_coefficients_in_the_list_matter(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    usual = {field: getattr(coefficients(0.1), field) for field in COEFFICIENTS}
    first = optimizer(STARTS, CENTRES, State(), coefficients(0.1))

    def second(**changed: float) -> bytes:
        turned, c = -0.05 * CENTRES, Coefficients(**usual | changed)  # turns the sign of Lion's mean
        update = optimizer(first.after, turned, first.state, c)
        return optimizer(update.after, turned, update.state, c).after.tobytes()

    for field in COEFFICIENTS:
        if usual[field] is None:
            continue  # what a rule is given is clipped already
        matters = field in ("learning_rate", "weight_decay", *optimizer.coefficients)
        assert (second(**{field: usual[field] * 0.5}) != second()) == matters, field


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_gradient_of_zero_leaves_the_memory_at_zero(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    zeros = {memory.code: np.zeros_like(STARTS) for memory in optimizer.memory}
    zeros["rest_of_the_momenta"] = np.full_like(STARTS, 1.0 - np.float32(B1 * (1 - 0.5 * 0.96**0.004)))
    for code, array in optimizer(
        STARTS, np.zeros_like(STARTS), State(), coefficients(0.0)
    ).state.arrays.items():
        np.testing.assert_array_equal(array, zeros[code])


def test_saved_arrays_are_found_by_their_codes() -> None:
    adam = OPTIMIZERS["adam"]
    assert adam.by_code({"mean": 1, "mean square": 2}) == {"mean": 1, "mean_square": 2}  # format 1
    assert adam.by_code({"mean": 1, "mean_square": 2, "other": 3}) == {
        "mean": 1,
        "mean_square": 2,
        "other": 3,
    }


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
