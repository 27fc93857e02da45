"""A whole figure in cells: its parts side by side or below each other, as they are seen best."""

from __future__ import annotations

from tui_backprop.drawing.cells.canvas import Canvas
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.cells.plots import draw_plot
from tui_backprop.drawing.cells.rows import Palette, Row
from tui_backprop.drawing.cells.tables import draw_listing, draw_table
from tui_backprop.drawing.cells.texts import charset, fitted
from tui_backprop.pictures.figure import Figure, Listing, Part, Plot, Table

_LEAST = 20, 6
"""Columns and rows that a part has at least, or it is left out."""
_ASPECT = 2.6
"""How much wider than high, in cells, a part is to be."""
_GAP = 2
_NOTED, _MOST_NOTES = 16, 4
"""Rows from which on there are notes below, and rows that these take at most."""


def draw(figure: Figure, width: int, height: int, palette: Palette, *, titled: bool = False) -> list[Row]:
    """Draw a figure.

    Args:
        figure: what.
        width: in how many columns, at least 1.
        height: in how many rows, at least 1.
        palette: with what.
        titled: whether the figure's title is on the first row; a panel has it in its border.

    Returns:
        ``height`` rows of ``width`` cells each.
    """
    pens = Pens(palette)
    canvas = Canvas.blank(width, height)
    top = 0
    if titled and height > _LEAST[1]:
        canvas.write(0, 0, fitted(pens, figure.title, width), pens.ink("text"))
        top = 1
    notes = _notes(figure, pens, width) if height >= _NOTED else []
    rows = height - top - len(notes)
    for place, note in enumerate(notes):
        canvas.write(0, top + rows + place, note, pens.ink("muted"))
    _draw_parts(canvas.part(0, top, width, rows), pens, figure.parts)
    return canvas.rows()


def _notes(figure: Figure, pens: Pens, width: int) -> list[str]:
    lines = [line for note in figure.notes for line in charset(pens).wrap(fitted(pens, note, 400), width)]
    if len(lines) > _MOST_NOTES:
        lines[_MOST_NOTES - 1 :] = [fitted(pens, f"{lines[_MOST_NOTES - 1]} …", width)]
    return lines


def _draw_parts(canvas: Canvas, pens: Pens, parts: tuple[Part, ...]) -> None:
    """Draw as many parts as there is room for, the first ones."""
    count, columns = _arranged(canvas.width, canvas.height, len(parts))
    if not count:
        return
    lines = -(-count // columns)
    for place, part in enumerate(parts[:count]):
        line, column = divmod(place, columns)
        left, right = (canvas.width * at // columns for at in (column, column + 1))
        top, bottom = (canvas.height * at // lines for at in (line, line + 1))
        gap = _GAP if column < columns - 1 else 0
        _draw_part(
            canvas.part(left, top, right - left - gap, bottom - top), pens, part, titled=len(parts) > 1
        )


def _arranged(width: int, height: int, parts: int) -> tuple[int, int]:
    """Return how many parts to draw, and in how many columns."""
    for count in range(parts, 1, -1):
        fitting = [
            (min(width // columns / _ASPECT, height // -(-count // columns)), columns)
            for columns in range(1, count + 1)
            if width // columns - _GAP >= _LEAST[0] and height // -(-count // columns) >= _LEAST[1]
        ]
        if fitting:
            return count, max(fitting)[1]
    return min(parts, 1), 1


def _draw_part(canvas: Canvas, pens: Pens, part: Part, *, titled: bool) -> None:
    match part:
        case Plot():
            draw_plot(canvas, pens, part, titled=titled)
        case Table():
            draw_table(canvas, pens, part, titled=titled)
        case Listing():
            draw_listing(canvas, pens, part, titled=titled)
