"""The ways from the loss back to one node: their factors, the nodes they all go through, and their number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node

Path: TypeAlias = tuple[Factor, ...]
"""Factors from an output down to an operand, each the operand of the one before."""


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """The ways between two nodes that follow each other among those that every path goes through.

    Attributes:
        top: the upper one, nearer to the loss.
        bottom: the lower one.
        factors: all factors on the ways, in backward order.
        count: how many ways there are; an operand that stands twice in one operation makes two.
    """

    top: Node
    bottom: Node
    factors: tuple[Factor, ...]
    count: int

    @property
    def forked(self) -> bool:
        """Whether there is more than one way."""
        return self.count > 1

    def paths(self, limit: int) -> tuple[Path, ...]:
        """Return up to ``limit`` ways, by the first operand on each before the others."""
        return tuple(islice(paths_between(self.factors, self.top, self.bottom), limit))

    def path_through(self, factor: Factor) -> Path:
        """Return one way that takes a factor of the segment."""
        above = {other.operand.index: other for other in self.factors}
        below = {other.output.index: other for other in self.factors}
        upwards, downwards = [factor], [factor]
        while upwards[-1].output is not self.top:
            upwards.append(above[upwards[-1].output.index])
        while downwards[-1].operand is not self.bottom:
            downwards.append(below[downwards[-1].operand.index])
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
        """How many paths there are, exactly; one, of no factors, from the loss to itself."""
        return math.prod(segment.count for segment in self.segments) if self.reached else 0

    @property
    def shared(self) -> tuple[Node, ...]:
        """The nodes that every path goes through, from the loss to the target, both included."""
        if not self.segments:
            return (self.target,) if self.reached else ()
        return (self.loss, *(segment.bottom for segment in self.segments))

    @property
    def factors(self) -> Path:
        """All factors on the paths, in backward order."""
        return tuple(factor for segment in self.segments for factor in segment.factors)

    def paths(self, limit: int) -> tuple[Path, ...]:
        """Return up to ``limit`` whole paths."""
        if not self.segments:
            return ((),) if self.reached else ()
        return tuple(islice(paths_between(self.factors, self.loss, self.target), limit))


def paths_to(graph: Graph, target: Node) -> Paths:
    """Return the ways from the graph's loss back to a node, in linear time; none to a literal."""
    if target.kind is Kind.LITERAL:
        return Paths(graph.loss, target, ())
    factors = _leading_to(graph, target)
    segments: list[Segment] = []
    start = 0
    lowest = graph.loss.index
    for place, (output, index) in enumerate(factors):
        # every path goes through a node that no factor leads past, in the order that all factors keep
        if place > start and output.index == lowest:
            segments.append(_segment(factors[start:place]))
            start = place
        lowest = min(lowest, output.operands[index].index)
    if factors:
        segments.append(_segment(factors[start:]))
    return Paths(graph.loss, target, tuple(segments))


def _leading_to(graph: Graph, target: Node) -> list[Factor]:
    """Return the factors on ways to a node, in backward order; what leads elsewhere is not looked at."""
    factors, arriving = graph.factors, graph.arriving
    places: list[int] = []
    left, seen = [target.index], {target.index}
    while left:
        for place in arriving.get(left.pop(), ()):
            places.append(place)
            output = factors[place].output.index
            if output not in seen:
                seen.add(output)
                left.append(output)
    return [factors[place] for place in sorted(places)]


def _segment(factors: Sequence[Factor]) -> Segment:
    """Count the ways along factors in backward order, from the first output down to the lowest operand."""
    top = bottom = factors[0].output
    ways = {top.index: 1}
    for output, index in factors:
        operand = output.operands[index]
        at = operand.index
        ways[at] = ways.get(at, 0) + ways[output.index]
        if at < bottom.index:
            bottom = operand
    return Segment(top, bottom, tuple(factors), ways[bottom.index])


def paths_between(factors: Sequence[Factor], top: Node, bottom: Node) -> Iterator[Path]:
    """Yield every way from ``top`` to ``bottom`` along factors that all lead there, left operands first."""
    below: dict[int, list[Factor]] = {}
    for way in factors:
        below.setdefault(way.output.index, []).append(way)
    path: list[Factor] = []
    open_choices = [iter(below[top.index])]
    while open_choices:
        factor = next(open_choices[-1], None)
        if factor is None:
            open_choices.pop()
            if path:
                path.pop()
            continue
        path.append(factor)
        operand = factor.operand
        if operand is bottom:
            yield tuple(path)
            path.pop()
        else:
            open_choices.append(iter(below[operand.index]))
