"""The coefficients of the definitions are found again, and are as near as they say."""

from __future__ import annotations

from mpmath import exp, log, mp, mpf, sqrt, tanh

from tests.support.minimax import minimax, quotient
from tui_backprop.engine.core.own import definitions, table

SMALL = mpf(10) ** -8
"""Below it quotients are taken from the series."""


def tangent(square: mpf) -> mpf:
    """Return (tanh(r)/r - 1) / r² of r²."""
    r = sqrt(square)
    return (tanh(r) / r - 1) / square if r > SMALL else -mpf(1) / 3 + 2 * square / 15


def test_the_exponential() -> None:
    with mp.workdps(50):
        end = log(2) / 2 * (1 + mpf(2) ** -30)

        def rest(r: mpf) -> mpf:
            return (exp(r) - 1 - r) / r**2 if abs(r) > SMALL else mpf(1) / 2 + r / 6

        def weight(r: mpf) -> mpf:  # relative to expm1; a little everywhere
            return (abs(r * r / (exp(r) - 1)) if r else 0) + mpf(10) ** -3

        assert minimax(rest, weight, -end, end, 9) == list(definitions.EXPONENTIAL)


def test_the_logarithm() -> None:
    with mp.workdps(50):

        def rest(square: mpf) -> mpf:
            s = sqrt(square)
            return (log((1 + s) / (1 - s)) / s - 2) / square if s > SMALL else mpf(2) / 3 + 2 * square / 5

        end = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * (1 + mpf(2) ** -30)
        found = minimax(rest, lambda square: square / 2 + mpf(10) ** -12, 0, end, 6)
    assert found == list(definitions.LOGARITHM)


def test_the_hyperbolic_tangent() -> None:
    with mp.workdps(50):
        above, below = quotient(tangent, mpf(definitions.LARGE) ** 2, 2, 3)
    assert above == list(definitions.TANGENT)
    assert below == list(definitions.TANGENT_DIVISOR)


def test_the_hyperbolic_tangent_between_entries_of_the_table() -> None:
    with mp.workdps(50):
        found = minimax(tangent, lambda square: square + mpf(10) ** -9, 0, mpf(2) ** -16, 1)
    assert found == [table.CUBIC, table.QUINTIC]


def test_the_table() -> None:
    with mp.workdps(50):
        assert table.entries().tolist() == [float(tanh(mpf(k) / 128)) for k in range(2561)]
