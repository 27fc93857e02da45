"""The nodes of a graph by what they are called, a name or the text of a sub-expression."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.listed import all_of
from tui_backprop.engine.language.names import resolve
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text


def find(graph: Graph, name: str) -> Sequence[Node]:
    """Return the nodes of that name, in either spelling: several where a sub-expression occurs again.

    Spaces, and parentheses around the whole of a sub-expression, do not matter.

    Raises:
        BackpropError: an unknown name (with the nearest known one), or nodes of several shapes.
    """
    known = [node for node in graph.nodes if node.kind is not Kind.LITERAL]
    names = dict.fromkeys(node.name for node in known)
    try:
        text = resolve(name, names, "node")
    except BackpropError:
        wanted = _squeezed(name) if isinstance(name, str) else ""
        alike = (known_name for known_name in names if wanted and wanted in _spellings(known_name))
        text = next(alike, "")
        if not text:
            raise
    nodes = [node for node in known if node.name == text]
    shapes = dict.fromkeys(shape_text(node.shape) for node in nodes)
    if len(shapes) > 1:
        raise BackpropError(
            tr(
                "{name} occurs in the shapes {shapes}; give the one you mean a name",
                name=pretty_text(text),
                shapes=all_of(shapes),
            )
        )
    return nodes


def find_one(graph: Graph, name: str) -> Node:
    """Return the one node of that name.

    Raises:
        BackpropError: as :func:`find` does, or a sub-expression that occurs several times.
    """
    nodes = find(graph, name)
    if len(nodes) > 1:
        raise BackpropError(
            tr(
                "{name} occurs {count} times; give the one you mean a name of its own",
                name=pretty_text(nodes[0].name),
                count=len(nodes),
            )
        )
    return nodes[0]


def _spellings(name: str) -> tuple[str, str]:
    squeezed = _squeezed(name)
    return squeezed, squeezed.removeprefix("(").removesuffix(")")


def _squeezed(text: str) -> str:
    return "".join(pretty_text(text).split())
