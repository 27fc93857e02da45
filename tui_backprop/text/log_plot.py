"""Points on two logarithmic axes as lines of text: a line through them, decades beside and below."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tui_backprop.text.sentences import tr

LEFT = 8
"""Columns for the labels of the axis on the left, with the axis itself."""
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800
Points = Sequence[tuple[float, float]]


def log_plot(points: Points, width: int, height: int, ascii_only: bool) -> list[str]:
    """Draw points on logarithmic axes.

    Args:
        points: x and y in order; those that are not positive and finite are left out.
        width: columns that there are, labels included; at least 24 are taken.
        height: rows that there are, likewise at least 6.
        ascii_only: whether only ASCII is to be used.
    """
    width, height = max(width, 24), max(height, 6)
    logs = [(math.log10(x), math.log10(y)) for x, y in points if 0 < x < math.inf and 0 < y < math.inf]
    if not logs:
        return [tr("there is no point to draw")]
    columns, rows = width - LEFT, height - 2
    xs, ys = [x for x, _ in logs], [y for _, y in logs]
    left, right = math.floor(min(xs)), math.ceil(max(xs) - 1e-9)
    low, high = math.floor(min(ys)), math.ceil(max(ys) - 1e-9)
    right, high = max(right, left + 1), max(high, low + 1)
    across, down = (1, 1) if ascii_only else (2, 4)

    def place(x: float, y: float) -> tuple[int, int]:
        column = (x - left) / (right - left) * (columns * across - 1)
        row = (high - y) / (high - low) * (rows * down - 1)
        return round(column), round(row)

    dots: set[tuple[int, int]] = set()
    places = [place(x, y) for x, y in logs]
    for (x0, y0), (x1, y1) in zip(places, places[1:] or places, strict=False):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        dots |= {
            (round(x0 + (x1 - x0) * k / steps), round(y0 + (y1 - y0) * k / steps)) for k in range(steps + 1)
        }
    labels = _labels(low, high, rows, lambda power: place(left, power)[1] // down)
    wall = "|" if ascii_only else "│"
    lines = []
    for row in range(rows):
        label = _power(labels[row]) if row in labels else ""
        cells = (_cell(dots, column, row, ascii_only) for column in range(columns))
        lines.append(f"{label:>{LEFT - 2}} {wall}{''.join(cells)}".rstrip())
    floor = ("+" + "-" * columns) if ascii_only else ("└" + "─" * columns)
    lines.append(" " * (LEFT - 1) + floor)
    below = [" "] * (width + 8)
    taken = 0
    for power in range(left, right + 1):
        at = LEFT + place(power, high)[0] // across
        text = _power(power)
        start = min(max(at - len(text) // 2, 0), width - len(text))
        if start >= taken and (power - left) % max(1, -(-(right - left) * 8 // columns)) == 0:
            below[start : start + len(text)] = text
            taken = start + len(text) + 2
    return [*lines, "".join(below).rstrip()]


def _labels(low: int, high: int, rows: int, row_of: Callable[[int], int]) -> dict[int, int]:
    """Return the powers of ten to write beside which rows."""
    stride = max(1, -(-(high - low) * 2 // rows))
    return {row_of(power): power for power in range(low, high + 1) if (high - power) % stride == 0}


def _power(power: int) -> str:
    return f"1e{power}" if power else "1"


def _cell(dots: set[tuple[int, int]], column: int, row: int, ascii_only: bool) -> str:
    if ascii_only:
        return "*" if (column, row) in dots else " "
    bits = sum(_DOTS[dy][dx] for dy in range(4) for dx in range(2) if (2 * column + dx, 4 * row + dy) in dots)
    return chr(_BRAILLE | bits) if bits else " "
