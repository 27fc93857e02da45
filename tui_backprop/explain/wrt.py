"""The whole way from the loss to one node: its chain, every factor on it, and the gradient that comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_backprop.engine.backprop import ChainFactor
from tui_backprop.engine.paths import operand_of
from tui_backprop.explain.chain import Chain
from tui_backprop.explain.iteration import (
    KEPT,
    MAX_RECORDS,
    check_size,
    factor_json,
    heading,
    place_json,
    plain,
    walk,
    wrapped,
)
from tui_backprop.explain.layout import count_text
from tui_backprop.explain.records import Row, chain_rows, equation, factor_rows, fork_rows
from tui_backprop.explain.text import wrap
from tui_backprop.explain.titles import factor_title, shown
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import Trainer

MAX_PATHS = 20
"""So many paths are listed as names; the others are counted."""
MAX_FORKS = 6


def wrt_text(trainer: Trainer, name: str, width: int = 80) -> Iterator[str]:
    """Yield the way from the loss to a node as lines of at most ``width`` columns. Steps the trainer on.

    Raises:
        BackpropError: as :func:`~tui_backprop.training.settings.find_one` does.
    """
    graph, tape, values = trainer.graph, trainer.tape, live_values(trainer)
    chain = Chain(tape, find_one(graph, name))
    yield from heading(trainer, width)
    loss, target = shown(graph.loss), shown(chain.target)
    on_chain = set(chain.paths.edges)
    if not on_chain:
        yield ""
        yield from wrap(_no_factors(chain, loss, target), width)
        return
    paths = count_text(chain.paths.count)
    words = (
        f"from the loss {loss} to {target}: {_many(paths, 'path')}, {_many(f'{len(on_chain):,}', 'factor')}"
    )
    yield from wrap(words, width)
    yield ""
    yield "CHAIN"
    for row in _overview(chain):
        yield from wrapped(row, width)
    yield ""
    yield "BACKWARD"
    total, place = trainer.record_count, 0
    for number, record in enumerate(walk(trainer), 1):
        if not isinstance(record, ChainFactor) or (record.output, record.index) not in on_chain:
            continue
        place += 1
        if len(on_chain) > MAX_RECORDS and KEPT < place <= len(on_chain) - KEPT:
            if place == KEPT + 1:
                yield ""
                yield from wrap(f"… {len(on_chain) - 2 * KEPT:,} more, on the way between these", width)
            continue
        yield ""
        title = factor_title(graph, record.output, operand_of((record.output, record.index)))
        yield from wrap(f"{number} of {total}: {title}", width, "    ")
        for row in (*factor_rows(record, tape), *why_rows(trainer, record, values)):
            yield from wrapped(row, width)
    yield ""
    yield "GRADIENT"
    yield from wrapped(Row("result", equation(chain.name, tape.gradient(chain.target))), width)


def _no_factors(chain: Chain, loss: str, target: str) -> str:
    if chain.paths.reached:
        return f"{chain.name} = 1, by definition: {target} is the loss, and there are no factors."
    return f"The loss {loss} does not depend on {target}: gradient zero, no factors."


def _many(count: str, noun: str) -> str:
    return f"{count} {noun}" if count == "1" else f"{count} {noun}s"


def _overview(chain: Chain) -> list[Row]:
    """Write the complete chain: both lines, why they are the same, and the forks on the way."""
    done = chain.complete
    rows = chain_rows(chain, done)
    if chain.same:
        rows.append(Row("same", (chain.same,)))
    for segment in chain.forks[:MAX_FORKS]:
        rows += fork_rows(chain.fork_at(segment, done), chain.computed)
    if len(chain.forks) > MAX_FORKS:
        more = f"{len(chain.forks) - MAX_FORKS:,}"
        rows.append(Row("forks", (f"… and {more} more on the way",)))
    return rows


def wrt_json(trainer: Trainer, name: str) -> dict[str, Any]:
    """Return the way from the loss to a node as one object. Steps the trainer on.

    Raises:
        BackpropError: as :func:`~tui_backprop.training.settings.find_one` does, or :func:`check_size`.
    """
    check_size(trainer.graph)
    chain = Chain(trainer.tape, find_one(trainer.graph, name))
    on_chain = set(chain.paths.edges)
    textbook = chain.textbook()
    loss = chain.tape.graph.loss.name
    page: dict[str, Any] = {
        **place_json(trainer),
        "wrt": chain.target.name,
        "gradient": plain(chain.tape.gradient(chain.target)),
        "textbook": textbook,
        "computed": chain.computed or textbook,
        "paths": [[loss, *(operand_of(edge).name for edge in path)] for path in chain.paths.paths(MAX_PATHS)],
        "path_count": chain.paths.count,
    }
    records = list(walk(trainer))
    page["factors"] = [
        factor_json(record)
        for record in records
        if isinstance(record, ChainFactor) and (record.output, record.index) in on_chain
    ]
    return page
