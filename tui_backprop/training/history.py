"""The losses of a run, however long, kept so that a chart of them always costs the same to draw.

Beside the losses stands a pyramid: the extremes of every 64 entries, of every 128, of every 256 and so on. A
bucket of a chart is then a handful of pyramid entries instead of a part of the run. The pyramid is brought
up to date in one vectorised go when a chart is asked for, so that to record a loss is to store a number.
"""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

MOST = 1 << 27
"""Losses that a run keeps: 1 GiB of them."""
_BLOCK = 64  # entries under one entry of the lowest level; all levels together take half a byte an entry
_FIRST_CAPACITY = 1024

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_Integers = NDArray[np.int64]
# Least and greatest finite entry, and whether there are others. Without a finite entry: +inf and −inf, which
# min and max pass over.
_Extremes = tuple[_Floats, _Floats, _Bools]


class Envelope(Struct, frozen=True, eq=False):
    """The extremes of consecutive buckets of losses: all that a chart needs, and nothing that changes later.

    A bucket reaches from its first iteration to that of the next one (the last: to `stop`). The arrays have
    one entry a bucket, are read-only and share no memory with the history.
    """

    start: int  # iterations covered, half open
    stop: int
    iterations: _Integers  # first iteration of each bucket, ascending
    low: _Floats  # least and greatest finite loss of each bucket; NaN where it has none
    high: _Floats
    nonfinite: _Bools  # whether the bucket holds a NaN or an Inf
    first_nonfinite: int | None  # the iteration of the first NaN or Inf of all
    last: float  # the loss at stop − 1, finite or not; NaN when nothing is covered
    smallest: float  # over all finite losses covered; NaN when there are none
    largest: float

    def with_next(self, loss: float) -> "Envelope":
        """Return this envelope with one more loss behind its last, in a bucket of its own."""
        finite = math.isfinite(loss)
        value = loss if finite else math.nan
        arrays = {
            "iterations": np.append(self.iterations, self.stop),
            "low": np.append(self.low, value),
            "high": np.append(self.high, value),
            "nonfinite": np.append(self.nonfinite, not finite),
        }
        for array in arrays.values():
            array.flags.writeable = False
        return Envelope(
            start=self.start,
            stop=self.stop + 1,
            **arrays,
            first_nonfinite=self.stop
            if self.first_nonfinite is None and not finite
            else self.first_nonfinite,
            last=loss,
            smallest=float(np.fmin(self.smallest, value)),
            largest=float(np.fmax(self.largest, value)),
        )

    def followed_by(self, later: "Envelope") -> "Envelope":
        """Return this envelope with another behind it."""
        arrays = {
            name: np.concatenate((getattr(self, name), getattr(later, name)))
            for name in ("iterations", "low", "high", "nonfinite")
        }
        first = self.first_nonfinite if self.first_nonfinite is not None else later.first_nonfinite
        return Envelope(
            start=self.start,
            stop=later.stop,
            **arrays,
            first_nonfinite=first,
            last=later.last,
            smallest=float(np.fmin(self.smallest, later.smallest)),
            largest=float(np.fmax(self.largest, later.largest)),
        )


class History:
    """A growing list of losses; entry k is the loss at iteration k.

    Not locked: one thread fills it and asks for envelopes. Envelopes and `losses` may go to any other thread.
    """

    def __init__(self) -> None:
        self._losses: _Floats = np.empty(_FIRST_CAPACITY)
        self._length = 0
        self._lent = 0  # entries below this can be seen through an array that `losses` gave away
        self._levels: list[_Extremes] = []
        self._indexed = 0  # entries that the pyramid covers: a multiple of the block
        self._allocate_levels()

    def __len__(self) -> int:
        return self._length

    @property
    def losses(self) -> _Floats:
        """All losses, shape (len,), read-only. A view, yet later changes of the history never show in it."""
        view = self._losses[: self._length]
        view.flags.writeable = False
        self._lent = max(self._lent, self._length)
        return view

    def append(self, loss: float) -> None:
        """Record the loss of the next iteration."""
        length = self._length
        if length >= len(self._losses) or (length < self._lent and not self._again(np.array([loss]))):
            self._move(length + 1)
        self._losses[length] = loss
        self._length = length + 1

    def extend(self, losses: _Floats) -> None:
        """Record the losses of the next iterations, shape (count,)."""
        start, stop = self._length, self._length + len(losses)
        if stop > len(self._losses) or (start < self._lent and not self._again(losses)):
            self._move(stop)
        self._losses[start:stop] = losses
        self._length = stop

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` losses; what is recorded next takes the place of the others.

        Raises:
            ValueError: `length` is negative or more than there are.
        """
        if not 0 <= length <= self._length:
            raise ValueError(f"length must be between 0 and {self._length}, not {length}")
        self._length = length
        self._indexed = min(self._indexed, length - length % _BLOCK)

    def envelope(self, columns: int, start: int = 0, stop: int | None = None) -> Envelope:
        """Sum up the losses from `start` up to `stop` (default: all) in at most `columns` buckets.

        A bucket is one entry or, where those are too many, the least power of two that fits, and begins at a
        multiple of its size (the first: at `start`). So buckets stay what they are while a run goes on; only
        the last one changes, until all double. Bounds outside the losses are moved in.

        Raises:
            ValueError: `columns` is not at least 1.
        """
        if columns < 1:
            raise ValueError(f"columns must be at least 1, not {columns}")
        stop = self._length if stop is None else max(0, min(stop, self._length))
        start = max(0, min(start, stop))
        self._index()

        size = 1
        while -(-stop // size) - start // size > columns:
            size *= 2
        iterations, (low, high, nonfinite) = self._buckets(start, stop, size)
        smallest, largest = low.min(initial=np.inf), high.max(initial=-np.inf)
        if smallest > largest:
            smallest = largest = np.nan
        low[~np.isfinite(low)] = np.nan
        high[~np.isfinite(high)] = np.nan
        for array in (iterations, low, high, nonfinite):
            array.flags.writeable = False
        return Envelope(
            start=start,
            stop=stop,
            iterations=iterations,
            low=low,
            high=high,
            nonfinite=nonfinite,
            first_nonfinite=self._first_nonfinite(iterations, nonfinite, size, stop),
            last=float(self._losses[stop - 1]) if stop > start else float("nan"),
            smallest=float(smallest),
            largest=float(largest),
        )

    def _again(self, losses: _Floats) -> bool:
        """Tell whether these are, to the last bit, the losses to come as far as they can be seen elsewhere.

        So it is where a training went back and goes the same way again, and nothing has to be moved then.
        """
        seen = self._losses[self._length : min(self._length + len(losses), self._lent)]
        return bool(np.array_equal(seen.view(np.int64), losses[: len(seen)].view(np.int64)))

    def _move(self, needed: int) -> None:
        """Go on in an array with room for `needed` losses and leave the old one to those who look at it."""
        capacity = len(self._losses)
        while capacity < needed:
            capacity *= 2
        moved = np.empty(capacity)
        moved[: self._length] = self._losses[: self._length]
        grown = capacity > len(self._losses)
        self._losses = moved
        self._lent = 0
        if grown:
            self._allocate_levels()

    def _allocate_levels(self) -> None:
        """Make room in the pyramid for all whole blocks of the capacity, up to a level of one entry.

        One entry of a new level covers more than the old capacity held, so there is nothing to fill in.
        """
        levels: list[_Extremes] = []
        entries = len(self._losses) // _BLOCK
        while entries:
            levels.append((np.empty(entries), np.empty(entries), np.empty(entries, dtype=np.bool_)))
            entries //= 2
        for old_level, level in zip(self._levels, levels, strict=False):
            for old, new in zip(old_level, level, strict=True):
                new[: len(old)] = old
        self._levels = levels

    def _index(self) -> None:
        """Bring the pyramid up to the last whole block."""
        begin, end = self._indexed, self._length - self._length % _BLOCK
        size = _BLOCK
        below: _Extremes | None = None
        for level in self._levels:
            first, last = begin // size, end // size
            if first == last:
                break
            if below is None:
                fresh = _extremes(self._losses[begin:end], np.arange(0, end - begin, _BLOCK))
            else:
                fresh = _reduce(below, 2 * first, 2 * last, np.arange(0, 2 * (last - first), 2))
            for array, values in zip(level, fresh, strict=True):
                array[first:last] = values
            below = level
            size *= 2
        self._indexed = end

    def _buckets(self, start: int, stop: int, size: int) -> tuple[_Integers, _Extremes]:
        """First iterations and extremes of the buckets of `size` entries, a power of two."""
        iterations = np.arange(start - start % size, stop, size, dtype=np.int64)
        iterations[:1] = start
        if start >= stop or size < _BLOCK:
            return iterations, _extremes(self._losses[start:stop], iterations - start)
        # Whole buckets stand in the pyramid as they are; the outer two may be cut.
        level = self._levels[(size // _BLOCK).bit_length() - 1]
        first, last = -(-start // size), stop // size
        if first > last:
            return iterations, self._part(start, stop)
        parts = [tuple(array[first:last] for array in level)]
        if start < first * size:
            parts.insert(0, self._part(start, first * size))
        if last * size < stop:
            parts.append(self._part(last * size, stop))
        low, high, nonfinite = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return iterations, (low, high, nonfinite)

    def _part(self, start: int, stop: int) -> _Extremes:
        """Extremes of all entries from `start` to `stop`, shape (1,), from few entries of each level."""
        first, last = -(-start // _BLOCK), stop // _BLOCK
        whole_from, whole_to = first * _BLOCK, last * _BLOCK
        if first >= last:
            return _extremes(self._losses[start:stop], _ZERO)
        parts = [
            _extremes(self._losses[a:b], _ZERO) for a, b in ((start, whole_from), (whole_to, stop)) if a < b
        ]
        for level in self._levels:
            if first >= last:
                break
            if first % 2:
                parts.append(_reduce(level, first, first + 1, _ZERO))
                first += 1
            if last % 2:
                last -= 1
                parts.append(_reduce(level, last, last + 1, _ZERO))
            first, last = first // 2, last // 2
        low, high, nonfinite = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return _reduce((low, high, nonfinite), 0, len(low), _ZERO)

    def _first_nonfinite(self, iterations: _Integers, nonfinite: _Bools, size: int, stop: int) -> int | None:
        """Find the iteration of the first NaN or Inf: in the first bucket that has one, and so on down."""
        if not nonfinite.any():
            return None
        while True:
            first = int(iterations[np.argmax(nonfinite)])
            if size == 1:
                return first
            stop = min(stop, first - first % size + size)
            size = max(1, size // _BLOCK)
            iterations, (_, _, nonfinite) = self._buckets(first, stop, size)


_ZERO = np.zeros(1, dtype=np.int64)


def _extremes(losses: _Floats, bounds: _Integers) -> _Extremes:
    """Extremes of the parts of `losses` that begin at `bounds` (ascending, the first 0)."""
    if not len(losses):
        return np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_)
    finite = np.isfinite(losses)
    low = np.where(finite, losses, np.inf)
    high = np.where(finite, losses, -np.inf)
    return _reduce((low, high, ~finite), 0, len(losses), bounds)


def _reduce(level: _Extremes, first: int, last: int, bounds: _Integers) -> _Extremes:
    """Extremes of the parts of level[first:last] that begin at `bounds` (ascending, the first 0)."""
    low, high, nonfinite = (array[first:last] for array in level)
    return (
        np.minimum.reduceat(low, bounds),
        np.maximum.reduceat(high, bounds),
        np.logical_or.reduceat(nonfinite, bounds),
    )
