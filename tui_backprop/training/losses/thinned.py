"""Old losses, thinned out: of each bucket the least, the greatest and the last, and their sum.

A bucket's width is a power of two and doubles as there become many, so that they take the same room however
long a run is.
"""

from __future__ import annotations

from typing import ClassVar

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
        rows = {name: getattr(self, name)[:count] for name in ROWS}
        return Thinned(width=self.width, base=start, head=self.head[:start], **rows)

    def followed_by(self, losses: Floats) -> Thinned:
        """Return this with more losses behind, shape (count,); the count must be a multiple of 64."""
        if not len(losses):
            return self
        fresh, (width, base) = (
            _summed_up(losses, self.base, self.width),
            (self.width, self.base + len(losses)),
        )
        rows = {name: np.concatenate((getattr(self, name), fresh[name])) for name in ROWS}
        if self.base % width:  # the last bucket is gone on with
            count = len(self.low)
            ends = _merged({name: rows[name][count - 1 : count + 1] for name in ROWS}, np.zeros(1, np.int64))
            rows = {
                name: np.concatenate((rows[name][: count - 1], ends[name], rows[name][count + 1 :]))
                for name in ROWS
            }
        while len(rows["low"]) > self.MOST:
            width *= 2
            rows = _merged(rows, np.arange(0, len(rows["low"]), 2))
        head = np.concatenate((self.head, losses[: BLOCK - len(self.head)]))
        return Thinned(width=width, base=base, head=head, **rows)


ROWS = ("low", "high", "at", "last", "bad", "total")
"""What there is of each bucket."""
NOTHING_THINNED = Thinned(
    BLOCK, 0, np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0),
    np.empty(0, np.int64), np.empty(0),
)  # fmt: skip


def _summed_up(losses: Floats, start: int, width: int) -> dict[str, Floats | Integers]:
    """Return what is kept of the losses from an iteration on, in buckets of a width."""
    blocks = losses.reshape(-1, BLOCK)
    starts = np.arange(start, start + len(losses), BLOCK, dtype=np.int64)
    bad = np.full(len(blocks), -1, dtype=np.int64)
    low, high = blocks.min(axis=1), blocks.max(axis=1)
    with np.errstate(all="ignore"):
        total = blocks.sum(axis=1)
    odd = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if len(odd):
        finite = np.isfinite(blocks[odd])
        bad[odd] = starts[odd] + finite.argmin(axis=1)
        low[odd] = np.where(finite, blocks[odd], np.inf).min(axis=1)
        high[odd] = np.where(finite, blocks[odd], -np.inf).max(axis=1)
    places = np.arange(len(blocks))
    bounds = np.flatnonzero(np.diff(starts // width, prepend=-1))
    rows = _merged(
        {"low": low, "high": high, "at": places, "last": blocks[:, -1], "bad": bad, "total": total}, bounds
    )
    least = blocks[rows["at"]]  # where in its block the least stands is looked for in one block of a bucket
    least = np.where(np.isfinite(least), least, np.inf)
    rows["at"] = np.where(np.isfinite(rows["low"]), starts[rows["at"]] + least.argmin(axis=1), -1)
    return rows


def _merged(rows: dict[str, Floats | Integers], bounds: Integers) -> dict[str, Floats | Integers]:
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
