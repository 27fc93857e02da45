"""Homework: a gradient worked out by hand is marked, and below stand the marks so far."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.names import pretty_text
from tui_backprop.training.homework import split_claim
from tui_backprop.tui.screens.ask import AskScreen
from tui_backprop.tui.snapshot import Snapshot


class HomeworkScreen(AskScreen):
    """Asks for a gradient and what it is by hand."""

    OPENED_BY = "homework"
    HEADING = "Homework · Enter has it marked, Esc closes"
    PLACEHOLDER = "NAME = gradient, such as beta = X.T @ dz or b = -0.125"
    HELP = (
        "NAME is the node whose gradient you have worked out. A formula may use all names, and d<name> "
        "for the gradient of another node; it is compared here and at random points, numbers only here."
    )

    class Asked(Message):
        """A gradient was typed."""

        def __init__(self, name: str, text: str) -> None:
            super().__init__()
            self.name = name
            self.text = text

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the marks, the latest first."""
        return [
            f"{'✓' if mark.passed else '✗'} {pretty_text(mark.name)} = {mark.given}: {mark.verdict}"
            for mark in reversed(snapshot.marks)
        ]

    def answered(self, text: str) -> None:
        """Split name and gradient, and pass them on."""
        try:
            self.post_message(self.Asked(*split_claim(text)))
        except BackpropError as error:
            self.refuse(str(error))

    def accept(self, text: str) -> None:
        """Show the mark; what was typed stays, to be mended."""
        self.say(text)

    def chosen(self, index: int) -> None:
        """Put an earlier answer back into the line."""
        mark = self.snapshot.marks[-1 - index]
        self.line.value = f"{mark.name} = {mark.given}"
        self.line.focus()
