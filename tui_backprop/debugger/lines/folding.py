"""Which stretches of records are one line at the moment.

A group of the graph is folded unless it was unfolded, and so is what somebody chose. A line in whose midst
the training stands is open: whoever steps into it leaves it by the end, and sees its last record there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, structs

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.groups import Part, Stretch, outermost_first
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.stretch import name_of
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.iteration import record_count

Key = tuple[int, int]
PARTS: Mapping[Part, str] = {
    "forward": later("forward"),
    "backward": later("backward"),
    "update": later("update"),
}
"""What the parts of an iteration are called; said by ``tr``."""


class Folding(Struct, frozen=True):
    """What is folded; it stays as it is.

    Attributes:
        chosen: stretches that somebody chose.
        unfolded: the keys of those that were opened.
        entered: the keys of those that somebody is in.
        asking: whether factors are asked for, so that those of groups stand one by one.
    """

    chosen: tuple[Stretch, ...] = ()
    unfolded: frozenset[Key] = frozenset()
    entered: frozenset[Key] = frozenset()
    asking: bool = False

    def all(self, graph: Graph) -> tuple[Stretch, ...]:
        """Return every stretch that can be folded, each before those inside of it."""
        return _all(graph, self.chosen)

    def is_open(self, stretch: Stretch) -> bool:
        """Tell whether the records of a stretch stand one by one."""
        by_one = self.asking and stretch.part == "backward"
        return stretch.key in self.unfolded or stretch.key in self.entered or by_one

    def closed(self, graph: Graph) -> tuple[Stretch, ...]:
        """Return the stretches that are one line now, in the order of their records."""
        return _closed(graph, self)

    def opened(self, graph: Graph) -> Iterator[Stretch]:
        """Yield the stretches that stand open and are in none that is closed."""
        closed = iter((*self.closed(graph), None))
        shut = next(closed)
        for stretch in self.all(graph):
            while shut is not None and shut.stop <= stretch.start:
                shut = next(closed)
            if shut is None or not shut.start <= stretch.start < shut.stop or stretch.stop > shut.stop:
                yield stretch

    def lines(self, graph: Graph) -> Iterator[tuple[int, Stretch | None]]:
        """Yield the place of each line's first record, with the stretch where it is folded."""
        place = 0
        for stretch in self.closed(graph):
            yield from ((one, None) for one in range(place, stretch.start))
            yield stretch.start, stretch
            place = stretch.stop
        yield from ((one, None) for one in range(place, record_count(graph)))

    def closed_with(self, graph: Graph, place: int) -> Stretch | None:
        """Return the line that a record, by its place, is folded into."""
        return _by_place(graph, self).get(place)

    def open_with(self, graph: Graph, place: int) -> Stretch | None:
        """Return the innermost open stretch that holds a record."""
        within = [stretch for stretch in self.opened(graph) if place in stretch]
        return within[-1] if within else None

    # ------------------------------------------------------------------ changed

    def at(self, graph: Graph, position: int, *, moved_on: bool) -> Folding:
        """Return the folding at a position: lines that are left are closed again.

        Args:
            graph: the iteration's.
            position: records done.
            moved_on: whether this is the same iteration as before.
        """
        entered = frozenset(
            stretch.key
            for stretch in self.all(graph)
            if stretch.holds(position)
            or (moved_on and position == stretch.stop and stretch.key in self.entered)
        )
        return self if entered == self.entered else structs.replace(self, entered=entered)

    def fold(self, stretch: Stretch) -> Folding:
        """Close a stretch; one of no group counts as chosen."""
        gone = {stretch.key}
        chosen = self.chosen
        if stretch.group is None and stretch not in chosen:
            chosen = (*chosen, stretch)
        return structs.replace(
            self, chosen=chosen, unfolded=self.unfolded - gone, entered=self.entered - gone
        )

    def unfold(self, stretch: Stretch) -> Folding:
        """Open a stretch; one that somebody chose is none any more."""
        if stretch.group is None:
            return structs.replace(self, chosen=tuple(one for one in self.chosen if one != stretch))
        return structs.replace(self, unfolded=self.unfolded | {stretch.key})

    def unfold_all(self, graph: Graph) -> Folding:
        """Open everything."""
        return Folding(unfolded=frozenset(stretch.key for stretch in graph.stretches), asking=self.asking)

    def fold_all(self) -> Folding:
        """Close everything."""
        return Folding(self.chosen, asking=self.asking)

    def between(self, graph: Graph, first: int, last: int) -> Stretch:
        """Return the stretch of some records, by their numbers from 1 on, that can be folded.

        Raises:
            BackpropError: there are no such records, they are not of one part of the iteration, or they
                are a part of a group and not the rest of it.
        """
        total = record_count(graph)
        if not 1 <= first < last <= total:
            reason = tr(
                "found {first} and {last}; write the first and the last of several records, 1 to {total}",
                first=first,
                last=last,
                total=total,
            )
            raise BackpropError(reason)
        parts = part_of(graph, first - 1), part_of(graph, last - 1)
        if parts[0] != parts[1]:
            reason = tr(
                "record {first} belongs to {part}, record {last} to {other}; fold each part alone",
                first=first,
                part=tr(PARTS[parts[0]]),
                last=last,
                other=tr(PARTS[parts[1]]),
            )
            raise BackpropError(reason)
        stretch = Stretch(first - 1, last, parts[0])
        for other in self.all(graph):
            if other.key == stretch.key:
                return other
            if stretch.crosses(other):
                reason = tr(
                    "records {first} to {last} cut {line} from {start} to {stop}; take all of it or a part "
                    "of it",
                    first=first,
                    last=last,
                    line=name_of(other),
                    start=other.start + 1,
                    stop=other.stop,
                )
                raise BackpropError(reason)
        return stretch


def part_of(graph: Graph, place: int) -> Part:
    """Return what the record at a place is."""
    forward = len(graph.assignments)
    if place < forward:
        return "forward"
    return "backward" if place < forward + len(graph.factors) else "update"


@lru_cache(maxsize=8)
def _all(graph: Graph, chosen: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    total = record_count(graph)
    fitting = [
        one
        for one in chosen  # for the graph of another batch, perhaps
        if one.stop <= total
        and part_of(graph, one.start) == part_of(graph, one.stop - 1) == one.part
        and not any(one.crosses(other) for other in graph.stretches)
    ]
    return outermost_first((*graph.stretches, *fitting)) if fitting else graph.stretches


@lru_cache(maxsize=8)
def _closed(graph: Graph, folding: Folding) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    behind = 0
    for stretch in folding.all(graph):
        if stretch.start >= behind and not folding.is_open(stretch):
            found.append(stretch)
            behind = stretch.stop
    return tuple(found)


@lru_cache(maxsize=8)
def _by_place(graph: Graph, folding: Folding) -> dict[int, Stretch]:
    return {place: one for one in folding.closed(graph) for place in range(one.start, one.stop)}
