"""Marks of a plot in its cells: curves, points, sticks, bars and levels, over shades or beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_backprop.drawing.cells.canvas import Canvas
from tui_backprop.drawing.cells.dots import Dots
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.cells.shades import draw_contour, draw_heat
from tui_backprop.drawing.cells.texts import charset, fitted
from tui_backprop.drawing.ticks import positions
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis, Bars, Contour, Curve, Heat, Level, Mark, Points, Sticks

_Places = npt.NDArray[np.intp]
_SEPARATE = 3
"""Cells a bar, from which on one of them stays empty between bars."""
_ROOM_FOR_LABEL = 30


class Field:
    """The cells between two axes.

    Args:
        canvas: these cells.
        pens: what to draw with.
        x, y: the axes.
    """

    def __init__(self, canvas: Canvas, pens: Pens, x: Axis, y: Axis) -> None:
        self._canvas, self._pens, self._x, self._y = canvas, pens, x, y
        self._dots = Dots(canvas, pens)

    def draw(self, mark: Mark) -> None:
        """Draw one mark over what is there."""
        if not self._canvas.text.size:
            return
        match mark:
            case Heat():
                draw_heat(self._canvas, self._pens, mark, self._x, self._y)
            case Contour():
                draw_contour(self._dots, mark, self._x, self._y)
            case Curve():
                self._dots.line(positions(self._x, mark.x), positions(self._y, mark.y), mark.role)
            case Points():
                self._points(mark)
            case Sticks():
                self._sticks(mark)
            case Bars():
                self._bars(mark)
            case Level():
                self._level(mark)

    def _cells(self, x: Array, y: Array) -> tuple[_Places, _Places, npt.NDArray[np.bool_]]:
        """Return columns and rows of points, and which of these are in the field at all."""
        at_x, at_y = positions(self._x, x), positions(self._y, y)
        inside = (at_x > -1e-9) & (at_x < 1 + 1e-9) & (at_y > -1e-9) & (at_y < 1 + 1e-9)
        width, height = self._canvas.width, self._canvas.height
        columns = np.clip(np.floor(np.where(inside, at_x, 0) * width), 0, width - 1)
        rows = np.clip(np.floor(np.where(inside, 1 - at_y, 0) * height), 0, height - 1)
        return columns.astype(np.intp), rows.astype(np.intp), inside

    def _points(self, points: Points) -> None:
        """Put signs, those that are wrong last, so that none of these is hidden."""
        columns, rows, inside = self._cells(np.asarray(points.x), np.asarray(points.y))
        none = np.zeros(columns.shape, np.bool_)
        wrong = none if points.wrong is None else np.asarray(points.wrong, np.bool_)
        held = none if points.held_back is None else np.asarray(points.held_back, np.bool_)
        canvas, pens = self._canvas, self._pens
        signs, inks = self._signs(points, held, canvas.under[rows, columns])
        for some in (inside & ~wrong, inside & wrong):
            canvas.put(columns[some], rows[some], signs[some], inks[some])
        canvas.reverse[rows[inside & ~wrong], columns[inside & ~wrong]] = False
        at = rows[inside & wrong], columns[inside & wrong]
        if pens.palette.reverses:
            canvas.reverse[at] = True
        else:
            canvas.text[at] = pens.wrong

    def _signs(
        self, points: Points, held: npt.NDArray[np.bool_], under: npt.NDArray[np.int16]
    ) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.int16]]:
        pens = self._pens
        if points.classes is None:
            single = np.where(held, pens.signs(held_back=True)[0], pens.single(points.role))
            return single, pens.inks(points.role, under)
        trained, back = (np.array(list(pens.signs(held_back=which))) for which in (False, True))
        classes = np.asarray(points.classes).astype(np.intp) % trained.size
        return np.where(held, back[classes], trained[classes]), pens.class_inks(classes, under)

    def _sticks(self, sticks: Sticks) -> None:
        x, low, high = (np.asarray(values, np.float64) for values in (sticks.x, sticks.low, sticks.high))
        at_x = positions(self._x, x)
        ends = np.clip(np.stack((positions(self._y, low), positions(self._y, high))), -0.01, 1.01)
        seen = np.isfinite(at_x) & np.isfinite(ends).all(axis=0) & (at_x > -1e-9) & (at_x < 1 + 1e-9)
        column = np.rint(at_x[seen] * (self._dots.columns - 1)).astype(np.intp)
        below, above = np.sort(np.rint((1 - ends[:, seen]) * (self._dots.rows - 1)).astype(np.intp), axis=0)
        counts = above - below + 1
        which = np.repeat(np.arange(counts.size), counts)
        down = np.arange(which.size) - (np.cumsum(counts) - counts)[which]
        self._dots.mark(column[which], below[which] + down, sticks.role, "|")

    def _bars(self, bars: Bars) -> None:
        """Fill cells from 0 to each bar's height, by eighths upwards and by halves downwards."""
        edges, heights = positions(self._x, np.asarray(bars.edges)), np.asarray(bars.heights, np.float64)
        if heights.size < 1 or edges.size != heights.size + 1 or not np.isfinite(edges).all():
            return
        canvas, width, height = self._canvas, self._canvas.width, self._canvas.height
        ends = positions(self._y, heights)
        base = float(np.clip(positions(self._y, np.zeros(1))[0], 0, 1))
        middles = (np.arange(width) + 0.5) / width
        bar = np.searchsorted(edges, middles, side="right") - 1
        known = (bar >= 0) & (bar < heights.size)
        bar = np.clip(bar, 0, heights.size - 1)
        if width >= _SEPARATE * heights.size:
            known[:-1] &= bar[:-1] == bar[1:]
        end = np.where(known & np.isfinite(ends[bar]), np.clip(ends[bar], 0, 1), base)
        top, foot = np.maximum(end, base) * height, np.minimum(end, base) * height
        floor = np.arange(height)[::-1, None]
        filled = np.clip(top - floor, 0, 1)
        least = (end > base) & (np.rint((end - base) * height * 8) < 1)
        filled = np.where(least & (floor == int(min(base * height, height - 1))), 0.13, filled)
        emptied = np.clip(foot - floor, 0, 1)
        eighths = np.rint(filled * 8).astype(np.intp)
        signs = np.array(list(self._pens.eighths))[eighths]
        below = (emptied > 0.0) & (filled >= 1)
        signs = np.where(below, np.where(emptied <= 0.5, self._pens.sign("▀", "'"), " "), signs)
        rows, columns = np.nonzero((signs != " ") & known)
        ink = self._pens.inks(bars.role, canvas.under[rows, columns])
        canvas.put(columns, rows, signs[rows, columns], ink)

    def _level(self, level: Level) -> None:
        axis = self._y if level.across else self._x
        at = float(positions(axis, np.array([level.at]))[0])
        if not -1e-9 < at < 1 + 1e-9:
            return
        dots = self._dots
        along = np.arange(dots.columns if level.across else dots.rows)
        if not self._pens.palette.ascii_only:
            along = along[along % 2 == 0]
        place = (1 - at) * (dots.rows - 1) if level.across else at * (dots.columns - 1)
        across = np.full(along.shape, round(place))
        if level.across:
            dots.mark(along, across, level.role, "-")
        else:
            dots.mark(across, along, level.role, "|")
        self._name(level, at)

    def _name(self, level: Level, at: float) -> None:
        """Write what a level is called beside it, where there is room."""
        canvas = self._canvas
        if not level.label or canvas.width < _ROOM_FOR_LABEL or canvas.height < 4:
            return
        text = fitted(self._pens, level.label, canvas.width // 3)
        ink = self._pens.ink(level.role)
        if level.across:
            row = min(int((1 - at) * canvas.height), canvas.height - 1)
            row = row - 1 if row else row + 1
            canvas.write(canvas.width - charset(self._pens).cells(text) - 1, row, text, ink)
        else:
            column = int(at * canvas.width) + 1
            room = charset(self._pens).cells(text)
            column = column if column + room <= canvas.width else column - room - 2
            canvas.write(column, 0, text, ink)
