"""Back ends: which forms functions have in force, and what is chosen where."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

from tui_backprop.engine.core import backends, elementary
from tui_backprop.engine.core.backends import (
    BACKENDS,
    OF_C,
    OWN,
    PAYS_FROM,
    PAYS_SECONDS,
    again,
    chosen,
    decided,
    named,
)
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.own import table

X = np.linspace(-3.0, 3.0, 25).reshape(5, 5)


def values_of(name: str) -> Any:
    return np.abs(X) + 0.25 if name.startswith("log") else X


@pytest.mark.parametrize("name", [*OWN, *OF_C])
def test_numbers_and_arrays_are_alike_under_native(name: str) -> None:
    function, x = getattr(elementary, name), values_of(name)
    operands = (np.abs(X), X) if name == "power" else (x,)
    with named("native").active():
        whole = function(*operands)
        one_by_one = [function(*map(np.float64, row)) for row in zip(*map(np.ravel, operands), strict=True)]
    np.testing.assert_array_equal(whole.ravel(), one_by_one)
    usual = getattr(np, name)(*operands)
    assert np.all(np.abs(whole - usual) <= 4 * np.spacing(np.abs(usual)))


def test_forms_are_in_force_within_and_not_beyond() -> None:
    native, seen = named("native"), []

    def elsewhere() -> None:
        seen.append(elementary.IN_FORCE.get())

    with native.active():
        inside = elementary.exp(X)
        with named("numpy").active():
            np.testing.assert_array_equal(elementary.exp(X), np.exp(X))
        np.testing.assert_array_equal(elementary.exp(X), inside)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        with native.active():  # nothing to do
            pass
        np.testing.assert_array_equal(elementary.exp(X), inside)
    assert seen == [None]
    assert elementary.IN_FORCE.get() is None
    np.testing.assert_array_equal(elementary.exp(X), np.exp(X))
    assert elementary.exp(1.5) == math.exp(1.5)


def test_what_c_reports_as_an_error_is_what_numpy_makes_of_it() -> None:
    with named("native").active(), np.errstate(all="ignore"):
        np.testing.assert_array_equal(elementary.log2(np.array([-1.0, 0.0, 8.0])), [math.nan, -math.inf, 3.0])
        np.testing.assert_array_equal(
            elementary.cosh(np.array([1e4, math.inf, math.nan])), [math.inf, math.inf, math.nan]
        )
        np.testing.assert_array_equal(elementary.power(np.array([0.0, -8.0]), -0.5), [math.inf, math.nan])


@pytest.mark.parametrize("backend", BACKENDS)
def test_single_precision_and_whole_numbers_stay_numpys(backend: str) -> None:
    x = X.astype(np.float32)
    with named(backend).active():
        for name in ("tanh", "exp", "sin"):
            function, usual = getattr(elementary, name), getattr(np, name)
            assert function(x).dtype == np.float32
            np.testing.assert_array_equal(function(x), usual(x))
            np.testing.assert_array_equal(function(np.arange(4)), usual(np.arange(4)))
        assert type(elementary.tanh(0.5)) is float
        assert type(elementary.tanh(np.float64(0.5))) is np.float64


@pytest.mark.parametrize("order", [X.T, X[:, ::2], np.broadcast_to(X[0], (3, 5)), np.asfortranarray(X)])
def test_results_lie_in_memory_as_numpys_do(order: Any) -> None:
    for name in ("tanh", "sin", "power"):
        operands = (np.abs(order), 2.5) if name == "power" else (order,)
        usual = getattr(np, name)(*operands)
        for backend in BACKENDS:
            with named(backend).active():
                assert getattr(elementary, name)(*operands).strides == usual.strides, (name, backend)


def test_what_is_chosen_follows_from_tables_and_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    def machine(*, compiles: bool, slow: bool, seconds: float = PAYS_SECONDS) -> list[str]:
        monkeypatch.setattr(backends, "can_compile", lambda: compiles)
        monkeypatch.setattr(backends, "slow_tanh", lambda: slow)
        asked = (None, "numpy")
        sizes = (PAYS_FROM - 1, PAYS_FROM)
        return [decided(chosen(one), elements, seconds) for one in asked for elements in sizes]

    assert machine(compiles=False, slow=False) == ["numpy"] * 4
    assert machine(compiles=False, slow=True) == ["numpy", "numpy-table"] * 2
    assert again("native") is None
    assert machine(compiles=True, slow=True) == ["native", "native", "numpy", "numpy-table"]
    assert machine(compiles=True, slow=True, seconds=0.5) == ["numpy", "numpy-table"] * 2
    assert again("native") == "native"
    assert again("numpy-table") == "numpy"


def test_the_other_tanh_is_chosen_where_it_pays() -> None:
    assert PAYS_FROM == table.PAYS_FROM


@pytest.mark.parametrize(
    ("compiles", "asked", "single", "words"),
    [
        (False, "native", False, "needs llvmlite; install it with pip install 'tui-backprop[native]'"),
        (True, "native", True, "native computes float64 only; NumPy computes float32"),
        (True, "numba", False, "found 'numba'; it must be numpy or native"),
    ],
)
def test_what_cannot_compute_is_refused(
    compiles: bool, asked: str, single: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "can_compile", lambda: compiles)
    with pytest.raises(BackpropError, match=r"^back end: ") as refused:
        chosen(asked, single=single)
    assert words in str(refused.value)


def test_an_unknown_full_name_is_refused() -> None:
    with pytest.raises(
        BackpropError, match=r"back end: found 'jax'; it must be numpy, numpy-table or native"
    ):
        named("jax")
