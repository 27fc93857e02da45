"""The names that notes, slips and conditions may use: every node, and ``d<name>`` for its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias, TypeVar

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.graph import Graph, Node

T = TypeVar("T")
Origin: TypeAlias = "tuple[Literal['value', 'gradient'], Node] | None"
"""A node's value or gradient; None for a name that is neither."""


def value_names(tape: Tape, extra: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Return values and gradients by name; the tape must have gone both ways."""
    return _namespace(tape.graph, tape.value, tape.gradient, extra or {})


def shape_names(graph: Graph, extra: Mapping[str, Shape] | None = None) -> dict[str, Shape]:
    """Return the shapes behind the same names."""
    return _namespace(graph, lambda node: node.shape, lambda node: node.shape, extra or {})


def origins(graph: Graph, extra: Iterable[str] = ()) -> dict[str, Origin]:
    """Return what the same names stand for, so that one value can be looked up without all the others."""
    return _namespace(
        graph, lambda node: ("value", node), lambda node: ("gradient", node), dict.fromkeys(extra)
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
