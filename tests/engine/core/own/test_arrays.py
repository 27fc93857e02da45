"""The project's own functions of arrays and numbers: same bits; shapes, strides, types, results in place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example
from hypothesis import strategies as st

from tests.support.thorough import tried
from tui_backprop.engine.core.own import table
from tui_backprop.engine.core.own.arrays import of_array, of_number
from tui_backprop.engine.core.own.definitions import DEFINITIONS

NAMES = sorted(DEFINITIONS)
FLOATS = st.floats(width=64) | st.floats(-50.0, 50.0)
FUNCTIONS = [*(pytest.param(partial(of_array, name), id=name) for name in NAMES), table.tanh_by_table]
each = pytest.mark.parametrize("function", FUNCTIONS)
EDGES = [709.79, -745.13, -1.0 - 2.0**-52, 2.0**53, -40.0, 0.6875]
"""Where definitions go another way."""
Function = Callable[..., Any]


def bits(x: Any) -> Any:
    """Return the bits of doubles, each NaN the same."""
    x = np.array(x, float)
    return np.where(np.isnan(x), np.nan, x).view(np.uint64).tolist()


@pytest.mark.parametrize("name", NAMES)
@tried(numbers=st.lists(FLOATS, min_size=14, max_size=20), few=15, many=200)
@example(numbers=[0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1.0, 2.0**-1022, 1e308, -1e308, *EDGES])
def test_numbers_have_the_bits_of_arrays(name: str, numbers: list[float]) -> None:
    alone = [of_number(name, x) for x in numbers]
    assert all(type(y) is float for y in alone)
    assert bits(of_array(name, np.array(numbers))) == bits(alone)
    assert bits([of_array(name, np.array(x)) for x in numbers]) == bits(alone)


@pytest.mark.parametrize("name", NAMES)
def test_a_number_keeps_its_type(name: str) -> None:
    assert type(of_number(name, 0.5)) is float
    assert type(of_number(name, np.float64(0.5))) is np.float64
    assert type(of_number(name, np.float32(0.5))) is np.float32


@each
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (7, 11), (2, 0, 3), (1, 200, 100)])
def test_the_shape_stays(function: Function, shape: tuple[int, ...]) -> None:
    x = np.linspace(0.1, 3.0, int(np.prod(shape))).reshape(shape)
    assert np.shape(function(x)) == shape


@each
def test_strides_do_not_matter_and_the_order_of_axes_stays(function: Function) -> None:
    x = np.random.default_rng(0).uniform(0.1, 3.0, (120, 90, 4))
    for seen in (x.T, x[::2, ::-3], x[:, :, 1], np.broadcast_to(x[0, 0], (50, 4)), x.transpose(1, 0, 2)):
        result, as_numpy = function(seen), np.exp(seen)
        assert bits(result) == bits(function(np.ascontiguousarray(seen)))
        assert result.strides == as_numpy.strides


@each
@pytest.mark.parametrize("count", [5, 12_000])
def test_the_result_goes_where_it_should(function: Function, count: int) -> None:
    x = np.random.default_rng(0).uniform(0.1, 3.0, (count, 2))
    expected = bits(function(x))
    out = np.empty_like(x)
    assert function(x, out=out) is out
    assert bits(out) == expected
    turned = np.empty_like(x.T).T
    function(x, out=turned)
    assert bits(turned) == expected
    assert function(x, out=x) is x
    assert bits(x) == expected


@each
@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_other_floats_are_numpys(function: Function, dtype: type) -> None:
    name = function.args[0] if isinstance(function, partial) else "tanh"
    x = np.linspace(0.1, 3.0, 100).astype(dtype)
    np.testing.assert_array_equal(function(x), getattr(np, name)(x), strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_whole_numbers_are_doubles(name: str) -> None:
    np.testing.assert_array_equal(
        of_array(name, np.arange(1, 20)), of_array(name, np.arange(1.0, 20.0)), strict=True
    )


@each
def test_there_are_no_warnings(function: Function) -> None:
    x = np.array([np.nan, np.inf, -np.inf, -2.0, -1.0, 0.0, 1e308, -1e308, 5e-324, 800.0, -746.0])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        function(x)


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(KeyError):
        of_array("sin", np.ones(3))
    with pytest.raises(KeyError):
        of_number("sin", 1.0)
