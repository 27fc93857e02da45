"""What every row of the screen goes through last on terminals without colours, or without Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor
from textual.widgets import Input

from tui_backprop.explain.ascii import in_place
from tui_backprop.explain.text import write_ascii


class NoColours(LineFilter):
    """Leaves bold, reverse and underline, which show focus and selection, and takes all colours away."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours."""
        return [
            Segment(text, None if style is None else colourless(style), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def colourless(style: Style) -> Style:
    """Return a style without its colours; what a click on it does stays."""
    return style.without_color + Style.from_meta(style.meta) if style.meta else style.without_color


class AsciiOnly(LineFilter):
    """The last safety net: whatever has not been spelled in ASCII by now, is, in as many cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(in_place(segment.text), segment.style)
            for segment in segments
        ]


class Looks(App[None]):
    """An app that can do without colours, and without other characters than ASCII."""

    _last: tuple[LineFilter, ...] = ()
    ascii_only = False

    def look(self, *, colours: bool, ascii_only: bool) -> None:
        """Choose, before the app runs."""
        self.ascii_only, self.no_color = ascii_only, not colours
        self._last = (*(() if colours else (NoColours(),)), *((AsciiOnly(),) if ascii_only else ()))
        write_ascii(ascii_only)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let no cursor blink: an app that waits is to cost nothing, neither time nor bytes."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what rows go through, in order.

        Textual's own for NO_COLOR makes colours grey, and takes an empty variable for one that is set.
        """
        own = [one for one in super().get_line_filters() if not isinstance(one, (Monochrome, NoColor))]
        return [*own, *self._last]
