"""One whole iteration: as a JSON object for programs, as lines of text for people and screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.backprop import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Graph
from tui_backprop.engine.names import pretty, pretty_text
from tui_backprop.explain.numbers import exact, inline
from tui_backprop.explain.records import Explanation, Row, explain, local_text
from tui_backprop.explain.text import cells, pad, wrap
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.training.divergence import DivergedError
from tui_backprop.training.trainer import Trainer

LABEL_WIDTH = 16
MAX_RECORDS = 3000
"""An iteration of more records is not written out whole."""
KEPT = 100
"""Records that then stand at the beginning and at the end of each of its three parts."""


MAX_NUMBERS = 8_000_000
"""Numbers that one JSON object may hold; about 150 MB of text and two seconds."""


def check_size(graph: Graph) -> None:
    """Refuse an iteration whose JSON object would be enormous.

    Raises:
        BackpropError: it would hold more than :data:`MAX_NUMBERS` numbers.
    """
    numbers = 2 * sum(size_of(node.shape) for node in graph.nodes)
    numbers += sum(
        size_of(output.shape) + 3 * size_of(output.operands[i].shape) for output, i in graph.factors
    )
    if numbers > MAX_NUMBERS:
        raise BackpropError(
            f"this iteration as JSON has {numbers:,} numbers; at most {MAX_NUMBERS:,} are written: use "
            "--format text, or fewer samples, such as --set batch_size=100"
        )


def plain(value: Array) -> Any:
    """Return an array as nested lists, a 0-d one as a number."""
    return np.asarray(value).tolist()


def at_iteration(trainer: Trainer, iteration: int) -> None:
    """Train up to an iteration, to explain it.

    Raises:
        BackpropError: the lesson trains nothing.
        DivergedError: it diverges before it gets there.
    """
    if iteration and not trainer.lesson.trains:
        raise BackpropError(f"{trainer.lesson.name} trains nothing; there is iteration 0 only")
    report = trainer.run(iterations=iteration)
    if trainer.iteration < iteration and report.divergence:
        raise DivergedError(f"iteration {iteration} is not reached; {report.divergence.message}")


def walk(trainer: Trainer) -> Iterator[Record]:
    """Step through this iteration's records; the trainer stands at the start of the next one afterwards."""
    for _ in range(trainer.record_count):
        record = trainer.step()
        assert record is not None
        yield record


def place_json(trainer: Trainer) -> dict[str, Any]:
    """Return what every page begins with: iteration and loss, and what was put in by hand, if anything."""
    page: dict[str, Any] = {"iteration": trainer.iteration, "loss": trainer.loss}
    if put_in := {change.name: plain(change.value) for change in trainer.alterations}:
        page["whatif"] = put_in
    return page


def as_json(trainer: Trainer) -> dict[str, Any]:
    """Return this iteration as one object; names are as the lesson writes them. Steps the trainer on.

    What was put in by hand stands under ``whatif``, where there is something.
    """
    check_size(trainer.graph)
    page: dict[str, Any] = {
        **place_json(trainer),
        "inputs": {node.name: plain(trainer.tape.value(node)) for node in trainer.graph.inputs},
        "forward": [],
        "factors": [],
        "gradients": {name: plain(value) for name, value in trainer.gradients.items()},
        "updates": {},
    }
    for record in walk(trainer):
        if isinstance(record, Assignment):
            node = record.node
            page["forward"].append(
                {"node": node.name, "expression": node.expression, "value": plain(record.value)}
            )
        elif isinstance(record, ChainFactor):
            page["factors"].append(factor_json(record))
        else:
            page["updates"][record.parameter.name] = {
                "before": plain(record.before),
                "gradient": plain(record.gradient),
                "after": plain(record.after),
            }
    return page


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


def heading(trainer: Trainer, width: int, title: str = "") -> Iterator[str]:
    """Yield the lines that say which lesson and iteration this is, and what was put in by hand."""
    lesson = trainer.lesson
    yield from wrap(f"{lesson.name}: {title or lesson.title}", width)
    place = f"iteration {trainer.iteration}, epoch {trainer.epoch}, loss {exact(trainer.loss)}"
    yield from wrap(place, width)
    if trainer.overrides:
        names = ", ".join(pretty_text(name) for name in trainer.overrides)
        yield from wrap(f"put in by hand: {names}; what is computed from it is an exercise", width)
    if trainer.edits:
        names = ", ".join(pretty_text(name) for name in trainer.edits)
        yield from wrap(f"moved by hand, and trained on from there: {names}", width)


def as_text(
    trainer: Trainer,
    width: int = 80,
    advice: str = "--wrt NAME writes those on one chain, --format json writes all",
) -> Iterator[str]:
    """Yield this iteration as lines of at most ``width`` columns. Steps the trainer on.

    Of more than :data:`MAX_RECORDS` records, the middle is left out; ``advice`` says how it can be seen.
    """
    lesson, tape = trainer.lesson, trainer.tape
    values = live_values(trainer)
    yield from heading(trainer, width)
    yield from given(trainer, width)
    total, section, place = trainer.record_count, "", 0
    lengths = {
        "FORWARD": len(trainer.graph.assignments),
        "BACKWARD": len(trainer.graph.factors),
        "UPDATE": len(trainer.graph.trainable),
    }
    for number, record in enumerate(walk(trainer), 1):
        kind = {Assignment: "FORWARD", ChainFactor: "BACKWARD", ParameterUpdate: "UPDATE"}[type(record)]
        if kind != section:
            section, place = kind, 0
            yield ""
            yield kind
        place += 1
        if total > MAX_RECORDS and KEPT < place <= lengths[kind] - KEPT:
            if place == KEPT + 1:
                yield ""
                yield from wrap(f"… {lengths[kind] - 2 * KEPT:,} more; {advice}", width)
            continue
        explanation = explain(record, tape)
        yield ""
        yield from record_lines(number, total, explanation, why_rows(trainer, record, values), width)
    if unused := unused_names(trainer):
        yield ""
        names = ", ".join(unused)
        yield from wrap(f"The loss does not depend on {names}: gradient zero, no factors.", width)
    if not lesson.trains:
        yield ""
        yield f"{lesson.name} trains nothing: its gradients are what it is for."


def given(trainer: Trainer, width: int = 80) -> Iterator[str]:
    """Yield the formula, and data and parameters with their values."""
    lesson, graph, tape = trainer.lesson, trainer.graph, trainer.forward_tape
    yield ""
    yield "FORMULA"
    for line in lesson.formula.strip().splitlines():
        yield from (f"  {part}" for part in wrap(pretty_text(line.strip().expandtabs()), width - 2, "    "))
    yield ""
    yield "GIVEN"
    for node in (*graph.inputs, *graph.parameters):
        kind = node.kind.value if not node.trainable else "parameter, trained"
        if node.kind.value == "parameter" and not node.trainable:
            kind = "parameter, not trained"
        yield from wrapped(Row(pretty(node.name), (f"{inline(tape.value(node))}  ({kind})",)), width)


def record_lines(
    number: int, total: int, explanation: Explanation, notes: Iterable[Row], width: int = 80
) -> Iterator[str]:
    """Yield one record as a title and labelled lines, the notes on it last."""
    yield from wrap(f"{number} of {total}: {explanation.title}", width, "    ")
    for row in (*explanation.rows, *notes):
        yield from wrapped(row, width)


def unused_names(trainer: Trainer) -> list[str]:
    """Return the named nodes that do not reach the loss, as the screen shows them."""
    graph = trainer.graph
    reaching = {output.operands[i].index for output, i in graph.factors} | {graph.loss.index}
    return [pretty(name) for name, node in graph.named.items() if node.index not in reaching]


def wrapped(row: Row, width: int) -> Iterator[str]:
    """Yield a row as lines of at most ``width`` columns, its label in a column of its own."""
    label, column = row.label, LABEL_WIDTH + 2
    if cells(label) >= LABEL_WIDTH:
        yield from wrap(f"  {label}", width, "  ")
        label = ""
    for line in row.laid_out(width - column, "  "):
        yield f"  {pad(label, LABEL_WIDTH - 1)} {line}"
        label = ""
