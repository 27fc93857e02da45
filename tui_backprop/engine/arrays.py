"""What an array is here (float64, read-only once recorded), and how its shape and a number are written."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Shape: TypeAlias = tuple[int, ...]

MAX_DIMENSIONS = 3
MAX_BYTES = 1 << 30
DIGITS = 6


def frozen(value: Any) -> Array:
    """Return ``value`` as a read-only float64 array; shares memory, which the engine never writes again."""
    array: Array = np.asarray(value, dtype=np.float64).view()
    array.flags.writeable = False
    return array


def shape_text(shape: Shape) -> str:
    """Write a shape as the screen does: ``scalar``, ``(3)``, ``(2×3)``."""
    return f"({'×'.join(map(str, shape))})" if shape else "scalar"


def number(value: float, digits: int = DIGITS) -> str:
    """Write a number with that many significant digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "−Infinity"
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text.replace("-", "−")


def size_of(shape: Shape) -> int:
    """Return the number of elements of a shape, exactly (Python integers do not overflow)."""
    size = 1
    for length in shape:
        size *= length
    return size
