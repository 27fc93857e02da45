"""Names in both spellings, and the one family of errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.engine.core.arrays import frozen, size_of
from tui_backprop.engine.core.errors import BackpropError, FormulaError, ShapeError, suggest
from tui_backprop.engine.language.names import resolve
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.spelling import pretty, pretty_text

SHOWN = {
    "y_hat": "ŷ", "x_bar": "x̄", "n_tilde": "ñ", "theta": "θ", "beta": "β", "beta_hat": "β̂", "lambda_": "λ",
    "theta_1": "θ_1", "theta1": "θ1", "Sigma": "Σ", "w": "w", "W1": "W1", "weight": "weight", "z_1": "z_1",
    "alphabet": "alphabet", "hat": "hat", "_hat": "_hat", "long_hat": "long_hat", "ŷ": "ŷ", "pie": "pie",
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_pretty(name: str) -> None:
    assert pretty(name) == SHOWN[name]


@pytest.mark.parametrize("name", SHOWN)
def test_either_spelling_is_accepted(name: str) -> None:
    assert resolve(name, SHOWN) == name
    assert resolve(SHOWN[name], [name]) == name


def test_the_exact_spelling_wins() -> None:
    assert resolve("θ", ["theta", "θ"]) == "θ"
    assert resolve("theta", ["θ", "theta"]) == "theta"
    assert resolve("y\u0302", ["y_hat"]) == "y_hat"  # the accent as a character of its own


def test_expressions_resolve_too() -> None:
    assert resolve("(y − ŷ)²", ["(y - y_hat)**2"]) == "(y - y_hat)**2"
    assert resolve("(y - y_hat)**2", ["(y - y_hat)**2"]) == "(y - y_hat)**2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(y - y_hat)**2 / 2", "(y − ŷ)² / 2"), ("X.T @ dz", "Xᵀ @ dz"), ("x**12", "x¹²"),
        ("x**0.5", "x**0.5"), ("x**2.5", "x**2.5"), ("x**2**3", "x**2³"), ("x**2e1", "x**2e1"),
        ("x**-1", "x**−1"), ("x**y", "x**y"),
        ("(x**2)**3", "(x²)³"), ("lambda_ * theta_1", "λ * θ_1"), ("1e-3 * x", "1e−3 * x"),
    ],
)  # fmt: skip
def test_pretty_text(text: str, shown: str) -> None:
    assert pretty_text(text) == shown


def test_an_unknown_name_is_refused_on_one_plain_line() -> None:
    with pytest.raises(BackpropError, match=r"unknown node 'bta'; did you mean beta\?"):
        resolve("bta", ["alpha", "beta"], "node")
    with pytest.raises(BackpropError, match="there are: a, b"):
        resolve("qqq", ["a", "b"])
    with pytest.raises(BackpropError, match="there are: none"):
        resolve("q", [])
    with pytest.raises(BackpropError) as caught:
        resolve("a\x1b[31m\n\u202e", ["a"] * 40)
    assert all(is_safe(character) for character in str(caught.value))


@given(st.text())
def test_printable_is_safe(text: str) -> None:
    shown = printable(text, 20)
    assert len(shown) <= 20
    assert all(is_safe(character) for character in shown)


def test_printable_leaves_text_alone() -> None:
    assert printable("ŷ = θ·x + 한국 ²") == "ŷ = θ·x + 한국 ²"
    assert printable("a\tb\x7f\u200e") == r"a\tb\x7f\u200e"


def test_suggestions() -> None:
    assert suggest("SGD", ["adam", "sgd"]) == "; did you mean sgd?"
    assert suggest("w", ["W", "v"]) == "; did you mean W?"
    assert suggest("learning_rat", ["learning_rate", "seed"]) == "; did you mean learning_rate?"
    assert suggest("zzz", ["learning_rate", "seed"]) == ""
    assert suggest("ab" * 100_000, ["ba" * 100_000]) == ""


def test_errors_are_one_family() -> None:
    assert issubclass(FormulaError, BackpropError)
    assert issubclass(ShapeError, BackpropError)
    error = FormulaError("found it", 2, 3)
    assert (str(error), error.reason, error.line, error.column) == (
        "line 2, column 3: found it",
        "found it",
        2,
        3,
    )
    assert str(FormulaError("found it")) == "found it"


def test_arrays() -> None:
    assert [shape_text(shape) for shape in [(), (3,), (2, 3), (1, 2, 3)]] == [
        "scalar",
        "(3)",
        "(2×3)",
        "(1×2×3)",
    ]
    assert size_of(()) == 1
    assert size_of((10**9, 10**9, 10**9)) == 10**27
    own = np.array([1.0, 2.0])
    array = frozen(own)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5.0
    assert own.flags.writeable
    assert frozen(3).dtype == np.float64
    assert frozen(3).shape == ()
