"""Screens about the way: to an iteration, to the factor of a node found by its name, over records as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tui_backprop.debugger.arguments import iteration
from tui_backprop.debugger.folding import fold
from tui_backprop.debugger.moving import go_to_node
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.titles import assignment_title, shown
from tui_backprop.explain.tree.outline import naming
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import call
from tui_backprop.tui.messages import IterationWanted, Requested
from tui_backprop.tui.panels.graph_lines import KINDS
from tui_backprop.tui.request import Request
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList

MOST = 200
"""Nodes listed at once; typing narrows them down."""


class GotoScreen(AskScreen):
    """Asks for an iteration."""

    OPENED_BY = "goto"
    HEADING = later("Go to an iteration · Enter goes there, Esc closes")
    PLACEHOLDER = later("a whole number, such as 100")

    def opened(self) -> None:
        """Say what is back and what is ahead."""
        super().opened()
        here = self.snapshot.iteration
        self.say(
            tr(
                "Up to {here} it goes back, beyond {here} it runs there; breakpoints stop it on the way.",
                here=here,
            )
        )

    def answered(self, text: str) -> None:
        """Check the number and pass it on."""
        try:
            goal = iteration(text)
        except BackpropError as error:
            self.refuse(self.OPENED_BY, str(error))
            return
        self.post_message(IterationWanted(goal))
        self.leave()


class FindScreen(AskScreen):
    """Finds a node by its name or expression, in either spelling."""

    OPENED_BY = "find"
    HEADING = later("Find a node · Enter goes to its gradient, Esc closes")
    PLACEHOLDER = later("part of a name, such as beta or ŷ")
    HELP = later("↓ goes to the list; parameters stand first in it.")
    _narrowed: tuple[Graph | None, str, list[Node]] = None, "", []
    """Where and what was looked for last, and what matched."""

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the nodes whose names hold what was typed."""
        self._found = self._matching(self.line.value)
        return [_entry(node) for node in self._found[:MOST]]

    def typed(self, text: str) -> None:
        """Narrow the list down."""
        self.update(self.snapshot)
        self.query_one(ChoiceList).highlighted = 0 if self._found else None

    def _matching(self, text: str) -> list[Node]:
        wanted, graph, (of, before, nodes) = text.strip(), self.snapshot.graph, self._narrowed
        if of is not graph or not before or not wanted.startswith(before):
            nodes = [node for node in graph.nodes if node.kind is not Kind.LITERAL]
        if wanted:  # what did not match less will not match more
            nodes = list(filter(naming(text), nodes))
        self._narrowed = graph, wanted if wanted.isascii() else "", nodes
        return sorted(nodes, key=lambda node: _rank(node, wanted))

    def answered(self, text: str) -> None:
        """Go to the node highlighted."""
        if not self._found:
            nothing = tr("no node has {text!r} in its name or expression", text=printable(text, 40))
            self.refuse(self.OPENED_BY, nothing)
            return
        self.chosen(self.query_one(ChoiceList).highlighted or 0)

    def chosen(self, index: int) -> None:
        """Go to a node of the list."""
        node = self._found[index].index
        self.post_message(Requested(Request(lambda session: go_to_node(session, node))))
        self.leave()


class StretchScreen(AskScreen):
    """Asks for the first and the last of the records that one line is to stand for."""

    OPENED_BY = "stretch"
    HEADING = later("Fold records · Enter makes one line of them, Esc closes")
    PLACEHOLDER = later("the first and the last by number, such as 2 4")
    HELP = later("The numbers stand in the list of records. On that line {fold} unfolds them again.")
    NAMED: ClassVar[Mapping[str, str]] = {"fold": call("fold")}

    def answered(self, text: str) -> None:
        """Have them folded; which can be is known where the trainer is."""
        if text:
            self.post_message(Requested(Request(lambda session: fold(session, text), source=self.OPENED_BY)))


def _rank(node: Node, wanted: str) -> tuple[bool, bool, bool, bool]:
    """Put first what is called exactly like that, then what begins like it, then parameters, then names."""
    names = (node.name, shown(node)) if wanted else ("",)
    begins = any(name.startswith(wanted) for name in names)
    return wanted not in names, not begins, node.kind is not Kind.PARAMETER, node.label is None


def _entry(node: Node) -> str:
    return (
        assignment_title(node) if node.kind is Kind.OPERATION else f"{shown(node)}  ({tr(KINDS[node.kind])})"
    )
