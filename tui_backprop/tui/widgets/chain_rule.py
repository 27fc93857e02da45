"""The chain rule: the records of this iteration (done, current, to come), and the current one laid open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.message import Message
from textual.widgets import Input

from tui_backprop.explain.text import cells, fit
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.widgets.lines import Line, LinesView, label_column, labelled, paragraph

if TYPE_CHECKING:
    from tui_backprop.explain.predicting import PredictionView
    from tui_backprop.explain.records import Explanation

DONE, CURRENT, TO_COME, SELECTED, ALTERED = "✓", "▶", "·", "›", "*"


MORE_KEYS = (
    "x examines one element, o asks what if, t has you predict each factor, w marks your homework, "
    "B sets breakpoints, 4 shows the graph; ? has all keys."
)


class RecordList(LinesView):
    """One line a record: a mark, its number, what it does, and what came out.

    The arrows move a selection, and Enter goes to the record selected.
    """

    MORE = ""  # the list is narrow
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "go to the record", show=False)]

    class RecordSelected(Message):
        """The selection moved to a record, counted from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    class RecordChosen(RecordSelected):
        """A record is to be gone to."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._snapshot: Snapshot | None = None
        self._selected: int | None = None

    def select(self, place: int | None) -> None:
        """Move the selection without telling anyone; None leaves the current record alone."""
        before, self._selected = self._selected, place
        if place is not None:
            self._follow(place, self.count)
        top = self.scroll_offset.y
        rows = {y - top for y in (before, place) if y is not None and 0 <= y - top < self.size.height}
        if rows:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))

    def _move(self, lines: int) -> None:
        if self._snapshot is None or not self.count:
            return
        at = self._selected if self._selected is not None else max(self._snapshot.position - 1, 0)
        self.select(max(0, min(at + lines, self.count - 1)))
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

    def action_choose(self) -> None:
        """Go to the record selected."""
        if self._selected is not None:
            self.post_message(self.RecordChosen(self._selected))

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's records; the current one is kept in view."""
        before, self._snapshot = self._snapshot, snapshot
        if before is None or (before.iteration, before.position) != (snapshot.iteration, snapshot.position):
            self.select(None)
        same = before is not None and before.plan is snapshot.plan
        if not same:
            self.virtual_size = Size(self._width, len(snapshot.plan))
        if self._selected is None:
            self._follow(max(snapshot.position - 1, 0), len(snapshot.plan), centre=before is None)
        if not same or before is None:
            self.refresh()
        elif not snapshot.looks_like(before):
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
        if at == self._selected and at != current:
            mark = SELECTED
        number = f"{at + 1:>{len(str(len(snapshot.plan)))}}"
        value = ""
        if at < len(snapshot.records):
            from tui_backprop.explain.records import short

            value = short(snapshot.records[at])
        if value and snapshot.is_altered(at):
            value += ALTERED
        room = width - cells(mark) - cells(number) - 3 - (cells(value) + 1 if value else 0)
        title = fit(snapshot.plan[at], max(room, 4))
        part = "strong" if at in (current, self._selected) else "" if at < current else "label"
        gap = " " * max(1, width - cells(f"{mark} {number} {title}{value}")) if value else ""
        return ((f"{mark} {number} {title}{gap}{value}", part),)


class ExplanationView(LinesView):
    """The record done last: formula, numbers, result, shapes, and why."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._shown: Explanation | None = None

    def update(self, snapshot: Snapshot) -> None:
        """Explain the record done last, or say what can be done at an iteration's start.

        A question that is open takes their place.
        """
        prediction = snapshot.prediction
        if prediction is not None and prediction.question is not None:
            self._shown = None
            self.show(lambda width: self._asked(prediction, width), keep_place=False)
            return
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
        rows = (
            explanation.rows
            if snapshot.prediction is None
            else (*snapshot.prediction.rows, *explanation.rows)
        )
        column = label_column(rows)
        for row in rows:
            lines += labelled(row, width, column)
        if explanation.shortened:
            lines += paragraph("Some numbers are left out (…): v shows all of them.", width, "label")
        return lines

    def _asked(self, prediction: PredictionView, width: int) -> list[Line]:
        lines = paragraph(prediction.title, width, "strong", "  ")
        column = label_column(prediction.rows)
        for row in prediction.rows:
            lines += labelled(row, width, column)
        return lines

    def _start(self, snapshot: Snapshot, width: int) -> list[Line]:
        if snapshot.running:
            words = [f"Running: iteration {snapshot.iteration}.", "Space pauses, s pauses and steps."]
            return [line for text in words for line in paragraph(text, width)]
        lines = paragraph(f"Start of iteration {snapshot.iteration}", width, "strong")
        if snapshot.prediction is not None:
            lines += paragraph("Predict: space goes to the first factor, which is asked for.", width)
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
        lines.append(())
        lines += paragraph(MORE_KEYS, width, "label")
        return lines


class AnswerField(Input):
    """Where a prediction is typed; Enter answers, and with nothing typed asks for a hint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "answer, or a hint"),
        Binding("escape", "app.leave", "leave; then s reveals", key_display="Esc"),
    ]

    class Answered(Message):
        """An answer was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Answered(event.value.strip()))


class ChainRule(Horizontal):
    """The records of this iteration beside the current one's explanation."""

    def compose(self) -> ComposeResult:
        """Put the list to the left."""
        yield RecordList(heading="Iteration", id="records", classes="panel")
        with Vertical(id="explained"):
            yield ExplanationView(heading="Chain rule", id="explanation", classes="panel")

    def _answer_field(self) -> AnswerField:
        """Return the field for answers; it is put in with the first question."""
        if not self.query(AnswerField):
            hint = "numbers, a list, or a formula; Enter alone: a hint"
            field = AnswerField(placeholder=hint, compact=True, id="answer")
            self.query_one("#explained").mount(field)
            return field
        return self.query_one(AnswerField)

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        records = self.query_one(RecordList)
        records.heading = f"Iteration {snapshot.iteration}"
        records.update(snapshot)
        view = self.query_one(ExplanationView)
        view.heading = "Predict" if snapshot.prediction is not None else "Chain rule"
        view.update(snapshot)
        self._ask(snapshot.prediction)

    def _ask(self, prediction: PredictionView | None) -> None:
        """Open the field for a new question, with nothing in it; close it when there is none."""
        question = prediction.question if prediction is not None else None
        if question == self._question:
            return
        self._question = question
        field = self._answer_field()
        field.value = ""
        field.set_class(question is not None, "asked")
        if question is not None:
            field.focus()
        elif field.has_focus:
            self.query_one(ExplanationView).focus()

    _question: object = None
