"""Old losses, thinned out: of each bucket the least, the greatest and the last, and their sum.

A bucket's width is a power of two and doubles as there become many, so that they take the same room however
long a run is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from msgspec import Struct

from tui_backprop.training.losses.extremes import BLOCK, Extremes, Floats, Integers, reduced


class Thinned(Struct, frozen=True, eq=False):
    """The losses before an iteration, in buckets; nothing in it changes any more.

    Bucket k has the losses of iterations from k · width on; the last one may have fewer. All arrays have one
    entry a bucket.

    Attributes:
        width: of a bucket, a power of two, at least 64.
        base: the iteration behind the last loss.
        head: the first losses of all, as they are; at most 64.
        low, high: the least and the greatest finite loss; +inf and −inf where there is none.
        at: the iteration of the least, the first of several; −1 where there is none.
        last: the last loss, finite or not.
        bad: the iteration of the first loss that is not finite; −1 where there is none.
        total: the sum of the losses.
    """

    MOST: ClassVar[int] = 1 << 16
    """Buckets, at most: 3 MiB of them."""

    width: int
    base: int
    head: Floats
    low: Floats
    high: Floats
    at: Integers
    last: Floats
    bad: Integers
    total: Floats

    @property
    def means(self) -> Floats:
        """The mean loss of each bucket."""
        counts = np.full(len(self.total), float(self.width))
        if self.base % self.width:
            counts[-1] = self.base % self.width
        means: Floats = self.total / counts
        return means

    def buckets(self, start: int, stop: int, size: int) -> tuple[Integers, Extremes]:
        """Return the first iterations and the extremes of buckets of a size, a power of two.

        Args:
            start: where to begin: at the beginning of a bucket of this.
            stop: where to end: there as well, or at the end of all.
            size: at least the width.
        """
        iterations = np.arange(start - start % size, stop, size, dtype=np.int64)
        iterations[:1] = start
        first, last = start // self.width, -(-stop // self.width)
        if first >= last:
            return iterations, (np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_))
        level = self.low[first:last], self.high[first:last], self.bad[first:last] >= 0
        return iterations, reduced(level, iterations // self.width - first)

    def first_nonfinite(self, start: int, stop: int) -> int | None:
        """Return the first iteration whose loss is not finite, in a stretch as of :meth:`buckets`."""
        bad = self.bad[start // self.width : -(-stop // self.width)]
        found = bad[bad >= 0]
        return int(found[0]) if len(found) else None

    def cut(self, start: int) -> Thinned:
        """Return what is before the beginning of a bucket."""
        count = start // self.width
        return Thinned(width=self.width, base=start, head=self.head[:start], **self._rows(0, count))

    def followed_by(self, parts: Sequence[Floats]) -> Thinned:
        """Return this with more losses behind, in parts whose lengths are multiples of 64."""
        if not parts:
            return self
        width, base = self.width, self.base
        whole = base // width  # the last bucket may be gone on with
        parts_of = [self._rows(whole, None)]
        numbers = [np.arange(whole, len(self.low))]
        for losses in parts:
            size = math.gcd(base, len(losses), width)
            parts_of.append(_summed_up(losses, base, size))
            numbers.append(np.arange(base, base + len(losses), size) // width)
            base += len(losses)
        fresh = {name: np.concatenate([part[name] for part in parts_of]) for name in ROWS}
        bounds = np.flatnonzero(np.diff(np.concatenate(numbers), prepend=-1))
        if len(bounds) < len(fresh["low"]):
            fresh = _merged(fresh, bounds)
        rows = {name: np.concatenate((old, fresh[name])) for name, old in self._rows(0, whole).items()}
        while len(rows["low"]) > self.MOST:
            width *= 2
            rows = _merged(rows, np.arange(0, len(rows["low"]), 2))
        head = np.concatenate((self.head, parts[0][: BLOCK - len(self.head)]))
        return Thinned(width=width, base=base, head=head, **rows)

    def _rows(self, start: int, stop: int | None) -> dict[str, Any]:
        return {name: getattr(self, name)[start:stop] for name in ROWS}


ROWS = ("low", "high", "at", "last", "bad", "total")
"""What there is of each bucket."""
NOTHING_THINNED = Thinned(
    BLOCK, 0, np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0),
    np.empty(0, np.int64), np.empty(0),
)  # fmt: skip


def _summed_up(losses: Floats, start: int, size: int) -> dict[str, Any]:
    """Return what is kept of the losses from an iteration on, in buckets of a size."""
    blocks = losses.reshape(-1, size)
    starts = np.arange(start, start + len(losses), size, dtype=np.int64)
    bad = np.full(len(blocks), -1, dtype=np.int64)
    places = blocks.argmin(axis=1)  # a NaN's, where there is one
    low, high = blocks[np.arange(len(blocks)), places], blocks.max(axis=1)
    with np.errstate(all="ignore"):
        total = blocks.sum(axis=1)
    odd = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if len(odd):
        some = blocks[odd]
        finite = np.isfinite(some)
        bad[odd] = starts[odd] + finite.argmin(axis=1)
        known = np.where(finite, some, np.inf)
        places[odd], low[odd] = known.argmin(axis=1), known.min(axis=1)
        high[odd] = np.where(finite, some, -np.inf).max(axis=1)
    at = np.where(np.isfinite(low), starts + places, -1)
    return {"low": low, "high": high, "at": at, "last": blocks[:, -1], "bad": bad, "total": total}


def _merged(rows: dict[str, Any], bounds: Integers) -> dict[str, Any]:
    """Return what is kept of buckets that are made of several, which begin at these places."""
    count = len(rows["low"])
    low = np.minimum.reduceat(rows["low"], bounds)
    lengths = np.diff(bounds, append=count)
    least = np.flatnonzero(rows["low"] == np.repeat(low, lengths))
    bad = np.where(rows["bad"] < 0, np.iinfo(np.int64).max, rows["bad"])
    first_bad = np.minimum.reduceat(bad, bounds)
    with np.errstate(all="ignore"):
        total = np.add.reduceat(rows["total"], bounds)
    return {
        "low": low,
        "high": np.maximum.reduceat(rows["high"], bounds),
        "at": rows["at"][least[np.searchsorted(least, bounds)]],
        "last": rows["last"][np.append(bounds[1:], count) - 1],
        "bad": np.where(first_bad == np.iinfo(np.int64).max, -1, first_bad),
        "total": total,
    }
