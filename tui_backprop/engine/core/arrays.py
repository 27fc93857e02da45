"""What an array is here: of doubles, or of single-precision floats; read-only once recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
"""An array of one of :data:`DTYPES`; operations follow their operands, and type checkers hear of doubles."""
DOUBLE: Final = np.dtype(np.float64)
SINGLE: Final = np.dtype(np.float32)
DTYPES: Final[Mapping[str, np.dtype[Any]]] = {"float64": DOUBLE, "float32": SINGLE}
Shape: TypeAlias = tuple[int, ...]

MAX_DIMENSIONS = 6
MAX_BYTES = 1 << 30


def frozen(value: Any) -> Array:
    """Return ``value`` as a read-only array; shares memory, which the engine never writes again.

    Single precision stays, everything else becomes doubles.
    """
    single = getattr(value, "dtype", None) == SINGLE
    array: Any = np.asarray(value, dtype=SINGLE if single else DOUBLE).view()
    array.flags.writeable = False
    return array  # type: ignore[no-any-return]


def in_type(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a number or an array in a type, where it has another one."""
    if isinstance(value, float) and not isinstance(value, np.floating):
        return dtype.type(value)
    return value if value.dtype == dtype else value.astype(dtype)


def broadcast(value: Any, shape: Shape) -> Array:
    """Return ``value`` in a shape that it broadcasts to: as it is where it has that, which is faster."""
    array: Array = np.asarray(value)
    return array if array.shape == shape else np.broadcast_to(array, shape)


def size_of(shape: Shape) -> int:
    """Return the number of elements of a shape, exactly (Python integers do not overflow)."""
    size = 1
    for length in shape:
        size *= length
    return size
