"""The names that notes, slips and conditions may use: every node, and ``d<name>`` for its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape

T = TypeVar("T")
Quantity: TypeAlias = Literal["value", "gradient"]
"""What there is of each node."""


class Origin(NamedTuple):
    """What a name stands for: a node's value or its gradient."""

    quantity: Quantity
    node: Node


def value_names(tape: Tape, extra: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Return values and gradients by name; the tape must have gone both ways."""
    return _namespace(tape.graph, tape.value, tape.gradient, extra or {})


def shape_names(graph: Graph, extra: Mapping[str, Shape] | None = None) -> dict[str, Shape]:
    """Return the shapes behind the same names."""
    return _namespace(graph, lambda node: node.shape, lambda node: node.shape, extra or {})


def origins(graph: Graph, extra: Iterable[str] = ()) -> dict[str, Origin | None]:
    """Return what the same names stand for, so that one value can be looked up without all the others.

    A name of ``extra`` that is no node's stands for None.
    """
    return _namespace(
        graph,
        lambda node: Origin("value", node),
        lambda node: Origin("gradient", node),
        dict.fromkeys(extra),
    )


def _namespace(
    graph: Graph, value: Callable[[Node], T], gradient: Callable[[Node], T], extra: Mapping[str, T]
) -> dict[str, T]:
    names = dict(extra)
    for name, node in graph.named.items():
        names[f"d{name}"] = gradient(node)
    for name, node in graph.named.items():  # a name of the lesson's own wins over d<name>
        names[name] = value(node)
    return names
