"""Each kind of mark put down in a frame, and what a legend says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tui_backprop.drawing.contours import contour_segments
from tui_backprop.drawing.vector.colours import CLASSES, DASHES, PAPER, ROLES, hexadecimal, shades
from tui_backprop.drawing.vector.frame import SMALL, Frame
from tui_backprop.drawing.vector.paper import Colour, Lettering, Paper, Place
from tui_backprop.pictures.figure import Bars, Contour, Curve, Heat, Level, Mark, Points, Sticks
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.text.spelling import pretty_text

_SIGN = 4.5
"""Half the size of a point's sign."""
Draw = Callable[[Any, Frame, Paper], None]


def draw_mark(mark: Mark, frame: Frame, paper: Paper) -> None:
    """Put a mark down."""
    _DRAWN[type(mark)](mark, frame, paper)


def _heat(heat: Heat, frame: Frame, paper: Paper) -> None:
    colours = shades(heat)
    rows, columns = colours.shape[:2]
    left = frame.across(np.linspace(*heat.x, columns + 1)).clip(frame.left, frame.left + frame.width)
    top = frame.down(np.linspace(heat.y[1], heat.y[0], rows + 1)).clip(frame.top, frame.top + frame.height)
    for row in range(rows):
        start = 0
        for column in range(1, columns + 1):  # what has one shade side by side is one rectangle
            if column == columns or not np.array_equal(colours[row, column], colours[row, start]):
                width, height = left[column] - left[start], top[row + 1] - top[row]
                fill = hexadecimal(colours[row, start])
                paper.box(float(left[start]), float(top[row]), float(width), float(height), fill)
                start = column


def _curve(curve: Curve, frame: Frame, paper: Paper) -> None:
    for piece in frame.clipped(curve.x, curve.y):
        paper.line(piece, ROLES[curve.role], 2.0, DASHES.get(curve.role, ()))


def _contour(contour: Contour, frame: Frame, paper: Paper) -> None:
    for level in contour.levels:
        pieces = contour_segments(contour.z, contour.x, contour.y, level)
        kept = pieces[frame.holds(pieces[..., 0], pieces[..., 1]).all(axis=1)]
        places = np.stack([frame.across(kept[..., 0]), frame.down(kept[..., 1])], axis=-1)
        if len(places):
            paper.pieces(places, ROLES[contour.role], 0.8)


def _points(points: Points, frame: Frame, paper: Paper) -> None:
    seen = frame.holds(points.x, points.y)
    nothing = np.zeros(len(points.x), np.bool_)
    wrong = nothing if points.wrong is None else points.wrong
    aside = nothing if points.held_back is None else points.held_back
    for k in np.flatnonzero(seen):
        at = float(frame.across(points.x[k])), float(frame.down(points.y[k]))
        which = None if points.classes is None else int(points.classes[k])
        colour = ROLES[points.role] if which is None else CLASSES[which % len(CLASSES)]
        sign(paper, at, which or 0, colour, hollow=bool(aside[k]))
        if wrong[k]:
            _cross(paper, at, ROLES["bad"])


def sign(paper: Paper, at: Place, which: int, colour: Colour, *, hollow: bool = False) -> None:
    """Put a class's sign down: of six shapes, so that it is known without its colour."""
    (x, y), r, fill = at, _SIGN, PAPER if hollow else colour
    edge = colour if hollow else PAPER
    match which % 6:
        case 0:
            paper.disc(at, r, fill, edge)
        case 1:
            paper.shape([(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)], fill, edge)
        case 2:
            paper.shape([(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)], fill, edge)
        case 3:
            paper.shape([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill, edge)
        case 4:
            paper.line([(x - r, y), (x + r, y)], colour, 2.2)
            paper.line([(x, y - r), (x, y + r)], colour, 2.2)
        case _:
            _cross(paper, at, colour)


def _cross(paper: Paper, at: Place, colour: Colour) -> None:
    (x, y), r = at, _SIGN + 1.5
    paper.line([(x - r, y - r), (x + r, y + r)], colour, 1.8)
    paper.line([(x - r, y + r), (x + r, y - r)], colour, 1.8)


def _sticks(sticks: Sticks, frame: Frame, paper: Paper) -> None:
    for x, low, high in zip(sticks.x, sticks.low, sticks.high, strict=True):
        for piece in frame.clipped(np.array([x, x]), np.array([low, high])):
            paper.line(piece, ROLES[sticks.role], 1.2)


def _bars(bars: Bars, frame: Frame, paper: Paper) -> None:
    left, right = frame.left, frame.left + frame.width
    floor = min(max(float(frame.down(0.0)), frame.top), frame.top + frame.height)
    for start, end, height in zip(bars.edges, bars.edges[1:], bars.heights, strict=False):
        if not (math.isfinite(height) and height):
            continue
        x0, x1 = (min(max(float(frame.across(edge)), left), right) for edge in (start, end))
        top = min(max(float(frame.down(height)), frame.top), frame.top + frame.height)
        wide = max(x1 - x0 - 1, 0.8)
        paper.box(x0, min(top, floor), wide, abs(floor - top), ROLES[bars.role])


def _level(level: Level, frame: Frame, paper: Paper) -> None:
    ends = np.array([frame.x.low, frame.x.high] if level.across else [frame.y.low, frame.y.high])
    at = np.full(2, level.at)
    for piece in frame.clipped(*((ends, at) if level.across else (at, ends))):
        paper.line(piece, ROLES[level.role], 1.2, DASHES.get(level.role, ()))
        if level.label:
            (x, y), end = piece[0], piece[-1]
            place = (max(x, end[0]) - 4, y - 7) if level.across else (x + 4, min(y, end[1]) + 8)
            paper.text(
                place,
                pretty_text(level.label),
                Lettering(SMALL, ROLES[level.role], "end" if level.across else "start"),
            )


_DRAWN: Mapping[type, Draw] = {
    Heat: _heat, Curve: _curve, Contour: _contour, Points: _points, Sticks: _sticks, Bars: _bars,
    Level: _level,
}  # fmt: skip


class LegendEntry(NamedTuple):
    """What a legend says of a mark: a name, beside its sign or its line.

    Attributes:
        name: the words.
        colour: the sample's.
        sign: which of the signs; None for a line.
        hollow: whether the sign is.
        dash: of the line.
    """

    name: str
    colour: Colour
    sign: int | None = None
    hollow: bool = False
    dash: tuple[float, ...] = ()

    def sample(self, paper: Paper, at: Place) -> None:
        """Put the sign or the line down."""
        if self.sign is None:
            paper.line([(at[0] - 8, at[1]), (at[0] + 8, at[1])], self.colour, 2.0, self.dash)
        else:
            sign(paper, at, self.sign, self.colour, hollow=self.hollow)


def legend(marks: tuple[Mark, ...]) -> Iterator[LegendEntry]:
    """Yield what a legend says."""
    for mark in marks:
        if isinstance(mark, Points):
            if mark.classes is not None:
                yield from (LegendEntry(n, CLASSES[k % len(CLASSES)], k) for k, n in enumerate(mark.names))
            elif mark.label:
                yield LegendEntry(mark.label, ROLES[mark.role], 0)
            if mark.wrong is not None and mark.wrong.any():
                yield LegendEntry(tr_in("prediction", "wrong"), ROLES["bad"], 5)
            if mark.held_back is not None and mark.held_back.any():
                yield LegendEntry(tr("held back"), ROLES["target"], 0, hollow=True)
        elif isinstance(mark, Curve) and mark.label:
            yield LegendEntry(mark.label, ROLES[mark.role], dash=DASHES.get(mark.role, ()))
