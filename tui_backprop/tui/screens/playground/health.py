"""How the layers are doing, a row each; alarms above, and what was tried against them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from textual.binding import Binding, BindingType

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.playground.health import REMEDIES, HealthPage, RemediesPage
from tui_backprop.debugger.replies import Note, Reply
from tui_backprop.health.report import HealthReport, LayerHealth
from tui_backprop.health.words import ABOUT_STEP, HEADING, cells, remedies_as_lines
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.panels.chart.sparkline import sparkline, value_axis
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.reading import ReadingScreen
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

_PARTS = {"good": "", "watch": "note", "bad": "bad"}
_SIGNS = {"good": " ", "watch": "›", "bad": "✗"}
_SHORT = (6, 14, 24)
"""Columns of a sparkline: where there is little room, some, and much."""
_BESIDE = 34
"""Columns from which on a sentence stands beside the numbers."""


class HealthScreen(ReadingScreen):
    """The layers and the alarms; Enter tries what may help."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,t", "try", later("try remedies"), key_display="Enter")
    ]
    OPENED_BY = "health"
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"t"})

    def __init__(self, report: HealthReport) -> None:
        super().__init__(tr("Health · Enter tries remedies") if report.alarms else tr("Health"))
        self.report = report
        self._below: list[str] = []
        self._trying = False

    @classmethod
    def of_page(cls, page: HealthPage) -> Self:
        """Return the screen that shows a report."""
        return cls(page.report)

    def action_try(self) -> None:
        """Ask for remedies against the alarms; they are shown here."""
        if self.report.alarms:
            self._trying = True
            self._show([tr("trying what may help, on copies; Ctrl+C interrupts")])
            self.app.post_message(Requested(request(BY_NAME["health"], REMEDIES)))

    def take(self, source: str, reply: Reply) -> bool:
        """Show what was tried; what is said meanwhile, such as that it was interrupted, stands here too."""
        if self._trying and not source and isinstance(reply, Note):
            self._show([reply.text])
            return True
        if source != self.OPENED_BY or not isinstance(reply, RemediesPage | Note):
            return False
        self._trying = False
        if isinstance(reply, RemediesPage):
            self._show([line for found in reply.found for line in remedies_as_lines(found)])
        else:
            self._show([reply.text])
        return True

    def refuse(self, source: str, reason: str) -> bool:
        """Show why nothing was tried."""
        if source != self.OPENED_BY:
            return False
        self._show([reason])
        return True

    def _show(self, below: list[str]) -> None:
        self._below = below
        self.query_one(LinesView).show(self.lay_out)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out alarms, what was tried, and the layers."""
        charset, report = self.charset, self.report
        lines: list[Line] = []
        for one in report.alarms:
            lines += paragraph(charset, f"! {report.alarm_text(one)}", width, "bad", "  ")
        if not report.alarms:
            calm = tr("✓ iteration {iteration}: no alarm", iteration=report.iteration)
            lines += paragraph(charset, calm, width, "good", "  ")
        for text in self._below:
            indent = len(text) - len(text.lstrip()) + 2
            lines += paragraph(charset, text, width, "good" if text.startswith("  ") else "", " " * indent)
        lines.append(())
        rows = [cells(row) for row in report.layers]
        heading = tuple(map(tr, HEADING))
        widths = [max(charset.cells(row[k]) for row in (heading, *rows)) for k in range(len(heading))]
        columns = self._columns(width, sum(widths))
        lines.append(((self._numbers(heading, widths, " " * columns), "label"),))
        for row, texts in zip(report.layers, rows, strict=True):
            lines += self._row(row, self._numbers(texts, widths, self._curve(row, columns)), width)
        about = tr("{about}; beside it how it went", about=tr(ABOUT_STEP))
        lines += paragraph(charset, about, width, "label")
        return lines

    def _columns(self, width: int, numbers: int) -> int:
        room = width - numbers - 8
        return next(
            (columns for columns in reversed(_SHORT) if columns + _BESIDE <= room),
            min(_SHORT[1], max(room, 0)),
        )

    def _curve(self, row: LayerHealth, columns: int) -> str:
        steps = np.array([step if math.isfinite(step) else np.nan for step in row.steps])
        if columns < _SHORT[0] or len(steps) < 2:
            return " " * columns
        return sparkline(steps, min(columns, len(steps)), value_axis(steps)).ljust(columns)

    def _numbers(self, texts: Sequence[str], widths: Sequence[int], curve: str) -> str:
        """Put a layer's numbers into columns, the curve behind the step."""
        pad, cells_of = self.charset.pad, self.charset.cells
        right = [" " * (widths[k] - cells_of(texts[k])) + texts[k] for k in range(1, len(texts))]
        return f"{pad(texts[0], widths[0])} {right[0]} {right[1]} {curve} {right[2]} {right[3]}"

    def _row(self, row: LayerHealth, numbers: str, width: int) -> list[Line]:
        """Lay out a layer: its sentence beside the numbers, or below where there is no room."""
        part, sign = _PARTS[row.state], _SIGNS[row.state]
        used = self.charset.cells(numbers)
        said = f"{sign} {row.sentence}"
        if used + _BESIDE > width:
            return [((numbers, ""),), *paragraph(self.charset, f"  {said}", width, part, "    ")]
        first, *rest = self.charset.wrap(said, width - used - 1, "  ")
        beside: list[Line] = [((f"{numbers} ", ""), (first, part))]
        return beside + [((" " * (used + 1), ""), (line, part)) for line in rest]
