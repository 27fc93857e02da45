"""Short ways to a graph and its tape, for the engine's tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import parse_formula


def arrays_of(leaves: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(value, dtype=np.float64) for name, value in leaves.items()}


def graph_of(
    text: str, leaves: Mapping[str, Any], data: Iterable[str] = (), frozen: Iterable[str] = ()
) -> Graph:
    """Build a graph; leaves are trainable parameters unless named as data or as frozen parameters."""
    kinds = {
        name: Leaf(
            Kind.DATA if name in data else Kind.PARAMETER,
            np.shape(value),
            name not in data and name not in frozen,
        )
        for name, value in leaves.items()
    }
    return build_graph(parse_formula(text), kinds)


def given(graph: Graph, leaves: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return what a graph computes with: leaves, and the masks and statistics of the first iteration."""
    return {**arrays_of(leaves), **graph.draw(0, 0), **graph.running()}


def swept(text: str, leaves: Mapping[str, Any], data: Iterable[str] = ()) -> Tape:
    """Return a tape that has gone both ways."""
    graph = graph_of(text, leaves, data)
    tape = Tape(graph, given(graph, leaves))
    tape.forward()
    tape.backward()
    return tape


def gradient(text: str, leaves: Mapping[str, Any], name: str) -> np.ndarray:
    tape = swept(text, leaves)
    return np.asarray(tape.gradient(tape.graph.named[name]))


def value(text: str, leaves: Mapping[str, Any], name: str = "y") -> np.ndarray:
    """Evaluate the last line ``name = ...`` by adding a loss that sums it."""
    tape = swept(f"{text}\nloss_of_test = sum({name})", leaves)
    return np.asarray(tape.value(tape.graph.named[name]))
