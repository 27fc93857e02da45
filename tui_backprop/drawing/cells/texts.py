"""Text in a drawing: spelled as the palette has it, safe to print, and cut to the room there is."""

from __future__ import annotations

from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.text.charset import ASCII, UNICODE, Charset
from tui_backprop.text.printable import printable


def charset(pens: Pens) -> Charset:
    """Return the characters that there are."""
    return ASCII if pens.palette.ascii_only else UNICODE


def fitted(pens: Pens, text: str, width: int) -> str:
    """Return a text in at most so many cells; a name may come from anybody's file."""
    return charset(pens).fit(printable(text, 400), max(width, 0))
