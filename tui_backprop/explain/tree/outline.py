"""A tree as somebody looks at it: some lines folded away, one line selected."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import chain

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.explain.titles import shown
from tui_backprop.explain.tree.tree import Branch, Tree, tree
from tui_backprop.text.spelling import pretty_text


class Outline:
    """The visible lines of a tree, by place, and the selected one, which always is among them.

    Attributes:
        tree: all lines.
        folded: places of the lines that have what belongs to them folded away.
        rows: places of the visible lines, ascending.
        selected: place of the selected line.
    """

    def __init__(self) -> None:
        self.tree = Tree((), {})
        self.folded: set[int] = set()
        self.rows: list[int] = []
        self.selected = 0

    def take(self, graph: Graph, *, same_lesson: bool) -> None:
        """Look at another graph; in the same lesson's for another batch, as before."""
        before, self.tree = self.tree, tree(graph)
        if same_lesson:
            self._carry_over(before)
        else:
            self.folded, self.selected = self.tree.folded(), 0
        self.folded.difference_update(self.tree.above(self.selected))
        self.rows = self.tree.rows(self.folded)

    def _carry_over(self, before: Tree) -> None:
        """Fold and select what was so before.

        The trees are the same line by line, unless one batch has a single sample, whose broadcasts differ:
        then names tell what is what.
        """
        after = self.tree
        if [branch.parent for branch in before.branches] == [branch.parent for branch in after.branches]:
            return
        names = {_name(before, place) for place in self.folded}
        chosen = _name(before, self.selected)
        places = range(len(after.branches))
        self.folded = {place for place in places if after.folds(place) and _name(after, place) in names}
        self.selected = next((place for place in places if _name(after, place) == chosen), 0)

    @property
    def branch(self) -> Branch:
        """The selected line."""
        return self.tree.branches[self.selected]

    @property
    def row(self) -> int:
        """The selected line's place among the visible ones."""
        return bisect_left(self.rows, self.selected)

    def select(self, place: int) -> bool:
        """Select a line and unfold what hides it; say whether something was unfolded."""
        hiding = self.folded.intersection(self.tree.above(place))
        self.selected = place
        if hiding:
            self.folded -= hiding
            self.rows = self.tree.rows(self.folded)
        return bool(hiding)

    def toggle(self) -> None:
        """Fold the selected line, or unfold it."""
        self.folded ^= {self.selected}
        self.rows = self.tree.rows(self.folded)

    def next(self, matches: Callable[[Node], bool]) -> int | None:
        """Return the place of the next node that matches, going round at the end; None if none does."""
        branches, start = self.tree.branches, self.selected + 1 if self.rows else 0
        for place in chain(range(start, len(branches)), range(start)):
            branch = branches[place]
            if branch.node is not None and not branch.is_reference and matches(branch.node):
                return place
        return None


def naming(text: str) -> Callable[[Node], bool]:
    """Return a test for nodes whose name (either spelling) or expression contains a text, in any case."""
    wanted = unicodedata.normalize("NFC", text.strip()).casefold()
    return lambda node: any(wanted in known.casefold() for known in _texts(node))


def _texts(node: Node) -> Iterator[str]:
    yield node.name
    yield shown(node)
    yield node.expression
    yield pretty_text(node.expression)


def _name(tree: Tree, place: int) -> str | None:
    node = tree.branches[place].node
    return node.name if node is not None else None
