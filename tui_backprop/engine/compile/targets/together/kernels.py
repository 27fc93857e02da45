"""What programs of many runs call besides NumPy; the runs are the first axis of every array here."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.elementary import erf_array
from tui_backprop.engine.core.windows import patches, unpatched


def each(of_number: Callable[..., float], of_array: Callable[..., Any], *args: Any) -> Any:
    """Return a function of a number of every run, by C's function, which a run by itself uses as well."""
    columns = [a.tolist() for a in np.broadcast_arrays(*args)]
    try:
        return np.array([*map(of_number, *columns)])
    except (ValueError, OverflowError):  # C reports an error where NumPy has NaN or Infinity
        return np.array([_of_one(of_number, of_array, row) for row in zip(*columns, strict=True)])


def _of_one(of_number: Callable[..., float], of_array: Callable[..., Any], numbers: Any) -> float:
    try:
        return of_number(*numbers)
    except (ValueError, OverflowError):
        return float(of_array(*numbers))


def spread(a: Any, runs: int, shape: Any) -> Any:
    """Return what is the same in all runs, for each of them."""
    return np.broadcast_to(a, (runs, *shape))


def taken_together(x: Any, index: Any) -> Any:
    """Return the elements at an index, whose first part chooses runs."""
    return np.array(x[index], order="C")


def pasted_together(a: Any, shape: Any, index: Any) -> Any:
    """Return zeros of a shape for each run, with elements at an index that has each place once."""
    return stored_together(np.zeros((len(a), *shape), a.dtype), a, index)


def scattered_together(a: Any, shape: Any, index: Any) -> Any:
    """Return zeros of a shape for each run, elements added at an index in which a place may occur often."""
    runs, size = len(a), math.prod(shape)
    places = np.arange(runs * size).reshape(runs, *shape)[index]
    sums = np.bincount(places.ravel(), np.broadcast_to(a, places.shape).ravel(), runs * size)
    return sums.reshape(runs, *shape).astype(a.dtype)


def stored_together(x: Any, a: Any, index: Any) -> Any:
    """Return a copy with elements at an index."""
    whole = np.array(x, order="C")
    whole[index] = a
    return whole


def unstored_together(a: Any, index: Any) -> Any:
    """Return a copy with zeros at an index."""
    return stored_together(a, 0.0, index)


def patches_together(x: Any, *fixed: Any) -> Any:
    """Return windows as columns, of each run."""
    columns = patches(x.reshape(-1, *x.shape[2:]), *fixed)
    return columns.reshape(*x.shape[:2], *columns.shape[1:])


def unpatched_together(columns: Any, shape: Any, *fixed: Any) -> Any:
    """Return columns added up where their windows lie, of each run."""
    runs = len(columns)
    whole = unpatched(columns.reshape(-1, *columns.shape[2:]), (runs * shape[0], *shape[1:]), *fixed)
    return whole.reshape(runs, *shape)


TOGETHER: Final[dict[str, Callable[..., Any]]] = {
    f.__name__: f
    for f in (
        each, spread, taken_together, pasted_together, scattered_together, stored_together,
        unstored_together, patches_together, unpatched_together, erf_array,
    )
}  # fmt: skip
"""The functions by name."""
