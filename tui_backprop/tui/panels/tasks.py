"""What there is to do in this lesson: its tasks, ticked off as they are reached, and its questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.seat.view import CourseView, QuestionLine, TaskLine
from tui_backprop.debugger.seat.words import question_mark, task_heading, worth
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.sentences import later
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.request import request
from tui_backprop.tui.widgets.lines import Line, LinesView

DONE, CURRENT, TO_COME, SELECTED = "✓", "▶", "·", "›"


class TasksPanel(LinesView, SnapshotWidget):
    """Tasks and questions, each on its lines; the arrows move a selection, Enter opens a question."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", later("Entry before"), show=False),
        Binding("down", "choose(1)", later("Next entry"), show=False),
        Binding("enter", "ask", later("ask"), tooltip=later("Open the question that is selected")),
    ]

    _view: CourseView | None = None
    _selected = 0
    _starts: Sequence[int] = ()

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show what is done by now; in another lesson begin at what is to be done first."""
        if snapshot is None or snapshot.course is self._view:
            return
        another = self._view is None or snapshot.course is None or self._view.lesson != snapshot.course.lesson
        self._view = snapshot.course
        if another or not self.has_focus:
            self._selected = self._first()
        self._show()

    @property
    def _rows(self) -> Sequence[TaskLine | QuestionLine]:
        return () if self._view is None else (*self._view.tasks, *self._view.questions)

    def _first(self) -> int:
        """Return the place of what is to be done: the current task, or else the first open question."""
        for place, row in enumerate(self._rows):
            if row.current if isinstance(row, TaskLine) else not row.record.closed:
                return place
        return 0

    def watch_has_focus(self, has_focus: bool) -> None:
        """Mark what is selected, or nothing."""
        super().watch_has_focus(has_focus)
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        self.heading = "" if self._view is None else task_heading(self._view)
        self.show(self._lay_out)
        self._follow()

    def _follow(self) -> None:
        """Have what is selected in sight."""
        if not self._starts:
            return
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        start, end = self._starts[self._selected], self._starts[self._selected + 1]
        if start < top or end > top + height:
            self.scroll_to(y=max(0, min(start, end - height)), animate=False, force=True)

    def on_resize(self) -> None:
        """Keep what is selected in sight, at whatever height."""
        super().on_resize()
        self._follow()

    def _lay_out(self, width: int) -> list[Line]:
        lines: list[Line] = []
        starts = [0]
        for place, row in enumerate(self._rows):
            chosen = place == self._selected and self.has_focus
            lines += self._row(row, width, chosen=chosen)
            starts.append(len(lines))
        self._starts = starts if len(starts) > 1 else ()
        return lines

    def _row(self, row: TaskLine | QuestionLine, width: int, *, chosen: bool) -> list[Line]:
        charset = self.charset
        if isinstance(row, TaskLine):
            mark = DONE if row.done else CURRENT if row.current else TO_COME
            text, end, now = row.text, "", row.current
        else:
            mark, text, end = question_mark(row), row.text, worth(row)
            now = False
        head = f"{SELECTED if chosen else ' '}{charset.spelled(mark)} "
        label = f"{row.number} " if isinstance(row, TaskLine) else f"?{row.number} "
        margin = charset.cells(head + label)
        part = "strong" if chosen or now else "label" if mark == DONE else ""
        room = max(width - margin, 4)
        wrapped = list(charset.wrap(text, room))
        if end and charset.cells(wrapped[-1]) + charset.cells(end) + 2 > room:
            wrapped.append("")
        laid: list[Line] = []
        for number, piece in enumerate(wrapped):
            front = head + label if not number else " " * margin
            if end and number == len(wrapped) - 1:
                gap = " " * max(room - charset.cells(piece) - charset.cells(end), 2)
                laid.append(((front + piece, part), (gap + end, "label")))
            else:
                laid.append(((front + piece, part),))
        return laid

    def action_choose(self, by: int) -> None:
        """Select the entry before or behind."""
        if self._rows:
            self._selected = max(0, min(self._selected + by, len(self._rows) - 1))
            self._show()

    def action_ask(self) -> None:
        """Open the question that is selected."""
        rows = self._rows
        if rows and isinstance(row := rows[self._selected], QuestionLine):
            self.post_message(Requested(request(BY_NAME["question"], str(row.number))))
