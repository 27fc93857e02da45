"""The record done last, laid open: formula, numbers, result, shapes and why; or the question in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.tui.keys import REVEALS, call
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.widgets.lines import Line, LinesView, label_column, labelled, paragraph

if TYPE_CHECKING:
    from tui_backprop.debugger.predicting import PredictionView
    from tui_backprop.explain.record import Explanation
    from tui_backprop.explain.rows import Row


def how_to_answer() -> str:
    """Say what can be typed where something is asked for."""
    return tr(
        "Enter answers, with numbers or a formula; Enter alone gives a hint, ↑ brings back what was typed, "
        "PgUp and PgDn scroll, {reveal} reveals.",
        reveal=REVEALS,
    )


def said_of_aim(parameter: str | None) -> str:
    """Say to which parameter factors are shown in the chain from now on; None for their first ones."""
    if parameter is None:
        return tr("each factor is shown in the chain to its first parameter again")
    return tr(
        "factors are shown in the chain to {parameter}; Enter again ends that, {whatif} moves it",
        parameter=parameter,
        whatif=call("whatif"),
    )


def more_keys() -> str:
    """Say what else there is at the start of an iteration."""
    commands = ("examine", "whatif", "quiz", "homework", "break", "graph", "help")
    return tr(
        "{examine} examines one element, {whatif} asks what if, {quiz} starts the quiz, "
        "{homework} checks your homework, {break} sets breakpoints, {graph} shows the graph; "
        "{help} has all keys.",
        **{name: call(name) for name in commands},
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
        self.heading = tr("Quiz") if prediction is not None else tr("Chain rule")
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
            title = tr(
                "{record}, the last record of iteration {iteration}",
                record=title,
                iteration=snapshot.explained_iteration,
            )
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
            all_of_them = tr(
                "Some numbers are left out (…): {values} shows all of them.", values=call("values")
            )
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
        return lines + labelled(self.charset, Row("", (how_to_answer(),)), width, column)

    def _start(self, snapshot: Snapshot, width: int) -> list[Line]:
        if snapshot.running:
            pauses = tr(
                "{run} pauses, {step} pauses and steps.",
                run=call("continue").capitalize(),
                step=call("step"),
            )
            words = [tr("Running: iteration {iteration}.", iteration=snapshot.iteration), pauses]
            return [line for text in words for line in paragraph(self.charset, text, width)]
        begun = tr("Start of iteration {iteration}", iteration=snapshot.iteration)
        lines = paragraph(self.charset, begun, width, "strong")
        for text in () if snapshot.outcome is None else snapshot.outcome.lines:
            lines += paragraph(self.charset, text, width, "good", "  ")
        if snapshot.prediction is not None:
            asked = tr("Quiz: {run} goes to the first factor, which is asked for.", run=call("continue"))
            lines += paragraph(self.charset, asked, width)
        if not math.isfinite(snapshot.loss):
            named = tr(
                "The loss is {loss}: {run} names the record that makes it.",
                loss=number(snapshot.loss),
                run=call("continue"),
            )
            lines += paragraph(self.charset, named, width, "bad")
        if snapshot.whole_loss is not None:
            whole = tr(
                "Loss {loss} of this batch, {whole} over all samples.",
                loss=number(snapshot.loss),
                whole=number(snapshot.whole_loss),
            )
            lines += paragraph(self.charset, whole, width)
        for remark in snapshot.remarks:
            lines += paragraph(self.charset, f"! {remark.text}", width, "bad", "  ")
        for text in _how_to_begin(snapshot):
            lines += paragraph(self.charset, text, width)
        lines.append(())
        lines += paragraph(self.charset, snapshot.lesson.summary, width, "note")
        lines.append(())
        lines += paragraph(self.charset, more_keys(), width, "label")
        return lines


def _how_to_begin(snapshot: Snapshot) -> tuple[str, str]:
    """Say which keys begin, and what they do in this lesson."""
    if not snapshot.lesson.trains:
        return (
            tr("{step} steps through its records one by one.", step=call("step")),
            tr("It trains nothing: its gradients are what it is for."),
        )
    return (
        tr(
            "{step} steps through its records one by one: {count} of them, forward, backward, update.",
            step=call("step"),
            count=snapshot.record_count,
        ),
        tr(
            "{next} does the whole iteration, {run} runs and pauses, {back} goes back.",
            next=call("next"),
            run=call("continue"),
            back=call("back"),
        ),
    )
