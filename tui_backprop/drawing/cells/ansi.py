"""Rows of cells as text on standard output: escape sequences only where there are colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tui_backprop.drawing.cells.colours import number_of
from tui_backprop.drawing.cells.rows import Paint, Palette, Row, Span, text_of

_ROLES: Final = {
    "line": 6, "other": 5, "validation": 2, "tangent": 3, "path": 15, "target": 15, "axis": 8, "good": 2,
    "bad": 9, "here": 11, "muted": 8, "strong": 15,
}  # fmt: skip
"""Of the sixteen colours, which every terminal has."""


def as_text(rows: Sequence[Row], palette: Palette) -> str:
    """Return rows as lines, each with its newline; without colours there is no escape sequence in them.

    Args:
        rows: what was drawn.
        palette: for what: a palette of colours is for terminals only.
    """
    write = _coloured if palette.colours else text_of
    return "".join(f"{write(row)}\n" for row in rows)


def _coloured(row: Row) -> str:
    while row and not row[-1].paper and not row[-1].reverse and not row[-1].text.strip():
        row = row[:-1]
    return "".join(map(_span, row))


def _span(span: Span) -> str:
    codes = [*(["7"] if span.reverse else []), *_code(span.ink, 30), *_code(span.paper, 40)]
    return f"\x1b[{';'.join(codes)}m{span.text}\x1b[0m" if codes else span.text


def _code(paint: Paint, base: int) -> list[str]:
    """Return the SGR codes of a colour, the ink's from 30 on, the paper's from 40 on."""
    number = _ROLES.get(paint) if isinstance(paint, str) else number_of(paint)
    if number is None:
        return []
    if number < 16:
        return [str(base + number % 8 + (60 if number >= 8 else 0))]
    return [str(base + 8), "5", str(number)]
