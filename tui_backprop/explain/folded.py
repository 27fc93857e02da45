"""Several records explained as one: what goes in, what comes out, and how they are unfolded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.record import Explanation
from tui_backprop.explain.rows import Row, equation
from tui_backprop.explain.stretch import Ends, ends, title
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


def explain_stretch(
    stretch: Stretch,
    tape: Tape,
    record_at: Callable[[int], Record],
    how: str = "",
    is_noted: Callable[[Record], bool] = lambda record: False,
) -> Explanation:
    """Explain several records as one.

    Args:
        stretch: which ones.
        tape: their iteration, complete.
        record_at: returns the record at a place.
        how: how they are unfolded, in words.
        is_noted: tells whether the lesson has a why at a record, which is to be found inside.
    """
    records = [record_at(place) for place in range(stretch.start, stretch.stop)]
    explained = {"forward": _forward, "backward": _backward, "update": _updates}[stretch.part]
    rows, values = explained(tape, ends(tape.graph, stretch), records)
    many = stretch.stop - stretch.start
    words = (
        tr("{count} records", count=many)
        if stretch.group is None
        else tr("{count} records, line {line} of the formula", count=many, line=stretch.group.line)
    )
    folded = Row(later("folded"), (f"{words}; {how}" if how else words,))
    inside = list[Row]()
    noted = [str(stretch.start + number) for number, one in enumerate(records, 1) if is_noted(one)]
    if noted:
        *before, last = noted
        places = (
            tr("the lesson says why at records {first} and {last}", first=", ".join(before), last=last)
            if before
            else tr("the lesson says why at record {number}", number=last)
        )
        inside.append(Row(later("inside"), (places,)))
    return Explanation(title(tape.graph, stretch), (folded, *inside, *rows), tuple(dict(values).items()))


Explained = tuple[list[Row], list[tuple[str, Array]]]


def _forward(tape: Tape, found: Ends, records: Sequence[Record]) -> Explained:
    values = {r.node: r.value for r in records if isinstance(r, Assignment)}
    results = [(shown(node), values[node]) for node in found.results]
    computed = [node for node in found.sources if node.op is not None] or found.sources
    sources = [(shown(node), np.asarray(tape.value(node))) for node in computed]
    rows = [Row(later("value") if not at else "", equation(*one)) for at, one in enumerate(results)]
    rows += [Row(later("with") if not at else "", equation(*one)) for at, one in enumerate(sources)]
    given = [(shown(node), np.asarray(tape.value(node))) for node in found.sources]
    return [*rows, Row(later("shapes"), (_shapes(found),))], [*given, *results]


def _backward(tape: Tape, found: Ends, records: Sequence[Record]) -> Explained:
    graph, factors = tape.graph, cast(Sequence[ChainFactor], records)
    rows, values = [], []
    for at, node in enumerate(found.sources):
        upstream = next(factor.upstream for factor in factors if factor.output is node)
        values.append((gradient_name(graph, node), upstream))
        rows.append(Row(later("upstream") if not at else "", equation(*values[-1])))
    for at, node in enumerate(found.results):
        name, into = gradient_name(graph, node), [factor for factor in factors if factor.operand is node]
        through, so_far = _sum([factor.downstream for factor in into]), into[-1].accumulated
        label = later("downstream") if not at else ""
        if np.array_equal(through, so_far, equal_nan=True):
            values.append((name, so_far))
            rows.append(Row(label, equation(name, so_far)))
        else:
            values += [
                (tr("{name}, this part", name=name), through),
                (tr("{name} so far", name=name), so_far),
            ]
            rows += [Row(label, equation(*values[-2])), Row("", equation(*values[-1]))]
    why = tr(
        "Along every path inside, the chain rule multiplies factor by factor; where paths meet, they add up."
    )
    return [*rows, Row(later("shapes"), (_shapes(found),)), Row(later("why"), (why,))], values


def _updates(tape: Tape, found: Ends, records: Sequence[Record]) -> Explained:
    updates = (r for r in records if isinstance(r, ParameterUpdate))
    values = [(tr("{name} after", name=shown(r.parameter)), r.after) for r in updates]
    return [Row(later("after") if not at else "", equation(*one)) for at, one in enumerate(values)], values


def _sum(arrays: Sequence[Array]) -> Array:
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return np.asarray(total)


def _shapes(found: Ends) -> str:
    sources, results = (
        ", ".join(f"{shown(node)} {shape_text(node.shape)}" for node in nodes)
        for nodes in (found.sources, found.results)
    )
    return f"{sources} → {results}" if sources else results
