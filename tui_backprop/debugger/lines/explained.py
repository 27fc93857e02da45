"""A record explained, or a folded line, and what has to be kept of an iteration that either ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

if TYPE_CHECKING:
    from tui_backprop.explain.record import Explanation
    from tui_backprop.lessons.remarks.remark import Remark


class ExplainedRecord(Struct, frozen=True, eq=False):
    """The record done last, with the lesson's notes among the rows of its explanation; or a folded line.

    Attributes:
        stretch: the line, where it is one of several records.
        number: its place in the iteration, from 1 on, of ``total``.
        iteration: the iteration that it belongs to.
        target: the node whose chain was asked for.
    """

    record: Record
    number: int
    total: int
    iteration: int
    target: str | None
    explanation: Explanation
    stretch: Stretch | None = None


class LastStep(Struct, frozen=True, eq=False):
    """What was true before an iteration's last record.

    Attributes:
        values: returns the names that its notes may use.
        tape, total: the iteration's, and its number of records.
        whole: the explanation of the folded line that ends the iteration, if one does.
    """

    values: Callable[[], Mapping[str, Array]]
    tape: Tape
    total: int
    whole: ExplainedRecord | None = None


def explain_line(
    trainer: Trainer,
    line: Stretch,
    record: Record,
    target: str | None,
    call: Callable[[str], str],
    *,
    ends: bool = False,
) -> ExplainedRecord:
    """Explain a folded line of the iteration where a trainer stands.

    Args:
        trainer: the training.
        line: the line.
        record: the last one of it.
        target: the node whose chain was asked for.
        call: returns how a command is called.
        ends: whether it ends the iteration, and is seen from the start of the next one.
    """
    from tui_backprop.explain.folded import explain_stretch

    fold, back, into = map(call, ("fold", "back", "into"))
    how = tr("{fold} unfolds them, {back} and {into} go through them", fold=fold, back=back, into=into)
    if ends:
        how = tr(
            "{back} goes before them, where {fold} unfolds them and {into} goes through them",
            back=back,
            fold=fold,
            into=into,
        )
    explanation = explain_stretch(
        line, trainer.tape, lambda place: trainer.peek(place + 1), how, trainer.lesson.is_noted
    )
    total = trainer.record_count
    return ExplainedRecord(record, line.stop, total, trainer.iteration, target, explanation, line)


def explain_here(
    trainer: Trainer,
    record: Record,
    last: LastStep | None,
    target: tuple[str | None, Node | None],
    remarks: Sequence[Remark],
    *,
    noted: bool = True,
) -> ExplainedRecord:
    """Explain the record done last.

    Args:
        trainer: the training.
        record: the record.
        last: what was true before it, where it ended an iteration and is seen from the start of the next one.
        target: the node whose chain was asked for: as it was named, and as this batch's graph has it.
        remarks: what was found that is almost surely not meant.
        noted: whether the lesson's notes are shown.
    """
    from tui_backprop.explain.record import Explanation, explain
    from tui_backprop.explain.whys import live_values, remark_rows, source_rows, why_rows

    lesson, at_end = trainer.lesson, trainer.position == 0
    bare = explain(record, last.tape if last is not None else trainer.tape, target[1])
    first = (*source_rows(lesson, record), *remark_rows(remarks, record))
    notes = (
        why_rows(lesson, record, lambda: live_values(trainer) if last is None else last.values())
        if noted
        else ()
    )
    explanation = Explanation(bare.title, (*first, *bare.rows, *notes), bare.values)
    total = last.total if last is not None else trainer.record_count
    return ExplainedRecord(
        record, trainer.position or total, total, trainer.iteration - at_end, target[0], explanation
    )
