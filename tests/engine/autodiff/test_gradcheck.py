"""The gradient check: it agrees with right rules, fails on wrong ones, and knows a kink when it meets one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.support.graphs import arrays_of, graph_of
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.differences import Reason, Verdict, relative_error
from tui_backprop.engine.autodiff.gradcheck import NodeCheck, check_at, check_node
from tui_backprop.engine.autodiff.lines import Point
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.ops.arithmetic import Multiply
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.functions.elementwise import Sin, Square, Tanh
from tui_backprop.engine.ops.reduction import Mean


def check(text: str, leaves: dict[str, object], name: str, change: Callable | None = None) -> NodeCheck:
    graph, arrays = graph_of(text, leaves), arrays_of(leaves)
    tape = Tape(graph, arrays)
    tape.forward()
    tape.backward()
    gradient = np.asarray(tape.gradient(graph.named[name]))
    return check_node(graph, arrays, graph.named[name], change(gradient) if change else gradient)


def test_relative_error() -> None:
    assert relative_error(1.0, 1.0) == 0.0
    assert relative_error(2.0, 1.0) == 0.5
    assert relative_error(0.0, 1e-300) == 1.0
    assert relative_error(1e308, -1e308) == 2.0
    assert relative_error(math.inf, 1.0) == relative_error(math.nan, 1.0) == math.inf
    assert relative_error(math.inf, math.inf) == relative_error(math.nan, math.nan) == 0.0


@pytest.mark.parametrize("pick", ["max(h, axis=(0, 1))", "min(h)", "max_pool2d(h[None, None], 2)"])
def test_a_wrong_gradient_behind_what_picks_an_element_is_wrong(pick: str) -> None:
    """Its element is found by its value on the way back, also where roundings are tried out."""
    leaves = {"w": [[0.3, -0.7], [0.9, 0.4]]}
    text = f"h = sin(3 * w @ w)\nL = sum(exp({pick}))"
    assert check(text, leaves, "w").passed
    assert check(text, leaves, "w", lambda gradient: gradient.T).verdict is Verdict.WRONG


NETWORK = "h = tanh(X @ W + b)\np = h @ v\nL = mean((p - t)**2)"
RNG = np.random.default_rng(3)
WEIGHTS = {
    "X": RNG.normal(size=(5, 2)), "W": RNG.normal(size=(2, 2)), "b": RNG.normal(size=2),
    "v": RNG.normal(size=2), "t": RNG.normal(size=5),
}  # fmt: skip


@pytest.mark.parametrize("name", [*WEIGHTS, "h", "p", "L"])
def test_right_rules_pass(name: str) -> None:
    found = check(NETWORK, WEIGHTS, name)
    assert found.passed
    assert found.relative_error is not None
    assert found.relative_error < 1e-6
    assert found.checked == found.size == found.numeric.size
    assert found.kinks == ()
    assert not found.numeric.flags.writeable


def wrong_rule(monkeypatch: pytest.MonkeyPatch, op: type, method: str, rule: Callable) -> None:
    right = getattr(op, method)
    monkeypatch.setattr(op, method, lambda self, *arguments: rule(right(self, *arguments)))


@pytest.mark.parametrize(
    ("op", "method", "rule"),
    [
        (Tanh, "local_derivative", lambda local: 1.01 * local),
        (Tanh, "local_derivative", lambda local: -local),
        (Tanh, "local_derivative", lambda local: local * 0.0 + 1.0),
        (MatMul, "downstream", lambda down: down.T if down.shape == (2, 2) else down),
        (MatMul, "downstream", lambda down: 0.99 * down),
        (Mean, "downstream", lambda down: 5.0 * down),
        (Broadcast, "downstream", lambda down: down / 5.0),
    ],
)  # fmt: skip
def test_wrong_rules_fail(monkeypatch: pytest.MonkeyPatch, op: type, method: str, rule: Callable) -> None:
    wrong_rule(monkeypatch, op, method, rule)
    assert not all(check(NETWORK, WEIGHTS, name).passed for name in ("W", "b"))


@pytest.mark.parametrize("op", [Sin, Square, Multiply])
def test_every_factor_counts(monkeypatch: pytest.MonkeyPatch, op: type) -> None:
    text, leaves = "L = sum(sin(x) * square(x))", {"x": [0.5, 1.5]}
    assert check(text, leaves, "x").passed
    wrong_rule(monkeypatch, op, "local_derivative", lambda local: 1.01 * local)
    assert not check(text, leaves, "x").passed


MISTAKES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "1 % off": lambda gradient: 1.01 * gradient,
    "factor 2": lambda gradient: 2.0 * gradient,
    "sign": lambda gradient: -gradient,
    "transposed": lambda gradient: gradient.T,
    "zero": lambda gradient: 0.0 * gradient,
    "one element": lambda gradient: gradient * np.array([[1.0, 0.9], [1.0, 1.0]]),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("size", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_no_allowance_hides_a_mistake(mistake: str, size: float) -> None:
    """A loss of any size: residuals of the square root of it."""
    residual = math.sqrt(size)
    inputs = np.array([[1.0, 2.0], [0.5, -1.0], [-2.0, 0.3]])
    W = np.array([[0.2, 0.4], [0.1, -0.3]])
    shift = np.array([[1.0, -0.5], [0.3, 0.8], [-0.6, 0.9]])
    leaves = {"X": inputs, "W": W, "T": inputs @ W - residual * shift}
    text = "L = mean((X @ W - T)**2) / 2"
    right = check(text, leaves, "W")
    assert right.passed, right
    assert not check(text, leaves, "W", MISTAKES[mistake]).passed


@pytest.mark.parametrize("size", [1e-12, 1e6])
def test_no_allowance_hides_a_mistake_beside_a_large_constant(size: float) -> None:
    text = "L = (w * x - t)**2 + 0 * sin(w) + k * 1e-3"
    leaves = {"w": 2.0, "x": 1.0, "t": 2.0 - math.sqrt(size), "k": 1.0}
    assert check(text, leaves, "w").passed
    assert not check(text, leaves, "w", lambda gradient: gradient + 0.01 * max(abs(gradient), 1e-6)).passed


def test_a_converged_fit_passes_although_its_gradient_is_rounding() -> None:
    x = np.linspace(1000.0, 3000.0, 7)
    leaves = {"x": x, "w": 1.7, "b": 300.0, "t": 1.7 * x + 300.0}
    for name in ("w", "b"):
        assert check("y = w * x + b\nL = sum((y - t)**2)", leaves, name).passed
        assert not check("y = w * x + b\nL = sum((y - t)**2)", leaves, name, lambda g: g + 1e-3).passed


def test_a_loss_that_hardly_moves_passes() -> None:
    assert check("L = k + w * 1e-12", {"k": 1e6, "w": 1.0}, "w").passed
    assert check("L = sigmoid(w)", {"w": 40.0}, "w").passed


# ------------------------------------------------------ kinks

KINKS = ["sum(relu(x))", "sum(abs(x))", "sum(maximum(x, 0))", "sum(leaky_relu(x))", "sum(maximum(0 * x, x))"]


@pytest.mark.parametrize("text", KINKS)
def test_a_kink_is_no_failure_and_one_nearby_is_in_nobodys_way(text: str) -> None:
    found = check(f"L = {text}", {"x": [0.0, 1.0, -2.0]}, "x")
    assert found.passed
    assert found.kinks == ((0,),)
    assert found.kink in text
    for near in (4e-6, -4e-6, 1e-8):
        found = check(f"L = {text}", {"x": [near, 1.0, -2.0]}, "x")
        assert (found.passed, found.kinks) == (True, ())
        assert found.relative_error is not None
        assert found.relative_error < 1e-6
        assert not check(f"L = {text}", {"x": [near, 1.0, -2.0]}, "x", lambda g: g - g[0] - 3).passed


def test_beyond_h_there_is_no_kink() -> None:
    found = check("L = sum(relu(x))", {"x": [1e-4, -1e-4]}, "x")
    assert found.passed
    assert found.kinks == ()
    assert not check("L = sum(relu(x))", {"x": [1e-4, 2.0]}, "x", lambda g: g * 0.5).passed


def test_all_elements_at_a_kink_have_no_relative_error() -> None:
    found = check("L = abs(x)", {"x": 0.0}, "x")
    assert found.passed
    assert found.kinks == ((),)
    assert found.relative_error is None
    assert found.worst is None


def test_a_kink_does_not_excuse_other_elements() -> None:
    found = check("L = sum(abs(x))", {"x": [0.0, 1.0]}, "x", lambda gradient: gradient * 1.01)
    assert not found.passed
    assert found.worst is not None
    assert found.worst.index == (1,)


def test_a_kink_elsewhere_is_not_one_here() -> None:
    leaves = {"x": [0.0, 1.0], "w": 2.0}
    assert check("L = sum(relu(x)) + w**2", leaves, "w").kinks == ()


def test_elements_that_are_not_looked_at_are_not_known() -> None:
    leaves = {"x": np.linspace(1, 2, 50)}
    graph, arrays = graph_of("L = sum(x**2)", leaves), arrays_of(leaves)
    found = check_at(Point(graph, arrays), graph.named["x"], 2 * arrays["x"], elements=10)
    assert (found.checked, found.size, found.directions) == (10, 50, 0)
    assert np.isfinite(found.numeric).sum() == 10


def test_values_that_are_not_finite() -> None:
    found = check("L = exp(x)", {"x": 800.0}, "x")
    assert (found.passed, found.relative_error, found.not_finite) == (True, None, ((),))
    # the slope -1/∞² is an exact 0, and 0 times the slope of exp, ∞, counts as 0; what exp does is past all
    # numbers, though, so that differences of 0 say nothing
    found = check("L = 1 / (1 + exp(x))", {"x": 800.0}, "x")
    assert (found.passed, found.relative_error, found.not_finite) == (True, None, ((),))
    # one of the two points of any difference is outside of what the root takes
    found = check("L = sum(sqrt(x))", {"x": [0.0, 1.0]}, "x")
    assert (found.passed, found.not_finite) == (True, ((0,),))
    assert found.relative_error is not None
    assert not check("L = sum(x**2)", {"x": [1.0, 2.0]}, "x", lambda g: g * math.nan).passed
    assert not check("L = sum(x**2)", {"x": [1.0, 2.0]}, "x", lambda g: g * math.inf).passed


# ------------------------------------------------------ any smooth formula

PARTS = st.sampled_from(
    ["w", "x", "sin(w)", "tanh(x * w)", "exp(x / 3)", "softplus(w)", "(w - x)", "cos(3 * x)", "1"]
)


@tried(
    st.lists(st.tuples(PARTS, st.sampled_from(["+", "-", "*"])), min_size=1, max_size=5),
    st.sampled_from([1e-6, 1e-3, 1.0, 1e3, 1e6]),
    st.integers(0, 1000),
    few=10,
    many=60,
)
def test_right_gradients_pass_and_wrong_ones_fail(
    parts: Sequence[tuple[str, str]], scale: float, seed: int
) -> None:
    text = " ".join(f"{part} {sign}" for part, sign in parts) + " w * x"
    rng = np.random.default_rng(seed)
    leaves = {"w": rng.uniform(0.5, 1.5, (2, 3)), "x": rng.uniform(-1.5, -0.5, 3)}
    for name in ("w", "x"):
        found = check(f"L = {scale} * mean(({text})**2)", leaves, name)
        assert found.passed, found
        if found.worst and np.all(np.abs(found.numeric) > 1e-3 * scale):
            assert not check(f"L = {scale} * mean(({text})**2)", leaves, name, lambda g: g * 1.01).passed


def test_what_is_lost_past_the_largest_number_is_not_finite_and_not_rounding() -> None:
    reasons = {
        "1 / (1 + exp(x))": Reason.NOT_FINITE,
        "1e9 + x * 1e-12": Reason.ROUNDING,
        "exp(-exp(x))": Reason.NOT_FINITE,
    }
    for text, reason in reasons.items():
        found = check(f"L = {text}", {"x": 800.0 if "exp" in text else 1.0}, "x")
        assert (found.passed, list(found.untold)) == (True, [reason]), text


def test_the_rounding_of_a_gradient_is_known_behind_a_shut_gate() -> None:
    leaves = {"x": [-1.0, 4.0], "w": [[1.0, 2.0], [3.0, -4.0]]}
    graph, arrays = (
        graph_of("r = relu(x)\nL = sum(sqrt(r) * x) + sum(sqrt(r @ w + 99))", leaves),
        arrays_of(leaves),
    )
    spread = Point(graph, arrays).gradient_rounding(graph.named["x"])
    # in x[1], with gradients of about 3, some units in the last place; in x[0] relu's slope is 0
    assert 0 < spread[1] < 1e-13
