"""Coefficients of approximations, to 50 digits: the polynomial that is least wrong, and a quotient of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import cos, lu_solve, matrix, mp, mpf, pi

Function = Callable[[Any], Any]


def minimax(function: Function, weight: Function, low: Any, high: Any, degree: int) -> list[float]:
    """Return c₀, c₁, … of the polynomial whose largest weight |error| between low and high is least.

    Remez's exchange: equal errors of alternating signs at degree + 2 points, then their extremes as points.
    """
    with mp.workdps(50):
        middle, half = (mpf(high) + low) / 2, (mpf(high) - low) / 2
        points = [middle - half * cos(pi * (2 * i + 1) / (2 * (degree + 2))) for i in range(degree + 2)]
        grid = [middle - half * cos(pi * i / 400) for i in range(401)]
        values, weights = [function(x) for x in grid], [weight(x) for x in grid]
        for _ in range(12):
            rows = [
                [*(x**power for power in range(degree + 1)), (-1) ** i / weight(x)]
                for i, x in enumerate(points)
            ]
            solved = lu_solve(matrix(rows), matrix([function(x) for x in points]))
            found = [solved[power] for power in range(degree + 1)]
            errors = [
                w * (value - _value(found, x)) for x, value, w in zip(grid, values, weights, strict=True)
            ]
            extremes = _extremes(list(zip(grid, errors, strict=True)), degree + 2)
            points = [x for x, _ in extremes]
            sizes = [abs(error) for _, error in extremes]
            if max(sizes) < 1.001 * min(sizes):
                return [float(c) for c in found]
        raise ArithmeticError("errors did not become equal")


def _value(coefficients: list[Any], x: Any) -> Any:
    value = mpf(0)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


def _extremes(errors: list[tuple[Any, Any]], count: int) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for x, error in errors:
        if found and (found[-1][1] > 0) == (error > 0):
            if abs(error) > abs(found[-1][1]):
                found[-1] = (x, error)
        elif error != 0:
            found.append((x, error))
    while len(found) > count:
        del found[0 if abs(found[0][1]) < abs(found[-1][1]) else -1]
    return found


def quotient(function: Function, high: Any, above: int, below: int) -> tuple[list[float], list[float]]:
    """Return the coefficients of p and q, but for q's leading one, which is 1, with p/q as the function.

    They are equal at Chebyshev's points between 0 and high.

    Args:
        function: of one number.
        high: where it ends.
        above: degree of p.
        below: degree of q.
    """
    with mp.workdps(50):
        count = above + 1 + below
        points = [mpf(high) / 2 * (1 - cos(pi * (2 * i + 1) / (2 * count))) for i in range(count)]
        rows = [
            [*(x**power for power in range(above + 1)), *(-function(x) * x**power for power in range(below))]
            for x in points
        ]
        solved = lu_solve(matrix(rows), matrix([function(x) * x**below for x in points]))
        numbers = [float(solved[i]) for i in range(count)]
        return numbers[: above + 1], numbers[above + 1 :]
