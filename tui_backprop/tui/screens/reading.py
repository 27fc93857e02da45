"""Screens to read something and go back: help, gradient check, all numbers of a record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import numpy as np
from textual.app import ComposeResult

from tui_backprop.engine.arrays import Array, shape_text
from tui_backprop.explain.checks import as_lines
from tui_backprop.explain.numbers import exact
from tui_backprop.explain.practice import POINTS
from tui_backprop.explain.records import Explanation, Row
from tui_backprop.training.check import GradientReport
from tui_backprop.tui.keys import ACTIONS, HELP_ONLY
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.graph_lines import MARKS_HELP
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled, paragraph

PARAGRAPHS = (
    (
        "What a step is",
        "One record: first each value forward, in the formula's order; then each chain-rule factor backward, "
        "upstream gradient times local derivative; then the update of each parameter. "
        "An iteration is one update of the parameters, an epoch one pass over the samples.",
    ),
    (
        "Signs",
        "∂L/∂w is the gradient of the loss L in w. ⊙ multiplies element by element, @ is the matrix product, "
        "Xᵀ the transpose. ✓ done, ▶ current, · to come. (2×3) is a shape.",
    ),
    ("Predict, then reveal", POINTS),
    (
        "Selecting text",
        "Hold Shift (Option on a Mac) while dragging the mouse, or copy a record with y.",
    ),
)
"""What the help screen explains below the keys: heading and text."""


class ReadingScreen(Overlay[None]):
    """Lines in a frame over the main screen."""

    DEFAULT_CSS = """
    ReadingScreen .box { max-width: 110; height: 90%; }
    """

    def __init__(self, title: str, opened_by: str) -> None:
        super().__init__(opened_by)
        self._title = title

    def compose(self) -> ComposeResult:
        """Put the lines into a frame."""
        view = self.view()
        view.add_class("box")
        view.heading = f"{self._title} · Esc closes"
        yield view

    def view(self) -> LinesView:
        """Return the lines to read."""
        return LinesView(self.lay_out)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Make the lines for a width."""
        return ()


class HelpScreen(ReadingScreen):
    """Keys, and what the panels show."""

    def __init__(self) -> None:
        super().__init__("Help", "help")

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out keys and explanations."""
        motto = "A debugger for backpropagation: stop anywhere, and see every number."
        lines = paragraph(motto, width, "strong")
        lines.append(())
        for action in ACTIONS:
            lines += labelled(Row(action.keys_text, (action.help,)), width, 16)
        for keys, what in HELP_ONLY:
            lines += labelled(Row(keys, (what,)), width, 16)
        for heading, text in PARAGRAPHS:
            lines.append(())
            lines += paragraph(heading, width, "strong")
            lines += paragraph(text, width)
        lines.append(())
        lines += paragraph("Marks in the graph", width, "strong")
        for sign, what in MARKS_HELP:
            lines += labelled(Row(sign, (what,)), width, 8)
        return lines


class CheckScreen(ReadingScreen):
    """The gradient check's report."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__("Gradient check", "check")
        self.report = report

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out the report; failures stand out by their words, and in colour."""
        lines: list[Line] = []
        for text in as_lines(self.report):
            part = ""
            if text.startswith(("WRONG", "failed", "NOT caught")):
                part = "bad"
            elif text.startswith(("ok", "passed", "caught")):
                part = "good"
            lines += paragraph(text.rstrip(), width, part, "  ") if text else [()]
        return lines


class ValuesScreen(ReadingScreen):
    """Every number of a record at full precision; only the lines that are looked at are made."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(f"All numbers: {explanation.title}", "values")
        self._values = explanation.values

    def view(self) -> LinesView:
        """Return the numbers, one row of the last axis after the other."""
        return NumbersView(self._values)


class NumbersView(LinesView):
    """Arrays of any size, laid out on demand."""

    CELL = 26

    def __init__(self, values: Sequence[tuple[str, Array]]) -> None:
        super().__init__()
        self._values = [(name, np.asarray(value)) for name, value in values]
        self._starts: list[int] = [0]

    def _layout(self) -> None:
        self._starts = [0]
        for _, value in self._values:
            self._starts.append(self._starts[-1] + 2 + self._rows(value))
        self._lines = _Counted(self._starts[-1])
        self._build = lambda width: self._lines
        self._built_width = -1
        super()._layout()

    def _columns(self) -> int:
        return max(1, (self._width - 14) // self.CELL)

    def _rows(self, value: Array) -> int:
        last = value.shape[-1] if value.ndim else 1
        return value.size // last * math.ceil(last / self._columns())

    def line_at(self, y: int) -> Line:
        """Make one line: a heading, a stretch of numbers behind its index, or an empty one between arrays."""
        which = int(np.searchsorted(self._starts, y, side="right")) - 1
        name, value = self._values[which]
        row = y - self._starts[which] - 1
        if row < 0:
            return ((f"{name}  {shape_text(value.shape)}", "strong"),)
        if row >= self._rows(value):
            return ()
        last, columns = (value.shape[-1] if value.ndim else 1), self._columns()
        line, part = divmod(row, math.ceil(last / columns))
        index = np.unravel_index(line, value.shape[:-1]) if value.ndim > 1 else ()
        start = part * columns
        numbers = value.reshape(-1, last)[line, start : start + columns]
        where = ", ".join([*map(str, map(int, index)), str(start)]) if value.ndim else ""
        label = f"[{where}]" if value.ndim else ""
        return ((f"{label:<13} ", "label"), ("  ".join(f"{exact(x):>{self.CELL - 2}}" for x in numbers), ""))


class _Counted(Sequence[Line]):
    """Stands for lines that are made on demand."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        return ()
