"""Random points beside the one at hand: a formula that is right there as well is no coincidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.ops import Op

POINTS = 4
"""Telling points that are enough."""
SEED = 271828
SPREADS = (1.0, 0.5, 0.1, 0.01)
"""How far from the point at hand, one after the other; near it a lesson is finite where it is so there."""
TRIES = 6
"""Points tried at each distance."""


def swept(graph: Graph, leaves: Mapping[str, Array], overrides: Mapping[int, Array] | None = None) -> Tape:
    """Return a tape that has gone both ways."""
    tape = Tape(graph, leaves, overrides)
    tape.forward()
    tape.backward()
    return tape


def random_points(
    here: Tape, usable: Callable[[Tape], bool], telling: Callable[[Tape], bool]
) -> tuple[Tape, ...]:
    """Return some random points, the same ones every time; none where none is telling.

    Parameters are drawn from a normal distribution; data keep their signs where all are positive, and stay
    probabilities where they are. Values put in by hand are moved as data are. Points at which the loss is not
    finite are left out; those on a kink, such as abs of a relu that is shut, serve where there are no others.

    Args:
        here: the point at hand, swept both ways.
        usable: tells whether a swept point can be used.
        telling: tells whether a usable point can tell one answer from another. Those come first; the others,
            such as those where a relu is shut, follow.
    """
    graph = here.graph
    generator = np.random.default_rng(SEED)
    kinked = [node for node in graph.assignments if node.op and _may_kink(node.op)]
    found: list[Tape] = []
    others: list[Tape] = []
    on_kink: list[Tape] = []
    for spread in SPREADS:
        for _ in range(TRIES):
            leaves = {node.name: _moved(node, here.value(node), spread, generator) for node in graph.given}
            overrides = {
                index: _moved(graph.nodes[index], value, spread, generator)
                for index, value in here.overrides.items()
            }
            tape = swept(graph, leaves, overrides)
            if not np.isfinite(tape.loss()) or not usable(tape):
                continue
            if not telling(tape):
                others.append(tape)
            else:
                (on_kink if _on_kink(tape, kinked) else found).append(tape)
        if len(found) >= POINTS:
            break
    found = found or on_kink
    return (*found[:POINTS], *others[:POINTS]) if found else ()


def _moved(node: Node, value: Array, spread: float, generator: np.random.Generator) -> Array:
    """Return a random value of a leaf's shape, as far from its value as ``spread`` says (1 is far)."""
    value = np.asarray(value)
    normal = np.asarray(generator.standard_normal(value.shape))
    if node.kind is Kind.PARAMETER:
        inputs = value.shape[0] if value.ndim else 1  # many inputs of full size would saturate what they meet
        return frozen((1 - spread) * value + spread * normal / np.sqrt(inputs))
    if np.all((value >= 0) & (value <= 1)):
        drawn = np.asarray(generator.uniform(0.05, 0.95, value.shape))
        if value.ndim and value.shape[-1] > 1 and np.allclose(value.sum(axis=-1), 1):
            drawn = drawn / drawn.sum(axis=-1, keepdims=True)
        return frozen((1 - spread) * value + spread * drawn)
    if np.all(value > 0):
        return frozen(value * np.exp(spread / 2 * normal))
    return frozen(value + spread / 2 * np.max(np.abs(value), initial=0.0) * normal)


def _may_kink(op: Op) -> bool:
    return type(op).kink_argument is not Op.kink_argument


def _on_kink(tape: Tape, kinked: list[Node]) -> bool:
    with np.errstate(all="ignore"):
        for node in kinked:
            argument = node.op.kink_argument(tape.operands(node)) if node.op else None
            if argument is not None and not np.all(argument):
                return True
    return False
