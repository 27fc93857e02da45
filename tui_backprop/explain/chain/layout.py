"""What of a chain stays the same at every step: its factors between names, its computed line, its forks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.paths import Path, Paths, Segment, paths_to
from tui_backprop.engine.ops.structure import Contraction, Expansion
from tui_backprop.explain.chain.products import Product
from tui_backprop.explain.formulas import derivative_shape
from tui_backprop.explain.titles import atom, gradient_name, partial, shown, transposed
from tui_backprop.text.sentences import tr, tr_count

MAX_FACTORS = 24
"""A computed line goes back over so many factors; a longer chain starts at a gradient on the way."""
MAX_LINE = 300
"""Characters after which a computed line starts anew; a rule that names its gradient twice doubles it."""
MAX_PATH = 160
"""Characters of one path of a fork; of a longer one the first and the last factor are named."""
MAX_BRANCHES = 6
"""At a fork so many paths are written out; the others are counted."""
MAX_THROUGH = 600
"""In a fork of more factors, a path is not looked for anew for each of them: the first ones stay."""


class Arrival(NamedTuple):
    """Where a factor stands: its number among all factors, from 1, and among those of its operand."""

    number: int
    arrival: int
    arrivals: int


@lru_cache(maxsize=4)
def places(graph: Graph) -> dict[Factor, Arrival]:
    """Return the place of every factor."""
    return {
        graph.factors[place]: Arrival(place + 1, arrival, len(arriving))
        for arriving in graph.arriving.values()
        for arrival, place in enumerate(arriving, 1)
    }


@dataclass(frozen=True, eq=False)
class Link:
    """One factor of the textbook line: everything between two names that every path goes through.

    Attributes:
        top, bottom: the two nodes.
        factors: all factors between them, in backward order.
        text: ∂top/∂bottom.
    """

    top: Node
    bottom: Node
    factors: Path
    text: str

    @cached_property
    def diagonal(self) -> bool:
        """Whether every element goes its own way, so that the Jacobian is diagonal."""
        return all(f.op.elementwise and f.output.shape == f.operand.shape for f in self.factors)

    @cached_property
    def uniform(self) -> bool:
        """Whether it is one number for all elements."""
        return self.diagonal and not any(derivative_shape(factor) for factor in self.factors)


class Way(NamedTuple):
    """One path of a fork: its factors, also as a set, and what it contributes as a formula."""

    path: Path
    factors: frozenset[Factor]
    formula: str


class Layout:
    """A chain's factors, computed line and forks.

    Args:
        graph: what is differentiated.
        target: where the chain ends.
    """

    def __init__(self, graph: Graph, target: Node) -> None:
        self.graph, self.target = graph, target
        self.paths: Paths = paths_to(graph, target)
        self.forks: tuple[Segment, ...] = tuple(s for s in self.paths.segments if s.forked)
        self.links: tuple[Link, ...] = tuple(self._links())
        self._link_of = {factor: number for number, link in enumerate(self.links) for factor in link.factors}
        self._ways: dict[Segment, tuple[Way, ...]] = {}
        self._segment_of = {factor: segment for segment in self.paths.segments for factor in segment.factors}

    def _links(self) -> list[Link]:
        links: list[Link] = []
        top, factors = self.graph.loss, list[Factor]()
        for segment in self.paths.segments:
            factors += segment.factors
            if segment.bottom.label is not None or segment.bottom is self.target:
                text = partial(atom(top), segment.bottom)
                links.append(Link(top, segment.bottom, tuple(factors), text))
                top, factors = segment.bottom, []
        return links

    def link_of(self, factor: Factor) -> int:
        """Return the number of the link that a factor of the chain is in."""
        return self._link_of[factor]

    def segment_of(self, factor: Factor) -> Segment | None:
        """Return the segment that a factor is in; None for a factor on no path."""
        return self._segment_of.get(factor)

    def ways(self, segment: Segment, current: Factor | None) -> tuple[Way, ...]:
        """Return the paths of a fork that are written out, in the order in which they arrive.

        One with the current factor is among them, as the first where it would be beyond the limit; except in
        a fork of very many factors, where that would take time that grows with their square.
        """
        if segment not in self._ways:
            arrival = places(self.graph)
            paths = sorted(segment.paths(MAX_BRANCHES), key=lambda path: arrival[path[-1]].number)
            self._ways[segment] = tuple(_way(self.graph, segment, path) for path in paths)
        ways = self._ways[segment]
        few = len(segment.factors) <= MAX_THROUGH
        inside = few and current is not None and self.segment_of(current) is segment
        if current is None or not inside or any(current in way.factors for way in ways):
            return ways
        return (_way(self.graph, segment, segment.path_through(current)), *ways[:-1])

    # ------------------------------------------------------------------ the computed line

    @cached_property
    def _trunk(self) -> tuple[Node, Path]:
        """The node that the computed line starts from, and the factors from there, below the last fork."""
        segments = list(self.paths.segments)
        last = max((number for number, s in enumerate(segments) if s.forked), default=-1)
        start = last + 1
        if last < 0 and len(self.links) > 1:
            start = next(n for n, s in enumerate(segments, 1) if s.bottom is self.links[0].bottom)
        if len(segments) - start > MAX_FACTORS:
            lowest = len(segments) - MAX_FACTORS
            names = (n for n in range(lowest, len(segments)) if segments[n].top.label is not None)
            start = next(names, lowest)
        node = segments[start].top if start < len(segments) else self.target
        return node, tuple(segment.factors[0] for segment in segments[start:])

    @cached_property
    def computed(self) -> str:
        """The line in the order in which it is computed; empty where it says no more than the textbook's."""
        if not self.links:
            return ""
        node, factors = self._trunk
        if not factors:
            return self.sum_of(self.forks[-1], MAX_BRANCHES)
        product = _named(self.graph, node)
        for factor in factors:
            if len(product.text) > MAX_LINE:
                product = _named(self.graph, factor.output)
            product = product.through(factor, by_name=len(self.links) > 1 and _is_named(factor))
        name = gradient_name(self.graph, self.target)
        words = f"{name} = {product.text}"
        textbook = f"{name} = {' · '.join(link.text for link in self.links)}"
        return "" if words == textbook else words

    def sum_of(self, segment: Segment, shown_paths: int) -> str:
        """Return ``∂L/∂x = path 1 + path 2 + … and n more paths``."""
        shown_paths = min(shown_paths, segment.count)
        more = segment.count - shown_paths
        words = " + ".join(tr("path {number}", number=number) for number in range(1, shown_paths + 1))
        name = gradient_name(self.graph, segment.bottom)
        if not more:
            return f"{name} = {words}"
        return tr_count(
            "{name} = {paths} + … and {count} more path",
            "{name} = {paths} + … and {count} more paths",
            more,
            name=name,
            paths=words,
            count=count_text(more),
        )

    @cached_property
    def same(self) -> str:
        """Why the two lines are the same product, in terms of the operations on this chain."""
        _, factors = self._trunk
        elementwise = next((f for f in factors if _is_diagonal(f)), None)
        products = [f for f in factors if isinstance(f.structure, Contraction)]
        copies = [f for f in factors if isinstance(f.structure, Expansion)]
        words = []
        if elementwise is not None and (products or copies):
            local = partial(atom(elementwise.output), elementwise.operand)
            words.append(
                tr(
                    "{local} acts element by element: its Jacobian is a diagonal matrix, and a row vector "
                    "times that is ⊙.",
                    local=local,
                )
            )
        if products and (elementwise is not None or copies):
            words += dict.fromkeys(sentence for factor in products if (sentence := _turned(factor)))
        if copies:
            name = shown(copies[-1].operand)
            words.append(
                tr(
                    "{name} was repeated: the Jacobian of that is made of ones, and a row vector times ones "
                    "is the sum over the copies.",
                    name=name,
                )
            )
        return " ".join([tr("Both lines are the same product."), *words]) if words else ""


def _is_named(factor: Factor) -> bool:
    """Tell whether ∂output/∂operand names one factor: both have names, and no other factor joins them."""
    output, operand = factor.output, factor.operand
    return None not in (output.label, operand.label) and output.operands.count(operand) == 1


def _is_diagonal(factor: Factor) -> bool:
    """Tell whether a factor multiplies arrays element by element, and is not just a sign."""
    operand = factor.operand
    if not factor.op.elementwise or not operand.shape or factor.output.shape != operand.shape:
        return False
    return bool(Product(operand.shape).through(factor).factors)


def _turned(factor: Factor) -> str:
    """Say why a matrix product's other operand stands where it does."""
    index, operand = factor.index, factor.operand
    other = factor.output.operands[1 - index]
    name, beside, turned = shown(operand), atom(other), transposed(other)
    if len(operand.shape) == len(other.shape) == 1:
        return ""
    if len(other.shape) == 1:
        return tr(
            "Beside the vector {vector} each product has one term; together they make the outer product.",
            vector=beside,
        )
    if index:
        return tr(
            "{name} stands behind {other}, so the Jacobian holds {other}; transposing the row-vector "
            "chain turns its order round and puts {transposed} in front.",
            name=name,
            other=beside,
            transposed=turned,
        )
    if len(operand.shape) == 1:
        return tr(
            "{name} stands before {other}, so the Jacobian is {transposed}; a row times {transposed} is, "
            "written as a column, {other} times it.",
            name=name,
            other=beside,
            transposed=turned,
        )
    return tr(
        "{name} stands before {other}, so each row meets the Jacobian {transposed} behind it, "
        "as in the textbook line.",
        name=name,
        other=beside,
        transposed=turned,
    )


@lru_cache(maxsize=16)
def layout(graph: Graph, target: Node) -> Layout:
    """Return the chain from a graph's loss to a node; kept for the next step along it."""
    return Layout(graph, target)


def count_text(count: int) -> str:
    """Write a number of paths: all digits, or the power of two below it where they would fill the line."""
    return f"{count:,}" if count < 10**15 else tr("over 2^{power}", power=count.bit_length() - 1)


def _way(graph: Graph, segment: Segment, path: Path) -> Way:
    return Way(path, frozenset(path), _path_formula(graph, segment, path))


def _path_formula(graph: Graph, segment: Segment, path: Path) -> str:
    """Write what one path of a fork contributes, in the order in which it is computed."""
    start, factors = _start(graph, segment, path)
    product = _named(graph, start)
    for factor in factors[:MAX_FACTORS]:
        product = product.through(factor, by_name=_is_named(factor))
        if len(product.text) > MAX_PATH:
            break
    else:
        if len(factors) <= MAX_FACTORS:
            return product.text
    first, last = (partial(atom(end.output), end.operand) for end in (factors[0], factors[-1]))
    return tr("{first} · … · {last}, {count:,} factors", first=first, last=last, count=len(factors))


def between_names(graph: Graph, factor: Factor) -> str:
    """Write what a factor gives its operand from the nearest name above: ``(1 / 3) · 2·(z − y)``.

    Returns:
        the formula, or "" where another path joins on the way, or the line would be too long to read.
    """
    way = [factor]
    while (top := way[-1].output).label is None and top is not graph.loss:
        above = graph.factors_to(top)
        if len(above) != 1:
            return ""
        way += above
    product = _named(graph, top)
    for one in reversed(way):
        product = product.through(one)
    return product.text if len(product.text) <= MAX_PATH else ""


def _named(graph: Graph, node: Node) -> Product:
    """Return a node's gradient by its name; that of the loss is 1."""
    name = gradient_name(graph, node)
    return Product(node.shape, () if node is graph.loss else ((name, node.shape),))


def _start(graph: Graph, segment: Segment, path: Path) -> tuple[Node, Path]:
    """Return the first name on a path that no other path leads to, and the factors from there."""
    if segment.top.label is not None and segment.top is not graph.loss:
        return segment.top, path
    entries = Counter(factor.operand.index for factor in segment.factors)
    for number, (node, _) in enumerate(path[1:], 1):
        if entries[node.index] > 1:
            break
        if node.label is not None:
            return node, path[number:]
    return segment.top, path
