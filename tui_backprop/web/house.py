"""The host as a house with so many places: who is in, who may come in, and how all leave when it closes."""

from __future__ import annotations

import asyncio
import os
import time

from tui_backprop.web.visit import GRACE, Visit

PATIENCE = 4.0
"""Seconds that a visitor waits for a place: a tab that is loaded anew gives its own back a little later."""
LOOKING = 0.05


class House:
    """All visits of a server.

    Args:
        places: how many there may be at once.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._visits: set[Visit] = set()
        self._starting = asyncio.Semaphore(max(2, os.cpu_count() or 2))
        self._closed = ""

    def __len__(self) -> int:
        return len(self._visits)

    def has_place(self, visitor: str) -> bool:
        """Tell whether somebody may come in, or is in and only loads the page anew."""
        return self._taken() < self.places or any(visit.visitor == visitor for visit in self._visits)

    async def receive(self, visit: Visit, size: tuple[int, int]) -> bool:
        """Have a visit from its beginning to its end; tell whether there was a place for it.

        What the same visitor has just left is saved first, so that it can be offered again.
        """
        deadline = time.monotonic() + PATIENCE
        while self._taken() >= self.places:
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(LOOKING)
        self._visits.add(visit)
        try:
            deadline = time.monotonic() + GRACE
            while self._leaves(visit.visitor) and time.monotonic() < deadline:
                await asyncio.sleep(LOOKING)
            if self._closed:
                visit.leave(self._closed)
            await visit.run(size, self._starting)
        finally:
            self._visits.discard(visit)
        return True

    async def close(self, reason: str) -> None:
        """Have all leave, and wait until they have."""
        self._closed = reason
        for visit in self._visits:
            visit.leave(reason)
        deadline = time.monotonic() + 2 * GRACE
        while self._visits and time.monotonic() < deadline:
            await asyncio.sleep(LOOKING)

    def _taken(self) -> int:
        return sum(not visit.ending for visit in self._visits)

    def _leaves(self, visitor: str) -> bool:
        return any(visit.visitor == visitor and visit.ending for visit in self._visits)
