"""The records of this iteration, a line each: done, current, to come; whoever selects one can go to it."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message

from tui_backprop.debugger.lines.rows import RecordRow
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.explain.stretch import name_of, short_titles, short_value
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import call
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.widgets.lines import Line, LinesView

DONE, CURRENT, TO_COME, SELECTED, ALTERED = "✓", "▶", "·", "›", "*"
FOLDED, OPEN = "▸", "▾"
DEEPEST = 3
"""Open lines inside one another that are indented."""


class RecordList(LinesView, SnapshotWidget):
    """One line a record: a mark, its number, what it does, and what came out.

    The arrows move a selection, and Enter goes to the record selected.
    """

    MORE = False  # the list is narrow
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", later("go to the record"), show=False)
    ]

    class RecordSelected(Message):
        """The selection moved to a record, counted from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    class RecordChosen(RecordSelected):
        """A record is to be gone to."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._selected: int | None = None

    def select(self, place: int | None) -> None:
        """Move the selection without telling anyone; None leaves the current record alone."""
        before, self._selected = self._selected, place
        if place is not None:
            self._follow(self._y(place), self.count)
        top = self.scroll_offset.y
        ys = [self._y(one) - top for one in (before, place) if one is not None]
        rows = {y for y in ys if 0 <= y < self.size.height}
        if rows:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))

    def _move(self, lines: int) -> None:
        if self.snapshot is None or not self.count:
            return
        at = self._y(self._selected if self._selected is not None else self.snapshot.position - 1)
        y, rows = max(0, min(at + lines, self.count - 1)), self.snapshot.rows
        while lines < 0 < y and rows[y].is_open:  # which is no record
            y -= 1
        while rows[y].is_open:
            y += 1
        self.select(rows[y].place)
        assert self._selected is not None
        self.post_message(self.RecordSelected(self._selected))

    def action_scroll_up(self) -> None:
        """Select the record above."""
        self._move(-1)

    def action_scroll_down(self) -> None:
        """Select the record below."""
        self._move(1)

    def action_page_up(self) -> None:
        """Select a page up."""
        self._move(1 - self.size.height)

    def action_page_down(self) -> None:
        """Select a page down."""
        self._move(self.size.height - 1)

    def action_scroll_home(self) -> None:
        """Select the first record."""
        self._move(-self.count)

    def action_scroll_end(self) -> None:
        """Select the last record."""
        self._move(self.count)

    @property
    def chosen_place(self) -> int:
        """The record selected, or else the one done last, counted from 0; -1 before the first."""
        if self._selected is not None:
            return self._selected
        return self.snapshot.position - 1 if self.snapshot is not None else -1

    def action_choose(self) -> None:
        """Go to the record selected."""
        if self._selected is not None:
            self.post_message(self.RecordChosen(self._selected))

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show a snapshot's records; the current one is kept in view."""
        if snapshot is None:
            return
        self.heading = tr("Iteration {iteration}", iteration=snapshot.iteration)
        if before is None or (before.iteration, before.position) != (snapshot.iteration, snapshot.position):
            self.select(None)
        same = before is not None and before.rows is snapshot.rows
        if not same:
            self.virtual_size = Size(self._width, self.count)
        if self._selected is None:
            self._follow(self._y(snapshot.position - 1), self.count, centre=before is None)
        if not same or before is None:
            self.refresh()
        elif not snapshot.looks_like(before):
            top, height = self.scroll_offset.y, self.size.height
            visible = snapshot.rows[top : top + height]
            rows = [y for y, row in enumerate(visible) if self.line(before, row) != self.line(snapshot, row)]
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
        if self.snapshot is not None:
            self._follow(self._y(self.snapshot.position - 1), self.count, centre=True)

    def _layout(self) -> None:
        self._built_width = self._width
        if self.snapshot is not None:
            self.virtual_size = Size(self._width, self.count)
        self.refresh()
        self._mark_more()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.snapshot.rows) if self.snapshot else 0

    def _y(self, place: int) -> int:
        """Return the row of a record, or of the fold that it is in."""
        rows = self.snapshot.rows if self.snapshot else ()
        return max(bisect_right(rows, place, key=lambda row: row.place) - 1, 0)

    def line_at(self, y: int) -> Line:
        """Lay out one row; done only for those that are looked at."""
        assert self.snapshot is not None
        return self.line(self.snapshot, self.snapshot.rows[y])

    def line(self, snapshot: Snapshot, row: RecordRow) -> Line:
        """Lay out one record, a folded line, or what stands above the records of an open one."""
        if row.aside:
            return self._aside(row, here=row.place <= snapshot.position - 1 <= row.last)
        if row.is_open and row.stretch is not None:
            return (
                (self.charset.fit(f"{OPEN} {self._indent(row)}{name_of(row.stretch)}", self._width), "label"),
            )
        at, current = row.last, snapshot.position - 1
        mark = CURRENT if at == current else DONE if at < current else TO_COME
        selected = self._selected is not None and row.place <= self._selected <= at
        if selected and at != current:
            mark = SELECTED
        value = self._value(snapshot, row)
        cells, width = self.charset.cells, self._width
        number = f"{mark} {row.place + 1:>{len(str(len(snapshot.titles)))}} {self._indent(row)}"
        room = max(width - cells(number) - 1 - (cells(value) + 1 if value else 0), 4)
        if row.stretch is None:
            title = self._title_within(snapshot, at, room)
        else:
            title = self._folded_within(snapshot, row.stretch, room)
        gap = " " * max(1, width - cells(f"{number}{title}{value}")) if value else ""
        part = "strong" if selected or at == current else "" if at < current else "label"
        return ((f"{number}{title}{gap}{value}", part),)

    @staticmethod
    def _indent(row: RecordRow) -> str:
        return " " * min(row.depth, DEEPEST)

    @staticmethod
    def _value(snapshot: Snapshot, row: RecordRow) -> str:
        """Return what came of a row that is done."""
        at = row.last
        if at >= len(snapshot.records):
            return ""
        from tui_backprop.explain.record import short

        node = snapshot.record_index.nodes[at]
        if row.stretch is None:
            value = shape_text(node.shape) if node.shape else short(snapshot.records[at])
        else:
            value = short_value(snapshot.graph, row.stretch, snapshot.records)
        return value + ALTERED if value and snapshot.is_altered(at) else value

    def _aside(self, row: RecordRow, *, here: bool) -> Line:
        """Say how many records stepping passes over here."""
        mark = CURRENT if here else " "
        if self._selected is not None and row.place <= self._selected <= row.last:
            mark = SELECTED
        text = tr("… {count} aside ({factors} shows)", count=row.aside, factors=call("factors"))
        return ((self.charset.fit(f"{mark} {self._indent(row)}{text}", self._width), "label"),)

    def _folded_within(self, snapshot: Snapshot, stretch: Stretch, room: int) -> str:
        """Return the longest title of a folded line that there is room for."""
        titles = [f"{FOLDED} {title}" for title in short_titles(snapshot.graph, stretch)]
        fitting = (title for title in titles if self.charset.cells(title) <= room)
        return self.charset.fit(next(fitting, titles[-1]), room)

    def _title_within(self, snapshot: Snapshot, at: int, room: int) -> str:
        """Return a record's title, or what of it tells it from the others: both of its ends."""
        whole, shorter = snapshot.titles[at], snapshot.record_index.shorter_title(at)
        for title in (whole, shorter if shorter == whole else f"{shorter} …"):
            if self.charset.cells(title) <= room:
                return self.charset.spelled(title)
        return self.charset.fit_in_the_middle(shorter, room)
