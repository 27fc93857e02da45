"""What several records are called when folded: what goes into them, what comes out, and their titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.text.numbers import brief
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty, pretty_text

MOST_NAMED = 3
"""Results that a title names."""


class Ends(Struct, frozen=True):
    """Where a stretch begins and ends.

    Attributes:
        sources: forward, the nodes outside that it computes from; backward, the outputs whose gradients reach
            it from outside.
        results: forward, the nodes that are used outside, or else those that nothing uses; backward, the
            nodes outside that get gradients from it, what is computed first, and data only where nothing
            leads to a parameter; of updates, the parameters.
    """

    sources: tuple[Node, ...]
    results: tuple[Node, ...]


def ends(graph: Graph, stretch: Stretch) -> Ends:
    """Return what goes into a stretch of a graph's records and what comes out."""
    forward = len(graph.assignments)
    if stretch.part == "update":
        first = forward + len(graph.factors)
        return Ends((), graph.trainable[stretch.start - first : stretch.stop - first])
    if stretch.part == "forward":
        nodes, last_use = graph.assignments[stretch.start : stretch.stop], _last_uses(graph)
        inside, last = frozenset(nodes), nodes[-1].index
        used = tuple(n for n in nodes if last_use[n.index] > last or n is graph.loss)
        unused = (n for n in nodes if last_use[n.index] < 0)
        sources = _once(o for n in nodes for o in n.operands if o not in inside)
        in_order = sorted(sources, key=lambda node: node.index)
        return Ends(tuple(in_order), used or tuple(unused))
    factors, arrivals = graph.factors[stretch.start - forward : stretch.stop - forward], _arrivals(graph)
    outputs = dict.fromkeys(factor.output for factor in factors)
    results = _once(f.operand for f in factors if f.operand not in outputs)
    leading = {f.operand for at, f in enumerate(factors, stretch.start - forward) if at in graph.leading}
    kept = [node for node in results if node in leading] or results
    reached = (node for node in outputs if arrivals.get(node, -1) < stretch.start - forward)
    return Ends(tuple(reached), tuple(sorted(kept, key=lambda node: node.is_leaf)))


@lru_cache(maxsize=4)
def _last_uses(graph: Graph) -> list[int]:
    """Return the last node that uses each node, by index; -1 where none does."""
    last = [-1] * len(graph.nodes)
    for node in graph.nodes:
        for operand in node.operands:
            last[operand.index] = node.index
    return last


@lru_cache(maxsize=4)
def _arrivals(graph: Graph) -> dict[Node, int]:
    """Return the first factor, by place, that brings each node a gradient."""
    return {factor.operand: place for place, factor in reversed(list(enumerate(graph.factors)))}


def _once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return nodes without numbers of the formula, each once."""
    return tuple(dict.fromkeys(node for node in nodes if not node.is_literal))


def main_result(graph: Graph, stretch: Stretch) -> Node | None:
    """Return the one result that stands for a stretch: the only one, or the only one that is computed."""
    results = ends(graph, stretch).results
    computed = [node for node in results if node.op is not None]
    found = results if len(results) == 1 else computed
    return found[0] if len(found) == 1 else None


def numbered(first: int, last: int) -> str:
    """Return the numbers of one record, or of the first and the last of several."""
    return str(first) if first == last else tr("{first} to {last}", first=first, last=last)


def name_of(stretch: Stretch) -> str:
    """Return what a stretch is of: a call, a turn, or records by number."""
    if stretch.group is not None:
        return pretty_text(stretch.group.text)
    return tr("records {numbers}", numbers=numbered(stretch.start + 1, stretch.stop))


def title(graph: Graph, stretch: Stretch) -> str:
    """Return ``h = cell(x, W)``, or ``∂L/∂x, ∂L/∂W through cell(x, W)``."""
    name, results = name_of(stretch), ends(graph, stretch).results
    if stretch.part == "update":
        return tr("update {name}", name=_named([shown(node) for node in results]))
    if stretch.part == "backward":
        names = _named([gradient_name(graph, node) for node in results])
        return tr("{gradients} through {name}", gradients=names, name=name)
    labels = [pretty(node.label) for node in results if node.label]
    return _assigned(_named(labels), name, stretch)


def short_titles(graph: Graph, stretch: Stretch) -> tuple[str, ...]:
    """Return the same for a narrow list, with one result or none: shorter and shorter."""
    if stretch.part == "update":
        return (title(graph, stretch),)
    node, name = main_result(graph, stretch), name_of(stretch)
    narrow = f"{name.partition('(')[0]}(…)" if _is_call(stretch) else name
    if stretch.part == "backward":
        shortest = tr("back: {name}", name=narrow)  # or it would look like the line forward
        if node is None:
            return tr("back through {name}", name=name), shortest
        result = gradient_name(graph, node)
        return tr("back through {name}: {result}", name=name, result=result), f"{narrow}: {result}", shortest
    label = pretty(node.label) if node is not None and node.label else ""
    return _assigned(label, name, stretch), _assigned(label, narrow, stretch), narrow


def _is_call(stretch: Stretch) -> bool:
    return stretch.group is not None and stretch.group.text.endswith(")")


def _assigned(labels: str, name: str, stretch: Stretch) -> str:
    if not labels:
        return name
    return f"{labels} = {name}" if _is_call(stretch) else f"{name}: {labels}"


def _named(names: Sequence[str]) -> str:
    more = [tr("{count} more", count=len(names) - MOST_NAMED)] if len(names) > MOST_NAMED else []
    return ", ".join([*names[:MOST_NAMED], *more])


def short_value(graph: Graph, stretch: Stretch, records: Sequence[Record]) -> str:
    """Return the one result of a stretch in a few characters; "" where it has several."""
    node = main_result(graph, stretch)
    for place in reversed(range(stretch.start, min(stretch.stop, len(records)))) if node is not None else ():
        record = records[place]
        if isinstance(record, Assignment) and record.node is node:
            return brief(record.value)
        if isinstance(record, ChainFactor) and record.operand is node:
            return brief(record.accumulated)
        if isinstance(record, ParameterUpdate) and record.parameter is node:
            return brief(record.after)
    return ""
