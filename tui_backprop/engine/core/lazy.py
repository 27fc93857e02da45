"""A sequence whose items are made when they are looked at: of thousands, a screen shows few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Lazy(Sequence[T]):
    """Items by place, each made once.

    Args:
        count: how many there are.
        make: returns the one at a place; where threads share the sequence, it may be called twice for one.
    """

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count, self._make = count, make
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...

    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        places = range(self._count)[place]
        if isinstance(places, range):
            return [self[one] for one in places]
        if places not in self._made:
            self._made[places] = self._make(places)
        return self._made[places]
