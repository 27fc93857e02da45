"""What iterations cost, estimated from a graph: never by the clock, as what is done depends on it."""

from __future__ import annotations

from typing import Final

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.core.arrays import size_of

NODE: Final = 4e-6
"""Seconds that a node costs step by step, very roughly."""
CALL: Final = 1e-6
"""Seconds that a node costs in a compiled run."""
ELEMENT: Final = 4e-9
"""Seconds that an element of a node costs."""


def overhead(graph: Graph) -> float:
    """Estimate the part of an iteration, step by step, that is not spent computing; up to 1."""
    calls, elements = len(graph.nodes), _elements(graph)
    return calls * NODE / (calls * NODE + elements * ELEMENT)


def work(graph: Graph) -> float:
    """Estimate the seconds that an iteration takes in a compiled run."""
    return len(graph.nodes) * CALL + _elements(graph) * ELEMENT


def _elements(graph: Graph) -> int:
    return sum(size_of(node.shape) for node in graph.nodes)
