"""The ways from the loss back to one node: their edges, the nodes they all go through, and their number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from tui_backprop.engine.graph import Graph, Kind, Node

Edge: TypeAlias = tuple[Node, int]
"""A factor's place: the output, and which of its operands."""
Path: TypeAlias = tuple[Edge, ...]


def operand_of(edge: Edge) -> Node:
    """Return the node an edge leads back to."""
    output, index = edge
    return output.operands[index]


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """The ways between two nodes that follow each other among those that every path goes through.

    Attributes:
        top: the upper one, nearer to the loss.
        bottom: the lower one.
        edges: all edges on the ways, in backward order.
        count: how many ways there are; an operand that stands twice in one operation makes two.
    """

    top: Node
    bottom: Node
    edges: tuple[Edge, ...]
    count: int

    @property
    def forked(self) -> bool:
        """Whether there is more than one way."""
        return self.count > 1

    def paths(self, limit: int) -> tuple[Path, ...]:
        """Return up to ``limit`` ways, by the first operand on each before the others."""
        return tuple(islice(walks(self.edges, self.top, self.bottom), limit))

    def path_through(self, edge: Edge) -> Path:
        """Return one way that takes an edge of the segment."""
        above = {operand_of(other).index: other for other in self.edges}
        below = {other[0].index: other for other in self.edges}
        upwards, downwards = [edge], [edge]
        while upwards[-1][0] is not self.top:
            upwards.append(above[upwards[-1][0].index])
        while operand_of(downwards[-1]) is not self.bottom:
            downwards.append(below[operand_of(downwards[-1]).index])
        return (*reversed(upwards), *downwards[1:])


@dataclass(frozen=True, eq=False, slots=True)
class Paths:
    """All ways from the loss back to a target.

    Attributes:
        loss: where they start.
        target: where they end.
        segments: what they consist of, from the loss to the target; empty where the target is the loss, or
            where the loss does not depend on it.
    """

    loss: Node
    target: Node
    segments: tuple[Segment, ...]

    @property
    def reached(self) -> bool:
        """Whether the loss depends on the target."""
        return bool(self.segments) or self.target is self.loss

    @property
    def count(self) -> int:
        """How many paths there are, exactly; one, of no edges, from the loss to itself."""
        return math.prod(segment.count for segment in self.segments) if self.reached else 0

    @property
    def shared(self) -> tuple[Node, ...]:
        """The nodes that every path goes through, from the loss to the target, both included."""
        if not self.segments:
            return (self.target,) if self.reached else ()
        return (self.loss, *(segment.bottom for segment in self.segments))

    @property
    def edges(self) -> Path:
        """All edges on the paths, in backward order."""
        return tuple(edge for segment in self.segments for edge in segment.edges)

    def paths(self, limit: int) -> tuple[Path, ...]:
        """Return up to ``limit`` whole paths."""
        if not self.segments:
            return ((),) if self.reached else ()
        return tuple(islice(walks(self.edges, self.loss, self.target), limit))


def paths_to(graph: Graph, target: Node) -> Paths:
    """Return the ways from the graph's loss back to a node, linear in nodes and edges; none to a literal."""
    if target.kind is Kind.LITERAL:
        return Paths(graph.loss, target, ())
    depends = [False] * len(graph.nodes)
    depends[target.index] = True
    for node in graph.nodes[target.index + 1 :]:
        depends[node.index] = any(depends[operand.index] for operand in node.operands)
    edges = [edge for edge in graph.factors if depends[operand_of(edge).index]]
    segments: list[Segment] = []
    start = 0
    lowest = graph.loss.index
    for place, edge in enumerate(edges):
        operand = operand_of(edge).index
        # every path goes through a node that no edge leads past, in the order that all edges keep
        if place > start and edge[0].index == lowest:
            segments.append(_segment(edges[start:place]))
            start = place
        lowest = min(lowest, operand)
    if edges:
        segments.append(_segment(edges[start:]))
    return Paths(graph.loss, target, tuple(segments))


def _segment(edges: Sequence[Edge]) -> Segment:
    """Count the ways along edges in backward order, from the first output down to the lowest operand."""
    top = edges[0][0]
    ways = {top.index: 1}
    bottom = top
    for edge in edges:
        operand = operand_of(edge)
        ways[operand.index] = ways.get(operand.index, 0) + ways[edge[0].index]
        bottom = min(bottom, operand, key=lambda node: node.index)
    return Segment(top, bottom, tuple(edges), ways[bottom.index])


def walks(edges: Sequence[Edge], top: Node, bottom: Node) -> Iterator[Path]:
    """Yield every way from ``top`` to ``bottom`` along edges that all lead there, left operands first."""
    below: dict[int, list[Edge]] = {}
    for way in edges:
        below.setdefault(way[0].index, []).append(way)
    path: list[Edge] = []
    open_choices = [iter(below[top.index])]
    while open_choices:
        edge = next(open_choices[-1], None)
        if edge is None:
            open_choices.pop()
            if path:
                path.pop()
            continue
        path.append(edge)
        operand = operand_of(edge)
        if operand is bottom:
            yield tuple(path)
            path.pop()
        else:
            open_choices.append(iter(below[operand.index]))
