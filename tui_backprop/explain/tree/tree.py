"""The computation as a tree, from the loss down to its leaves: every node in full once, by name elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node, reaches

OPEN_LINES = 60
"""A subtree of more lines than these is unfolded in parts."""


class Branch(Struct, frozen=True):
    """One line of the tree; a tuple, as there may be twenty thousand.

    Attributes:
        node: the node; None on the line above the nodes that are not on the way to the loss.
        parent: place of the line it belongs to, always further up; None for the loss and the line above.
        operand: which operand of the parent's node it is; None where the parent is no node.
        depth: how many lines it belongs to.
        is_reference: whether the node stands in full further up.
        end: place behind the last line that belongs to it.
    """

    node: Node | None
    parent: int | None
    operand: int | None
    depth: int
    is_reference: bool
    end: int


class Tree(Struct, frozen=True, eq=False):
    """The lines of a computation.

    Attributes:
        branches: the lines in the order in which they are shown.
        places: for each node (by index) but literals, where it stands in full.
    """

    branches: tuple[Branch, ...]
    places: Mapping[int, int]

    def children(self, place: int) -> Iterator[int]:
        """Yield the places of the lines directly below."""
        end = self.branches[place].end
        place += 1
        while place < end:
            yield place
            place = self.branches[place].end

    def above(self, place: int) -> Iterator[int]:
        """Yield the places of the lines it belongs to, the nearest first."""
        parent = self.branches[place].parent
        while parent is not None:
            yield parent
            parent = self.branches[parent].parent

    def place_of(self, factor: tuple[int, int]) -> int:
        """Return the place of an operand, given by its output's index and its own place there."""
        output, index = factor
        return next(at for at in self.children(self.places[output]) if self.branches[at].operand == index)

    def factor_at(self, place: int) -> Factor | None:
        """Return the factor that a line stands for; None for a line that is no operand."""
        branch = self.branches[place]
        output = self.branches[branch.parent].node if branch.parent is not None else None
        if output is None or branch.operand is None:
            return None
        return Factor(output, branch.operand)

    def is_last(self, place: int) -> bool:
        """Tell whether it is the last line directly below its parent."""
        branch = self.branches[place]
        return branch.parent is None or branch.end == self.branches[branch.parent].end

    def folds(self, place: int) -> bool:
        """Tell whether there is something to fold."""
        return self.branches[place].end > place + 1

    def rows(self, folded: Collection[int]) -> list[int]:
        """Return the places that are visible when the lines below some are folded away."""
        branches = self.branches
        if not folded:
            return list(range(len(branches)))
        visible, place = [], 0
        while place < len(branches):
            visible.append(place)
            place = branches[place].end if place in folded else place + 1
        return visible

    def folded(self, lines: int = OPEN_LINES) -> set[int]:
        """Return what to fold at first: levels below the loss are open as long as they fit in so many lines.

        The same holds below each fold, so that to unfold one never shows more than that at once.
        """
        folds: set[int] = set()
        tops = deque(place for place, branch in enumerate(self.branches) if branch.parent is None)
        while tops:
            level, count = [tops.popleft()], 1
            while level:
                below = [child for place in level for child in self.children(place)]
                count += len(below)
                if count > lines and count - len(below) > 1:
                    beyond = [place for place in level if self.folds(place)]
                    folds.update(beyond)
                    tops.extend(beyond)
                    break
                level = below
        return folds


@lru_cache(maxsize=4)
def tree(graph: Graph) -> Tree:
    """Lay out a graph; the last few are remembered, for batches of different sizes take turns.

    A node stands in full where it is met first on the way down, so never below a reference to it. What the
    loss does not depend on comes last, below a line of its own.
    """
    builder = _TreeBuilder()
    builder.grow([(graph.loss, None, None, 0)])
    reaching = reaches(graph.nodes, graph.loss)
    used = {operand.index for node in graph.nodes for operand in node.operands}
    rest = [
        node
        for node in graph.nodes
        if not reaching[node.index] and node.index not in used and node.kind is not Kind.LITERAL
    ]
    if rest:
        heading = len(builder.lines)
        builder.lines.append((None, None, None, 0, False))
        builder.grow([(node, heading, None, 1) for node in reversed(rest)])
    return Tree(builder.branches(), builder.places)


class _TreeBuilder:
    """Collects lines; where each ends is known at the end only."""

    def __init__(self) -> None:
        self.lines: list[tuple[Node | None, int | None, int | None, int, bool]] = []
        self.places: dict[int, int] = {}

    def grow(self, stack: list[tuple[Node, int | None, int | None, int]]) -> None:
        """Add what is on the stack and everything below it; no recursion, so that any depth will do."""
        lines, places, literal = self.lines, self.places, Kind.LITERAL
        while stack:
            node, parent, index, depth = stack.pop()
            place = len(lines)
            known = node.index in places
            lines.append((node, parent, index, depth, known))
            if not known:
                places[node.index] = place
                below = [(operand, place, i, depth + 1) for i, operand in enumerate(node.operands)]
                stack += [entry for entry in reversed(below) if entry[0].kind is not literal]

    def branches(self) -> tuple[Branch, ...]:
        """Return the lines with their ends."""
        ends = list(range(1, len(self.lines) + 1))
        for place in reversed(range(len(ends))):
            parent = self.lines[place][1]
            if parent is not None and ends[parent] < ends[place]:
                ends[parent] = ends[place]
        return tuple(Branch(*line, end) for line, end in zip(self.lines, ends, strict=True))
