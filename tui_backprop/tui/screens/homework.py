"""Homework: a gradient worked out by hand is marked, and below stand the marks so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from tui_backprop.debugger.replies import BackwardPage, Reply
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.homework import split_claim
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import REVEAL, REVEALS
from tui_backprop.tui.screens.ask import AskScreen


class PastedLines(Input):
    """A line to type, which hands on several lines that are pasted instead of taking the first."""

    class Pasted(Message):
        """Several lines were pasted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def _on_paste(self, event: events.Paste) -> None:
        if len([line for line in event.text.splitlines() if line.strip()]) > 1:
            event.stop()
            event.prevent_default()
            self.post_message(self.Pasted(event.text))


class HomeworkScreen(AskScreen):
    """Asks for a gradient and what it is by hand."""

    OPENED_BY = "homework"
    HEADING = later("Homework · Enter has it checked, {reveal} reveals, Esc closes")
    NAMED: ClassVar[Mapping[str, str]] = {"reveal": REVEALS}
    BINDINGS: ClassVar[list[BindingType]] = [Binding(REVEAL, "reveal", later("Reveal"), show=False)]
    PLACEHOLDER = later("NAME = gradient, such as beta = X.T @ dz or b = -0.125")
    LINE = PastedLines
    HELP = later(
        "NAME is the node whose gradient you have worked out. A formula may use all names, and d<name> "
        "for the gradient of another node; it is compared here and at random points, numbers only here. "
        "Three steps tell of a mistake: what kind it is, where, how it is worked out. NAME = ? reveals it. "
        "A whole backward pass can be pasted: each of its lines is marked."
    )

    def __init__(self, snapshot: Snapshot, initial: str = "") -> None:
        super().__init__(snapshot, initial)
        self._pasted: list[str] = []
        self._numbers: list[int] = []
        self._marked: list[str] = []

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return the name of the node that is selected."""
        return f"{selected.name} = " if selected is not None else ""

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the lines of a pasted backward pass, and the marks, the latest first."""
        from tui_backprop.exercises.words.homework import kept_line

        return [*self._marked, *(kept_line(mark) for mark in reversed(snapshot.marks))]

    def answered(self, text: str) -> None:
        """Have the gradient marked, if there is one."""
        try:
            split_claim(text)
        except BackpropError as error:
            self.refuse(self.OPENED_BY, str(error))
        else:
            self.ask(text)

    @on(PastedLines.Pasted)
    def _pass_pasted(self, message: PastedLines.Pasted) -> None:
        message.stop()
        self._pasted = message.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.ask("\n".join(self._pasted))

    def take(self, source: str, reply: Reply) -> bool:
        """Show the marks of a backward pass in the list."""
        if source != self.OPENED_BY or not isinstance(reply, BackwardPage):
            return super().take(source, reply)
        from tui_backprop.exercises.words.brought import backward_as_lines

        *self._marked, summary = backward_as_lines(reply.report, solved=False)
        self._numbers = [mark.line for mark in reply.report.marks]
        self.say(summary)
        self.update(self.snapshot)
        return True

    def action_reveal(self) -> None:
        """Show the gradient whose name stands in the line."""
        name = self.line.value.partition("=")[0].strip()
        if name:
            self.ask(f"{name} = ?")
        else:
            self.refuse(self.OPENED_BY, tr("write the name of the node whose gradient is to be revealed"))

    def accept(self, text: str) -> None:
        """Show the mark; what was typed stays, to be mended, or typed over."""
        self.say(text)
        self.line.action_select_all()

    def chosen(self, index: int) -> None:
        """Put an earlier answer, or a line of the backward pass, back into the line."""
        if index < len(self._marked):
            self.line.value = self._pasted[self._numbers[index] - 1].strip()
        else:
            mark = self.snapshot.marks[-1 - (index - len(self._marked))]
            self.line.value = f"{mark.name} = {mark.given}"
        self.line.focus()
