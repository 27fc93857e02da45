"""What a drawing in cells is: rows of spans, each with its ink and its paper, for one palette."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

RGB: TypeAlias = tuple[int, int, int]
Paint: TypeAlias = str | RGB
"""A role of :mod:`~tui_backprop.pictures.figure`, whose colour is the front end's; ``text`` and ``strong``
besides; "" for what is there already; or a colour of the 256 that terminals have."""


class Span(NamedTuple):
    """Text in one look.

    Attributes:
        text: what is written.
        ink, paper: the colours of the text and behind it.
        reverse: whether both are exchanged, as for what is wrong.
    """

    text: str
    ink: Paint = ""
    paper: Paint = ""
    reverse: bool = False


Row: TypeAlias = tuple[Span, ...]
"""One line of cells from left to right; equal rows look the same."""


class Palette(Struct, frozen=True):
    """What there is to draw with.

    Attributes:
        colours: 256, 16, or 0 for none.
        ascii_only: whether there are no other characters than ASCII's.
        reverses: whether ink and paper can be exchanged, which plain text cannot.
        dark: whether the paper that is there already is dark.
    """

    colours: int = 256
    ascii_only: bool = False
    reverses: bool = True
    dark: bool = True


COLOURS: Final = Palette()
FEW_COLOURS: Final = Palette(16)
NO_COLOURS: Final = Palette(0)
PLAIN: Final = Palette(0, reverses=False)
"""Text that goes into a file or a pipe."""
PLAIN_ASCII: Final = Palette(0, ascii_only=True, reverses=False)


def text_of(row: Row) -> str:
    """Return a row's text without spaces at its end."""
    return "".join(span.text for span in row).rstrip()
