"""Tables of numbers on shades, and listings with bars."""

from __future__ import annotations

import numpy as np

from tui_backprop.drawing.cells.canvas import COLOUR, PEN, Canvas
from tui_backprop.drawing.cells.colours import XTERM, is_bright
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.cells.texts import charset, fitted
from tui_backprop.pictures.figure import Heat, Listing, Table
from tui_backprop.text.sentences import tr

_BAR = 24
"""Cells of the longest bar, at most."""
_LEAST_BAR = 4
_WIDEST = 15
"""Cells of a number's shade, where there is room."""


def draw_table(canvas: Canvas, pens: Pens, table: Table, *, titled: bool) -> None:
    """Draw a table; rows and columns that there is no room for are left out, and that is said."""
    z = np.asarray(table.cells.z, np.float64)
    if z.ndim != 2 or not z.size:
        return
    cells, muted = charset(pens).cells, pens.ink("muted")
    count = z.shape
    y = 0
    if titled or canvas.height >= count[0] + 3:
        down, across = pens.sign("↓", tr("rows")), pens.sign("→", tr("columns"))
        what = f"{down} {table.rows_are}, {across} {table.columns_are}"
        text = f"{table.title}: {what}" if titled and table.title else what
        canvas.write(0, 0, fitted(pens, text, canvas.width), muted)
        y = 1
    left = min(max((cells(name) for name in table.cells.rows), default=0), canvas.width // 3)
    longest = max((cells(text) for row in table.cells.texts for text in row), default=1)
    named = max((cells(name) for name in table.cells.columns), default=0)
    fair = max((canvas.width - left - 1) // count[1], 1)
    width = min(max(min(named, longest + 8), longest + 2, _WIDEST), fair)
    if width < min(longest + 1, 3):
        width = longest + 1  # fewer columns, but their numbers in full
    shown = min(count[1], max((canvas.width - left - 1) // width, 0))
    tall = canvas.height - y - 1
    high = max(min(tall // count[0], width // 2), 1)
    high -= 1 - high % 2  # odd: a number stands in the middle
    lines = min(count[0], max(tall // high, 0))
    for column in range(shown):
        name = fitted(pens, table.cells.columns[column] if column < len(table.cells.columns) else "", width)
        start = left + 1 + column * width + (width - cells(name)) // 2
        canvas.write(start, y, name, pens.ink("axis"))
    finite = z[np.isfinite(z)]
    low, high_z = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    low = min(low, 0.0)
    heat = Heat(z, (0, 1), (0, 1), low, high_z if high_z > low else low + 1, 0.0 if low < 0 else None)
    levels = pens.levels(z, heat)
    for row in range(lines):
        top = y + 1 + row * high
        name = fitted(pens, table.cells.rows[row] if row < len(table.cells.rows) else "", left)
        canvas.write(left - cells(name), top + high // 2, name, pens.ink("axis"))
        for column in range(shown):
            place = canvas.part(left + 1 + column * width, top, width, high)
            strong = table.cells.strong is not None and bool(table.cells.strong[row, column])
            _draw_cell(
                place, pens, heat, int(levels[row, column]), table.cells.texts[row][column], strong=strong
            )
    if lines < count[0] or shown < count[1]:
        left_out = tr(
            "{mark} {rows} rows and {columns} columns more",
            mark=pens.sign("…", "..."),
            rows=count[0] - lines,
            columns=count[1] - shown,
        )
        canvas.write(0, canvas.height - 1, " " * canvas.width)
        canvas.write(0, canvas.height - 1, fitted(pens, left_out, canvas.width), muted)


def _draw_cell(canvas: Canvas, pens: Pens, heat: Heat, level: int, text: str, *, strong: bool) -> None:
    """Write a number on its shade; without colours the shade stands at both sides of it."""
    ink, paper = PEN["text"] if pens.palette.colours else 0, 0
    if pens.palette.colours >= 256:
        paper = int(pens.papers(heat)[level])
        if paper:
            ink = COLOUR + (16 if is_bright(XTERM[paper - COLOUR]) else 231)
        canvas.paper[:], canvas.text[:] = paper, " "
    else:
        canvas.text[:] = pens.shade_signs(heat)[level]
        canvas.ink[:] = pens.shade_inks(heat)[level]
    marked = f"{pens.sign('▸', '>')}{text}" if strong and charset(pens).cells(text) < canvas.width else text
    written = fitted(pens, marked, canvas.width)
    room = charset(pens).cells(written)
    if pens.palette.colours < 256 and room + 2 <= canvas.width:
        written, room = f" {written} ", room + 2
    canvas.write((canvas.width - room) // 2, canvas.height // 2, written, ink, paper)


def draw_listing(canvas: Canvas, pens: Pens, listing: Listing, *, titled: bool) -> None:
    """Draw rows of text with their bars; rows that there is no room for are counted."""
    cells, y = charset(pens).cells, 0
    if titled and listing.title and canvas.height >= 4:
        canvas.write(0, 0, fitted(pens, listing.title, canvas.width), pens.ink("axis"))
        y = 1
    rows = [tuple(fitted(pens, text, 60) for text in row) for row in (listing.heading, *listing.rows)]
    columns = max((len(row) for row in rows), default=0)
    widths = [max((cells(row[k]) for row in rows if k < len(row)), default=0) for k in range(columns)]
    bar = min(_BAR, canvas.width - 2 - sum(widths) - 2 * columns) if listing.lengths is not None else 0
    shown = min(len(listing.rows), max(canvas.height - y - 1, 0))
    if shown < len(listing.rows):
        shown = max(shown - 1, 0)
    for place in range(-1, shown):
        marked = 0 <= place < len(listing.marked) and listing.marked[place]
        ink = pens.ink("muted" if place < 0 else "bad" if marked else "text")
        x = canvas.write(0, y, f"{pens.wrong} " if marked else "  ", ink)
        for text, width in zip(rows[place + 1], widths, strict=False):
            x = canvas.write(x, y, f"{text}{' ' * (width - cells(text) + 2)}", ink)
        if place >= 0 and listing.lengths is not None and place < len(listing.lengths) and bar >= _LEAST_BAR:
            canvas.write(x, y, _bar(pens, listing.lengths[place], bar), pens.ink("bad" if marked else "line"))
        y += 1
    if shown < len(listing.rows):
        mark, left = pens.sign("…", "..."), len(listing.rows) - shown
        more = tr("  {mark} {count} more", mark=mark, count=left)
        canvas.write(0, y, fitted(pens, more, canvas.width), pens.ink("muted"))


def _bar(pens: Pens, length: float, width: int) -> str:
    """Return a bar as long as a share of so many cells; of whatever is there at all something is seen."""
    if not length > 0:
        return ""
    eighths = max(1, round(min(length, 1.0) * width * 8))
    whole, rest = divmod(eighths, 8)
    if pens.palette.ascii_only and not whole:
        return "."
    return (pens.lengths[8] * whole + pens.lengths[rest]).rstrip()
