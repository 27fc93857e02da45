"""The losses of a run as it goes on: the last ones exact, older ones thinned out, so that room is bounded.

A chart's bucket is a handful of what is kept instead of a part of the run, and is never wrong: it has the
least and the greatest loss of what it covers. Exact old losses are had by replay: `losses/sequence.py`.
"""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

import numpy as np

from tui_backprop.training.losses.envelope import Envelope
from tui_backprop.training.losses.extremes import BLOCK, Extremes, Floats, Integers, joined
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.losses.sequence import Losses
from tui_backprop.training.losses.thinned import Thinned
from tui_backprop.training.losses.window import Window

__all__ = ["Envelope", "History"]


class _Parts(NamedTuple):
    """What a history consists of; replaced as one, so that an interrupt finds either the old or the new."""

    thinned: Thinned
    window: Window


class History:
    """A growing list of losses; entry k is the loss at iteration k.

    Not locked: one thread fills it and asks for envelopes. Envelopes and what :meth:`kept` returns may go to
    any other thread.

    Args:
        kept: what it begins with.
    """

    EXACT: ClassVar[int] = 1 << 20
    """Losses at the end that are kept as they are: 8 MiB, and as much of each moment that is looked at."""
    STEP: ClassVar[int] = 1 << 18
    """Losses that are thinned out at a time, once there are as many more; whole pages."""

    def __init__(self, kept: Kept = Kept()) -> None:  # noqa: B008
        self._parts = _Parts(kept.thinned, Window(kept.origin, kept.pages, kept.length))
        self._line = kept.line or object()
        self._known: tuple[int, Floats] | None = None
        self._thin()

    def __len__(self) -> int:
        return self._parts.window.length

    @property
    def exact_from(self) -> int:
        """The iteration from which on losses are kept as they are."""
        return self._parts.window.origin

    @property
    def thinned(self) -> Thinned:
        """The losses before that."""
        return self._parts.thinned

    @property
    def losses(self) -> Losses:
        """All losses as they are now; those that are thinned out are a trainer's to replay."""
        return Losses(self.kept())

    def exact(self, start: int, stop: int) -> Floats:
        """Return losses, shape (stop − start,), read-only; they must be kept exactly."""
        return self._parts.window.exact(start, stop)

    def kept(self, length: int | None = None) -> Kept:
        """Return the losses, or the first of them, as they are now."""
        thinned, window = self._parts
        length = window.length if length is None else min(length, window.length)
        return Kept(length, thinned, window.origin, window.pages, self._line)

    def append(self, loss: float) -> None:
        """Record the loss of the next iteration."""
        window = self._parts.window
        window.append(loss)
        if window.length - window.origin >= self.EXACT + self.STEP:
            self._thin()

    def extend(self, losses: Floats) -> None:
        """Record the losses of the next iterations, shape (count,)."""
        for start in range(0, len(losses), self.STEP):
            window = self._parts.window
            window.extend(losses[start : start + self.STEP])
            if window.length - window.origin >= self.EXACT + self.STEP:
                self._thin()

    def bucket_start(self, length: int) -> int:
        """Return from which iteration on exact losses are needed to go back to so many; 64 at least."""
        if length >= self.exact_from:
            return length
        least = max(0, length - BLOCK)
        return least - least % self._parts.thinned.width

    def know(self, start: int, losses: Floats) -> None:
        """Take note of exact losses from an iteration on, for going back to where they end."""
        self._known = start, losses

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` losses; what is recorded next takes the place of the others.

        Where that is among losses that are thinned out, :meth:`know` says what stands before it.

        Raises:
            ValueError: `length` is negative or more than there are, or cuts a bucket that is not known.
        """
        thinned, window = self._parts
        if not 0 <= length <= window.length:
            raise ValueError(f"length must be between 0 and {window.length}, not {length}")
        if length == window.length:
            return
        self._line = object()
        if length >= window.origin:
            window.truncate(length)
            return
        start = self.bucket_start(length)
        at, losses = self._known or (start, np.empty(0))
        if at > start or at + len(losses) < length:
            raise ValueError(f"the losses from {start} to {length} are thinned out")
        earlier = Window(start)
        earlier.extend(losses[start - at : length - at])
        self._parts = _Parts(thinned.cut(start), earlier)

    def shared(self) -> History:
        """Return another history of the same losses, that goes on by itself."""
        other = History()
        other._parts = _Parts(self._parts.thinned, self._parts.window.shared())
        return other

    def lowest(self, length: int | None = None, then: float = math.nan) -> tuple[int, float] | None:
        """Return where losses are lowest, and how low; None without a finite one.

        Args:
            length: the first so many; all by default. Of old losses that are cut within a bucket, the whole
                bucket is left out.
            then: a loss behind them.
        """
        thinned, window = self._parts
        length = window.length if length is None else min(length, window.length)
        found: tuple[int, float] | None = None
        old = thinned.low if length >= thinned.base else thinned.low[: length // thinned.width]
        if len(old) and np.isfinite(least := float(old.min())):
            found = int(thinned.at[int(old.argmin())]), least
        for start in range(window.origin, length, Window.PAGE):
            page = window.exact(start, min(start + Window.PAGE, length))
            known = np.where(np.isfinite(page), page, np.inf)
            at = int(known.argmin())
            if np.isfinite(known[at]) and (found is None or known[at] < found[1]):
                found = start + at, float(known[at])
        lower = math.isfinite(then) and (found is None or then < found[1])
        return (length, then) if lower else found

    def mean(self, start: int, stop: int) -> float:
        """Return the mean of a few losses; of old ones, that of the bucket in which they begin."""
        thinned, window = self._parts
        if start >= window.origin:
            return float(np.mean(window.exact(start, stop)))
        if stop <= len(thinned.head):
            return float(np.mean(thinned.head[start:stop]))
        return float(thinned.means[start // thinned.width])

    def lowest_mean_of_old(self, window: int) -> tuple[int, float] | None:
        """Return where the mean of so many old losses is lowest, as a bucket's; None where that is none.

        The mean of one is exact, that of others is the mean of a whole bucket.
        """
        thinned = self._parts.thinned
        means = thinned.low if window == 1 else thinned.means
        if not len(means) or not np.isfinite(means).any():
            return None
        number = int(np.argmin(np.where(np.isfinite(means), means, np.inf)))
        at = thinned.at[number] if window == 1 else number * thinned.width
        return int(at), float(means[number])

    def envelope(self, columns: int, start: int = 0, stop: int | None = None) -> Envelope:
        """Sum up the losses from `start` up to `stop` (default: all) in at most `columns` buckets.

        A bucket is one entry or, where those are too many, the least power of two that fits, and begins at a
        multiple of its size (the first: at `start`). So buckets stay what they are while a run goes on; only
        the last one changes, until all double. Bounds outside the losses are moved in, and so are those that
        cut a bucket of old losses, which are thinned out; no bucket is narrower than one of those.

        Raises:
            ValueError: `columns` is not at least 1.
        """
        if columns < 1:
            raise ValueError(f"columns must be at least 1, not {columns}")
        thinned, window = self._parts
        stop = len(self) if stop is None else max(0, min(stop, len(self)))
        start, stop, size = self._bounds(max(0, min(start, stop)), stop)
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
        first: int | None = None
        if nonfinite.any():
            middle = min(max(start, thinned.base), stop)
            first = thinned.first_nonfinite(start, middle) if start < middle else None
            if first is None:
                first = window.first_nonfinite(middle, stop)
        return Envelope(
            start=start,
            stop=stop,
            iterations=iterations,
            low=low,
            high=high,
            nonfinite=nonfinite,
            first_nonfinite=first,
            last=self._at(stop - 1) if stop > start else float("nan"),
            smallest=float(smallest),
            largest=float(largest),
        )

    def _bounds(self, start: int, stop: int) -> tuple[int, int, int]:
        """Return bounds moved in to where old losses can be cut, and the least size of buckets."""
        thinned = self._parts.thinned
        if start >= thinned.base:
            return start, stop, 1
        if stop < thinned.base:
            stop -= stop % thinned.width
        start = min(start + -start % thinned.width, thinned.base, stop)
        return start, stop, thinned.width if start < thinned.base else 1

    def _buckets(self, start: int, stop: int, size: int) -> tuple[Integers, Extremes]:
        """First iterations and extremes of the buckets of `size` entries, a power of two."""
        thinned, window = self._parts
        middle = min(max(start, thinned.base), stop)
        if start >= middle:
            return window.buckets(start, stop, size)
        iterations, (low, high, nonfinite) = thinned.buckets(start, middle, size)
        if middle >= stop:
            return iterations, (low, high, nonfinite)
        later, (below, above, odd) = window.buckets(middle, stop, size)
        if later[0] // size == iterations[-1] // size:  # one bucket reaches over both
            low[-1] = min(low[-1], below[0])
            high[-1] = max(high[-1], above[0])
            nonfinite[-1] |= odd[0]
            later, below, above, odd = later[1:], below[1:], above[1:], odd[1:]
        return np.concatenate((iterations, later)), joined([(low, high, nonfinite), (below, above, odd)])

    def _at(self, iteration: int) -> float:
        """Return a loss that is exact, or the last of a bucket."""
        thinned, window = self._parts
        if iteration >= window.origin:
            return float(window.exact(iteration, iteration + 1)[0])
        return float(thinned.last[iteration // thinned.width])

    def _thin(self) -> None:
        """Thin out what is older than what is kept exactly: by the length alone, whatever it came from."""
        thinned, window = self._parts
        wanted = (window.length - self.EXACT) // self.STEP * self.STEP
        origin = window.origin + (wanted - window.origin) // Window.PAGE * Window.PAGE
        if origin > window.origin:
            places = range(window.origin, origin, Window.PAGE)
            older = thinned.followed_by([window.exact(place, place + Window.PAGE) for place in places])
            self._parts = _Parts(older, window.behind(origin))
