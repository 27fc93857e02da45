"""Where numbers stand on an axis, and which of them are written beside it: round ones."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
from msgspec import structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis
from tui_backprop.text.round_numbers import round_label, round_up

_MOST_DECADES = 3
"""Decades of a logarithmic axis up to which 2 and 5 are written as well as 1."""
_FINE = 15
"""Steps of an axis that ends at round numbers: a tenth of it at most is added at an end."""


def positions(axis: Axis, values: Array) -> Array:
    """Return where values stand: 0 at an axis' low end, 1 at its high one; NaN for what cannot stand there.

    What lies far outside is brought nearer, so that nothing overflows.
    """
    given = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        if axis.log:
            low, high, at = math.log10(axis.low), math.log10(axis.high), np.log10(given)
        else:
            low, high, at = axis.low, axis.high, given
        span = high / 2 - low / 2
        found = (at / 2 - low / 2) / span if span > 0 else np.where(np.isfinite(at), 0.5, np.nan)
        clipped: Array = np.where(np.isfinite(at), np.clip(found, -1e6, 1e6), np.nan)
    return clipped


def ticks(axis: Axis, most: int) -> list[tuple[float, str]]:
    """Return positions (0 to 1) and labels of round numbers on an axis, at most so many of them.

    On an axis of categories each has its name; those that there is no room for are left out evenly.
    """
    most = max(most, 1)
    if axis.names:
        stride = -(-len(axis.names) // most)
        at = positions(axis, np.arange(len(axis.names), dtype=np.float64))
        named = zip(at.tolist(), axis.names, strict=True)
        return [(place, name) for place, name in list(named)[::stride] if 0 <= place <= 1]
    if not axis.low < axis.high:
        return []
    numbers = _decades(axis, most) if axis.log else _linear(axis, most)
    at = positions(axis, np.array([float(number) for number in numbers], np.float64))
    size = max((number.adjusted() for number in numbers if number), default=0)
    step = _least_power(numbers)
    texts = [
        round_label(n, n.adjusted(), _least_power([n])) if axis.log else round_label(n, size, step)
        for n in numbers
    ]
    return [one for one in zip(at.tolist(), texts, strict=True) if -1e-9 <= one[0] <= 1 + 1e-9]


def rounded(axis: Axis) -> Axis:
    """Return an axis that ends at round numbers around this one's: it stands still while data move."""
    if axis.names or axis.log or not axis.low < axis.high:
        return axis
    digit, power = _step(axis, _FINE)
    first, last = (Decimal(k * digit).scaleb(power) for k in _ends(axis, digit, power))
    low, high = float(first), float(last)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return axis
    return structs.replace(axis, low=low, high=high)


def _step(axis: Axis, most: int) -> tuple[int, int]:
    """Return digit and power of ten of the step between numbers of a linear axis."""
    share = axis.high / max(most - 1, 1) - axis.low / max(most - 1, 1)
    return round_up(max(share, 5e-324))


def _ends(axis: Axis, digit: int, power: int) -> tuple[int, int]:
    """Return which multiples of a step lie around an axis."""
    step = Decimal(digit).scaleb(power)
    low, high = Decimal(axis.low) / step, Decimal(axis.high) / step
    slack = Decimal("1e-6")
    return math.floor(low + slack), math.ceil(high - slack)


def _linear(axis: Axis, most: int) -> list[Decimal]:
    digit, power = _step(axis, most)
    first, last = _ends(axis, digit, power)
    inside = [Decimal(k * digit).scaleb(power) for k in range(first, min(last, first + 2 * most + 2) + 1)]
    low, high = Decimal(axis.low), Decimal(axis.high)
    slack = (high - low) * Decimal("1e-6")
    return [number for number in inside if low - slack <= number <= high + slack]


def _decades(axis: Axis, most: int) -> list[Decimal]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    powers = range(math.floor(low) - 1, math.ceil(high) + 2)
    digits = (1, 2, 5) if high - low <= _MOST_DECADES else (1,)
    numbers = [Decimal(digit).scaleb(power) for power in powers for digit in digits]
    inside = [number for number in numbers if axis.low <= float(number) <= axis.high]
    if len(inside) > most:
        decades = [number for number in inside if number.as_tuple().digits == (1,)]
        if len(decades) > most:
            digit, power = round_up(len(decades) / most)
            stride = max(1, digit * 10**power)
            decades = [number for number in decades if number.adjusted() % stride == 0]
        inside = decades or inside[:: max(1, -(-len(inside) // most))]
    return inside


def _least_power(numbers: list[Decimal]) -> int:
    """Return the power of ten of the last digit that any of the numbers needs."""
    powers = [exponent for n in numbers if isinstance(exponent := n.normalize().as_tuple().exponent, int)]
    return min(powers, default=0)
