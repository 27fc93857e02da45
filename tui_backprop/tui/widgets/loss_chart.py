"""The live loss chart: plotext draws it as plain text, and only rows that came out different are sent again.

plotext is handed units of the drawing (x in columns, y from 0 to 1), so that no loss is too large or small
for it, and one vertical stroke a dot column, so that a frame costs the same however long the run is. The axes
end at round numbers: while they stand still, so do most rows.
"""

import functools
import math
from itertools import groupby, product
from typing import Any, ClassVar

import numpy as np
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui_backprop.explain.numbers import number
from tui_backprop.training.history import Envelope, History
from tui_backprop.tui.widgets.chart_axes import Floats, Scale, iteration_axis, loss_axis

_Row = list[tuple[str, str]]  # (component, text) from left to right; equal rows need no refresh

_LEAST_WIDTH, _LEAST_HEIGHT = 20, 5  # below, a line of text says more than a plot
_LABEL_WIDTH = 6  # least width beside a plot that has room, so that a longer label does not move every row
_HINT = "no losses yet: space runs, n makes one iteration"
_ASCII = str.maketrans("│┤└┬─✗−", "|++--X-")


class LossChart(Widget, can_focus=True):
    """Losses against iterations, from an envelope of any number of buckets (two a column are plenty)."""

    DEFAULT_CSS = """
    LossChart {
        height: 1fr;
        & > .loss-chart--line { color: $text-accent; }
        & > .loss-chart--axis, & > .loss-chart--hint { color: $text-muted; }
        & > .loss-chart--nonfinite { color: $text-error; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "loss-chart--line",
        "loss-chart--axis",
        "loss-chart--hint",
        "loss-chart--nonfinite",
    }

    ascii: reactive[bool] = reactive(False, repaint=False)

    class ScaleRefused(Message):
        """A loss arrived that a log axis cannot show; the chart went back to linear."""

        def __init__(self, reason: str) -> None:
            self.reason = reason
            super().__init__()

    def __init__(self, *, scale: Scale = "linear", **widget: Any) -> None:
        super().__init__(**widget)  # name, id, classes, disabled
        self._scale: Scale = scale
        self._envelope = History().envelope(1)
        self._target: int | None = None
        self._drawn_size = Size(0, 0)
        self._rows: list[_Row] = []
        self._strips: dict[int, Strip] = {}

    @property
    def scale(self) -> Scale:
        """How losses are laid out on the y axis."""
        return self._scale

    @property
    def caption(self) -> str:
        """One line for a border: the last loss, where it is, the scale, and where NaN/Inf began."""
        envelope = self._envelope
        if not len(envelope.iterations):
            return f"no losses yet · {self._scale}"
        parts = [f"loss {number(envelope.last)}", f"iteration {envelope.stop - 1}", self._scale]
        if envelope.first_nonfinite is not None:
            parts.append(f"NaN/Inf from iteration {envelope.first_nonfinite}")
        return " · ".join(parts)

    def show(self, envelope: Envelope, target: int | None) -> None:
        """Draw these losses; `target` is the iteration where the run will stop, if that is known."""
        self._envelope, self._target = envelope, target
        if self._scale == "log" and (reason := _refusal(envelope)):
            self._scale = "linear"
            self.post_message(self.ScaleRefused(reason))
        self._redraw()

    def toggle_scale(self) -> str | None:
        """Go from linear to log or back; returns the reason where the losses do not allow it."""
        if self._scale == "linear" and (reason := _refusal(self._envelope)):
            return reason
        self._scale = "log" if self._scale == "linear" else "linear"
        self._redraw()
        return None

    def watch_ascii(self) -> None:
        """Draw with the other characters."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        self._strips.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Row `y` of the content."""
        if self._drawn_size != self.size:  # Textual repaints a resized widget by itself: nothing to mark
            self._drawn_size = self.size
            self._rows = self._picture()
            self._strips.clear()
        if y not in self._strips:
            row = self._rows[y] if y < len(self._rows) else []
            style = self.get_component_rich_style
            self._strips[y] = Strip(
                [Segment(text, style(f"loss-chart--{component}")) for component, text in row]
            ).adjust_cell_length(self.size.width, self.rich_style)
        return self._strips[y]

    def _redraw(self) -> None:
        """Draw everything, and have those rows painted that differ from what is on the screen."""
        if self._drawn_size != self.size:
            return  # render_line will draw it
        drawn, self._rows = self._rows, self._picture()
        changed = [y for y, (old, new) in enumerate(zip(drawn, self._rows, strict=True)) if old != new]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _picture(self) -> list[_Row]:
        width, height = self.size
        if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
            rows = [[("line", _summary(self._envelope, width, self.ascii))]]
        elif not len(self._envelope.iterations):
            hint = _fitting(width, _HINT, "no losses yet")
            rows = [[] for _ in range((height - 1) // 2)] + [[("hint", hint.center(width))]]
        else:
            rows = _plot(self._envelope, self._target, self._scale, self.ascii, width, height)
        if self.ascii:
            rows = [[(component, text.translate(_ASCII)) for component, text in row] for row in rows]
        return (rows + [[] for _ in range(height)])[:height]


def _plot(
    envelope: Envelope, target: int | None, scale: Scale, plain: bool, width: int, height: int
) -> list[_Row]:
    """Rows of a chart that has at least one loss to show, finite or not."""
    note: list[_Row] = []
    if (begun := envelope.first_nonfinite) is not None:
        texts = f"✗ NaN/Inf from iteration {begun}", f"✗ from {begun}", "✗ NaN/Inf"
        note = [[("nonfinite", _fitting(width, *texts))]]
    height -= len(note)
    y_axis = loss_axis(envelope, scale, height - 2)
    y_ticks = y_axis.ticks
    label_width = max((len(label) for _, label in y_ticks), default=0)
    if label_width > width // 2:
        y_ticks, label_width = [], 0
    elif y_ticks and width >= 2 * _LEAST_WIDTH:
        label_width = max(label_width, _LABEL_WIDTH)
    left = label_width + 1
    last_cell = width - left - 1
    x_axis = iteration_axis(envelope, target, last_cell)

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
    return [
        *note,
        *([("axis", row[:left]), ("line", row[left:])] for row in canvas),
        runs,
        [("axis", labels)],
    ]


@functools.cache
def _plotext() -> Any:
    """Import plotext (a tenth of a second) and let it draw larger than it takes the terminal to be."""
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


def _refusal(envelope: Envelope) -> str | None:
    """Say why a log axis cannot show these losses."""
    if envelope.smallest <= 0:
        return f"a log axis needs losses above 0; the smallest is {number(envelope.smallest)}"
    return None


def _fitting(width: int, *texts: str) -> str:
    """Choose the first text that fits: half a number would be a wrong one."""
    return next((text for text in texts if len(text) <= width), "")


def _summary(envelope: Envelope, width: int, plain: bool) -> str:
    """Write the last loss, with a word and a sparkline where they fit."""
    if not len(envelope.iterations):
        return _fitting(width, "no losses yet", "no loss")
    text = f"loss {number(envelope.last)}"
    columns = min(width - len(text) - 1, 12)
    if columns >= 2 and not plain:
        text += f" {_sparkline(envelope, columns)}"
    return _fitting(width, text, number(envelope.last), f"{envelope.last:.1g}")


def _sparkline(envelope: Envelope, columns: int) -> str:
    """Draw the greatest loss of each stretch as a bar; a stretch without a finite loss is a ✗."""
    firsts = np.unique(np.arange(columns) * len(envelope.iterations) // columns)
    highest = np.fmax.reduceat(envelope.high, firsts)
    levels = loss_axis(envelope, "linear", 18).position(highest).tolist()
    return "".join("✗" if math.isnan(level) else "▁▂▃▄▅▆▇█"[min(7, int(level * 8))] for level in levels)
