"""The record done last, laid open: formula, numbers, result, shapes and why; or the question in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.numbers import number
from tui_backprop.tui.keys import REVEALS, call
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.widgets.lines import Line, LinesView, label_column, labelled, paragraph

if TYPE_CHECKING:
    from tui_backprop.debugger.predicting import PredictionView
    from tui_backprop.explain.record import Explanation
    from tui_backprop.explain.rows import Row

HOW_TO_ANSWER = (
    f"Enter answers, with numbers or a formula; Enter alone gives a hint, ↑ brings back what was typed, "
    f"PgUp and PgDn scroll, {REVEALS} reveals."
)
MORE_KEYS = (
    f"{call('examine')} examines one element, {call('whatif')} asks what if, {call('quiz')} starts the "
    f"quiz, {call('homework')} checks your homework, {call('break')} sets breakpoints, "
    f"{call('graph')} shows the graph; {call('help')} has all keys."
)


class ExplanationView(LinesView, SnapshotWidget):
    """The record done last: formula, numbers, result, shapes, and why."""

    BY_HEIGHT = True

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._shown: Explanation | None = None

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Explain the record done last, or say what can be done at an iteration's start.

        A question that is open takes their place.
        """
        if snapshot is None:
            return
        prediction = snapshot.prediction
        self.heading = "Quiz" if prediction is not None else "Chain rule"
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
        lines = paragraph(self.charset, title, width, "strong", "  ")
        asked = () if snapshot.prediction is None else snapshot.prediction.rows
        from tui_backprop.tui.panels.chain.first_sight import first_sight

        column = label_column(self.charset, (*asked, *explanation.rows))

        def laid(row: Row) -> list[Line]:
            return labelled(self.charset, row, width, column)

        for row in asked:
            lines += laid(row)
        room = self.scrollable_content_region.height - len(lines)
        for row in first_sight(explanation.rows, room, lambda row: len(laid(row))):
            lines += laid(row)
        if explanation.shortened:
            all_of_them = f"Some numbers are left out (…): {call('values')} shows all of them."
            lines += paragraph(self.charset, all_of_them, width, "label")
        return lines

    def _asked(self, prediction: PredictionView, width: int) -> list[Line]:
        from tui_backprop.explain.rows import Row

        question, *older = prediction.asked
        column = label_column(self.charset, (question, *older, prediction.score or question))
        lines = labelled(self.charset, question, width, column)
        for row in older:  # what came before is folded: the newest stands above the field
            first, *rest = labelled(self.charset, row, width, column)
            if rest:
                first = (*labelled(self.charset, row, width - 2, column)[0], (" …", "label"))
            lines.append(first)
        if prediction.score is not None:
            lines += labelled(self.charset, prediction.score, width, column)
        return lines + labelled(self.charset, Row("", (HOW_TO_ANSWER,)), width, column)

    def _start(self, snapshot: Snapshot, width: int) -> list[Line]:
        if snapshot.running:
            pauses = f"{call('continue').capitalize()} pauses, {call('step')} pauses and steps."
            words = [f"Running: iteration {snapshot.iteration}.", pauses]
            return [line for text in words for line in paragraph(self.charset, text, width)]
        lines = paragraph(self.charset, f"Start of iteration {snapshot.iteration}", width, "strong")
        for text in () if snapshot.outcome is None else snapshot.outcome.lines:
            lines += paragraph(self.charset, text, width, "good", "  ")
        if snapshot.prediction is not None:
            asked = f"Quiz: {call('continue')} goes to the first factor, which is asked for."
            lines += paragraph(self.charset, asked, width)
        if not math.isfinite(snapshot.loss):
            named = f"The loss is {number(snapshot.loss)}: {call('continue')} names the record that makes it."
            lines += paragraph(self.charset, named, width, "bad")
        if snapshot.whole_loss is not None:
            whole = (
                f"Loss {number(snapshot.loss)} of this batch, {number(snapshot.whole_loss)} over all samples."
            )
            lines += paragraph(self.charset, whole, width)
        for remark in snapshot.remarks:
            lines += paragraph(self.charset, f"! {remark.text}", width, "bad", "  ")
        how = f"{call('step')} steps through its records one by one"
        if snapshot.lesson.trains:
            how += f": {snapshot.record_count} of them, forward, backward, update"
        lines += paragraph(self.charset, how + ".", width)
        if snapshot.lesson.trains:
            runs = f"{call('continue')} runs and pauses, {call('back')} goes back"
            lines += paragraph(self.charset, f"{call('next')} does the whole iteration, {runs}.", width)
        else:
            lines += paragraph(self.charset, "It trains nothing: its gradients are what it is for.", width)
        lines.append(())
        lines += paragraph(self.charset, snapshot.lesson.summary, width, "note")
        lines.append(())
        lines += paragraph(self.charset, MORE_KEYS, width, "label")
        return lines
