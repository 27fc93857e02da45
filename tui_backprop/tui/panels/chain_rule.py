"""The chain rule: the records of this iteration, the current one laid open, and the field for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.sentences import tr
from tui_backprop.tui.keys import REVEALS
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.panels.chain.answer_field import AnswerField, Said
from tui_backprop.tui.panels.chain.explanation import ExplanationView
from tui_backprop.tui.panels.chain.records import RecordList

if TYPE_CHECKING:
    from tui_backprop.explain.rows import Row


class ChainRule(Horizontal, SnapshotWidget):
    """The records of this iteration beside the current one's explanation."""

    def compose(self) -> ComposeResult:
        """Put the list to the left."""
        records = RecordList(heading=tr("Iteration"), id="records", classes="panel")
        yield records.data_bind(ChainRule.snapshot)
        with Vertical(id="explained"):
            explanation = ExplanationView(heading=tr("Chain rule"), id="explanation", classes="panel")
            yield explanation.data_bind(ChainRule.snapshot)

    def _answer_field(self) -> AnswerField:
        """Return the field for answers; it is put in with the first question."""
        if not self.query(AnswerField):
            hint = tr("Enter alone gives a hint, {reveal} reveals", reveal=REVEALS)
            field = AnswerField(placeholder=hint, compact=True, id="answer")
            self.query_one("#explained").mount(Said(id="said"), field)
            return field
        return self.query_one(AnswerField)

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Open the field for a new question, with nothing in it; close it when there is none."""
        prediction = snapshot.prediction if snapshot is not None else None
        question = prediction.question if prediction is not None else None
        self._show_said(prediction.said if question is not None and prediction is not None else None)
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

    def _show_said(self, row: Row | None) -> None:
        for said in self.query(Said):
            said.tell(row)

    @on(AnswerField.ScrollWanted)
    def _scroll_wanted(self, message: AnswerField.ScrollWanted) -> None:
        view = self.query_one(ExplanationView)
        if message.pages < 0:
            view.action_page_up()
        else:
            view.action_page_down()

    _question: object = None
