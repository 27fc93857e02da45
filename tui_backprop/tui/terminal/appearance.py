"""What every row of the screen goes through last on terminals without colours, or without Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget
from textual.widgets import Input

from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.tui.terminal.colours import SIXTEEN, NoColours, SixteenColours


class AsciiOnly(LineFilter):
    """The last safety net: whatever has not been spelled in ASCII by now, is, in as many cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        from tui_backprop.text.ascii import in_place  # its patterns take a start's time

        return [
            segment if segment.text.isascii() else Segment(in_place(segment.text), segment.style)
            for segment in segments
        ]


class WholeCells(ScrollBarRender):
    """Scroll bars that end at a cell's edge: ASCII has no parts of cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def charset_of(widget: Widget) -> Charset:
    """Return the characters that a widget's app can show: all of them where it does not say."""
    app = widget.app
    return app.charset if isinstance(app, Appearance) else UNICODE


def scroll_bar(bar: ScrollBar, **shape: Any) -> ScrollBarRender:
    """Draw a scroll bar as its app can show it."""
    return (WholeCells if charset_of(bar).ascii_only else ScrollBarRender)(**shape)


class Appearance(App[None]):
    """An app that can do without colours, and without other characters than ASCII."""

    _last: tuple[LineFilter, ...] = ()
    charset = UNICODE
    few_colours = False

    def adapt(self, *, colours: bool, charset: Charset) -> None:
        """Choose, before the app runs."""
        self.charset, self.no_color = charset, not colours
        self.few_colours = colours and self.console.color_system == "standard"
        chosen = (SixteenColours(),) if self.few_colours else () if colours else (NoColours(),)
        self._last = (*chosen, *((AsciiOnly(),) if charset.ascii_only else ()))
        if self.few_colours:
            self.register_theme(SIXTEEN)
        ScrollBar.renderer = scroll_bar  # type: ignore[assignment]  # a method in place of a class

    def theme_for(self, remembered: str) -> str:
        """Return the theme to start with: with sixteen colours a dark one gives way to one made for them."""
        theme = self.get_theme(remembered) or self.current_theme
        return SIXTEEN.name if self.few_colours and theme.dark and not theme.ansi else theme.name

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
