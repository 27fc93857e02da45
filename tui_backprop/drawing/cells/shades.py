"""Shades and lines of equal height, sampled where the cells of a plot are."""

from __future__ import annotations

import numpy as np

from tui_backprop.drawing.cells.canvas import Canvas, Numbers
from tui_backprop.drawing.cells.dots import Dots
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.contours import contour_segments
from tui_backprop.drawing.ticks import positions
from tui_backprop.pictures.figure import Axis, Contour, Heat, Interval

_HALF = "▀"


def draw_heat(canvas: Canvas, pens: Pens, heat: Heat, x: Axis, y: Axis) -> None:
    """Fill the cells that a rectangle of shades covers."""
    z = np.asarray(heat.z, np.float64)
    if z.ndim != 2 or not z.size or not canvas.text.size:
        return
    halves = 2 if pens.halves else 1
    columns, known_x = _parts(x, heat.x, z.shape[1], canvas.width)
    rows, known_y = _parts(y, heat.y, z.shape[0], canvas.height * halves)
    levels = pens.levels(z, heat)[np.ix_(rows[::-1], columns)]
    levels[~np.outer(known_y[::-1], known_x)] = 0
    if pens.palette.colours >= 256:
        _fill(canvas, pens.papers(heat), levels, halves)
        return
    signs = np.array(list(pens.shade_signs(heat)))
    known = levels > 0
    canvas.text[known] = signs[levels[known]]
    canvas.ink[known] = pens.shade_inks(heat)[levels[known]]


def _fill(canvas: Canvas, papers: Numbers, levels: Numbers, halves: int) -> None:
    """Colour cells, each with the shades of its halves."""
    upper, lower = papers[levels[0::halves]], papers[levels[halves - 1 :: halves]]
    single, known = upper == lower, (upper > 0) | (lower > 0)
    whole = known & single
    canvas.text[whole], canvas.paper[whole] = " ", upper[whole]
    parted = known & ~single
    canvas.text[parted], canvas.ink[parted], canvas.paper[parted] = _HALF, upper[parted], lower[parted]
    canvas.under[known] = np.where(lower > 0, lower, upper)[known]


def _parts(
    axis: Axis, covered: Interval, count: int, pixels: int
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.intp]], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Return which of the equal parts of a covered stretch each pixel shows, and whether it shows any."""
    start, end = positions(axis, np.array(covered, np.float64))
    middles = (np.arange(pixels) + 0.5) / pixels
    with np.errstate(all="ignore"):
        share = (middles - start) / (end - start)
    known = (share >= 0) & (share < 1)
    return np.where(known, share * count, 0).astype(np.intp).clip(0, count - 1), known


def draw_contour(dots: Dots, contour: Contour, x: Axis, y: Axis) -> None:
    """Draw the lines of equal height."""
    for level in contour.levels:
        pieces = contour_segments(contour.z, contour.x, contour.y, level)
        ends = np.full((len(pieces), 3, 2), np.nan)  # between two pieces the line is broken
        ends[:, :2] = pieces
        dots.line(positions(x, ends[..., 0].ravel()), positions(y, ends[..., 1].ravel()), contour.role)


def ramp(pens: Pens, heat: Heat, width: int) -> list[tuple[str, int, int]]:
    """Return the shades in order as text, ink and paper, for a legend of so many cells."""
    if not heat.low < heat.high or heat.classes:
        return []
    middle = heat.middle
    if middle is None:
        z = np.linspace(heat.low / 2, heat.high / 2, width) * 2
    else:
        half = width // 2
        z = np.concatenate(
            (
                np.linspace(heat.low / 2, middle / 2, half, endpoint=False) * 2,
                np.linspace(heat.high / 2, middle / 2, half, endpoint=False)[::-1] * 2,
            )
        )
    levels = pens.levels(z, heat)
    if pens.palette.colours >= 256:
        return [(" ", 0, int(paper)) for paper in pens.papers(heat)[levels]]
    signs, inks = pens.shade_signs(heat), pens.shade_inks(heat)
    return [(signs[level], int(inks[level]), 0) for level in levels.tolist()]
