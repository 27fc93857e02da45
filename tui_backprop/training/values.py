"""Values that somebody puts in for nodes: finite numbers, in a shape that can be repeated to the node's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array, Shape, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import found
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr


def fit(node: Node, value: Array, rows: int | None = None, whole: Shape | None = None) -> Array:
    """Return a value in a node's shape; refuse one that cannot be repeated to it.

    Args:
        node: the node.
        value: the value.
        rows: the batch's samples, where there are batches of several sizes.
        whole: the shape of all samples, where that will do as well.
    """
    try:
        return np.broadcast_to(value, node.shape)
    except ValueError:
        right = shape_text(node.shape)
        if rows is not None:
            right = tr("{shape} in a batch of {rows}", shape=right, rows=rows)
        if whole is not None:
            right = tr("{shape}, or {whole} for all samples", shape=right, whole=shape_text(whole))
        reason = tr(
            "{name}: found shape {shape}; it must be {right}",
            name=node.name,
            shape=shape_text(value.shape),
            right=right,
        )
        raise BackpropError(reason) from None


def as_value(node: Node, value: Any) -> Array:
    """Return what somebody put in for a node as a read-only array; refuse anything but finite numbers."""
    try:
        given = np.array(value)
    except (ValueError, OverflowError):  # ragged, or a whole number too large among others
        given = np.array(None)
    if given.dtype.kind not in "iuf" or _has_truth(value):
        what = str(value) if isinstance(value, bool) else found(value)
        raise BackpropError(
            tr("{name}: found {found}; it must be a number or a list of numbers", name=node.name, found=what)
        )
    array = given.astype(np.float64)
    if not np.all(np.isfinite(array)):
        raise BackpropError(tr("{name}: found a number that is not finite", name=node.name))
    return frozen(array)


def _has_truth(value: Any) -> bool:
    """Tell whether a nested list has a true or false, which NumPy would take for 1 or 0 beside numbers."""
    if isinstance(value, np.ndarray):
        return False
    return any(isinstance(part, bool | np.bool_) for part in np.array(value, dtype=object).flat)


def length(value: Array) -> float:
    """Return a number itself, and an array's √Σx²."""
    if value.ndim == 0:
        return float(value)
    flat = value.reshape(-1)
    return float(np.sqrt(flat @ flat))


def course(
    iterations: Iterable[tuple[int, Mapping[str, Array]]], name: str, element: tuple[int, ...] | None
) -> tuple[Array, Array]:
    """Return some iterations, and at each one an element of a parameter, or else its length; shapes (n,)."""
    with np.errstate(over="ignore"):
        found = [
            (float(number), length(there[name]) if element is None else float(there[name][element]))
            for number, there in iterations
        ]
    numbers, values = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return numbers.copy(), values.copy()
