"""Which nodes one call of a function, or one turn of a ``for``, has put in, and the records that they make.

A function's lines, and a layer's nodes, are put in place where it is called, so that they stand
next to one another. So do their assignments, and their factors on the way back: either is a stretch, which
one line can stand for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from msgspec import Struct

Part = Literal["forward", "backward", "update"]
"""What the records of a stretch have in common."""


class Group(Struct, frozen=True):
    """Nodes next to one another that one call, or one turn, has put in.

    Attributes:
        text: the call with its arguments, such as ``cell(x, h)``, or ``turn t = 3``.
        line: the line of the formula that it stands on, from 1 on.
        start, stop: its nodes, by index; ``stop`` is the first behind them.
    """

    text: str
    line: int
    start: int
    stop: int


class Stretch(Struct, frozen=True):
    """Records next to one another that one line can stand for.

    Attributes:
        start, stop: their places in the iteration, from 0 on; ``stop`` is the first behind them.
        part: what they are.
        group: what they are of; None where somebody chose them.
    """

    start: int
    stop: int
    part: Part
    group: Group | None = None

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from all others of its graph."""
        return self.start, self.stop

    def __contains__(self, place: object) -> bool:
        return isinstance(place, int) and self.start <= place < self.stop

    def holds(self, position: int) -> bool:
        """Tell whether some of its records are done at a position, and others are not."""
        return self.start < position < self.stop

    def crosses(self, other: Stretch) -> bool:
        """Tell whether it holds a part of another, and not the rest, nor is held by it."""
        return self.start < other.start < self.stop < other.stop or (
            other.start < self.start < other.stop < self.stop
        )


Span = TypeVar("Span", Group, Stretch)


def outermost_first(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return groups or stretches in their order, each before those that it holds."""
    return tuple(sorted(spans, key=lambda span: (span.start, -span.stop)))


def stretches_of(
    groups: Sequence[Group], assigned: Sequence[int], outputs: Sequence[int]
) -> tuple[Stretch, ...]:
    """Return the stretches of a graph's groups, outermost first.

    One of a single record is none, and of several with the same records the outermost stands for all.

    Args:
        groups: what calls and turns have put in, each behind those inside of it.
        assigned: the node of each assignment, by index, ascending.
        outputs: the output of each factor, by index, descending.
    """
    found: dict[tuple[int, int], Stretch] = {}
    handed = [-output for output in outputs]
    for group in outermost_first(groups[::-1]):
        first, stop = _within(handed, 1 - group.stop, 1 - group.start)
        for stretch in (
            Stretch(*_within(assigned, group.start, group.stop), "forward", group),
            Stretch(len(assigned) + first, len(assigned) + stop, "backward", group),
        ):
            if stretch.stop - stretch.start > 1:
                found.setdefault(stretch.key, stretch)
    return outermost_first(found.values())


def _within(indices: Sequence[int], least: int, below: int) -> tuple[int, int]:
    """Return which of some ascending numbers lie between bounds, by place."""
    return bisect_left(indices, least), bisect_left(indices, below)
