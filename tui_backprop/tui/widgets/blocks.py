"""Lines in blocks one below the other, which are made when they are looked at: of thousands, ten are seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import overload

from tui_backprop.tui.widgets.lines import Line

AHEAD = 100
"""Lines below those that are seen that are made with them."""


class Blocks(Sequence[Line]):
    """The lines of blocks.

    How high a block is shows when it is made. Until then it counts as high as it was the time before, or else
    as the one that was made last.

    Args:
        count: how many blocks there are.
        make: makes the lines of one, at least one line.
        before: as many blocks of the same width, whose heights these are likely to have.
    """

    def __init__(
        self, count: int, make: Callable[[int], Sequence[Line]], before: Blocks | None = None
    ) -> None:
        self._make = make
        self._made: dict[int, Sequence[Line]] = {}
        alike = before is not None and len(before._heights) == count
        self._heights: list[int | None] = (
            [*before._heights] if before is not None and alike else [None] * count
        )
        self._usual: int = before._usual if before is not None else 1
        self._starts: list[int] | None = None

    @property
    def complete(self) -> bool:
        """Whether all are made, so that what is said of their number is exact."""
        return len(self._made) == len(self._heights)

    @property
    def starts(self) -> list[int]:
        """Where each block starts, as far as is known, and where the last one ends."""
        if self._starts is None:
            self._starts = [0, *accumulate(height or self._usual for height in self._heights)]
        return self._starts

    def settle(self, top: int, height: int) -> None:
        """Make the blocks that are seen from a line on, and what follows soon."""
        known = -1
        while len(self._made) > known:  # how high those above are taken to be may change
            known = len(self._made)
            block = max(0, bisect_right(self.starts, top) - 1)
            y = self.starts[block]
            while block < len(self._heights) and y < top + height + AHEAD:
                y += len(self._lines_of(block))
                block += 1

    def reach(self, block: int) -> tuple[int, int]:
        """Make a block, and return where it starts and ends."""
        self._lines_of(block)
        return self.starts[block], self.starts[block + 1]

    def _lines_of(self, block: int) -> Sequence[Line]:
        if block not in self._made:
            lines = self._made[block] = self._make(block)
            if self._heights[block] != len(lines):
                self._heights[block] = self._usual = len(lines)
                self._starts = None
        return self._made[block]

    def __len__(self) -> int:
        return self.starts[-1]

    @overload
    def __getitem__(self, y: int) -> Line: ...

    @overload
    def __getitem__(self, y: slice) -> Sequence[Line]: ...

    def __getitem__(self, y: int | slice) -> Line | Sequence[Line]:
        if isinstance(y, slice):
            return [self[one] for one in range(len(self))[y]]
        at = range(len(self))[y]
        block = bisect_right(self.starts, at) - 1
        lines = self._lines_of(block)
        return lines[at - self.starts[block]] if at < self.starts[block + 1] else ()
