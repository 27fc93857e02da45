"""Screens that ask where to go: to an iteration, or to the factor of a node found by its name."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from tui_backprop.engine.errors import printable
from tui_backprop.engine.graph import Kind, Node
from tui_backprop.explain.outline import naming
from tui_backprop.explain.titles import assignment_title, shown
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList
from tui_backprop.tui.snapshot import Snapshot

MAX_DIGITS = 12
MOST = 200
"""Nodes listed at once; typing narrows them down."""


class GotoScreen(AskScreen):
    """Asks for an iteration."""

    OPENED_BY = "goto"
    HEADING = "Go to an iteration · Enter goes there, Esc closes"
    PLACEHOLDER = "a whole number, such as 100"

    class Asked(Message):
        """An iteration to go to was typed."""

        def __init__(self, iteration: int) -> None:
            super().__init__()
            self.iteration = iteration

    def on_mount(self) -> None:
        """Say what is back and what is ahead."""
        super().on_mount()
        here = self.snapshot.iteration
        self.say(f"Up to {here} it goes back, beyond {here} it runs there; breakpoints stop it on the way.")

    def answered(self, text: str) -> None:
        """Check the number and pass it on."""
        word = text.replace(",", "").replace("_", "")
        if not word.isdecimal() or len(word) > MAX_DIGITS or int(word) > MAX_ITERATIONS:
            self.refuse(
                f"found {printable(text, 20)!r}; it must be a whole number from 0 to {MAX_ITERATIONS:,}"
            )
            return
        self.post_message(self.Asked(int(word)))
        self.leave()


class FindScreen(AskScreen):
    """Finds a node by its name or expression, in either spelling."""

    OPENED_BY = "find"
    HEADING = "Find a node · Enter goes to its gradient, Esc closes"
    PLACEHOLDER = "part of a name, such as beta or ŷ"
    HELP = "↓ goes to the list; parameters stand first in it."

    class Found(Message):
        """A node was chosen."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the nodes whose names hold what was typed."""
        self._found = self._matching(self.line.value)
        return [_entry(node) for node in self._found[:MOST]]

    def typed(self, text: str) -> None:
        """Narrow the list down."""
        self.update(self.snapshot)
        self.query_one(ChoiceList).highlighted = 0 if self._found else None

    def _matching(self, text: str) -> list[Node]:
        wanted = text.strip()
        nodes = [node for node in self.snapshot.graph.nodes if node.kind is not Kind.LITERAL]
        return sorted(filter(naming(text), nodes), key=lambda node: _rank(node, wanted))

    def answered(self, text: str) -> None:
        """Go to the node highlighted."""
        if not self._found:
            self.refuse(f"no node has {printable(text, 40)!r} in its name or expression")
            return
        self.chosen(self.query_one(ChoiceList).highlighted or 0)

    def chosen(self, index: int) -> None:
        """Go to a node of the list."""
        self.post_message(self.Found(self._found[index]))
        self.leave()


def _rank(node: Node, wanted: str) -> tuple[bool, bool, bool, bool]:
    """Put first what is called exactly like that, then what begins like it, then parameters, then names."""
    names = (node.name, shown(node))
    begins = any(name.startswith(wanted) for name in names)
    return wanted not in names, not begins, node.kind is not Kind.PARAMETER, node.label is None


def _entry(node: Node) -> str:
    return assignment_title(node) if node.kind is Kind.OPERATION else f"{shown(node)}  ({node.kind.value})"
