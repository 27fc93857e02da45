"""Which axis of a node counts samples: the one that grows when the batch has a sample more."""

from __future__ import annotations

from functools import lru_cache

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson


def sample_axis(lesson: Lesson, node: Node, rows: int | None = None) -> int | None:
    """Return the axis of a node that counts samples; None where none does, or where it cannot be told.

    Args:
        lesson: the lesson.
        node: a node of ``lesson.graph(rows)``.
        rows: the samples in the batch, all of them by default.
    """
    count = lesson.rows if rows is None else rows
    return None if count is None else _axes(lesson, count)[node.index]


@lru_cache(maxsize=8)
def _axes(lesson: Lesson, rows: int) -> tuple[int | None, ...]:
    """Return the sample axis of every node of the graph for that many rows."""
    graph = lesson.graph(rows)
    axes: list[int | None] = [0 if node.kind is Kind.SAMPLES else None for node in graph.nodes]
    try:
        larger = lesson.graph(rows + 1)
    except BackpropError:  # data of a fixed length meet the samples: no batch but this one is possible
        return tuple(axes)
    for node, axis in grown_axes(graph, larger, rows).items():
        axes[node] = axis
    return tuple(axes)


def grown_axes(graph: Graph, larger: Graph, rows: int) -> dict[int, int | None]:
    """Return by index which axis of each computed node grows with the rows; None where not exactly one does.

    Args:
        graph: a graph for that many rows.
        larger: the one for a row more.
        rows: how many.
    """
    axes: dict[int, int | None] = {}
    # broadcasts come and go with the number of rows and everything else stays: so they are met as operands
    for node, twin in zip(lasting(graph), lasting(larger), strict=True):
        if node.kind in (Kind.OPERATION, Kind.DRAWN):
            axes[node.index] = _grown(node.shape, twin.shape, rows)
        for operand, other in zip(node.operands, twin.operands, strict=True):
            if operand.is_broadcast:
                axes[operand.index] = _grown(operand.shape, other.shape, rows)
    return axes


def lasting(graph: Graph) -> list[Node]:
    """Return a graph's nodes without broadcasts: as many, and in one order, for any number of rows."""
    return [node for node in graph.nodes if not node.is_broadcast]


def _grown(shape: Shape, larger: Shape, rows: int) -> int | None:
    """Return the one axis that has ``rows`` in one shape and one more in the other, all else being equal."""
    if len(shape) != len(larger):
        return None
    grown = [axis for axis, lengths in enumerate(zip(shape, larger, strict=True)) if lengths[0] != lengths[1]]
    if len(grown) != 1 or (shape[grown[0]], larger[grown[0]]) != (rows, rows + 1):
        return None
    return grown[0]
