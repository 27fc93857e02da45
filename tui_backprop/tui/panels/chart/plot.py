"""The drawing of the loss chart as rows of text, and where on it an iteration stands.

plotext is handed units of the drawing (x in columns, y from 0 to 1), so that no loss is too large or small
for it, and one vertical stroke a dot column, so that a frame costs the same however long the run is. The axes
end at round numbers: while they stand still, so do most rows.
"""

import functools
import math
from collections.abc import Sequence
from itertools import groupby, product
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tui_backprop.text.sentences import tr
from tui_backprop.text.width import cells, head
from tui_backprop.training.history import Envelope
from tui_backprop.training.validation.baselines import lowest
from tui_backprop.tui.panels.chart.axes import Floats, LossAxis, Scale, iteration_axis, loss_axis
from tui_backprop.tui.panels.chart.levels import EMPTY, Levels, Row, with_levels

Points = tuple[Floats, Floats]  # iterations and losses

LEAST_WIDTH, LEAST_HEIGHT = 20, 5  # below, a line of text says more than a plot
_LABEL_WIDTH = 6  # least width beside a plot that has room, so that a longer label does not move every row
_AHEAD = "·"
_CURSOR, _CURSOR_FOOT = "┊", "▲"
VALIDATION, BEST = "o", "◆"


class LossPlot(Struct, frozen=True, eq=False):
    """A chart that is drawn: its rows (notes, the canvas, the x axis and its labels) and its columns."""

    rows: list[Row]
    notes: int  # rows above the canvas
    left: int  # columns in front of the canvas
    last_cell: int
    axis: LossAxis  # of the iterations
    y_axis: LossAxis | None = None

    def column(self, iteration: int) -> int:
        """Return the column above which an iteration stands."""
        place = float(self.axis.position(np.array([float(iteration)]))[0])
        return self.left + math.floor(place * self.last_cell + 0.5)

    def iteration(self, column: int) -> int:
        """Return the iteration in the middle of a column."""
        first, second = (float(place) for place in self.axis.position(np.array([0.0, 1.0])))
        return round(((column - self.left) / self.last_cell - first) / (second - first))

    def with_cursor(self, iteration: int) -> list[Row]:
        """Return the rows with a line down to an iteration; it goes behind the curve and the marks."""
        column = self.column(iteration)
        *canvas, axis, labels = self.rows[self.notes :]
        return [
            *self.rows[: self.notes],
            *(_marked(row, column, _CURSOR, EMPTY) for row in canvas),
            _marked(axis, column, _CURSOR_FOOT, "─┬└"),
            labels,
        ]


def _marked(row: Row, column: int, sign: str, free: str, mark: str = "cursor") -> Row:
    """Put a sign at a column, where one of the ``free`` characters stands; what stands there is marked.

    Without free characters it is put there whatever stands there.
    """
    marked: Row = []
    for component, text in row:
        at, width = column, cells(text)
        column -= width
        if 0 <= at < width:
            at = len(head(text, at)) if width != len(text) else at
            shown = sign if text[at] in free or not free else text[at]
            marked += [(component, text[:at]), (mark, shown), (component, text[at + 1 :])]
        else:
            marked.append((component, text))
    return [(component, text) for component, text in marked if text]


def plot(
    envelope: Envelope,
    target: int | None,
    scale: Scale,
    plain: bool,
    width: int,
    height: int,
    ahead: Envelope | None = None,
    validation: Points | None = None,
    levels: Levels = (),
    pinned: Sequence[Envelope] = (),
) -> LossPlot:
    """Draw a chart that has at least one loss to show, finite or not; those ahead are dots.

    The validation losses are a line of signs in every second column, so that a curve below is seen as well;
    the lowest has a sign of its own. Levels are thin lines behind everything, with their names. The axes
    reach to what is pinned, which is drawn by `panels.chart.pins`.
    """
    here = envelope.stop - 1
    envelope = envelope if ahead is None else envelope.followed_by(ahead)
    note: list[Row] = []
    if (begun := envelope.first_nonfinite) is not None:
        texts = (
            tr("✗ NaN/Inf from iteration {iteration}", iteration=begun),
            tr("✗ from {iteration}", iteration=begun),
            "✗ NaN/Inf",
        )
        note = [[("nonfinite", fitting(width, *texts))]]
    height -= len(note)
    reaching = _reaching(envelope, validation, scale)
    y_axis = loss_axis(_reaching_pinned(reaching, pinned, scale), scale, height - 2)
    y_ticks = y_axis.ticks
    label_width = max((len(label) for _, label in y_ticks), default=0)
    if label_width > width // 2:
        y_ticks, label_width = [], 0
    elif y_ticks and width >= 2 * LEAST_WIDTH:
        label_width = max(label_width, _LABEL_WIDTH)
    left = label_width + 1
    last_cell = width - left - 1
    farthest = max((envelope.stop, *(run.stop for run in pinned)))
    x_axis = iteration_axis(structs.replace(envelope, stop=farthest), target, last_cell)

    # x = 0 is the middle of the first cell, so that ticks stand under what they name.
    dots = 1 if plain else 2
    positions = x_axis.position(envelope.iterations.astype(np.float64))
    columns = np.floor(dots * (positions * last_cell + 0.5)).astype(np.int64)
    firsts = np.flatnonzero(np.diff(columns, prepend=-1))
    columns = columns[firsts]
    low = np.clip(y_axis.position(np.fmin.reduceat(envelope.low, firsts)), 0, 1)
    high = np.clip(y_axis.position(np.fmax.reduceat(envelope.high, firsts)), 0, 1)
    marked = left + columns[np.logical_or.reduceat(envelope.nonfinite, firsts)] // dots

    figure = _plotext().figure
    figure.clear()
    figure.plot_size(width, height)
    figure.canvas("default")
    figure.axes(False, side=1)  # neither above nor on the right
    x_ticks = [position * last_cell for position, _ in x_axis.ticks]
    figure.ruler("x").lim(0, last_cell).ticks(x_ticks, [label for _, label in x_axis.ticks])
    y_labels = [label.rjust(label_width) for _, label in y_ticks]
    figure.ruler("y").lim(0, 1).ticks([position for position, _ in y_ticks], y_labels)
    least_stroke = dots / 8 / height  # a dot, or half a character
    points, starts = _strokes((columns + 0.5) / dots - 0.5, low, high, least_stroke)
    if points:
        line = figure.signal(*zip(*points, strict=True), marker="*" if plain else "braille").lines()
        for start in starts:
            line.line(start, False)
        figure.draw(line)
    *canvas, axis, labels = figure.build().string(colorless=True).splitlines()

    marks = frozenset(marked.tolist())
    cells = [("nonfinite", "✗") if x in marks else ("axis", sign) for x, sign in enumerate(axis)]
    runs = [(kind, "".join(sign for _, sign in run)) for kind, run in groupby(cells, lambda cell: cell[0])]
    drawn = LossPlot([], len(note), left, last_cell, x_axis, y_axis)
    split = width if ahead is None else drawn.column(here) + 1
    curves = [_curve(row, left, split) for row in canvas]
    for column, line in _signs(drawn, y_axis, validation, len(curves)):
        curves[line] = _marked(curves[line], column, VALIDATION, "", "validation")
    if validation is not None and len(validation[0]) > 1 and (best := lowest(validation)) is not None:
        for column, line in _signs(drawn, y_axis, _one(best), len(curves))[:1]:
            curves[line] = _marked(curves[line], column, BEST, "", "validation")
    with_levels(curves, left, y_axis, levels)
    rows: list[Row] = [*note, *curves, runs, [("axis", labels)]]
    return structs.replace(drawn, rows=rows)


def _curve(row: str, left: int, split: int) -> Row:
    """Return a row of the canvas: what is ahead, from a column on, as dots."""
    if split >= len(row):
        return [("axis", row[:left]), ("line", row[left:])]
    dots = "".join(sign if sign in EMPTY else _AHEAD for sign in row[split:])
    return [("axis", row[:left]), ("line", row[left:split]), ("ahead", dots)]


def _reaching(envelope: Envelope, validation: Points | None, scale: Scale) -> Envelope:
    """Return an envelope whose extremes take in the validation losses that the scale can show."""
    if validation is None:
        return envelope
    losses = validation[1]
    shown = losses[np.isfinite(losses) & (losses > 0 if scale == "log" else True)]
    return structs.replace(
        envelope,
        smallest=float(np.fmin(envelope.smallest, shown.min(initial=np.inf))),
        largest=float(np.fmax(envelope.largest, shown.max(initial=-np.inf))),
    )


def _reaching_pinned(envelope: Envelope, pinned: Sequence[Envelope], scale: Scale) -> Envelope:
    """Return an envelope whose extremes take in pinned runs, those that diverged up to where they began."""
    for run in pinned:
        losses = np.concatenate((run.low, run.high))
        shown = losses[np.isfinite(losses) & (losses > 0 if scale == "log" else True)]
        if shown.size:
            begun = float(np.fmax(run.high[0], envelope.largest))
            largest = max(float(np.fmin(shown.max(), begun)), float(shown.min()))
            envelope = structs.replace(
                envelope,
                smallest=float(np.fmin(envelope.smallest, shown.min())),
                largest=float(np.fmax(envelope.largest, largest)),
            )
    return envelope


def _one(point: tuple[int, float]) -> Points:
    return np.array([float(point[0])]), np.array([point[1]])


def _signs(plot: LossPlot, y_axis: LossAxis, validation: Points | None, lines: int) -> list[tuple[int, int]]:
    """Return column and line of the canvas of each sign, between two losses where the straight line is."""
    if validation is None:
        return []
    iterations, losses = validation
    with np.errstate(all="ignore"):
        heights = y_axis.position(losses)
    known = np.isfinite(heights)
    if not known.any():
        return []
    places = plot.left + plot.axis.position(iterations[known].astype(np.float64)) * plot.last_cell
    first, last = plot.column(int(iterations[known][0])), plot.column(int(iterations[known][-1]))
    columns = np.unique(np.append(np.arange(first, last + 1, 2), last))
    at = np.interp(columns, places, np.clip(heights[known], 0, 1))
    signs = np.minimum((1 - at) * lines, lines - 1).astype(np.int64)
    return list(zip(columns.tolist(), signs.tolist(), strict=True))


def is_loaded() -> bool:
    """Tell whether a chart can be drawn at once."""
    return bool(_plotext.cache_info().currsize)


def load() -> None:
    """Import plotext, which takes a tenth of a second; that may be done in any thread."""
    _plotext()


@functools.cache
def _plotext() -> Any:
    """Import plotext and let it draw larger than it takes the terminal to be."""
    import plotext

    plotext.terminal.limit(False, False)
    return plotext


def _strokes(
    columns: Floats, low: Floats, high: Floats, least: float
) -> tuple[list[tuple[float, float]], list[int]]:
    """Thread a line through the strokes: its points, and the indices of those where it starts anew.

    It goes from stroke to stroke between the ends that are nearest to each other; a stroke shorter than
    `least` is a point. A NaN interrupts the line.
    """
    points: list[tuple[float, float]] = []
    starts: list[int] = []
    previous: list[tuple[float, float]] = []
    for column, bottom, top in zip(columns.tolist(), low.tolist(), high.tolist(), strict=True):
        if math.isnan(bottom):
            previous = []
            continue
        heights = [bottom, top] if top - bottom > least else [(bottom + top) / 2]
        ends = [(column, y) for y in heights]
        if previous:
            leave, enter = min(product(previous, ends), key=lambda pair: abs(pair[0][1] - pair[1][1]))
            if leave != points[-1]:  # to go back along the stroke would draw all its dots again
                starts.append(len(points))
                points.append(leave)
            if enter != ends[0]:
                ends.reverse()
        else:
            starts.append(len(points))
        points += ends
        previous = ends
    return points, starts


def fitting(width: int, *texts: str) -> str:
    """Choose the first text that fits: half a number would be a wrong one."""
    return next((text for text in texts if cells(text) <= width), "")
