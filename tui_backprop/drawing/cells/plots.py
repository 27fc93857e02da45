"""A plot in cells: its field, axes beside it, a line above it; where there is little room the field stays."""

from __future__ import annotations

from msgspec import structs

from tui_backprop.drawing.cells import legend
from tui_backprop.drawing.cells.canvas import Canvas
from tui_backprop.drawing.cells.marks import Field
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.cells.texts import charset, fitted
from tui_backprop.drawing.ticks import rounded, ticks
from tui_backprop.pictures.figure import Axis, Contour, Heat, Plot

_HEADED, _NUMBERED, _LABELLED = 9, 6, 20
"""Rows from which on there is a line above the field, and numbers below; columns with numbers beside."""
_NAMED = 30
_ROWS_A_TICK = 2
_FARTHEST = 1.7e308


def draw_plot(canvas: Canvas, pens: Pens, plot: Plot, *, titled: bool) -> None:
    """Draw a plot on a canvas.

    Args:
        canvas: where.
        pens: what to draw with.
        plot: what.
        titled: whether its title is to be seen, as beside other plots.
    """
    width, height = canvas.width, canvas.height
    x, y = _sound(plot.x), _sound(plot.y)
    if not any(isinstance(mark, (Heat, Contour)) for mark in plot.marks):
        x, y = rounded(x), rounded(y)
    head = 1 if height >= (_NUMBERED if titled else _HEADED) else 0
    foot = 2 if height >= _NUMBERED else 0
    rows = height - head - foot
    beside = ticks(y, max(3, rows // _ROWS_A_TICK)) if width >= _LABELLED else []
    beside = [(at, fitted(pens, text, max(5, width // 4))) for at, text in beside]
    cells = charset(pens).cells
    left = max((cells(text) for _, text in beside), default=0)
    if left > width // 3:
        beside, left = [], 0
    left += 1 if width >= _LABELLED else 0
    field = canvas.part(left, head, width - left, rows)
    _draw_y(canvas, pens, beside, left, head, rows)
    if foot:
        _draw_x(canvas.part(0, head + rows, width, foot), pens, x, left)
    drawn = Field(field, pens, x, y)
    for mark in plot.marks:
        drawn.draw(mark)
    if head:
        _draw_head(canvas, pens, plot, titled=titled)


def _sound(axis: Axis) -> Axis:
    """Return an axis that can be drawn on, whatever its ends are."""
    low, high = axis.low, axis.high
    if -_FARTHEST < low < high < _FARTHEST and (low > 0 or not axis.log):
        return axis
    return structs.replace(axis, low=1.0 if axis.log else 0.0, high=10.0 if axis.log else 1.0)


def _draw_head(canvas: Canvas, pens: Pens, plot: Plot, *, titled: bool) -> None:
    """Write title and the name of the y axis on the left, the legend on the right."""
    x = 0
    if titled:
        x = canvas.write(0, 0, fitted(pens, plot.title, canvas.width), pens.ink("axis"))
    if plot.y.label and plot.y.label != plot.title:
        text = f"{pens.sign(' · ', ' - ')}{plot.y.label}" if x else plot.y.label
        if charset(pens).cells(text) <= canvas.width - x:
            x = canvas.write(x, 0, fitted(pens, text, canvas.width - x), pens.ink("muted"))
    legend.write(canvas, 0, x, legend.entries(plot.marks, pens), pens)


def _draw_y(
    canvas: Canvas, pens: Pens, beside: list[tuple[float, str]], left: int, head: int, rows: int
) -> None:
    """Draw the y axis with its numbers, which stand in the cells where their values lie."""
    if not left or rows < 1:
        return
    ink, cells = pens.ink("axis"), charset(pens).cells
    for row in range(rows):
        canvas.write(left - 1, head + row, pens.sign("│", "|"), ink)
    for at, text in beside:
        row = min(max(int((1 - at) * rows), 0), rows - 1)
        canvas.write(left - 1 - cells(text), head + row, text, ink)
        canvas.write(left - 1, head + row, pens.sign("┤", "+"), ink)


def _draw_x(canvas: Canvas, pens: Pens, x: Axis, left: int) -> None:
    """Draw the x axis and its numbers below, its name at the end of the line."""
    ink, cells = pens.ink("axis"), charset(pens).cells
    room = canvas.width - left
    line = pens.sign("└", "+") if left else ""
    canvas.write(max(left - 1, 0), 0, line + pens.sign("─", "-") * room, ink)
    free = 0
    widest = max((cells(text) for _, text in ticks(x, 3)), default=1)
    for at, text in ticks(x, max(2, room // (widest + 4))):
        column = left + min(max(int(at * room), 0), max(room - 1, 0))
        text = fitted(pens, text, max(room // 2, 1))
        start = min(max(column - cells(text) // 2, 0), canvas.width - cells(text))
        if start < free:
            continue
        canvas.write(column, 0, pens.sign("┬", "+"), ink)
        free = canvas.write(start, 1, text, ink) + 1
    if canvas.width >= _NAMED and x.label:
        name = f" {fitted(pens, x.label, room // 2)} "
        drawn, stroke = canvas.text[0].tolist(), pens.sign("─", "-")
        last = canvas.width - cells(name)
        free_starts = (
            k for k in range(last, left + room * 3 // 4, -1) if set(drawn[k : k + cells(name)]) == {stroke}
        )
        canvas.write(next(free_starts, last), 0, name, pens.ink("muted"))
