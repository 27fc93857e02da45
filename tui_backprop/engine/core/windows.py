"""Windows that slide over signals or pictures, laid side by side and back; shared as placing is.

An array has an axis of samples, one of channels, and behind them those that windows slide along. ``size``,
``stride``, ``padding`` and ``dilation``, how far apart the places of a window are, have a number for each of
these; no dilation is 1 along all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np


def sliding(x: Any, size: Any, stride: Any, dilation: Any = None) -> Any:
    """Return all windows as a view, (samples, channels, places of a window …, windows …)."""
    reach, places = size, x.strides[2:]
    if dilation is not None:
        reach = [apart * (width - 1) + 1 for apart, width in zip(dilation, size, strict=True)]
        places = [apart * stride for apart, stride in zip(dilation, places, strict=True)]
    along = zip(x.shape[2:], reach, stride, strict=True)
    counts = [(length - width) // step + 1 for length, width, step in along]
    steps = [step * stride for step, stride in zip(stride, x.strides[2:], strict=True)]
    return np.lib.stride_tricks.as_strided(
        x, (*x.shape[:2], *size, *counts), (*x.strides[:2], *places, *steps)
    )


def inside(shape: Any, padding: Any) -> Any:
    """Return the index of an array of this shape in what is longer by a padding on all sides."""
    return (..., *(slice(at, at + length) for at, length in zip(padding, shape[2:], strict=True)))


def patches(x: Any, size: Any, stride: Any, padding: Any, dilation: Any = None, out: Any = None) -> Any:
    """Return windows as columns, (samples, channels, places of a window, windows); around x are zeros."""
    if any(padding):
        lengths = [length + 2 * zeros for length, zeros in zip(x.shape[2:], padding, strict=True)]
        whole = np.zeros((*x.shape[:2], *lengths), x.dtype)
        whole[inside(x.shape, padding)] = x
        x = whole
    windows = sliding(x, size, stride, dilation)
    columns = np.empty(windows.shape, x.dtype) if out is None else out.reshape(windows.shape)
    columns[...] = windows
    return columns.reshape(*x.shape[:2], math.prod(size), -1)


def unpatched(
    columns: Any, shape: Any, size: Any, stride: Any, padding: Any, dilation: Any = None, out: Any = None
) -> Any:
    """Return an array of a shape with columns added up where their windows lie, as patches has them."""
    out = np.empty(shape, columns.dtype) if out is None else out
    whole = out
    if any(padding):
        lengths = [length + 2 * zeros for length, zeros in zip(shape[2:], padding, strict=True)]
        whole = np.empty((*shape[:2], *lengths), columns.dtype)
    whole.fill(0.0)
    windows = sliding(whole, size, stride, dilation)
    columns = columns.reshape(windows.shape)
    if dilation is None and all(step >= width for step, width in zip(stride, size, strict=True)):
        # none overlaps another
        windows[...] = columns
    else:
        for place in np.ndindex(*size):
            at = (slice(None), slice(None), *place)
            windows[at] += columns[at]
    if any(padding):
        out[...] = whole[inside(shape, padding)]
    return out


def called(function: Callable[..., Any], array: Any, *fixed: Any) -> Any:
    """Call one of these functions, or have it written down where the array keeps a record."""
    return array.called(function, fixed) if hasattr(array, "called") else function(array, *fixed)


WINDOWS: Final[dict[str, Callable[..., Any]]] = {f.__name__: f for f in (sliding, inside, patches, unpatched)}
"""The functions by name."""
