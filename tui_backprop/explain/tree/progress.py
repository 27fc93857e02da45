"""What of an iteration is computed when so many records are done: values, gradients, and the current one."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph


class Progress(Struct, frozen=True, eq=False):
    """Where an iteration is, by node index.

    Attributes:
        current: the record done last: output and operand's place of a factor, or a node and None for a value
            or an update; None at the start.
        values: nodes that have their value.
        gradients: nodes whose gradient is complete, every path to them walked.
    """

    current: tuple[int, int | None] | None
    values: frozenset[int]
    gradients: frozenset[int]


def progress(graph: Graph, position: int) -> Progress:
    """Return what is done after ``position`` records of an iteration; O(nodes)."""
    assignments, factors = graph.assignments, graph.factors
    walked = position - len(assignments)
    to_come = {node.index for node in assignments[position:]}
    values = frozenset(node.index for node in graph.nodes if node.index not in to_come)
    gradients: frozenset[int] = frozenset()
    if walked >= 0:
        waiting = {factor.operand.index for factor in factors[walked:]}
        gradients = frozenset(node.index for node in graph.nodes if node.index not in waiting)
    return Progress(_current(graph, position), values, gradients)


def _current(graph: Graph, position: int) -> tuple[int, int | None] | None:
    if not position:
        return None
    at = position - 1
    if at < len(graph.assignments):
        return graph.assignments[at].index, None
    at -= len(graph.assignments)
    if at < len(graph.factors):
        output, index = graph.factors[at]
        return output.index, index
    return graph.trainable[at - len(graph.factors)].index, None
