"""Names that people give to gradients, ``dW1``, ``grad_W1``, ``W1.grad``, and the nodes they are of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.text.spelling import pretty

_SPELLINGS = (
    r"(?:grads?|gradient)[_.](?P<name>.+)",
    r"(?P<name>.+?)[_.](?:grads?|gradient)",
    r"d(?P<name>.+)",
    r"d_(?P<name>.+)",
)


def node_of_gradient(graph: Graph, name: str) -> Node | None:
    """Return the node whose gradient a name says it is, in either spelling; None where it says so of none.

    A lesson's own name that begins with d, such as ``depth``, says nothing of a gradient.
    """
    if _named(graph, name) is not None:
        return None
    return next((node for meant in _meant(graph, name) if (node := _named(graph, meant)) is not None), None)


def node_of_array(graph: Graph, name: str) -> Node | None:
    """Return the node that an array's name belongs to: as a gradient's, a node's own, or its formula text."""
    node = node_of_gradient(graph, name) or _named(graph, name)
    if node is None:
        try:
            node = find_one(graph, name)
        except BackpropError:
            return None
    return node


def _meant(graph: Graph, name: str) -> Iterator[str]:
    """Yield what a name may be the gradient of."""
    loss = f"(?:{re.escape(graph.loss.name)}|{re.escape(pretty(graph.loss.name))}|L|loss|J)"
    for pattern in (rf"[d∂]{loss}[_/]?[d∂](?P<name>.+)", *_SPELLINGS):
        match = re.fullmatch(pattern, name)
        if match is not None:
            yield match["name"]


def _named(graph: Graph, name: str) -> Node | None:
    """Return the node of a name; β is beta, and letters may be composed or not."""
    named = graph.named
    if name in named:
        return named[name]
    wanted = unicodedata.normalize("NFC", pretty(name))
    return next((node for own, node in named.items() if pretty(own) == wanted), None)
