"""The list of an iteration's records: a row for each, or for several that stand folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from msgspec import Struct

from tui_backprop.debugger.lines.folding import Folding
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.explain.titles import gradient_name, record_title
from tui_backprop.training.iteration import record_count


class RecordRow(Struct, frozen=True):
    """A row of the list of records.

    Attributes:
        place: the record, or the first of several.
        aside: so many records from there on, over which stepping passes; 0 for none.
        stretch: the line that it is, or, over the records of an open one, that stands open.
        is_open: whether it is above the records of an open line.
        depth: how many open lines it is in.
    """

    place: int
    aside: int = 0
    stretch: Stretch | None = None
    is_open: bool = False
    depth: int = 0

    @property
    def last(self) -> int:
        """The place of the last record that it stands for."""
        if self.stretch is not None and not self.is_open:
            return self.stretch.stop - 1
        return self.place + max(self.aside, 1) - 1


class RecordIndex(Struct, frozen=True, eq=False, dict=True):
    """The records of an iteration over one graph: their titles, and the node that each is about."""

    graph: Graph

    @cached_property
    def titles(self) -> Sequence[str]:
        """Titles of all records, each made when it is looked at."""
        return Lazy(record_count(self.graph), lambda place: record_title(self.graph, place))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The node that each record is about."""
        graph = self.graph
        return (*graph.assignments, *(factor.operand for factor in graph.factors), *graph.trainable)

    @cached_property
    def aside(self) -> frozenset[int]:
        """Places of the records that stepping passes over."""
        return frozenset(len(self.graph.assignments) + place for place in self.graph.aside)

    def rows(self, folding: Folding, here: int | None) -> tuple[RecordRow, ...]:
        """Return the rows of the list.

        Args:
            folding: what is one line.
            here: the place of the record done last; where it stands among records that stepping passes over,
                these are listed. None lists all of them.
        """
        if here is None:
            return _rows(self, folding, None)
        return _rows(self, folding, here if here in self.aside else -1)

    def shorter_title(self, place: int) -> str:
        """Return one for a narrow list: where one factor alone leads to a node, its gradient says which."""
        graph, factor = self.graph, place - len(self.graph.assignments)
        if 0 <= factor < len(graph.factors):
            operand = graph.factors[factor].operand
            if len(graph.arriving[operand.index]) == 1:
                return gradient_name(graph, operand)
        return self.titles[place]

    @cached_property
    def places(self) -> Mapping[int, int]:
        """The place of the record that completes a node's gradient (or else gives its value), by index."""
        last = len(self.nodes) - len(self.graph.trainable)
        return {node.index: place for place, node in enumerate(self.nodes[:last])}


@lru_cache(maxsize=8)
def _rows(index: RecordIndex, folding: Folding, here: int | None) -> tuple[RecordRow, ...]:
    rows: list[RecordRow] = []
    for row in _listed(index, folding, everything=here is None):
        before = rows[-1] if rows else None
        if row.aside and before is not None and before.aside and before.depth == row.depth:
            rows[-1] = RecordRow(before.place, before.aside + row.aside, depth=row.depth)
        else:
            rows.append(row)
    if here is None or here < 0:
        return tuple(rows)
    return tuple(
        one
        for row in rows
        for one in (
            [RecordRow(place, depth=row.depth) for place in range(row.place, row.last + 1)]
            if row.aside and row.place <= here <= row.last
            else [row]
        )
    )


def _listed(index: RecordIndex, folding: Folding, *, everything: bool) -> Iterator[RecordRow]:
    """Yield a row for each line, those of records that stepping passes over one by one."""
    graph, aside = index.graph, frozenset[int]() if everything else index.aside
    opening: dict[int, list[Stretch]] = {}
    for stretch in folding.opened(graph):
        opening.setdefault(stretch.start, []).append(stretch)
    around: list[Stretch] = []
    for place, line in folding.lines(graph):
        while around and around[-1].stop <= place:
            around.pop()
        for stretch in opening.get(place, ()):
            yield RecordRow(place, stretch=stretch, is_open=True, depth=len(around))
            around.append(stretch)
        depth = len(around)
        if line is None:
            yield RecordRow(place, aside=int(place in aside), depth=depth)
        elif all(one in aside for one in range(line.start, line.stop)):
            yield RecordRow(place, aside=line.stop - line.start, depth=depth)
        else:
            yield RecordRow(place, stretch=line, depth=depth)
