"""A border title that changes often and costs one row: Textual would paint the whole widget again for it."""

from __future__ import annotations

from typing import Self

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


class Titled(Widget):
    """A widget that can be given another border title cheaply."""

    _title = ""
    _retitling = False

    def retitle(self, text: str) -> None:
        """Put plain text into the border; nothing is painted where it stands there already."""
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
