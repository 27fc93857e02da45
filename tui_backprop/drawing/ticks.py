"""Round numbers along an axis, and how they are written."""

from __future__ import annotations

import math

from msgspec import Struct

from tui_backprop.pictures.figure import Axis

_LEAST = 1e-9
"""An axis that is shorter beside its numbers has none: they could not be told apart."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Tick(Struct, frozen=True):
    """A place on an axis with a label.

    Attributes:
        at: the number.
        label: how it is written.
    """

    at: float
    label: str


def ticks(axis: Axis, most: int) -> tuple[Tick, ...]:
    """Return round numbers on an axis, ascending.

    Args:
        axis: the axis; one of categories has its names.
        most: how many there is room for, at least 2.
    """
    most = max(most, 2)
    if axis.names:
        stride = -(-len(axis.names) // most)
        return tuple(Tick(float(k), name) for k, name in enumerate(axis.names) if k % stride == 0)
    if axis.log:
        return _powers(axis, most)
    span = axis.high - axis.low
    if not math.isfinite(span) or span <= _LEAST * max(abs(axis.low), abs(axis.high)):
        return ()
    step = _round_step(span / most)
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + (0 if _is_single(step) else 1))
    numbers = [min(max(k * step, axis.low), axis.high) for k in range(first, last + 1)]
    return tuple(Tick(number, _written(number, step, digits)) for number in numbers)


def _round_step(least: float) -> float:
    """Return the smallest round number that is no smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((s * power for s in _STEPS if s * power >= least * (1 - 1e-9)), 10 * power)


def _is_single(step: float) -> bool:
    mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    return abs(mantissa - round(mantissa)) < 1e-6


def _written(number: float, step: float, digits: int) -> str:
    largest = max(abs(number), step)
    text = f"{number:.3g}" if largest >= 1e5 or step < 1e-4 else f"{number:.{digits}f}"
    zero = float(text) == 0
    return ("0" if zero else text).replace("-", "−") if "e" not in text else text


def _powers(axis: Axis, most: int) -> tuple[Tick, ...]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    stride = max(1, -(-(last - first + 1) // most))
    powers = range(first, last + 1, stride)
    if len(powers) < 2:  # within one decade: its ends
        return Tick(axis.low, f"{axis.low:.2g}"), Tick(axis.high, f"{axis.high:.2g}")
    return tuple(Tick(10.0**power, f"1e{power}" if power else "1") for power in powers)
