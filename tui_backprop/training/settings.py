"""What the user has set: the dials, and values put in by hand for nodes of the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.names import pretty_text, resolve
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, Rule
from tui_backprop.lessons.hyperparameters import Hyperparameters


@dataclass(frozen=True)
class Settings:
    """What the user has set: the dials, and values put in by hand by node name."""

    dials: Hyperparameters
    overrides: Mapping[str, Array]
    rule: Rule = field(init=False, repr=False)
    coefficients: Coefficients = field(init=False, repr=False)
    _by_graph: dict[Graph, Mapping[int, Array]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", OPTIMIZERS[self.dials.optimizer])
        object.__setattr__(self, "coefficients", self.dials.coefficients)

    def overrides_in(self, graph: Graph) -> Mapping[int, Array]:
        """Return the overrides by node index, each in its nodes' shape; looked up once for each graph.

        Raises:
            BackpropError: a value does not fit.
        """
        if graph not in self._by_graph:
            self._by_graph[graph] = {
                node.index: fit(node, value)
                for name, value in self.overrides.items()
                for node in find(graph, name)
            }
        return self._by_graph[graph]


def find(graph: Graph, name: str) -> Sequence[Node]:
    """Return the nodes of that name, in either spelling: several where a sub-expression occurs again.

    Raises:
        BackpropError: an unknown name (with the nearest known one), or nodes of several shapes.
    """
    known = [node for node in graph.nodes if node.kind is not Kind.LITERAL]
    text = resolve(name, dict.fromkeys(node.name for node in known), "node")
    nodes = [node for node in known if node.name == text]
    shapes = dict.fromkeys(shape_text(node.shape) for node in nodes)
    if len(shapes) > 1:
        raise BackpropError(
            f"{pretty_text(text)} occurs in the shapes {' and '.join(shapes)}; give the one you mean a name"
        )
    return nodes


def fit(node: Node, value: Array, where: str = "") -> Array:
    """Return a value in a node's shape; refuse one that cannot be repeated to it."""
    try:
        return np.broadcast_to(value, node.shape)
    except ValueError:
        found, wanted = shape_text(value.shape), shape_text(node.shape)
        raise BackpropError(f"{node.name}: found shape {found}; it must be {wanted}{where}") from None


def as_value(node: Node, value: Any) -> Array:
    """Return what somebody put in for a node as a read-only array; refuse anything but finite numbers."""
    try:
        found = np.array(value)
    except ValueError:  # ragged
        found = np.array(None)
    if found.dtype.kind not in "iuf":
        raise BackpropError(
            f"{node.name}: found {printable(repr(value), 40)}; it must be a number or a list of numbers"
        )
    array = found.astype(np.float64)
    if not np.all(np.isfinite(array)):
        raise BackpropError(f"{node.name}: found a number that is not finite")
    return frozen(array)
