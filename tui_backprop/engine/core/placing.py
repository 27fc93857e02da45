"""Elements taken out of arrays and put back, by NumPy's indices; stepping and compiled code share these.

An index is what stands between the brackets: whole numbers, slices, None, and arrays of whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np


def placed(
    function: Callable[..., Any], arrays: Sequence[Any], fixed: tuple[Any, ...], index: tuple[Any, ...]
) -> Any:
    """Call one of the functions below, or have it written down where an array keeps a record."""
    recorder = next((a for a in (*arrays, *index) if hasattr(a, "placed")), None)
    if recorder is not None:
        return recorder.placed(function, arrays, fixed, index)
    return function(*arrays, *fixed, index)


def taken(x: Any, index: Any) -> Any:
    """Return the elements at an index."""
    return np.array(x[index], order="C")


def pasted(a: Any, shape: Any, index: Any) -> Any:
    """Return zeros of a shape, with an array's elements at an index that has each place once."""
    whole = np.zeros(shape, np.asarray(a).dtype)
    whole[index] = a
    return whole


def scattered(a: Any, shape: Any, index: Any) -> Any:
    """Return zeros of a shape, an array's elements added at an index in which a place may occur often."""
    size = int(np.prod(shape))
    places = np.arange(size).reshape(shape)[index]
    sums = np.bincount(places.ravel(), np.broadcast_to(a, places.shape).ravel(), size)
    return sums.reshape(shape).astype(np.asarray(a).dtype)


def stored(x: Any, a: Any, index: Any) -> Any:
    """Return a copy with an array's elements at an index."""
    whole = np.array(x, order="C")
    whole[index] = a
    return whole


def unstored(a: Any, index: Any) -> Any:
    """Return a copy with zeros at an index."""
    whole = np.array(a, order="C")
    whole[index] = 0.0
    return whole


def visible(a: Any, index: Any) -> Any:
    """Return an array's elements at an index, zero where a later one took the same place."""
    size = a.size
    places = np.arange(size).reshape(a.shape)[index]
    last = np.zeros(size, dtype=np.intp)
    last[places.ravel()] = np.arange(places.size)
    shown = last[places] == np.arange(places.size).reshape(places.shape)
    return np.array(a[index] * shown, order="C")


def whole(a: Any) -> Any:
    """Return an array as whole numbers, which an index needs."""
    return np.asarray(a).astype(np.intp)


PLACING: Final[dict[str, Callable[..., Any]]] = {
    f.__name__: f for f in (taken, pasted, scattered, stored, unstored, visible, whole)
}
"""The functions by name."""
