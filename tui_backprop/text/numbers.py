"""Numbers and arrays as people read them: six digits, a true minus sign, small arrays in full."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tui_backprop.text.sentences import tr
from tui_backprop.text.width import cells

Array: TypeAlias = npt.NDArray[np.float64]
DIGITS = 6
FULL_AXIS = 6
"""Matrices are shown in full up to this many rows and columns."""
FULL_VECTOR = 12
FEW_DIGITS = 4
"""Significant digits of a matrix that would otherwise not fit."""
ELLIPSIS = "…"


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape as the screen does: ``scalar``, ``(3)``, ``(2×3)``."""
    return f"({'×'.join(map(str, shape))})" if shape else tr("scalar")


def axes_text(axes: tuple[int, ...]) -> str:
    """Name some axes: ``axis 0``, ``axes 0 and 2``."""
    if len(axes) == 1:
        return tr("axis {axis}", axis=axes[0])
    return tr("axes {axes} and {last}", axes=", ".join(map(str, axes[:-1])), last=axes[-1])


def number(value: float, digits: int = DIGITS) -> str:
    """Write a number with that many significant digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "−Infinity"
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text.replace("-", "−")


def exact(value: Any) -> str:
    """Write a number so that it reads back to the same float, also to one of single precision."""
    if isinstance(value, np.float32):
        value = of_single(value)
    return repr(float(value)).replace("-", "−") if math.isfinite(value) else number(value)


def of_single(value: Any) -> float:
    """Return a number of single precision as the one of fewest digits that is read back as it: 0.1."""
    return float(str(np.float32(value)))


def readable(value: Array) -> Array:
    """Return an array with numbers of single precision, if it has such, as :func:`of_single` does."""
    array = np.asarray(value)
    return array.astype("U32").astype(np.float64) if array.dtype == np.float32 else array


def is_shown_in_full(value: Array) -> bool:
    """Tell whether an array is small enough to be written out."""
    shape = np.shape(value)
    if len(shape) == 1:
        return bool(shape[0] <= FULL_VECTOR)
    if len(shape) > 3 and math.prod(shape[:-2]) > FULL_AXIS:
        return False
    return all(length <= FULL_AXIS for length in shape)


def inline(value: Array, digits: int = DIGITS) -> str:
    """Write an array on one line: in full where it is small, otherwise its corners, range and shape."""
    array = np.asarray(value)
    if is_shown_in_full(array):
        return _nested(array, digits)
    return f"{_corners(array)} {shape_text(array.shape)}, {span(array)}"


def span(value: Array) -> str:
    """Write the range of an array's finite elements and count the others."""
    array = np.asarray(value)
    if array.size and math.isfinite(low := array.min()) and math.isfinite(high := array.max()):
        return tr("from {low} to {high}", low=number(low), high=number(high))
    finite = array[np.isfinite(array)]
    odd = array.size - finite.size
    if not finite.size:
        return tr("no finite number, {odd} not finite", odd=odd) if odd else tr("no finite number")
    ends = number(finite.min()), number(finite.max())
    return tr("from {low} to {high}, {odd} not finite", low=ends[0], high=ends[1], odd=odd)


def _nested(array: Array, digits: int) -> str:
    if array.ndim == 0:
        return number(float(array), digits)
    return f"[{', '.join(_nested(row, digits) for row in array)}]"


def _corners(array: Array) -> str:
    """Write the first two and the last element along every long axis."""
    if array.ndim == 0:
        return number(float(array))
    limit = FULL_VECTOR if array.ndim == 1 else FULL_AXIS
    if len(array) <= min(limit, 3):
        return f"[{', '.join(_corners(row) for row in array)}]"
    first, second, last = (_corners(array[i]) for i in (0, 1, -1))
    return f"[{first}, {second}, {ELLIPSIS}, {last}]"


def block(value: Array, width: int = 10**6) -> list[str]:
    """Write an array as aligned lines, one row of a matrix a line; large ones as :func:`inline` does.

    Of more than two axes, its matrices stand one below the other, each under its index if there are several.

    A matrix wider than ``width`` has numbers of fewer digits; where that is not enough, it comes in groups of
    columns, one below the other.
    """
    array = np.asarray(value)
    if array.ndim < 2 or not is_shown_in_full(array):
        return [inline(array)]
    if array.ndim > 2:
        matrices = [(index, array[index]) for index in np.ndindex(array.shape[:-2])]
        lines: list[str] = []
        for index, matrix in matrices:
            place = "".join(f"{at}, " for at in index)
            lines += [f"[{place}:, :]"] * (len(matrices) > 1) + block(matrix, width)
        return lines
    room = width - len("[  ]")
    cells, widths, groups = _columns(array, DIGITS, room)
    if len(groups) > 1 and len((fewer := _columns(array, FEW_DIGITS, room))[2]) == 1:
        cells, widths, groups = fewer
    lines = []
    for start, stop in groups:
        whole = (start, stop) == (0, len(widths))
        if not whole:
            several = stop - start > 1
            lines.append(
                tr("columns {first} to {last}", first=start, last=stop - 1)
                if several
                else tr("column {column}", column=start)
            )
        for row in cells:
            text = "  ".join(row[j].rjust(widths[j]) for j in range(start, stop))
            lines.append(f"[ {text} ]")
    return lines


def fits_a_line(value: Array) -> bool:
    """Tell whether :func:`block` writes an array on one line, however wide; its numbers are not looked at."""
    shape = np.shape(value)
    return len(shape) < 2 or not is_shown_in_full(value) or math.prod(shape[:-1]) == 1


def _columns(
    array: Array, digits: int, room: int
) -> tuple[list[list[str]], list[int], list[tuple[int, int]]]:
    """Write a matrix's numbers; return them, the columns' widths, and the groups of columns that fit."""
    cells = [[number(float(x), digits) for x in row] for row in array]
    widths = [max(len(row[j]) for row in cells) for j in range(array.shape[1])]
    return cells, widths, _groups(widths, room)


def _groups(widths: list[int], room: int) -> list[tuple[int, int]]:
    """Split columns into groups that fit, each of at least one."""
    groups, start, used = [], 0, 0
    for place, width in enumerate(widths):
        needed = width + (2 if used else 0)
        if used and used + needed > room:
            groups.append((start, place))
            start, used, needed = place, 0, width
        used += needed
    return [*groups, (start, len(widths))]


def brief(value: Array) -> str:
    """Write a value in a few characters: the number, or the shape."""
    array = np.asarray(value)
    return number(float(array)) if array.ndim == 0 else shape_text(array.shape)


def fitted(value: Array, width: int) -> str:
    """Write a value in at most ``width`` characters: a number, a small array in full, otherwise its shape.

    A number that is too long loses digits, never its end; what does not fit at all is an ellipsis.
    """
    array = np.asarray(value)
    if array.ndim == 0:
        texts = [number(float(array), digits) for digits in range(DIGITS, 0, -1)]
    else:
        texts = [inline(array), brief(array)] if is_shown_in_full(array) else [brief(array)]
    return next((text for text in texts if cells(text) <= width), ELLIPSIS)
