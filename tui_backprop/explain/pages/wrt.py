"""The whole way from the loss to one node: its chain, every factor on it, and the gradient that comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.explain.chain.chain import Chain
from tui_backprop.explain.chain.layout import count_text
from tui_backprop.explain.pages.heading import plain
from tui_backprop.explain.pages.iteration import (
    KEPT,
    MAX_RECORDS,
    factor_json,
    source_json,
    wrapped,
)
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.record import chain_rows, factor_rows, fork_rows
from tui_backprop.explain.rows import Row, equation
from tui_backprop.explain.titles import factor_title, shown
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.text.sentences import later, tr, tr_count

MAX_PATHS = 20
"""So many paths are listed as names; the others are counted."""
MAX_FORKS = 6


def wrt_text(
    iteration: WholeIteration, node: Node, width: int = 80, charset: Charset = UNICODE
) -> Iterator[str]:
    """Yield the way from the loss to a node of the iteration as lines of at most ``width`` columns."""
    graph, tape = iteration.graph, iteration.tape
    chain = Chain(tape, node)
    yield from iteration.heading.lines(width, charset)
    loss, target = shown(graph.loss), shown(chain.target)
    on_chain = set(chain.paths.factors)
    if not on_chain:
        yield ""
        yield from charset.wrap(_no_factors(chain, loss, target), width)
        return
    paths = count_text(chain.paths.count)
    words = tr(
        "from the loss {loss} to {target}: {paths}, {factors}",
        loss=loss,
        target=target,
        paths=tr_count("{count} path", "{count} paths", chain.paths.count, count=paths),
        factors=tr_count("{count:,} factor", "{count:,} factors", len(on_chain)),
    )
    yield from charset.wrap(words, width)
    yield ""
    yield tr("CHAIN")
    for row in _overview(chain):
        yield from wrapped(row, width, charset)
    yield ""
    yield tr("BACKWARD")
    total, place = len(iteration.records), 0
    for number, record in enumerate(iteration.records, 1):
        if not isinstance(record, ChainFactor) or record.factor not in on_chain:
            continue
        place += 1
        if len(on_chain) > MAX_RECORDS and KEPT < place <= len(on_chain) - KEPT:
            if place == KEPT + 1:
                yield ""
                more = tr("… {count:,} more, on the way between these", count=len(on_chain) - 2 * KEPT)
                yield from charset.wrap(more, width)
            continue
        yield ""
        title = factor_title(graph, record.factor)
        yield from charset.wrap(
            tr("{number} of {total}: {title}", number=number, total=total, title=title), width, "    "
        )
        for row in (*factor_rows(record, tape), *iteration.notes(record)):
            yield from wrapped(row, width, charset)
    yield ""
    yield tr("GRADIENT")
    result = Row(later("result"), equation(chain.name, tape.gradient(chain.target)))
    yield from wrapped(result, width, charset)


def _no_factors(chain: Chain, loss: str, target: str) -> str:
    if chain.paths.reached:
        return tr(
            "{name} = 1, by definition: {target} is the loss, and there are no factors.",
            name=chain.name,
            target=target,
        )
    return tr(
        "The loss {loss} does not depend on {target}: gradient zero, no factors.", loss=loss, target=target
    )


def _overview(chain: Chain) -> list[Row]:
    """Write the complete chain: both lines, why they are the same, and the forks on the way."""
    done = chain.complete
    rows = chain_rows(chain, done)
    if chain.same:
        rows.append(Row(later("same"), (chain.same,)))
    for segment in chain.forks[:MAX_FORKS]:
        rows += fork_rows(chain.fork_at(segment, done), chain.computed)
    if len(chain.forks) > MAX_FORKS:
        more = tr("… and {count:,} more on the way", count=len(chain.forks) - MAX_FORKS)
        rows.append(Row(later("forks"), (more,)))
    return rows


def wrt_json(iteration: WholeIteration, node: Node) -> dict[str, Any]:
    """Return the way from the loss to a node of the iteration as one object."""
    chain = Chain(iteration.tape, node)
    on_chain = set(chain.paths.factors)
    textbook = chain.textbook()
    loss = chain.tape.graph.loss.name
    page: dict[str, Any] = {
        **iteration.heading.as_json(),
        "wrt": chain.target.name,
        "gradient": plain(chain.tape.gradient(chain.target)),
        "textbook": textbook,
        "computed": chain.computed or textbook,
        "paths": [[loss, *(factor.operand.name for factor in path)] for path in chain.paths.paths(MAX_PATHS)],
        "path_count": chain.paths.count,
    }
    page["factors"] = [
        factor_json(record) | source_json(iteration, record)
        for record in iteration.records
        if isinstance(record, ChainFactor) and record.factor in on_chain
    ]
    return page
