"""Straight lines cut at the edges of a rectangle (Liang and Barsky 1984)."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.core.arrays import Array


def clip(starts: Array, ends: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the parts of lines that lie in a rectangle; those outside, and those of no finite place, go.

    Args:
        starts: one end of each, x and y, of shape (2, n).
        ends: the other, of that shape.
        low: the rectangle's lower corner, of shape (2,).
        high: its upper one, of that shape.

    Returns:
        Both ends of those that are left, each of shape (2, m), in order.
    """
    finite = np.isfinite(starts).all(axis=0) & np.isfinite(ends).all(axis=0)
    starts, ends = starts[:, finite], ends[:, finite]
    run = ends - starts
    enter, leave = np.zeros(starts.shape[1]), np.ones(starts.shape[1])
    out = np.zeros(starts.shape[1], np.bool_)
    with np.errstate(all="ignore"):
        for begin, step, near, far in zip(starts, run, low, high, strict=True):
            first, last = (near - begin) / step, (far - begin) / step
            moving = step != 0
            enter = np.where(moving, np.maximum(enter, np.minimum(first, last)), enter)
            leave = np.where(moving, np.minimum(leave, np.maximum(first, last)), leave)
            out |= ~moving & ((begin < near) | (begin > far))
    left = ~out & (enter <= leave)
    return (starts + enter * run)[:, left], (starts + leave * run)[:, left]
