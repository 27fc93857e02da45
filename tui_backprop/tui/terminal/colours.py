"""Colours for terminals that have sixteen of them, or none: what is chosen there can be read and be seen."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

REVERSED = (255, 255, 254)
"""The background, in app.tcss, of what is to be reversed where there are no colours: Textual's lists and
labels lose ``text-style: reverse``."""
_LUMINANCE = (0, 0.13, 0.45, 0.5, 0.07, 0.18, 0.5, 0.78, 0.21, 0.25, 0.74, 0.93, 0.16, 0.35, 0.79, 1)
"""Of the sixteen colours: relative luminance, about the mean of what terminals show."""
_LEAST = 3.0
"""Contrast below which a text is hard to read, as WCAG counts it."""

SIXTEEN = Theme(
    name="sixteen-colours",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_bright_red",
    success="ansi_green",
    accent="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-text-style": "bold",
        "footer-key-foreground": "ansi_cyan",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "surface-lighten-3": "ansi_white",  # scroll bars
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
    },
)
"""The terminal's own foreground and background, and few colours on them: so it suits dark and light ones."""


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
    plain = style.without_color + Style.from_meta(style.meta) if style.meta else style.without_color
    chosen = style.bgcolor is not None and style.bgcolor.triplet == REVERSED
    return plain + Style(reverse=True) if chosen else plain


class SixteenColours(LineFilter):
    """Takes the nearest of sixteen colours, and where a text could not be read on its background another.

    Backgrounds are of the first eight: the Linux console has no others, and shows dark grey as black.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in colours that can be read."""
        return [
            Segment(text, None if style is None else readable(style), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def readable(style: Style) -> Style:
    """Return a style in sixteen colours, with a contrast that text can be read with."""
    front, back = _number(style.color), _number(style.bgcolor)
    if back is None:
        front = None if front == 0 else front  # black on what is likely black
    else:
        back = 0 if back == 8 else back % 8
        if style.reverse and front is not None:
            front %= 8  # it is a background in truth
        if front is not None and _contrast(front, back) < _LEAST:
            better = [front | 8] if front % 8 else []
            front = next(
                (one for one in better if _contrast(one, back) >= _LEAST),
                max((0, 15), key=lambda one: _contrast(one, back)),
            )
    return style + Style.from_color(*map(_colour, (front, back)))


def _number(colour: RichColor | None) -> int | None:
    """Return which of the sixteen a colour is nearest to; None for the terminal's own."""
    return None if colour is None else colour.downgrade(ColorSystem.STANDARD).number


def _colour(number: int | None) -> RichColor:
    return RichColor.default() if number is None else RichColor.from_ansi(number)


def _contrast(one: int, other: int) -> float:
    darker, lighter = sorted((_LUMINANCE[one], _LUMINANCE[other]))
    return (lighter + 0.05) / (darker + 0.05)
