"""The presenter's view: the current record alone, far apart, its result in large digits, for the back row."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from textual.renderables.digits import Digits

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.explain.record import result
from tui_backprop.explain.rows import Row
from tui_backprop.text.numbers import inline, number
from tui_backprop.text.sentences import tr
from tui_backprop.tui.keys import call
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

FEW_DIGITS = 4
"""Significant digits of a large number: what is read aloud."""
LARGE = 3
"""Elements of what is written in large digits, at most."""
MARGIN = 4
SPARED = frozenset({"upstream", "so far", "shapes", "shape", "with", "drawn"})
"""Rows that the panels have, and nobody reads in the back row."""


class PresenterPanel(LinesView, SnapshotWidget):
    """The record done last, one thing below the other."""

    BY_HEIGHT = True

    def __init__(self, **widget: Any) -> None:
        super().__init__(heading=tr("Presenter's view"), **widget)

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the record done last."""
        if snapshot is not None:
            self.show(lambda width: self._lines_of(snapshot, width), keep_place=False)

    def _lines_of(self, snapshot: Snapshot, width: int) -> list[Line]:
        room = max(width - 2 * MARGIN, 1)
        lines: list[Line] = [()]
        explanation = snapshot.explanation
        if explanation is None:
            lines += self._spread(snapshot.lesson.title, room, "strong")
            for line in snapshot.lesson.formula.strip().splitlines():
                lines += self._spread(line, room)
            lines += self._spread(tr("{key} steps to the first record", key=call("step")), room, "label")
            return _indented(lines)
        lines += self._spread(explanation.title, room, "strong")
        for row in explanation.rows:
            if row.label not in SPARED:
                lines += self._row(row, room)
        if snapshot.records:
            lines += self._large(inline_few(snapshot), room)
        return _indented(lines)

    def _row(self, row: Row, room: int) -> list[Line]:
        lines: list[Line] = []
        for part in row.parts:
            text = part if isinstance(part, str) else inline(part)
            lines += paragraph(self.charset, text, room, "note" if row.label == "why" else "")
        return [*lines, ()]

    def _spread(self, text: str, room: int, look: str = "") -> list[Line]:
        return [*paragraph(self.charset, text, room, look), ()]

    def _large(self, text: str, room: int) -> list[Line]:
        """Write a result in digits of three rows, where it fits and there are signs for that."""
        if not text or self.charset.ascii_only or 3 * len(text) > room:
            return []
        style = self.get_component_rich_style("lines--strong")
        drawn = (segment for segment in Digits(text).render(style) if isinstance(segment, Segment))
        rows = "".join(segment.text for segment in drawn).split("\n")
        return [((row, "strong"),) for row in rows if row.strip()]


def inline_few(snapshot: Snapshot) -> str:
    """Return the result of the record done last with few digits; an empty text where it is large."""
    values = result(snapshot.records[-1]).ravel()
    if values.size > LARGE:
        return ""
    return "  ".join(number(float(value), FEW_DIGITS).replace("−", "-") for value in values)


def _indented(lines: list[Line]) -> list[Line]:
    return [((" " * MARGIN, ""), *line) if line else () for line in lines]
