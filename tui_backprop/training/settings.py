"""What the user has set: the dials, and values put in by hand for nodes of the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.names import pretty_text, resolve
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, Rule
from tui_backprop.lessons.errors import found
from tui_backprop.lessons.hyperparameters import Hyperparameters

NOTHING: Mapping[str, Array] = MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """What the user has set from an iteration on.

    Attributes:
        dials: the hyperparameters.
        overrides: values put in by hand, by node name.
        edits: values that parameters are moved to at the start of the first of these iterations, by name.
        whole: names of the overrides that have a row for each sample of the lesson; a batch takes its own.
    """

    dials: Hyperparameters
    overrides: Mapping[str, Array]
    edits: Mapping[str, Array] = field(default_factory=lambda: NOTHING)
    whole: frozenset[str] = frozenset()
    rule: Rule = field(init=False, repr=False)
    coefficients: Coefficients = field(init=False, repr=False)
    _by_graph: dict[Graph, Mapping[int, Array]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", OPTIMIZERS[self.dials.optimizer])
        object.__setattr__(self, "coefficients", self.dials.coefficients)

    def overrides_in(self, graph: Graph, chosen: npt.NDArray[np.intp] | None = None) -> Mapping[int, Array]:
        """Return the overrides by node index, each in its nodes' shape; looked up once for each graph.

        Args:
            graph: the graph of a batch.
            chosen: the samples of the batch; None for all in order.

        Raises:
            BackpropError: a value does not fit.
        """
        by_row = self.whole if chosen is not None else ()
        if graph not in self._by_graph:
            self._by_graph[graph] = {
                node.index: fit(node, value)
                for name, value in self.overrides.items()
                if name not in by_row
                for node in find(graph, name)
            }
        fixed = self._by_graph[graph]
        if not by_row:
            return fixed
        return {**fixed, **{graph.named[name].index: self.overrides[name][chosen] for name in by_row}}


Log: TypeAlias = "list[tuple[int, Settings]]"
"""Settings and the iterations from which they hold, ascending."""


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
            f"{pretty_text(text)} occurs in the shapes {' and '.join(shapes)}; give the one you mean a name"
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
            f"{pretty_text(nodes[0].name)} occurs {len(nodes)} times; give the one you mean a name of its own"
        )
    return nodes[0]


def _spellings(name: str) -> tuple[str, str]:
    squeezed = _squeezed(name)
    return squeezed, squeezed.removeprefix("(").removesuffix(")")


def _squeezed(text: str) -> str:
    return "".join(pretty_text(text).split())


def fit(node: Node, value: Array, where: str = "") -> Array:
    """Return a value in a node's shape; refuse one that cannot be repeated to it."""
    try:
        return np.broadcast_to(value, node.shape)
    except ValueError:
        shape, wanted = shape_text(value.shape), shape_text(node.shape)
        raise BackpropError(f"{node.name}: found shape {shape}; it must be {wanted}{where}") from None


def as_value(node: Node, value: Any) -> Array:
    """Return what somebody put in for a node as a read-only array; refuse anything but finite numbers."""
    try:
        given = np.array(value)
    except (ValueError, OverflowError):  # ragged, or a whole number too large among others
        given = np.array(None)
    if given.dtype.kind not in "iuf" or _has_truth(value):
        what = str(value) if isinstance(value, bool) else found(value)
        raise BackpropError(f"{node.name}: found {what}; it must be a number or a list of numbers")
    array = given.astype(np.float64)
    if not np.all(np.isfinite(array)):
        raise BackpropError(f"{node.name}: found a number that is not finite")
    return frozen(array)


def _has_truth(value: Any) -> bool:
    """Tell whether a nested list has a true or false, which NumPy would take for 1 or 0 beside numbers."""
    if isinstance(value, np.ndarray):
        return False
    return any(isinstance(part, bool | np.bool_) for part in np.array(value, dtype=object).flat)
