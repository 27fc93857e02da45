"""Axes of the loss chart: round numbers around the losses, standing still for most of a run.

An axis knows nothing of the screen but its number of cells; it places values between 0 and 1 and names some.
"""

import bisect
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tui_backprop.text.numbers import number
from tui_backprop.text.round_numbers import round_label, round_up
from tui_backprop.text.sentences import tr
from tui_backprop.training.history import Envelope

Scale = Literal["linear", "log"]
Floats = NDArray[np.float64]

_FLAT = 1e-6  # losses closer than this, relatively, are drawn as one level


class LossAxis(Struct, frozen=True):
    """Where values stand between the start (0) and the end (1) of an axis, and what is written beside it."""

    position: Callable[[Floats], Floats]
    ticks: list[tuple[float, str]]


def loss_axis(envelope: Envelope, scale: Scale, height: int) -> LossAxis:
    """Choose the y axis for `height` rows."""
    smallest, largest = envelope.smallest, envelope.largest
    if math.isnan(smallest):
        return LossAxis(lambda values: values, [])
    axis = (log_axis if scale == "log" else linear_axis)(smallest, largest, height)
    # Where each label cannot have a row of its own, the outer two say enough.
    return axis if len(axis.ticks) <= height else LossAxis(axis.position, [axis.ticks[0], axis.ticks[-1]])


def linear_axis(smallest: float, largest: float, height: int) -> LossAxis:
    """Put round numbers (1, 2 or 5 times a power of ten apart) below, between and above the losses.

    The axis reaches to 0 where that leaves half of it to the losses, as for most curves that fall; losses
    that are all the same stand between 0 and a round number.
    """
    magnitude = max(abs(smallest), abs(largest))
    exponent = max(-300, math.floor(math.log10(magnitude))) if magnitude else 0
    unit = 10.0**exponent  # without it, the span of ±1e308 would overflow
    low, high = smallest / unit, largest / unit
    if not magnitude:
        high = 1.0
    elif high - low <= _FLAT * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    elif low > 0:
        low = 0.0 if low < high / 2 else low
    elif high < 0:
        high = 0.0 if high > low / 2 else high

    digit, power = round_up((high - low) / min(6, max(1, height // 3)))
    step = digit * 10.0**power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    numbers = [Decimal(k * digit).scaleb(power + exponent) for k in range(first, last + 1)]
    size = max(abs(number) for number in numbers).adjusted()
    ticks = [(k / (last - first), round_label(number, size)) for k, number in enumerate(numbers)]
    return LossAxis(lambda values: (values / unit / step - first) / (last - first), ticks)


def log_axis(smallest: float, largest: float, height: int) -> LossAxis:
    """Put 1, 2 or 5 times powers of ten around the losses; where they span many decades, powers of ten."""
    low, high = math.log10(smallest), math.log10(largest)
    digits = (1, 2, 5) if high - low <= 3 else (1,)
    powers = range(math.floor(low) - 1, math.ceil(high) + 2)
    numbers = [Decimal(digit).scaleb(power) for power in powers for digit in digits]
    logarithms = [power + math.log10(digit) for power in powers for digit in digits]
    first = bisect.bisect_right(logarithms, low + 1e-9) - 1
    last = bisect.bisect_left(logarithms, high - 1e-9)
    if first >= last:
        first, last = first - 1, first + 1
    lower, span = logarithms[first], logarithms[last] - logarithms[first]
    shown = list(range(first, last + 1))
    if len(shown) > (most := max(2, height // 2)):
        digit, power = round_up(max(1, span / most))
        stride = digit * 10**power
        decades = [k for k in shown if numbers[k].as_tuple().digits == (1,)]
        shown = [k for k in decades if numbers[k].adjusted() % stride == 0]
        if len(shown) < 2:  # one number alone says nothing of the scale
            shown = [first, last]
    ticks = [((logarithms[k] - lower) / span, round_label(numbers[k], numbers[k].adjusted())) for k in shown]
    return LossAxis(lambda values: (np.log10(values) - lower) / span, ticks)


def log_refusal(envelope: Envelope) -> str | None:
    """Say why a log axis cannot show these losses."""
    if envelope.smallest <= 0:
        return tr("a log axis needs losses above 0; the smallest is {loss}", loss=number(envelope.smallest))
    return None


def iteration_axis(envelope: Envelope, target: int | None, cells: int) -> LossAxis:
    """Reach 10, 20, 50, 100, … iterations from the first, or to the target where that is nearer."""
    start, last = envelope.start, envelope.stop - 1
    digit, power = round_up(max(10, last - start))
    stop = start + digit * 10**power
    if target is not None and last <= target < stop:
        stop = max(target, start + 1)
    widest = len(round_label(Decimal(stop), len(str(stop)) - 1))
    digit, power = round_up(max(1, (stop - start) / min(10, max(1, cells // (widest + 6)))))
    step = digit * 10**power
    numbers = range(-(-start // step) * step, stop + 1, step)
    ticks = [((k - start) / (stop - start), round_label(Decimal(k), len(str(k)) - 1)) for k in numbers]
    return LossAxis(lambda values: (values - start) / (stop - start), ticks)
