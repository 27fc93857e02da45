"""Homework: a gradient worked out by hand is marked, and below stand the marks so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.homework import split_claim
from tui_backprop.tui.keys import REVEAL, REVEALS
from tui_backprop.tui.screens.ask import AskScreen


class HomeworkScreen(AskScreen):
    """Asks for a gradient and what it is by hand."""

    OPENED_BY = "homework"
    HEADING = f"Homework · Enter has it checked, {REVEALS} reveals, Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(REVEAL, "reveal", "Reveal", show=False)]
    PLACEHOLDER = "NAME = gradient, such as beta = X.T @ dz or b = -0.125"
    HELP = (
        "NAME is the node whose gradient you have worked out. A formula may use all names, and d<name> "
        "for the gradient of another node; it is compared here and at random points, numbers only here. "
        "Three steps tell of a mistake: what kind it is, where, how it is worked out. NAME = ? reveals it."
    )

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return the name of the node that is selected."""
        return f"{selected.name} = " if selected is not None else ""

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the marks, the latest first."""
        from tui_backprop.exercises.words.homework import kept_line

        return [kept_line(mark) for mark in reversed(snapshot.marks)]

    def answered(self, text: str) -> None:
        """Have the gradient marked, if there is one."""
        try:
            split_claim(text)
        except BackpropError as error:
            self.refuse(self.OPENED_BY, str(error))
        else:
            self.ask(text)

    def action_reveal(self) -> None:
        """Show the gradient whose name stands in the line."""
        name = self.line.value.partition("=")[0].strip()
        if name:
            self.ask(f"{name} = ?")
        else:
            self.refuse(self.OPENED_BY, "write the name of the node whose gradient is to be revealed")

    def accept(self, text: str) -> None:
        """Show the mark; what was typed stays, to be mended, or typed over."""
        self.say(text)
        self.line.action_select_all()

    def chosen(self, index: int) -> None:
        """Put an earlier answer back into the line."""
        mark = self.snapshot.marks[-1 - index]
        self.line.value = f"{mark.name} = {mark.given}"
        self.line.focus()
