"""Levels on the loss chart: thin lines with their names, behind the curve and its signs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np

from tui_backprop.text.numbers import number
from tui_backprop.text.width import cells
from tui_backprop.tui.panels.chart.axes import LossAxis

Row: TypeAlias = list[tuple[str, str]]
"""Component and text from left to right; rows that are equal need no refresh."""
Levels: TypeAlias = Sequence[tuple[str, float]]
"""Names and losses."""
EMPTY = " \u2800"
"""Cells of the canvas with nothing in them."""
LEVEL = "┈"


def with_levels(curves: list[Row], left: int, axis: LossAxis, levels: Levels) -> None:
    """Draw the levels that the axis reaches into rows of the canvas, whose curve begins at a column."""
    for name, loss in levels:
        with np.errstate(all="ignore"):
            height = float(axis.position(np.array([loss]))[0])
        if 0 <= height <= 1:
            line = min(int((1 - height) * len(curves)), len(curves) - 1)
            curves[line] = _levelled(curves[line], left, f" {name} {number(loss, 3)} ")


def _levelled(row: Row, left: int, label: str) -> Row:
    """Fill what is empty of a row, and write the label where there is room for it, far to the right."""
    columns, name = by_column(row), by_column([("level", label)])
    free = [at >= left and bool(sign) and sign in EMPTY for at, (_, sign) in enumerate(columns)]
    room = len(name)
    ends = range(len(columns) - 1, left + room, -1)
    end = next((stop for stop in ends if all(free[stop - room : stop])), None)
    if end is None:
        return row  # a line without a name says nothing
    for at, is_free in enumerate(free):
        if is_free:
            columns[at] = ("level", LEVEL)
    columns[end - room : end] = name
    return joined(columns)


def by_column(row: Row) -> list[tuple[str, str]]:
    """Return component and sign by column; the right half of a wide sign is a column with an empty text."""
    columns: list[tuple[str, str]] = []
    for component, text in row:
        for sign in text:
            room = cells(sign)
            if room or not columns:
                columns += [(component, sign), *[(component, "")] * (room - 1)]
            else:
                columns[-1] = columns[-1][0], columns[-1][1] + sign
    return columns


def put(columns: list[tuple[str, str]], at: int, component: str, sign: str) -> None:
    """Put a sign of one cell at a column; of a wide one that stood there nothing stays."""
    if not columns[at][1] and at:
        columns[at - 1] = columns[at - 1][0], " "
    if at + 1 < len(columns) and not columns[at + 1][1]:
        columns[at + 1] = columns[at + 1][0], " "
    columns[at] = component, sign


def joined(columns: Sequence[tuple[str, str]]) -> Row:
    """Return a row of what stands in its columns."""
    return [(part, "".join(sign for _, sign in run)) for part, run in groupby(columns, lambda one: one[0])]
