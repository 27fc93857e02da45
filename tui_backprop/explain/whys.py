"""The teacher's notes that belong to a record, with the live numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.engine.autodiff.records import ChainFactor, Record
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.language.namespace import value_names
from tui_backprop.explain.rows import Row
from tui_backprop.explain.titles import node_of
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.numbers import inline
from tui_backprop.text.sentences import later
from tui_backprop.training.trainer import Trainer

if TYPE_CHECKING:
    from tui_backprop.lessons.remarks.remark import Remark


def live_values(trainer: Trainer) -> dict[str, Array]:
    """Return all names a note may use, with their values at this iteration."""
    return value_names(trainer.tape, live_numbers(trainer))


def live_numbers(trainer: Trainer) -> dict[str, Array]:
    """Return the numbers that a note may name besides the lesson's own."""
    rows = trainer.lesson.rows_of(trainer.inputs)
    scalars = {
        "learning_rate": trainer.learning_rate,
        "iteration": trainer.iteration,
        "epoch": trainer.epoch,
        "samples": 1 if rows is None else rows,
    }
    return {name: np.asarray(value, dtype=np.float64) for name, value in scalars.items()}


def whys(lesson: Lesson, record: Record, values: Callable[[], Mapping[str, Array]]) -> list[str]:
    """Return a lesson's notes on a record that hold now.

    Args:
        lesson: the lesson.
        record: a record of its training.
        values: makes :func:`live_values` of the record's iteration; called only where there are notes.
    """
    fitting = [why for why in lesson.whys if why.belongs_to(record)]
    if not fitting:
        return []
    known = values()
    return [why.text(known, inline) for why in fitting if why.applies(known)]


def why_rows(lesson: Lesson, record: Record, values: Callable[[], Mapping[str, Array]]) -> list[Row]:
    """Return the notes on a record as rows, and for a factor what holds for its operation in any lesson."""
    notes = whys(lesson, record, values)
    rows = [Row(later("why"), (note,)) for note in notes]
    if isinstance(record, ChainFactor):
        factor = record.factor
        general = factor.op.why(factor.index, factor.shapes)
        rows.append(Row(later("general") if notes else "why", (general,)))
    return rows


def place_of(lesson: Lesson, record: Record) -> str:
    """Return file and line of the program that a record came from; "" where the lesson is made of none."""
    node = node_of(record)
    return lesson.source.place(node) if lesson.source is not None and node is not None else ""


def source_rows(lesson: Lesson, record: Record) -> list[Row]:
    """Return the line of the user's program that a record came from."""
    place = place_of(lesson, record)
    if lesson.source is None or not place:
        return []
    return [Row(later("source"), (f"{place}: {lesson.source.line(place)}".removesuffix(": "),))]


def remark_rows(remarks: Iterable[Remark], record: Record) -> list[Row]:
    """Return the remarks that belong to a record as rows."""
    return [Row(later("remark"), (remark.message,)) for remark in remarks if remark.belongs_to(record)]
