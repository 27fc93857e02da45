"""The loss over two parameters, or over two directions through all of them, with the path that led here."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.pictures.elsewhere import LossElsewhere
from tui_backprop.pictures.figure import Axis, Contour, Curve, Figure, Heat, Mark, Plot, Points
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.planes import Plane, chosen_plane, extent, named_plane
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView

FINEST, COARSEST = (80, 40), (20, 10)
"""Points across and up, at most, and at least where there is room for them."""
MOST_NUMBERS = 1_000_000_000
"""Numbers in all nodes of all points: some seconds."""
_STRIDES = (8, 4, 2, 1)
"""The grid is filled with every eighth point first, then with those between."""
_LEVELS = 8
_LOGARITHMIC = 30.0
"""Shades and contours are of the loss's logarithm where the largest is so many times the smallest."""


class Landscape(Struct, frozen=True, eq=False):
    """Losses over a grid.

    Attributes:
        plane: the two directions.
        x, y: the places of the grid, ascending, shapes (columns,) and (rows,).
        z: the losses, shape (rows, columns), a row for each y; NaN where they are not computed yet.
        ahead: the points still to be computed, row and column.
        elsewhere: computes them.
    """

    plane: Plane
    x: Array
    y: Array
    z: Array
    ahead: tuple[tuple[int, int], ...]
    elsewhere: LossElsewhere

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Landscape:
        """Return the grid, still empty.

        Raises:
            BackpropError: something else than two numbers is named, or there are not two that are trained.
        """
        plane = named_plane(view, wanted.of) if wanted.of else chosen_plane(view)
        elsewhere = LossElsewhere(view, plane.nodes)
        columns, rows = _grid(wanted.grain, elsewhere.cost)
        (left, right), (low, high) = extent(plane, 0), extent(plane, 1)
        x, y = np.linspace(left, right, columns), np.linspace(low, high, rows)
        order = tuple(_coarse_first(rows, columns))
        return cls(plane, frozen(x), frozen(y), np.full((rows, columns), np.nan), order, elsewhere)

    @property
    def left(self) -> int:
        """How many points are still to be computed."""
        return len(self.ahead)

    @np.errstate(all="ignore")
    def grow(self, seconds: float) -> Landscape:
        """Return it with more of its points, after about so many seconds, and one point at least."""
        until, z, done = time.monotonic() + seconds, self.z.copy(), 0
        for row, column in self.ahead:
            z[row, column] = self.elsewhere.at(self.plane.values(float(self.x[column]), float(self.y[row])))
            done += 1
            if time.monotonic() >= until:
                break
        return structs.replace(self, z=z, ahead=self.ahead[done:])

    def gone_on(self, view: TrainingView) -> Landscape:
        """Return it with the path drawn on to where a run has come to, over the losses from before."""
        return structs.replace(self, plane=self.plane.gone_on(view))

    def numbers(self) -> Mapping[str, Any]:
        """Return the grid and the path."""
        return {"names": self.plane.names, "x": self.x, "y": self.y, "z": self.z, "path": self.plane.path}

    def figure(self) -> Figure:
        """Draw the losses as shades with lines of equal loss, and the path over them."""
        x, y = self.x, self.y
        shown, label = self._shown()
        finite = shown[np.isfinite(shown)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        high = high if high > low else low + 1.0
        half_x, half_y = ((axis[-1] - axis[0]) / (len(axis) - 1) / 2 for axis in (x, y))
        across, up = (
            (float(x[0] - half_x), float(x[-1] + half_x)),
            (float(y[0] - half_y), float(y[-1] + half_y)),
        )
        marks: list[Mark] = [Heat(shown, across, up, low, high, label=label)] if finite.size else []
        if not self.ahead:
            levels = tuple(float(level) for level in np.linspace(low, high, _LEVELS + 2)[1:-1])
            marks.append(Contour(shown, x, y, levels))
        path = self.plane.path
        if len(path) > 1:
            marks.append(Curve(path[:, 0], path[:, 1], "path", tr("path so far")))
            marks.append(Points(path[:1, 0], path[:1, 1], role="path", label=tr("start")))
        marks.append(Points(path[-1:, 0], path[-1:, 1], role="here", label=tr("here")))
        names = self.plane.names
        plot = Plot(tr("landscape"), Axis(names[0], *across), Axis(names[1], *up), tuple(marks))
        return Figure(self._title(label), (plot,), tuple(self.words()[1:]))

    def _title(self, shades: str) -> str:
        one, other = self.plane.names
        return tr("{what} over {one} and {other}", what=shades, one=one, other=other)

    def _shown(self) -> tuple[Array, str]:
        """Return what the shades are of, and its name; points not computed yet are as their neighbours."""
        z = self.z if not self.ahead else _spread(self.z)
        finite = z[np.isfinite(z)]
        if finite.size and finite.min() > 0 and finite.max() > _LOGARITHMIC * finite.min():
            with np.errstate(all="ignore"):
                return np.log10(z), tr("log10 of the loss")
        return z, tr("loss")

    def words(self) -> Sequence[str]:
        """Say between which losses the grid lies, where the lowest is, and how the path went."""
        names, z = self.plane.names, self.z
        (a, b), known = map(float, self.plane.path[-1]), np.isfinite(z)
        here = tr(
            "loss over {one} and {other}; here at {x}, {y}",
            one=names[0],
            other=names[1],
            x=number(a),
            y=number(b),
        )
        if not known.any():
            return (here, tr("no loss here is finite")) if not self.ahead else (here,)
        row, column = np.unravel_index(np.where(known, z, np.inf).argmin(), z.shape)
        lowest = tr(
            "losses from {low} to {high}; lowest at {x}, {y}",
            low=number(float(z[known].min())),
            high=number(float(z[known].max())),
            x=number(float(self.x[column])),
            y=number(float(self.y[row])),
        )
        (p, q), count = self.plane.path[0], len(self.plane.path)
        way = (
            tr("the path begins at {x}, {y}", x=number(float(p)), y=number(float(q)))
            if count > 1
            else tr("no path yet")
        )
        return here, lowest, way


def _grid(grain: Grain, cost: int) -> tuple[int, int]:
    """Return columns and rows: as many as can be told apart, fewer where each takes many numbers."""
    columns, rows = (min(n, most) for n, most in zip((grain.columns, grain.rows), FINEST, strict=True))
    share = min(1.0, math.sqrt(MOST_NUMBERS / (cost * columns * rows)))
    least_columns, least_rows = COARSEST
    return (
        max(round(columns * share), min(columns, least_columns)),
        max(round(rows * share), min(rows, least_rows)),
    )


def _coarse_first(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield all points, each once, those of a coarse grid before those of a finer one."""
    seen = np.zeros((rows, columns), np.bool_)
    for stride in _STRIDES:
        for row in range(0, rows, stride):
            for column in range(0, columns, stride):
                if not seen[row, column]:
                    seen[row, column] = True
                    yield row, column


def _spread(z: Array) -> Array:
    """Return numbers with those of the coarse grid spread over what is not known yet."""
    shown = z.copy()
    for stride in reversed(_STRIDES):
        coarse = z[::stride, ::stride].repeat(stride, 0).repeat(stride, 1)[: z.shape[0], : z.shape[1]]
        shown = np.where(np.isnan(shown), coarse, shown)
    return shown
