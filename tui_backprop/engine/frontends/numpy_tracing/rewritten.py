"""NumPy's functions that the language has no name for, as what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import operands
from tui_backprop.engine.frontends.numpy_tracing.places import refuse
from tui_backprop.text.sentences import tr


def add_at(array: Any, index: Any, values: Any) -> None:
    """Add to the places of an array one after the other, so that a place may occur twice."""
    if not operands.is_traced(array):
        raise refuse(tr("np.add.at adds to an array of NumPy's own; make it with np.zeros in this function"))
    index = np.asarray(operands.numbers_of(index)) if not isinstance(index, tuple) else None
    if index is None or index.dtype.kind not in "iuf":
        raise refuse(
            tr("np.add.at(…) is traced for one array of whole numbers; write a loop over the places")
        )
    for place in np.ndindex(index.shape):
        array[int(index[place])] += values[place] if np.ndim(operands.numbers_of(values)) else values


def _flip(x: Any, axis: Any = None) -> Any:
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    return x[tuple(slice(None, None, -1 if axis in axes else None) for axis in range(x.ndim))]


def _broadcast(x: Any, shape: Any) -> Any:
    return x + np.zeros(shape)


def _average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return np.mean(x, axis=axis)
    total = np.sum(weights)
    if np.ndim(operands.numbers_of(weights)) == 1 and x.ndim > 1 and isinstance(axis, int):
        weights = np.reshape(weights, [-1 if place == axis % x.ndim else 1 for place in range(x.ndim)])
        return np.sum(x * weights, axis=axis) / total
    return np.sum(x * weights, axis=axis) / (total if axis is None else np.sum(weights, axis=axis))


REWRITTEN: Final[Mapping[str, Callable[..., Any]]] = {
    "reciprocal": lambda x: 1 / x,
    "exp2": lambda x: 2**x,
    "hypot": lambda a, b: np.sqrt(a**2 + b**2),
    "logaddexp": lambda a, b: np.maximum(a, b) + np.log1p(np.exp(-abs(a - b))),
    "vdot": lambda a, b: np.dot(np.ravel(a), np.ravel(b)),
    "average": _average,
    "flip": _flip,
    "flipud": lambda x: x[::-1],
    "fliplr": lambda x: x[:, ::-1],
    "broadcast_to": _broadcast,
    "trace": lambda x: np.sum(x * np.eye(*x.shape)),
    "ptp": lambda x, axis=None: np.max(x, axis=axis) - np.min(x, axis=axis),
}
"""What is done instead, by name; each takes the function's usual arguments."""
