"""Pinned runs on the loss chart: dotted curves below its own, each with its number where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from msgspec import Struct, structs

from tui_backprop.text.sentences import tr
from tui_backprop.training.history import Envelope
from tui_backprop.tui.panels.chart.axes import Floats
from tui_backprop.tui.panels.chart.levels import Row, by_column, joined, put
from tui_backprop.tui.panels.chart.plot import LossPlot

if TYPE_CHECKING:
    from tui_backprop.sweeps.pins import PinnedRun

COLOURS: Final = 3
"""Colours that take turns; a number tells curves apart anyway."""
_EMPTY = " ⠀"
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BRAILLE = 0x2800
_PROBE = np.array([1.0, 2.0])
"""Where two axes are compared: they are the same where these stand in the same places."""
_Cells = dict[tuple[int, int], tuple[str, str]]


class PinnedCurves(Struct, frozen=True, eq=False):
    """What is drawn of the pinned runs.

    Attributes:
        envelopes: their losses.
        runs: what they are called.
    """

    envelopes: tuple[Envelope, ...] = ()
    runs: tuple[PinnedRun, ...] = ()

    @property
    def legend(self) -> str:
        """What tells them apart, on one line; "" without any."""
        alike = tr("as the others")
        return " · ".join(f"{run.number}: {run.settings or alike}" for run in self.runs)


class PinPainter:
    """Draws pinned runs on one chart; while its axes stand still, their curves are not worked out again."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._cells: _Cells = {}
        self._ends: list[tuple[int, int, int]] = []

    def over(self, plot: LossPlot, curves: PinnedCurves, plain: bool) -> LossPlot:
        """Return a plot with these curves where its own leaves room, and their numbers on top.

        Args:
            plot: what is drawn already.
            curves: the pinned runs.
            plain: whether only ASCII is to be used; a curve is a line of its number then.
        """
        if not curves.envelopes or plot.y_axis is None:
            return plot
        rows = plot.rows[plot.notes : -2]
        self._lay_out(plot, curves.envelopes, plain, len(rows))
        changed = [_under(row, line, self._cells) for line, row in enumerate(rows)]
        labels = _labels(self._ends, changed)
        changed = [_with_labels(row, line, labels) for line, row in enumerate(changed)]
        return structs.replace(plot, rows=[*plot.rows[: plot.notes], *changed, *plot.rows[-2:]])

    def _lay_out(self, plot: LossPlot, envelopes: tuple[Envelope, ...], plain: bool, lines: int) -> None:
        assert plot.y_axis is not None
        with np.errstate(all="ignore"):
            axes = (tuple(axis.position(_PROBE).tolist()) for axis in (plot.axis, plot.y_axis))
        key = (envelopes, plain, lines, plot.left, plot.last_cell, *axes)
        if key == self._key:
            return
        self._key, self._cells, self._ends = key, {}, []
        for number, envelope in enumerate(envelopes, 1):
            heights = _heights(plot, envelope)
            drawn = _as_digits(heights, number, lines) if plain else _as_dots(heights, lines)
            part = f"pin-{number % COLOURS}"
            for (line, column), sign in drawn.items():
                self._cells.setdefault((line, plot.left + column), (part, sign))
            if drawn:
                line, column = max(drawn, key=lambda place: place[1])
                self._ends.append((number, line, plot.left + column))


def _heights(plot: LossPlot, envelope: Envelope) -> Floats:
    """Return the height, 0 to 1, at each half column of the canvas; NaN where there is no loss."""
    assert plot.y_axis is not None
    halves = (np.arange(2 * (plot.last_cell + 1)) + 0.5) / 2 - 0.5
    with np.errstate(all="ignore"):
        low, high = (plot.y_axis.position(losses) for losses in (envelope.low, envelope.high))
    places = plot.axis.position(envelope.iterations.astype(np.float64)) * plot.last_cell
    known = np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return np.full(len(halves), np.nan)
    middle = np.clip((low + high) / 2, 0, 1)[known]
    heights = np.interp(halves, places[known], middle)
    heights[(halves < places[known][0] - 0.5) | (halves > places[known][-1] + 0.5)] = np.nan
    return heights


def _as_dots(heights: Floats, lines: int) -> dict[tuple[int, int], str]:
    """Return braille signs by line and column: every other half column, joined where it is steep."""
    cells: dict[tuple[int, int], int] = {}
    known = np.flatnonzero(np.isfinite(heights))[::2]
    rows = np.minimum((1 - heights[known]) * 4 * lines, 4 * lines - 1).astype(np.int64)
    before = -1
    for half, row in zip(known.tolist(), rows.tolist(), strict=True):
        steep = before >= 0 and abs(row - before) > 3
        for dot in (*(range(min(before, row), max(before, row), 2) if steep else ()), row):
            place = dot // 4, half // 2
            cells[place] = cells.get(place, 0) | int(_DOTS[dot % 4, half % 2])
        before = row
    return {place: chr(_BRAILLE | bits) for place, bits in cells.items()}


def _as_digits(heights: Floats, number: int, lines: int) -> dict[tuple[int, int], str]:
    """Return the number by line and column, in every other column, two curves not in the same ones."""
    known = [half for half in np.flatnonzero(np.isfinite(heights)).tolist() if not half % 2]
    shown = [half for half in known if half // 2 % 2 == number % 2 or half == known[-1]]
    return {(min(int((1 - heights[half]) * lines), lines - 1), half // 2): str(number) for half in shown}


def _under(row: Row, line: int, cells: _Cells) -> Row:
    """Return a row with the cells where it has none of its own."""
    mine = {column: cell for (at, column), cell in cells.items() if at == line}
    if not mine:
        return row
    signs = by_column(row)
    for column, cell in mine.items():
        if column < len(signs) and signs[column][1] and signs[column][1] in _EMPTY:
            signs[column] = cell
    return joined(signs)


def _labels(ends: Sequence[tuple[int, int, int]], rows: Sequence[Row]) -> dict[tuple[int, int], int]:
    """Return the place of each number: at the end of its curve, or beside it where that is taken."""
    taken: dict[tuple[int, int], int] = {}
    own = [[part == "line" and sign not in _EMPTY for part, sign in by_column(row)] for row in rows]

    def free(line: int, column: int) -> bool:
        inside = 0 <= line < len(own) and 0 <= column < len(own[line])
        return inside and (line, column) not in taken and not own[line][column]

    for number, line, column in ends:
        around = [(line, column), (line, column - 1), (line - 1, column), (line + 1, column)]
        around += [(line - 1, column - 1), (line + 1, column - 1), (line, column - 2), (line, column - 3)]
        place = next((place for place in around if free(*place)), (line, column))
        taken[place] = number
    return taken


def _with_labels(row: Row, line: int, labels: dict[tuple[int, int], int]) -> Row:
    mine = {column: number for (at, column), number in labels.items() if at == line}
    if not mine:
        return row
    signs = by_column(row)
    for column, number in mine.items():
        if column < len(signs):
            put(signs, column, f"pin-{number % COLOURS}", str(number))
    return joined(signs)
