"""The losses of a run as they were at one moment: the last ones exact, those before thinned out."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.training.losses.extremes import Floats
from tui_backprop.training.losses.thinned import NOTHING_THINNED, Thinned
from tui_backprop.training.losses.window import Window, of_pages


class Kept(Struct, frozen=True, eq=False):
    """References to what is never written again, so that it is quickly taken and may go to any thread.

    Attributes:
        length: losses in all; entry k is that of iteration k.
        thinned: the old ones.
        origin: from which iteration on they are exact.
        pages: where the exact ones are.
        line: of two with the same line, the shorter one is the beginning of the other.
    """

    length: int = 0
    thinned: Thinned = NOTHING_THINNED
    origin: int = 0
    pages: tuple[Floats, ...] = ()
    line: Any = None

    @classmethod
    def of(cls, losses: Any, thinned: Thinned = NOTHING_THINNED) -> Kept:
        """Return losses given as an array, shape (count,), behind others that are thinned out."""
        array = np.ascontiguousarray(losses, dtype=np.float64)
        pages = tuple(array[place : place + Window.PAGE] for place in range(0, len(array), Window.PAGE))
        return cls(thinned.base + len(array), thinned, thinned.base, pages, object())

    def __len__(self) -> int:
        return self.length

    def exact(self, start: int, stop: int) -> Floats:
        """Return exact losses from iteration ``start``, at least ``origin``, up to ``stop``; read-only."""
        return of_pages(self.pages, start - self.origin, stop - self.origin)

    def thinned_to(self, start: int) -> Thinned:
        """Return all losses before an iteration, a multiple of 64 and exact until now, thinned out."""
        page = Window.PAGE
        return self.thinned.followed_by(
            [self.exact(place, min(place + page, start)) for place in range(self.origin, start, page)]
        )

    def common(self, other: Kept) -> int:
        """Return how many losses at the beginning are the same, to the last bit, as far as is known."""
        count = min(self.length, other.length)
        if self.line is not None and self.line is other.line:
            return count
        if self.origin != other.origin or self.thinned is not other.thinned:
            return 0
        for number, (one, two) in enumerate(zip(self.pages, other.pages, strict=False)):
            start = self.origin + number * Window.PAGE
            if start >= count:
                break
            here = min(Window.PAGE, count - start)
            if one is not two:
                different = one[:here].view(np.int64) != two[:here].view(np.int64)
                if different.any():
                    return start + int(np.argmax(different))
        return count
