"""The project's own elementary functions: their largest errors, against mpmath, and what an element costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from timeit import repeat
from typing import Any

import numpy as np

from tests.benchmarks.report import goal, heading, table
from tests.support.ulps import largest, points, suspects
from tui_backprop.engine.core.own.arrays import of_array, of_number
from tui_backprop.engine.core.own.definitions import DEFINITIONS
from tui_backprop.engine.core.own.table import tanh_by_table

SCALE = 1_000_000
"""Points of one round; NumPy's long doubles choose those that mpmath looks at."""
SUSPECTS = 300


def through_expm1(x: Any, out: Any = None) -> Any:
    """Return tanh as -t/(t + 2), t = expm1(-2|x|): what the table is measured against."""
    t = np.abs(x, out)
    np.multiply(t, -2.0, t)
    np.expm1(t, t)
    np.divide(t, t + 2.0, t)
    return np.copysign(t, x, t)


def searched(name: str, function: Callable[..., Any], rounds: int, scale: int) -> tuple[float, float]:
    """Return the largest error found at so many rounds of points, and where it is."""
    worst = (0.0, 0.0)
    for seed in range(rounds):
        x = points(name, scale, seed)
        with np.errstate(all="ignore"):
            y = function(x)
            chosen = suspects(name, x, y, SUSPECTS)
        worst = max(worst, largest(name, x[chosen], y[chosen]))
    return worst


def cost(function: Callable[..., Any], x: Any) -> float:
    """Return nanoseconds an element, the least of several times."""
    out = np.empty_like(x)
    times = max(1, 200_000 // x.size)
    return min(repeat(lambda: function(x, out=out), number=times, repeat=15)) / times / x.size * 1e9


def main(*, quick: bool = False) -> None:
    rounds, scale = (1, 20_000) if quick else (20, SCALE)
    ours: list[tuple[str, str, Callable[..., Any]]] = [
        (name, name, partial(of_array, name)) for name in DEFINITIONS
    ]
    others: list[tuple[str, str, Callable[..., Any]]] = [
        ("tanh by a table", "tanh", tanh_by_table),
        ("tanh through expm1", "tanh", through_expm1),
        *((f"np.{name}", name, getattr(np, name)) for name in DEFINITIONS),
    ]
    heading(f"Elementary functions: largest error at {rounds * scale:,} points, in units in the last place")
    rows, errors = [], {}
    for label, name, function in ours + others:
        error, where = searched(name, function, rounds, scale)
        errors[label] = error
        rows.append((label, f"{error:.2f}", repr(where)))
    table(("function", "error", "at"), rows)
    for label in (*DEFINITIONS, "tanh by a table"):
        goal(f"{label}, largest error", errors[label], most=2.0)

    heading("Elementary functions by NumPy: ns an element, and µs of a single number")
    sizes = (100, 2_000, 16_384, 131_072)
    rows = []
    for label, name, function in ours + others:
        low = 0.01 if name in ("log", "log1p") else -3.0
        numbers = np.random.default_rng(0).uniform(low, 3.0, sizes[-1])
        costs = [f"{cost(function, numbers[:size].copy()):.1f}" for size in sizes]
        own = label in DEFINITIONS
        alone = min(repeat(partial(of_number, name, 0.3), number=1000, repeat=5)) * 1e3 if own else None
        rows.append((label, *costs, "" if alone is None else f"{alone:.1f}"))
    table(("function", *(f"{size:,}" for size in sizes), "number"), rows)
