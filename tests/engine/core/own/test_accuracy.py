"""Errors of the project's own elementary functions, against mpmath; docs/native.md has a table of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.support.thorough import in_part
from tests.support.ulps import largest, points, suspects
from tui_backprop.engine.core.own.arrays import of_array
from tui_backprop.engine.core.own.definitions import DEFINITIONS
from tui_backprop.engine.core.own.table import tanh_by_table

BOUNDS = {"exp": 1.2, "expm1": 1.55, "log": 1.0, "log1p": 1.05, "tanh": 1.65}
"""Somewhat above the largest errors that docs/native.md tells."""


def worst(name: str, function: Callable[[Any], Any], x: Any) -> tuple[float, float]:
    """Return the largest error among the points that look worst, and where it is."""
    y = function(x)
    chosen = suspects(name, x, y, 2_000)
    return largest(name, x[chosen], y[chosen])


@in_part("count", 2_000, 200_000)
@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_errors_are_small(name: str, count: int) -> None:
    error, where = worst(name, partial(of_array, name), points(name, count, seed=16))
    assert error <= BOUNDS[name], where


@in_part("count", 2_000, 200_000)
def test_tanh_by_a_table_has_a_small_error(count: int) -> None:
    x = np.concatenate([points("tanh", count // 2, seed=16), np.linspace(0.0, 0.05, count // 2)])
    error, where = worst("tanh", tanh_by_table, x)
    assert error <= 1.8, where


def neighbours(name: str) -> list[float]:
    """Return numbers beside those where a definition goes another way: halves of ln 2, √½, limits, 0.6875."""
    centres = {
        "exp": [k * math.log(2) / 2 for k in (-2149, -2045, -3, -1, 1, 3, 2045)] + [709.78, -745.13, -708.39],
        "expm1": [k * math.log(2) / 2 for k in (-111, -109, -3, -1, 1, 3, 109, 2045)] + [2.0**-54, -40.0],
        "log": [2.0**k * math.sqrt(0.5) for k in (-1022, -1, 0, 1, 2, 1023)] + [1.0, 2.0**-1022, 1e-320],
        "log1p": [2.0**k * math.sqrt(0.5) - 1.0 for k in (-30, 0, 1, 2, 60)] + [2.0**53, 1e300, -(2.0**-53)],
        "tanh": [(2 * k + 1) * math.log(2) / 4 for k in (1, 2, 3, 20, 50)] + [0.6875, -0.6875, 19.06, 20.0],
    }
    found = []
    for centre in centres[name]:
        low = high = centre
        for _ in range(20):
            low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
            found += [low, high]
    return found


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_errors_are_small_where_parts_meet(name: str) -> None:
    x = np.array(neighbours(name))
    error, where = largest(name, x, of_array(name, x))
    assert error <= BOUNDS[name], where


INF, NAN = math.inf, math.nan
TINY = 5e-324
EDGES: dict[str, list[tuple[float, float]]] = {
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (709.79, INF), (-745.2, 0.0), (-745.13, TINY)],
    "expm1": [(INF, INF), (-INF, -1.0), (1e300, INF), (-1e300, -1.0), (709.79, INF), (TINY, TINY)],
    "log": [(0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-TINY, NAN), (TINY, -744.4400719213812)],
    "log1p": [(-1.0, -INF), (-1.0000000000000002, NAN), (INF, INF), (-INF, NAN), (TINY, TINY)],
    "tanh": [(INF, 1.0), (-INF, -1.0), (1e300, 1.0), (-22.0, -1.0), (TINY, TINY)],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_edges(name: str) -> None:
    x, y = np.array([*EDGES[name], (NAN, NAN)]).T
    np.testing.assert_array_equal(of_array(name, x), y)


@pytest.mark.parametrize(
    "function",
    [lambda x, name=name: of_array(name, x) for name in ("expm1", "log1p", "tanh")] + [tanh_by_table],
)
def test_zeros_keep_their_sign(function: Callable[[Any], Any]) -> None:
    y = function(np.array([0.0, -0.0]))
    assert y.tolist() == [0.0, 0.0]
    assert np.signbit(y).tolist() == [False, True]


def test_edges_of_tanh_by_a_table() -> None:
    x, y = np.array([*EDGES["tanh"], (NAN, NAN)]).T
    np.testing.assert_array_equal(tanh_by_table(x), y)
    assert np.all(np.abs(tanh_by_table(np.linspace(-30.0, 30.0, 10_001))) <= 1.0)
