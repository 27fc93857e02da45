"""The chain rule: the records of this iteration (done, current, to come), and the current one laid open."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region, Size

from tui_backprop.explain.records import Explanation, short
from tui_backprop.explain.text import cells, fit
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.widgets.lines import Line, LinesView, label_column, labelled, paragraph

DONE, CURRENT, TO_COME = "✓", "▶", "·"


class RecordList(LinesView):
    """One line a record: a mark, its number, what it does, and what came out."""

    MORE = ""  # the list is narrow

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._snapshot: Snapshot | None = None

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's records; the current one is kept in view."""
        before, self._snapshot = self._snapshot, snapshot
        same = before is not None and before.plan is snapshot.plan
        if not same:
            self.virtual_size = Size(self._width, len(snapshot.plan))
        current = snapshot.position - 1
        self._follow(max(current, 0), len(snapshot.plan))
        if not same or before is None or before.running != snapshot.running:
            self.refresh()
        else:
            top, height = self.scroll_offset.y, self.size.height
            visible = range(top, min(top + height, len(snapshot.plan)))
            rows = [y - top for y in visible if self.line(before, y) != self.line(snapshot, y)]
            if rows:
                self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))
        self._mark_more()

    def _follow(self, line: int, total: int, *, centre: bool = False) -> None:
        height = self.scrollable_content_region.height
        if not height:
            return  # not laid out yet: on_resize follows
        top = self.scroll_offset.y
        if centre or not top + 1 <= line < top + height - 2:
            self.scroll_to(y=max(0, min(line - height // 2, total - height)), animate=False, force=True)

    def on_resize(self) -> None:
        """Keep the current record in view, at whatever height."""
        super().on_resize()
        if self._snapshot is not None:
            self._follow(max(self._snapshot.position - 1, 0), len(self._snapshot.plan), centre=True)

    def _layout(self) -> None:
        self._built_width = self._width
        if self._snapshot is not None:
            self.virtual_size = Size(self._width, len(self._snapshot.plan))
        self.refresh()
        self._mark_more()

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(self._snapshot.plan) if self._snapshot else 0

    def line_at(self, y: int) -> Line:
        """Lay out one record; done only for those that are looked at."""
        assert self._snapshot is not None
        return self.line(self._snapshot, y)

    def line(self, snapshot: Snapshot, at: int) -> Line:
        """Lay out one record."""
        width = self._width
        current = snapshot.position - 1
        mark = CURRENT if at == current else DONE if at < current else TO_COME
        number = f"{at + 1:>{len(str(len(snapshot.plan)))}}"
        value = short(snapshot.records[at]) if at < len(snapshot.records) else ""
        room = width - cells(mark) - cells(number) - 3 - (cells(value) + 1 if value else 0)
        title = fit(snapshot.plan[at], max(room, 4))
        part = "strong" if at == current else "" if at < current else "label"
        gap = " " * max(1, width - cells(f"{mark} {number} {title}{value}")) if value else ""
        return ((f"{mark} {number} {title}{gap}{value}", part),)


class ExplanationView(LinesView):
    """The record done last: formula, numbers, result, shapes, and why."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._shown: Explanation | None = None

    def update(self, snapshot: Snapshot) -> None:
        """Explain the record done last, or say what can be done at an iteration's start."""
        explanation = snapshot.explanation
        same = explanation is not None and explanation is self._shown
        self._shown = explanation
        if explanation is not None:
            self.show(lambda width: self._explained(snapshot, explanation, width), keep_place=same)
        else:
            self.show(lambda width: self._start(snapshot, width), keep_place=snapshot.running)

    def _explained(self, snapshot: Snapshot, explanation: Explanation, width: int) -> list[Line]:
        title = explanation.title
        if snapshot.explained_iteration != snapshot.iteration:
            title += f", the last record of iteration {snapshot.explained_iteration}"
        lines = paragraph(title, width, "strong", "  ")
        column = label_column(explanation.rows)
        for row in explanation.rows:
            lines += labelled(row, width, column)
        if explanation.shortened:
            lines += paragraph("Some numbers are left out (…): v shows all of them.", width, "label")
        return lines

    def _start(self, snapshot: Snapshot, width: int) -> list[Line]:
        if snapshot.running:
            words = [f"Running: iteration {snapshot.iteration}.", "Space pauses, s pauses and steps."]
            return [line for text in words for line in paragraph(text, width)]
        lines = paragraph(f"Start of iteration {snapshot.iteration}", width, "strong")
        how = "s steps through its records one by one"
        if snapshot.lesson.trains:
            how += f": {snapshot.record_count} of them, forward, backward, update"
        lines += paragraph(how + ".", width)
        if snapshot.lesson.trains:
            lines += paragraph("n does the whole iteration, space runs and pauses, b goes back.", width)
        else:
            lines += paragraph("It trains nothing: its gradients are what it is for.", width)
        lines.append(())
        lines += paragraph(snapshot.lesson.summary, width, "note")
        return lines


class ChainRule(Horizontal):
    """The records of this iteration beside the current one's explanation."""

    def compose(self) -> ComposeResult:
        """Put the list to the left."""
        yield RecordList(heading="Iteration", id="records", classes="panel")
        yield ExplanationView(heading="Chain rule", id="explanation", classes="panel")

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        records = self.query_one(RecordList)
        records.heading = f"Iteration {snapshot.iteration}"
        records.update(snapshot)
        self.query_one(ExplanationView).update(snapshot)
