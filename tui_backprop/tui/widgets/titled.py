"""What the panels share: a border title that costs one row, and a style that is not worked out every time.

For another title Textual would paint the whole widget again.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from tui_backprop.text.charset import Charset
from tui_backprop.tui.terminal.appearance import charset_of


class Titled(Widget):
    """A widget that can be given another border title cheaply."""

    _title = ""
    _retitling = False
    _base: Style | None = None

    @cached_property
    def charset(self) -> Charset:
        """The characters that the app can show."""
        return charset_of(self)

    @property
    def base_style(self) -> Style:
        """The style of plain text, worked out once: Textual asks all widgets around for it, for every row."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Forget the old colours."""
        self._base = None
        super().notify_style_update()

    def retitle(self, text: str) -> None:
        """Put plain text into the border; nothing is painted where it stands there already."""
        text = self.charset.spelled(text)
        if text == self._title:
            return
        self._title = text
        self._retitling = True
        try:
            self.border_title = Content(text)  # a lesson's name is text, never markup
        finally:
            self._retitling = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Have regions painted; while the title is set, which asks for everything, its row alone."""
        if self._retitling:
            left, top = self.content_offset
            regions = (Region(-left, -top, self.outer_size.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
