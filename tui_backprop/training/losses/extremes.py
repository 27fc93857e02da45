"""Extremes of stretches of losses, without those that are not finite."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Losses that are summed up first, and the least width of a bucket that older ones are thinned to."""

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Integers: TypeAlias = NDArray[np.int64]
Extremes: TypeAlias = tuple[Floats, Floats, Bools]
"""Least and greatest finite entry, and whether there are others. Without a finite entry: +inf and −inf, which
min and max pass over."""


def extremes(losses: Floats, bounds: Integers) -> Extremes:
    """Return the extremes of the parts of ``losses`` that begin at ``bounds`` (ascending, the first 0)."""
    if not len(losses):
        return np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_)
    low, high = np.minimum.reduceat(losses, bounds), np.maximum.reduceat(losses, bounds)
    if np.isfinite(low).all() and np.isfinite(high).all():  # a NaN would be in both
        return low, high, np.zeros(len(bounds), dtype=np.bool_)
    finite = np.isfinite(losses)
    return reduced((np.where(finite, losses, np.inf), np.where(finite, losses, -np.inf), ~finite), bounds)


def of_blocks(losses: Floats) -> Extremes:
    """Return the extremes of every :data:`BLOCK` losses, of which there must be whole blocks."""
    blocks = losses.reshape(-1, BLOCK)
    low, high = blocks.min(axis=1), blocks.max(axis=1)
    if np.isfinite(low).all() and np.isfinite(high).all():
        return low, high, np.zeros(len(low), dtype=np.bool_)
    return extremes(losses, np.arange(0, len(losses), BLOCK))


def reduced(level: Extremes, bounds: Integers) -> Extremes:
    """Return the extremes of the parts of ``level`` that begin at ``bounds`` (ascending, the first 0)."""
    low, high, nonfinite = level
    return (
        np.minimum.reduceat(low, bounds),
        np.maximum.reduceat(high, bounds),
        np.logical_or.reduceat(nonfinite, bounds),
    )


def joined(parts: list[Extremes]) -> Extremes:
    """Return extremes one behind another."""
    low, high, nonfinite = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return low, high, nonfinite
