"""Errors of elementary functions in units in the last place, against mpmath at 120 bits."""

from __future__ import annotations

import math
from typing import Final

import mpmath
import numpy as np
from numpy.typing import NDArray

INTERVALS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "exp": ((-745.1, 709.78), (-2.0, 2.0), (-745.1, -708.0), (700.0, 709.78)),
    "expm1": ((-40.0, 709.78), (-2.0, 2.0), (-0.4, 0.4), (0.34, 0.75), (37.7, 37.9)),
    "log": ((0.0, 1e300), (0.5, 2.0), (0.69, 0.72), (1.4, 1.5), (0.0, 1e-307)),
    "log1p": ((-1.0, 3.0), (-0.31, 0.45), (0.4, 0.5), (-0.31, -0.27), (1e10, 1e300)),
    "tanh": ((-22.0, 22.0), (-1.0, 1.0), (0.68, 0.72), (0.5, 0.56), (0.24, 0.26), (0.0039, 0.004)),
}
"""Where each function is looked at: all of it, and closely where its parts meet or much cancels."""


def points(name: str, count: int, seed: int) -> NDArray[np.float64]:
    """Return about so many points: evenly in each of the intervals, and as many of every order of size."""
    random = np.random.default_rng(seed)
    intervals = INTERVALS[name]
    each = -(-count // (len(intervals) + 1))
    even = [random.uniform(low, high, each) for low, high in intervals]
    low, high = intervals[0]
    sizes = np.exp(random.uniform(-700.0, math.log(max(abs(low), abs(high))), each))
    signs = random.choice([-1.0, 1.0], each) if low < 0 else np.ones(each)
    grown = (sizes * signs)[(sizes * signs >= low) & (sizes * signs <= high)]
    return np.concatenate([*even, grown])


def ulps(name: str, x: float, y: float) -> float:
    """Return how far y is from the function at x, in spacings of doubles at the exact value."""
    with mpmath.workprec(120):
        exact = getattr(mpmath, name)(mpmath.mpf(x))
        if not exact:
            return abs(y) / 2.0**-1074
        _, exponent = mpmath.frexp(exact)
        return float(abs(mpmath.mpf(y) - exact) / mpmath.mpf(2) ** max(exponent - 53, -1074))


def largest(name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return the largest error of results y, and where it is."""
    return max((ulps(name, a, b), a) for a, b in zip(x.tolist(), y.tolist(), strict=True))


def suspects(name: str, x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return where results seem most wrong, quickly by NumPy's long doubles; all where these are doubles."""
    if np.finfo(np.longdouble).nmant <= 52:
        return np.arange(x.size)
    exact = getattr(np, name)(x.astype(np.longdouble))
    errors = np.abs(y - exact) / np.spacing(np.abs(exact).astype(float))
    return np.argsort(errors)[-count:]
