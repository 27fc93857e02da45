"""Round numbers for axes: 1, 2 or 5 times a power of ten, and how they are written beside each other."""

from __future__ import annotations

import math
from decimal import Decimal


def round_up(value: float) -> tuple[int, int]:
    """Return the digit (1, 2 or 5) and the power of ten of the next round number."""
    power = math.floor(math.log10(value))
    for digit in (1, 2, 5):
        if Decimal(digit).scaleb(power) >= Decimal(value) * Decimal("0.999999"):
            return digit, power
    return 1, power + 1


def round_label(number: Decimal, size: int, least: int | None = None) -> str:
    """Write a round number as is right for its axis.

    Args:
        number: the number.
        size: the power of ten of the axis' largest number.
        least: that of the last digit which any of its numbers needs; by default this one's own.
    """
    if -4 <= size < 6 and (least is None or least >= -8):
        text = f"{number:f}" if least is None else f"{number:.{max(0, -least)}f}" if number else "0"
    elif number:
        power = number.adjusted()
        text = f"{number.scaleb(-power).normalize():f}e{power:+03d}"
    else:
        text = "0"
    return text.replace("-", "−", 1) if number < 0 else text
