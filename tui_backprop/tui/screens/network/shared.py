"""The short string of a set-up and place, to be read and copied: it is on the clipboard already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from tui_backprop.debugger.playground.sharing import SharedPage
from tui_backprop.text.sentences import tr
from tui_backprop.tui.screens.reading import ReadingScreen
from tui_backprop.tui.widgets.lines import Line, paragraph


class SharedScreen(ReadingScreen):
    """The line that opens it elsewhere, cut at the frame alone, so that a terminal can select it."""

    OPENED_BY = "share"

    def __init__(self, page: SharedPage) -> None:
        super().__init__(tr("Share"))
        self._page = page

    @classmethod
    def of_page(cls, page: SharedPage) -> Self:
        """Return the screen that shows a string."""
        return cls(page)

    def opened(self) -> None:
        """Copy the line."""
        self.app.copy_to_clipboard(self._page.line)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Write what it is, the line, and what is not in it."""
        line = self._page.line
        told = tr("This line opens the set-up and this place anywhere; it was sent to the clipboard:")
        lines = paragraph(self.charset, told, width, "label")
        lines.append(())
        lines += [((line[at : at + width], "strong"),) for at in range(0, len(line), width)]
        lines.append(())
        return lines + [row for note in self._page.notes for row in paragraph(self.charset, note, width)]
