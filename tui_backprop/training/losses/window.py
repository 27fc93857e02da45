"""The exact losses at the end of a run, in pages that others may look at while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.training.losses.extremes import (
    BLOCK,
    Extremes,
    Floats,
    Integers,
    extremes,
    joined,
    of_blocks,
    reduced,
)

_FIRST = 1024  # room in the first page of a run, which few leave


class Window:
    """The losses from an iteration on, each of them; beside them the extremes of every 64.

    What is written stays as it is for those who look at it: where one went back, what comes then goes into
    another page.

    Attributes:
        origin: the iteration of the first loss, a multiple of 64.
        length: the iteration behind the last one.

    Args:
        origin: as above.
        pages: where the losses are, each page full but the last.
        length: as above.
    """

    __slots__ = ("_blocks", "_indexed", "_pages", "_shared", "length", "origin")
    PAGE: ClassVar[int] = 1 << 16
    """Losses of a page, a multiple of 64: 512 KiB."""

    def __init__(self, origin: int = 0, pages: Sequence[Floats] = (), length: int | None = None) -> None:
        self.origin = origin
        self.length = origin if length is None else length
        self._pages = list(pages)
        self._shared = bool(pages)  # whether somebody may see what stands behind the last loss
        self._blocks: Extremes = (np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_))
        self._indexed = origin  # losses before that are in the blocks

    @property
    def pages(self) -> tuple[Floats, ...]:
        """The pages, for those who look on."""
        return tuple(self._pages)

    def append(self, loss: float) -> None:
        """Record one more loss."""
        number, place = divmod(self.length - self.origin, Window.PAGE)
        if self._shared or number >= len(self._pages) or place >= len(self._pages[number]):
            self._make_room(number, place, 1)
        self._pages[number][place] = loss
        self.length += 1

    def extend(self, losses: Floats) -> None:
        """Record more losses, shape (count,)."""
        done = 0
        while done < len(losses):
            number, place = divmod(self.length - self.origin, Window.PAGE)
            count = min(len(losses) - done, Window.PAGE - place)
            if self._shared or number >= len(self._pages) or place + count > len(self._pages[number]):
                self._make_room(number, place, count)
            self._pages[number][place : place + count] = losses[done : done + count]
            self.length += count
            done += count

    def truncate(self, length: int) -> None:
        """Forget the losses from an iteration on, which must not be before the first."""
        self._shared = True
        self._indexed = min(self._indexed, length - length % BLOCK)
        self.length = length

    def behind(self, origin: int) -> Window:
        """Return the losses from an iteration on that is whole pages behind the first."""
        skipped = (origin - self.origin) // Window.PAGE
        later = Window(origin, self._pages[skipped:], self.length)
        later._shared = self._shared
        if self._indexed > origin:
            first, last = (origin - self.origin) // BLOCK, (self._indexed - self.origin) // BLOCK
            later._blocks, later._indexed = _part(self._blocks, first, last, copied=True), self._indexed
        return later

    def shared(self) -> Window:
        """Return another window with the same losses, that goes on by itself."""
        self._shared = True
        return self.behind(self.origin)

    def exact(self, start: int, stop: int) -> Floats:
        """Return losses, shape (stop − start,), read-only; a view where they are in one page."""
        return of_pages(self._pages, start - self.origin, stop - self.origin)

    def buckets(self, start: int, stop: int, size: int) -> tuple[Integers, Extremes]:
        """Return the first iterations and the extremes of buckets of a size, a power of two."""
        iterations = np.arange(start - start % size, stop, size, dtype=np.int64)
        iterations[:1] = start
        if start >= stop or size < BLOCK:
            return iterations, extremes(self.exact(start, stop), iterations - start)
        first, last = start + -start % BLOCK, stop - stop % BLOCK
        if first >= last:  # buckets begin at a block's start
            return iterations, extremes(self.exact(start, stop), iterations - start)
        self._index()
        begin, end = (first - self.origin) // BLOCK, (last - self.origin) // BLOCK
        parts = [_part(self._blocks, begin, end)]
        if start < first:
            parts.insert(0, extremes(self.exact(start, first), _ZERO))
        if last < stop:
            parts.append(extremes(self.exact(last, stop), _ZERO))
        bounds = (iterations - first) // BLOCK + (start < first)
        bounds[0] = 0
        return iterations, reduced(joined(parts), bounds)

    def first_nonfinite(self, start: int, stop: int) -> int | None:
        """Return the first iteration of these whose loss is not finite."""
        self._index()
        at = start
        while at < stop:
            if at % BLOCK == 0 and at < self._indexed:  # whole blocks of numbers are passed over
                rest = self._blocks[2][(at - self.origin) // BLOCK : (self._indexed - self.origin) // BLOCK]
                at += BLOCK * (int(np.argmax(rest)) if rest.any() else len(rest))
            end = min(stop, at - at % BLOCK + BLOCK)
            finite = np.isfinite(self.exact(at, end))
            if not finite.all():
                return at + int(np.argmin(finite))
            at = max(at, end)
        return None

    def _make_room(self, number: int, place: int, count: int) -> None:
        """Have room in a page behind its first losses, which others go on looking at where they are."""
        capacity = Window.PAGE if number else min(_FIRST, Window.PAGE)
        while capacity < place + count:
            capacity *= 2
        fresh = np.empty(capacity)
        if number < len(self._pages):
            fresh[:place] = self._pages[number][:place]
            self._pages[number:] = [fresh]
        else:
            self._pages.append(fresh)
        self._shared = False

    def _index(self) -> None:
        """Bring the blocks up to the last whole one."""
        end = self.length - self.length % BLOCK
        if end <= self._indexed:
            return
        needed = (end - self.origin) // BLOCK
        if needed > len(self._blocks[0]):
            known, room = (self._indexed - self.origin) // BLOCK, max(needed, 2 * len(self._blocks[0]))
            low, high, nonfinite = np.empty(room), np.empty(room), np.empty(room, dtype=np.bool_)
            for new, old in zip((low, high, nonfinite), self._blocks, strict=True):
                new[:known] = old[:known]
            self._blocks = low, high, nonfinite
        while self._indexed < end:
            at = self._indexed
            upto = min(end, at + Window.PAGE - (at - self.origin) % Window.PAGE)
            begin = (at - self.origin) // BLOCK
            for array, values in zip(self._blocks, of_blocks(self.exact(at, upto)), strict=True):
                array[begin : begin + len(values)] = values
            self._indexed = upto


_ZERO = np.zeros(1, dtype=np.int64)


def _part(blocks: Extremes, first: int, last: int, *, copied: bool = False) -> Extremes:
    low, high, nonfinite = blocks
    part = low[first:last], high[first:last], nonfinite[first:last]
    return (part[0].copy(), part[1].copy(), part[2].copy()) if copied else part


def of_pages(pages: Sequence[Floats], start: int, stop: int) -> Floats:
    """Return losses by their place in pages, read-only; a view where they are in one."""
    page = Window.PAGE
    first, last = start // page, (stop - 1) // page
    found: Floats
    if stop <= start:
        found = np.empty(0)
    elif first == last:
        found = pages[first][start - first * page : stop - first * page]
    else:
        found = np.concatenate(
            [
                pages[number][max(0, start - number * page) : min(page, stop - number * page)]
                for number in range(first, last + 1)
            ]
        )
    found.flags.writeable = False
    return found
