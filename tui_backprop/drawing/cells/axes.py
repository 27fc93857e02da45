"""Where numbers stand on an axis of cells, which are written beside it, and axes that stand still."""

from __future__ import annotations

import math

import numpy as np
from msgspec import structs

from tui_backprop.drawing.ticks import ticks
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis

_FINE = 15
"""Steps of an axis that ends at round numbers: about a tenth of it at most is added at an end."""
_SHORTEST, _FARTHEST = 1e-300, 1.7e308


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
        placed: Array = np.where(np.isfinite(at), np.clip(found, -1e6, 1e6), np.nan)
    return placed


def marks(axis: Axis, most: int) -> list[tuple[float, str]]:
    """Return positions and labels of round numbers on an axis, or of its categories."""
    if not axis.names and not axis.log and not axis.high - axis.low > _SHORTEST:
        return []
    found = ticks(axis, most)
    at = positions(axis, np.array([tick.at for tick in found], np.float64))
    return [
        (place, tick.label)
        for place, tick in zip(at.tolist(), found, strict=True)
        if -1e-6 < place < 1 + 1e-6
    ]


def sound(axis: Axis) -> Axis:
    """Return an axis that can be drawn on, whatever its ends are."""
    low, high = axis.low, axis.high
    if -_FARTHEST < low < high < _FARTHEST and (low > 0 or not axis.log):
        return axis
    return structs.replace(axis, low=1.0 if axis.log else 0.0, high=10.0 if axis.log else 1.0)


def rounded(axis: Axis) -> Axis:
    """Return an axis that ends at round numbers around this one's: it stands still while data move."""
    share = axis.high / _FINE - axis.low / _FINE
    if axis.names or axis.log or not _SHORTEST < share < _FARTHEST / 100:
        return axis
    power = 10.0 ** math.floor(math.log10(share))
    step = next((digit * power for digit in (1, 2, 5) if digit * power >= share * (1 - 1e-9)), 10 * power)
    first, last = axis.low / step, axis.high / step
    if not max(abs(first), abs(last)) < 1e9:
        return axis
    low, high = math.floor(first + 1e-6) * step, math.ceil(last - 1e-6) * step
    return structs.replace(axis, low=low, high=high) if low < high else axis
