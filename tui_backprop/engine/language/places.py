"""The positions at which a node's value and gradient are complete, among the records of an iteration."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text


def place_of(graph: Graph, node: str | Node, index: int | None = None) -> int:
    """Return the position at which a node's gradient is complete.

    Args:
        graph: the graph of the iteration.
        node: a name in either spelling, a sub-expression's text, or a node.
        index: in place of that, the factor into this path of the node's, counted from 0.

    Raises:
        BackpropError: an unknown node, one that the loss does not depend on, or a path it does not have.
    """
    found = _node(graph, node)
    forward = len(graph.assignments)
    paths = [forward + place + 1 for place in graph.arriving.get(found.index, ())]
    shown = pretty_text(found.name)
    if index is not None:
        if not 0 <= index < len(paths):
            if not paths:
                raise BackpropError(
                    tr(
                        "{name}: found path {index}; it must be none, for it has no factor",
                        name=shown,
                        index=index,
                    )
                )
            raise BackpropError(
                tr(
                    "{name}: found path {index}; it must be 0 to {last}",
                    name=shown,
                    index=index,
                    last=len(paths) - 1,
                )
            )
        return paths[index]
    if found is graph.loss:
        return forward  # ∂L/∂L = 1 stands before the first factor
    if not paths:
        raise BackpropError(tr("the loss does not depend on {name}, so no factor leads to it", name=shown))
    return paths[-1]


def assignment_place(graph: Graph, node: str | Node) -> int:
    """Return the position at which a node has its value: 0 for what is given.

    Raises:
        BackpropError: an unknown node.
    """
    found = _node(graph, node)
    places = {computed: place for place, computed in enumerate(graph.assignments, 1)}
    return places.get(found, 0)


def _node(graph: Graph, node: str | Node) -> Node:
    """Return the graph's node for a name, or for a node of another batch's graph."""
    if not isinstance(node, Node):
        return find(graph, node)[0]
    nodes = graph.nodes
    if node.index >= len(nodes) or nodes[node.index].name != node.name:
        raise BackpropError(tr("{name} is no node of this lesson", name=pretty_text(node.name)))
    return nodes[node.index]
