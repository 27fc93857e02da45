"""NumPy's functions as a trace notes them, and views that are taken once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tui_backprop.engine.compile.form import is_contiguous, thawed_index
from tui_backprop.engine.compile.traced import Traced, shape_of


def _concatenate(trace: Any, arrays: Sequence[Any], axis: int = 0) -> Any:
    parts = [trace.whole(a) for a in arrays]
    return trace.apply("concatenate", parts, (axis,), lambda *a: np.concatenate(a, axis=axis))


def _ravel(trace: Any, a: Any) -> Any:
    """Note a vector of all elements: the same memory where they stand in C's order, a copy elsewhere."""
    if a.ndim == 1:
        return a
    return a.reshape(-1) if is_contiguous(a) else trace.apply("ravel", (trace.whole(a),), ())


def _stack(trace: Any, arrays: Sequence[Any]) -> Any:
    return trace.apply("stack", [trace.whole(a) for a in arrays], (), lambda *a: np.stack(a))


def _where(trace: Any, condition: Any, a: Any, b: Any) -> Any:
    if not isinstance(condition, Traced) and np.ndim(condition) == 0:
        chosen = a if condition else b
        if shape_of(chosen) == np.broadcast_shapes(shape_of(a), shape_of(b)):
            return chosen
    return trace.elementwise("where", condition, a, b)


def _expand_dims(trace: Any, a: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, tuple) else (axis,)
    return trace.view("expand_dims", a, axes, np.expand_dims(a.value, axes)) if axes else a


def _swapaxes(trace: Any, a: Any, one: int, other: int) -> Any:
    return trace.view("swapaxes", a, (one, other), np.swapaxes(a.value, one, other))


def _einsum(trace: Any, subscripts: str, *operands: Any) -> Any:
    return trace.apply(
        "einsum", [trace.whole(o) for o in operands], (subscripts,), lambda *o: np.einsum(subscripts, *o)
    )


VIEW_AGAIN: Final[Mapping[str, Callable[[Any, Any, Any], Any]]] = {
    "T": lambda _, a, __: a.T,
    "reshape": lambda _, a, shape: a.reshape(shape),
    "index": lambda _, a, options: a[thawed_index(options[0])],
    "broadcast_to": lambda trace, a, shape: trace.broadcast(a, shape),
    "expand_dims": lambda trace, a, axes: _expand_dims(trace, a, axes),
    "swapaxes": lambda trace, a, axes: _swapaxes(trace, a, *axes),
}
"""How each view is taken once more, of another value."""
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "concatenate": _concatenate,
    "stack": _stack,
    "copy": lambda trace, a, order: trace.copy(a, order),
    "where": _where,
    "expand_dims": _expand_dims,
    "swapaxes": _swapaxes,
    "einsum": _einsum,
    "broadcast_to": lambda trace, a, shape: trace.broadcast(a, shape),
    "dot": lambda trace, a, b: trace.dot(a, b),
    "may_share_memory": lambda trace, a, b: trace.share_memory(a, b),
    "ravel": lambda trace, a: _ravel(trace, a),
    "size": lambda trace, a: a.size,
    "shape": lambda trace, a: a.shape,
    "ndim": lambda trace, a: a.ndim,
    "reshape": lambda trace, a, shape: a.reshape(shape),
}
"""What is noted for each of NumPy's functions; it is given the trace, and what NumPy's is given."""
