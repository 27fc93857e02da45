"""A figure laid out on paper: its parts beside or below each other, a title over them and notes below."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tui_backprop.drawing.vector.colours import INK, PAPER, ROLES, hexadecimal, shades
from tui_backprop.drawing.vector.frame import CENTRED, SMALL, UPRIGHT, closed, framed
from tui_backprop.drawing.vector.marks import draw_mark, legend
from tui_backprop.drawing.vector.paper import Lettering, Paper
from tui_backprop.pictures.figure import Figure, Heat, Listing, Part, Plot, Table
from tui_backprop.text.spelling import pretty_text

TITLE, HEADING = 16.0, 13.0
_LINE = 17.0
"""Height of a line of text."""


def put(figure: Figure, paper: Paper, width: float, height: float) -> None:
    """Put a figure on paper of a size in points."""
    paper.box(0, 0, width, height, PAPER)
    paper.text((width / 2, 16), pretty_text(figure.title), Lettering(TITLE, INK, "middle", bold=True))
    notes = [line for note in figure.notes for line in _wrapped(paper, pretty_text(note), width - 24)]
    floor = height - 8 - _LINE * len(notes)
    for k, line in enumerate(notes):
        paper.text((12, floor + _LINE * (k + 0.5)), line, Lettering(SMALL, ROLES["axis"]))
    top, count = 32.0, len(figure.parts)
    if not count:
        return
    columns = _columns(count, width, floor - top)
    rows = -(-count // columns)
    wide, high = (width - 12) / columns, (floor - top) / rows
    for k, part in enumerate(figure.parts):
        left = 6 + wide * (k % columns)
        _PARTS[type(part)](part, paper, left, top + high * (k // columns), wide, high, count > 1)


def _columns(count: int, width: float, height: float) -> int:
    """Return how many parts stand side by side, so that each is about half as wide again as it is high."""

    def fault(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log((width / columns) / (height / rows) / 1.5)) + 0.1 * (columns * rows - count)

    return min(range(1, count + 1), key=fault)


def _wrapped(paper: Paper, text: str, width: float) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and paper.width_of(longer, SMALL) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _headed(
    paper: Paper, title: str, left: float, top: float, width: float, height: float
) -> tuple[float, float]:
    """Write a part's title, and return the top and the height that are left for it."""
    paper.text((left + width / 2, top + 8), pretty_text(title), Lettering(HEADING, INK, "middle"))
    return top + 18, height - 18


def _plot(
    plot: Plot, paper: Paper, left: float, top: float, width: float, height: float, entitled: bool
) -> None:
    if entitled:
        top, height = _headed(paper, plot.title, left, top, width, height)
    entries = tuple(legend(plot.marks))
    if entries:
        x = left + 40
        for entry in entries:
            name = pretty_text(entry.name)
            room = paper.width_of(name, SMALL) + 34
            if x + room > left + width + 30:
                break
            entry.sample(paper, (x, top + 8))
            paper.text((x + 12, top + 8), name, Lettering(SMALL, INK))
            x += room
        top, height = top + 18, height - 18
    frame = framed(paper, plot, left, top, width, height)
    for mark in plot.marks:
        draw_mark(mark, frame, paper)
    closed(paper, frame)


def _table(
    table: Table, paper: Paper, left: float, top: float, width: float, height: float, entitled: bool
) -> None:
    cells = table.cells
    rows, columns = len(cells.rows), len(cells.columns)
    if entitled:
        top, height = _headed(paper, table.title, left, top, width, height)
    beside = max((paper.width_of(pretty_text(name), SMALL) for name in cells.rows), default=0) + 34
    wide, high = (width - beside - 16) / max(columns, 1), (height - 46) / max(rows, 1)
    finite = cells.z[np.isfinite(cells.z)]
    low, high_ = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    heat = Heat(cells.z[::-1], (0, 1), (0, 1), min(low, 0.0), max(high_, low + 1e-12))
    colours = shades(heat)
    paper.text(
        (left + 8, top + 46 + (height - 46) / 2),
        table.rows_are,
        UPRIGHT,
    )
    paper.text(
        (left + beside + (width - beside - 16) / 2, top + 10),
        table.columns_are,
        CENTRED,
    )
    for column, name in enumerate(cells.columns):
        paper.text(
            (left + beside + wide * (column + 0.5), top + 30),
            pretty_text(name),
            CENTRED,
        )
    for row, name in enumerate(cells.rows):
        y = top + 42 + high * row
        paper.text((left + beside - 6, y + high / 2), pretty_text(name), Lettering(SMALL, INK, "end"))
        for column in range(columns):
            x = left + beside + wide * column
            paper.box(x, y, wide - 2, high - 2, hexadecimal(colours[row, column]))
            strong = cells.strong is not None and bool(cells.strong[row, column])
            middle = (x + wide / 2, y + high / 2)
            paper.text(middle, cells.texts[row][column], Lettering(HEADING, INK, "middle", bold=strong))


def _listing(
    listing: Listing, paper: Paper, left: float, top: float, width: float, height: float, entitled: bool
) -> None:
    if entitled:
        top, height = _headed(paper, listing.title, left, top, width, height)
    rows = listing.rows[: max(1, int(height / _LINE) - 1)]
    columns = len(listing.heading)
    widths = [
        max(paper.width_of(pretty_text(row[k]), SMALL) for row in (listing.heading, *rows)) + 18
        for k in range(columns)
    ]
    for number, row in enumerate((listing.heading, *rows)):
        x, y = left + 10, top + _LINE * (number + 0.5)
        marked = number and listing.marked and listing.marked[number - 1]
        colour = ROLES["bad"] if marked else INK
        for text, wide in zip(row, widths, strict=True):
            paper.text((x, y), pretty_text(text), Lettering(SMALL, colour, bold=not number))
            x += wide
        if number and listing.lengths is not None:
            room = max(left + width - 12 - x, 0.0)
            paper.box(x, y - 5, room * listing.lengths[number - 1], 10, ROLES["bad" if marked else "other"])


_PARTS: Mapping[type[Part], Callable[[Any, Paper, float, float, float, float, bool], None]] = {
    Plot: _plot, Table: _table, Listing: _listing,
}  # fmt: skip
