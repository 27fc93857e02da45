"""What the app shows as a picture: its cells in the colours that it gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.color import Color, ColorType
from rich.style import Style

from tui_backprop.drawing.vector.screen import CellRun

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.strip import Strip

INK, GROUND = "#e0e0e0", "#121212"
"""What a terminal's own colours are taken for."""


def runs(screen: Screen[object]) -> list[CellRun]:
    """Return what stands on a screen, row by row."""
    strips = screen._compositor.render_strips()
    return [run for row, strip in enumerate(strips) for run in _of_row(row, strip)]


def _of_row(row: int, strip: Strip) -> Iterator[CellRun]:
    column = 0
    for segment in strip:
        if segment.text and not segment.control:
            yield _run(row, column, segment.text, segment.style or Style.null())
            column += segment.cell_length


def _run(row: int, column: int, text: str, style: Style) -> CellRun:
    ink, ground = _colour(style.color, INK), _colour(style.bgcolor, GROUND)
    if style.reverse:
        ink, ground = ground, ink
    return CellRun(row, column, text, ink, ground, bool(style.bold))


def _colour(colour: Color | None, own: str) -> str:
    if colour is None or colour.type is ColorType.DEFAULT:
        return own
    return str(colour.get_truecolor().hex)
