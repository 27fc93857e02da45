"""The program that a lesson's runs are compiled to, beside the formula it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from tui_backprop.debugger.replies import ProgramPage
from tui_backprop.export.listing import FORMULA, INDENT, WrittenProgram
from tui_backprop.text.charset import Charset
from tui_backprop.text.sentences import tr
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

BESIDE = 100
"""Columns from which on the two stand beside each other."""


class ProgramScreen(Overlay):
    """Formula and program; lines of the formula are found again in the program as comments."""

    DEFAULT_CSS = """
    ProgramScreen {
        & .box { width: 96%; max-width: 150; height: 94%; }
        & #program-formula { height: auto; max-height: 30%; }
        & #program-code { height: 1fr; }
        &.beside #program-box { layout: horizontal; }
        &.beside #program-formula { width: 2fr; height: 100%; max-height: 100%; }
        &.beside #program-code { width: 3fr; height: 100%; }
    }
    """

    OPENED_BY = "program"

    def __init__(self, program: WrittenProgram) -> None:
        super().__init__()
        self.program = program

    @classmethod
    def of_page(cls, page: ProgramPage) -> Self:
        """Return the screen that shows a program."""
        return cls(page.program)

    def compose(self) -> ComposeResult:
        """Put the formula beside or above the program."""
        with Container(id="program-box", classes="box"):
            yield LinesView(self._formula, heading=tr("Formula"), id="program-formula", classes="panel")
            yield LinesView(self._program, heading=tr("Program"), id="program-code", classes="panel")

    def opened(self) -> None:
        """Say what it is, and let keys scroll the program."""
        box = self.query_one("#program-box")
        title = (
            tr("{lesson}, compiled: the code that runs do · Esc closes", lesson=self.program.name)
            if self.program.lines
            else tr("{title} · Esc closes", title=self.program.name)
        )
        box.border_title = Content(self.charset.spelled(title))
        self.query_one("#program-code").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the width."""
        self.set_class(event.size.width >= BESIDE, "beside")

    def _formula(self, width: int) -> Sequence[Line]:
        return [line for text in self.program.formula for line in _code(self.charset, text, width)]

    def _program(self, width: int) -> Sequence[Line]:
        lines = [
            line for text in self.program.notes for line in paragraph(self.charset, text, width, "label")
        ]
        if lines and self.program.lines:
            lines.append(())
        return lines + [line for text in self.program.lines for line in _code(self.charset, text, width)]


def _code(charset: Charset, text: str, width: int) -> list[Line]:
    """Lay out a line of code; what is too long goes on, indented further."""
    code = text.lstrip(" ")
    part = "note" if code.startswith(FORMULA) else "strong" if code.startswith("#") else ""
    lead = " " * min(len(text) - len(code), max(0, width - 20))
    return [((lead + line, part),) for line in charset.wrap(code, width - len(lead), INDENT * 2)]
