"""One whole iteration: as a JSON object for programs, as lines of text for people and screen readers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.folded import explain_stretch
from tui_backprop.explain.nonfinite import message
from tui_backprop.explain.pages.aloud import aloud
from tui_backprop.explain.pages.heading import plain
from tui_backprop.explain.pages.whole import WholeIteration, given_values
from tui_backprop.explain.record import Explanation, explain, local_text
from tui_backprop.explain.rows import Row
from tui_backprop.explain.stretch import numbered
from tui_backprop.explain.whys import place_of
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.text_samples import listed, spelled
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.text.numbers import inline
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty, pretty_text
from tui_backprop.training.stops.divergence import DivergedError
from tui_backprop.training.trainer import Trainer

LABEL_WIDTH = 16
MAX_RECORDS = 3000
"""An iteration of more records is not written out whole."""
KEPT = 100
"""Records that then stand at the beginning and at the end of each of its three parts."""
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.DATA: later("data"),
        Kind.SAMPLES: later("samples"),
        Kind.PARAMETER: later("parameter"),
        Kind.CONSTANT: later("constant"),
        Kind.DRAWN: later("drawn"),
        Kind.RUNNING: later("running statistic"),
        Kind.LITERAL: later("literal"),
        Kind.OPERATION: later("operation"),
    }
)
"""What kinds of nodes are called."""
_SET = frozenset({"learning_rate", "clip_norm", "clip_value"})
"""Terms of an update that are there only where a schedule or clipping is set."""


def at_iteration(trainer: Trainer, iteration: int) -> None:
    """Train up to an iteration, to explain it.

    Raises:
        BackpropError: the lesson trains nothing.
        DivergedError: it diverges before it gets there.
    """
    if iteration and not trainer.lesson.trains:
        raise BackpropError(
            tr("{lesson} trains nothing; there is iteration 0 only", lesson=trainer.lesson.name)
        )
    report = trainer.run(iterations=iteration, breakpoints=False)
    if trainer.iteration < iteration and report.divergence:
        why = message(report.divergence)
        raise DivergedError(tr("iteration {iteration} is not reached; {why}", iteration=iteration, why=why))


def as_json(iteration: WholeIteration) -> dict[str, Any]:
    """Return an iteration as one object; names are as the lesson writes them.

    :func:`~tui_backprop.explain.pages.whole.check_size` tells whether that is a sensible size.
    """
    tape = iteration.tape
    page: dict[str, Any] = {
        **iteration.heading.as_json(),
        "inputs": {node.name: plain(tape.value(node)) for node in tape.graph.inputs},
        "forward": [],
        "factors": [],
        "gradients": {name: plain(value) for name, value in tape.gradients_by_name().items()},
        "updates": {},
    }
    if tape.graph.statistics:
        page["running"] = {node.name: plain(tape.value(node)) for node in tape.graph.statistics}
    for record in iteration.records:
        if isinstance(record, Assignment):
            node = record.node
            entry = {"node": node.name, "expression": node.expression, "value": plain(record.value)}
            page["forward"].append(entry | source_json(iteration, record))
        elif isinstance(record, ChainFactor):
            page["factors"].append(factor_json(record) | source_json(iteration, record))
        else:
            update = page["updates"][record.parameter.name] = {
                "before": plain(record.before),
                "gradient": plain(record.gradient),
                "after": plain(record.after),
            }
            terms = {term.code: plain(term.value) for term in record.terms}
            if not _SET.isdisjoint(terms):
                update["terms"] = terms
    return page


def source_json(iteration: WholeIteration, record: Record) -> dict[str, str]:
    """Return the line of the user's program that a record came from; nothing without a program."""
    place = place_of(iteration.heading.lesson, record)
    return {"source": place} if place else {}


def factor_json(record: ChainFactor) -> dict[str, Any]:
    """Return a factor as an object; names are as the lesson writes them."""
    return {
        "output": record.output.name,
        "operand": record.operand.name,
        "local": local_text(record),
        "upstream": plain(record.upstream),
        "local_value": None if record.local is None else plain(record.local),
        "downstream": plain(record.downstream),
        "accumulated": plain(record.accumulated),
    }


def as_text(
    iteration: WholeIteration,
    width: int = 80,
    advice: str = "",
    charset: Charset = UNICODE,
    folded: Sequence[Stretch] = (),
    how: str = "",
) -> Iterator[str]:
    """Yield an iteration as lines of at most ``width`` columns.

    Of more than :data:`MAX_RECORDS` records, the middle is left out; ``advice`` says how it can be seen.
    Those of a folded stretch are explained as one; ``how`` says what unfolds them.
    """
    advice = advice or tr("--wrt NAME writes those on one chain, --format json writes all")
    lines = {stretch.start: stretch for stretch in folded}
    lesson, graph = iteration.heading.lesson, iteration.graph
    yield from iteration.heading.lines(width, charset)
    yield from given(lesson, given_values(iteration.forward_tape), width, charset)
    total, first, behind = len(iteration.records), 0, 0
    for section, length in (
        (later("FORWARD"), len(graph.assignments)),
        (later("BACKWARD"), len(graph.factors)),
        (later("UPDATE"), len(graph.trainable)),
    ):
        if length:
            yield ""
            yield tr(section)
        for place in range(first, first + length):
            if total > MAX_RECORDS and KEPT <= place - first < length - KEPT:
                if place == first + KEPT:
                    yield ""
                    yield from charset.wrap(
                        tr("… {count:,} more; {advice}", count=length - 2 * KEPT, advice=advice), width
                    )
                continue
            if place < behind:
                continue
            yield ""
            if (stretch := lines.get(place)) is not None:
                behind = stretch.stop
                explanation = explain_stretch(
                    stretch, iteration.tape, iteration.records.__getitem__, how, lesson.is_noted
                )
                yield from record_lines(numbered(place + 1, behind), total, explanation, (), width, charset)
                continue
            record = iteration.records[place]
            explanation = explain(record, iteration.tape)
            yield from record_lines(place + 1, total, explanation, iteration.notes(record), width, charset)
        first += length
    if unused := unused_names(graph):
        yield ""
        names = ", ".join(unused)
        text = tr("The loss does not depend on {name}: gradient zero, no factors.", name=names)
        yield from charset.wrap(text, width)
    if not lesson.trains:
        yield ""
        yield tr("{lesson} trains nothing: its gradients are what it is for.", lesson=lesson.name)


def given(
    lesson: Lesson, values: Iterable[tuple[Node, Array]], width: int, charset: Charset
) -> Iterator[str]:
    """Yield the formula, and data and parameters with their values."""
    yield ""
    yield tr("FORMULA")
    for line in textwrap.dedent(lesson.formula.expandtabs()).strip("\n").splitlines():
        parts = charset.wrap(pretty_text(line.rstrip()), width - 2, "    ")
        yield from (f"  {part}" for part in parts)
    yield ""
    yield tr("GIVEN")
    by_name: dict[str, Array] = {}
    for node, value in values:
        by_name[node.name] = value
        row = Row(pretty(node.name), (f"{inline(value)}  ({kind_text(node)})",))
        yield from wrapped(row, width, charset)
    if lesson.vocabulary:
        yield from wrapped(Row(later("vocabulary"), (listed(lesson.vocabulary),)), width, charset)
        if text := spelled(lesson.vocabulary, by_name):
            yield from wrapped(Row(later("text"), (text,)), width, charset)
    for line in lesson.reading.lines:
        yield from wrapped(Row(later("read"), (line,)), width, charset)


def kind_text(node: Node) -> str:
    """Say what a leaf is: data, a parameter that is trained or not, or a running statistic."""
    if node.kind is Kind.PARAMETER:
        return tr("parameter, trained") if node.trainable else tr("parameter, not trained")
    return tr(KINDS[node.kind])


def record_lines(
    number: int | str,
    total: int,
    explanation: Explanation,
    notes: Iterable[Row],
    width: int,
    charset: Charset,
) -> Iterator[str]:
    """Yield one record as a title and labelled lines, the notes on it last."""
    yield from charset.wrap(
        tr("{number} of {total}: {title}", number=number, total=total, title=explanation.title), width, "    "
    )
    for row in (*explanation.rows, *notes):
        yield from wrapped(row, width, charset)


def unused_names(graph: Graph) -> list[str]:
    """Return the named nodes that do not reach the loss, as the screen shows them."""
    reaching = {factor.operand.index for factor in graph.factors} | {graph.loss.index}
    return [pretty(name) for name, node in graph.named.items() if node.index not in reaching]


def wrapped(row: Row, width: int, charset: Charset) -> Iterator[str]:
    """Yield a row, as it is read aloud, in lines of at most ``width`` columns, its label in its own."""
    row = aloud(row)
    label, column = row.said, LABEL_WIDTH + 2
    if charset.cells(label) >= LABEL_WIDTH:
        yield from charset.wrap(f"  {label}", width, "  ")
        label = ""
    for line in row.laid_out(width - column, "  ", charset):
        yield f"  {charset.pad(label, LABEL_WIDTH - 1)} {line}"
        label = ""
