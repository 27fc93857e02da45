"""Levels on the loss chart: thin lines with their names, behind the curve and its signs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np

from tui_backprop.text.numbers import number
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
    cells = [(component, sign) for component, text in row for sign in text]
    free = [at >= left and sign in EMPTY for at, (_, sign) in enumerate(cells)]
    end = next(
        (
            stop
            for stop in range(len(cells) - 1, left + len(label), -1)
            if all(free[stop - len(label) : stop])
        ),
        None,
    )
    if end is None:
        return row  # a line without a name says nothing
    for at, is_free in enumerate(free):
        if is_free:
            inside = end - len(label) <= at < end
            cells[at] = ("level", label[at - end + len(label)] if inside else LEVEL)
    grouped = groupby(cells, lambda cell: cell[0])
    return [(component, "".join(sign for _, sign in run)) for component, run in grouped]
