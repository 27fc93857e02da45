"""What a derivation says, in the order in which it says it; how it looks is the business of each target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.pages.iteration import KEPT, KINDS, MAX_RECORDS, unused_names
from tui_backprop.explain.pages.whole import WholeIteration, given_values
from tui_backprop.explain.record import explain, factor_rows
from tui_backprop.explain.rows import Row
from tui_backprop.explain.titles import assignment_title, factor_title, update_title
from tui_backprop.export.listing import formula_lines
from tui_backprop.text.numbers import inline, is_shown_in_full, number
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.trainer import Trainer

WORDS: Final = frozenset({
    "drawn", "put in", "not finite", "0 · ∞", "meets", "shape", "shapes",
})  # fmt: skip
"""Rows that are sentences; all others are formulas."""
LONGEST: Final = 4000
"""Characters of a sentence."""


class DerivedLine(NamedTuple):
    """A labelled part of a step: texts and matrices; a matrix stands behind a text that ends with =."""

    label: str
    parts: tuple[str | Array, ...]
    is_words: bool


class DerivedStep(NamedTuple):
    """One record: its number among all of the iteration, what happens as a formula, and the lines on it."""

    number: int
    title: str
    lines: Sequence[DerivedLine]


class DerivedPart(NamedTuple):
    """The way forward, the way back or the updates; of very many steps those in the middle are left out."""

    title: str
    steps: Sequence[DerivedStep]
    left_out: int

    @property
    def left_out_text(self) -> str:
        """How many steps are left out, in words."""
        return tr("{count} steps are left out.", count=self.left_out)


class Derivation(NamedTuple):
    """A derivation.

    Attributes:
        title: the lesson's.
        place: which iteration it is, and the loss there.
        formula: the lesson's, line by line.
        given: data and parameters: a name, what it is, and its value.
        sections: forward, backward, updates.
        notes: sentences at the end.
    """

    title: str
    place: str
    formula: Sequence[str]
    given: Sequence[tuple[str, str, Array]]
    sections: Sequence[DerivedPart]
    notes: Sequence[str]


def derive(trainer: Trainer) -> Derivation:
    """Derive the iteration at which a trainer stands."""
    whole = WholeIteration.of(trainer)
    graph, heading = whole.graph, whole.heading
    numbered = list(enumerate(whole.records, 1))
    first = len(graph.assignments)
    back = [
        (number, record)
        for place, (number, record) in enumerate(numbered[first : first + len(graph.factors)])
        if place in graph.leading
    ]
    parts = (
        (tr("Forward"), numbered[:first]),
        (tr("Backward: each factor of the chain rule"), back),
        (tr("Update"), numbered[first + len(graph.factors) :]),
    )
    notes = []
    if passed := len(graph.factors) - len(back):
        notes.append(tr("Factors that lead to data only are left out: {count}.", count=passed))
    if unused := unused_names(graph):
        names = ", ".join(unused)
        notes.append(tr("The loss does not depend on {name}: gradient zero, no factors.", name=names))
    return Derivation(
        printable(heading.lesson.title, 200),
        tr(
            "{lesson}: iteration {iteration}, loss {loss}",
            lesson=printable(heading.lesson.name),
            iteration=heading.iteration,
            loss=number(heading.loss),
        ),
        formula_lines(heading.lesson),
        [(pretty_text(node.name), _kind(node), value) for node, value in given_values(whole.tape)],
        [_section(title, records, whole) for title, records in parts if records],
        notes,
    )


def _kind(node: Node) -> str:
    if node.kind is Kind.PARAMETER and not node.trainable:
        return tr("parameter, not trained")
    return tr(KINDS[node.kind])


def _section(title: str, records: Sequence[tuple[int, Record]], whole: WholeIteration) -> DerivedPart:
    many = len(whole.records) > MAX_RECORDS and len(records) > 2 * KEPT
    chosen = [*records[:KEPT], *records[-KEPT:]] if many else records
    steps = [_step(at, record, whole) for at, record in chosen]
    return DerivedPart(title, steps, len(records) - len(chosen))


def _step(at: int, record: Record, whole: WholeIteration) -> DerivedStep:
    rows = (
        factor_rows(record, whole.tape)
        if isinstance(record, ChainFactor)
        else explain(record, whole.tape).rows
    )
    title = _title(record, whole)
    lines = [DerivedLine(*line) for row in rows for line in _lines(row, title)]
    # what is remarked on, and what a lesson notes, is sentences under any label
    lines += [DerivedLine(printable(row.said), _sentences(row), True) for row in whole.notes(record)]
    return DerivedStep(at, title, lines)


def _title(record: Record, whole: WholeIteration) -> str:
    if isinstance(record, Assignment):
        return assignment_title(record.node)
    if isinstance(record, ChainFactor):
        return factor_title(whole.graph, record.factor)
    assert isinstance(record, ParameterUpdate)
    return update_title(record.parameter)


def _lines(row: Row, title: str) -> Iterator[tuple[str, tuple[str | Array, ...], bool]]:
    if row.label == "formula" and row.parts == (title,):
        return
    words = row.prose or row.label in WORDS
    yield row.said, _sentences(row) if words else row.parts, words


def _sentences(row: Row) -> tuple[str, ...]:
    return tuple(printable(part if isinstance(part, str) else inline(part), LONGEST) for part in row.parts)


def matrices(value: Array) -> list[tuple[str, list[list[str]]]] | None:
    """Return an array's matrices as texts, each with its index; None of a number, or what is too large."""
    array = np.asarray(value)
    if not array.ndim or not array.size or not is_shown_in_full(array):
        return None
    rows = array.reshape(1, *array.shape) if array.ndim == 1 else array
    found = []
    for index in np.ndindex(rows.shape[:-2]):
        label = f"[{', '.join(map(str, index))}, :, :]" if index else ""
        found.append((label, [[number(float(x)) for x in row] for row in rows[index]]))
    return found
