"""Random points beside the one at hand: a formula that is right there as well is no coincidence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node, reaches
from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.arrays import Array, frozen

POINTS = 4
"""Telling points that are enough."""
SEED = 271828
SPREADS = (1.0, 0.5, 0.1, 0.01)
"""How far from the point at hand, one after the other; near it a lesson is finite where it is so there."""
TRIES = 6
"""Points tried at each distance."""


def random_points(
    here: Tape, usable: Callable[[Tape], bool], telling: Callable[[Tape], bool]
) -> tuple[Tape, ...]:
    """Return some random points, the same ones every time; none where none is telling.

    Parameters are drawn from a normal distribution; data keep their signs where all are positive, and stay
    probabilities where they are. Data that the loss does not depend on, those that count something, and masks
    keep their values. Values put in by hand are moved as data are. Points at which the loss is not
    finite are left out; those on a kink, such as abs of a relu that is shut, serve where there are no others.

    Args:
        here: the point at hand, swept both ways.
        usable: tells whether a swept point can be used.
        telling: tells whether a usable point can tell one answer from another. Those come first; the others,
            such as those where a relu is shut, follow.
    """
    graph = here.graph
    generator = np.random.default_rng(SEED)
    still = _still(here)
    moving = [node for node in graph.given if node not in still]
    kinked = [node for node in graph.assignments if node.op and node.op.has_kink]
    found: list[Tape] = []
    others: list[Tape] = []
    on_kink: list[Tape] = []
    for spread in SPREADS:
        for _ in range(TRIES):
            leaves = {node.name: here.value(node) for node in still}
            leaves |= {node.name: _moved(node, here.value(node), spread, generator) for node in moving}
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


def _still(here: Tape) -> list[Node]:
    """Return what keeps its value: data that the loss does not depend on, indices, counts, and masks.

    A number of the lesson's that is the length of an axis, such as m = 4 beside four samples, says how many
    there are; at another value it would say something else.
    """
    graph = here.graph
    reaching = reaches(graph.nodes, graph.loss)
    counting = _in_indices(graph)
    lengths = {length for node in graph.given for length in node.shape}
    return [
        node
        for node in graph.given
        if node.kind is not Kind.PARAMETER
        and (
            not reaching[node.index]
            or node.kind in (Kind.DRAWN, Kind.RUNNING)
            or counting[node.index]
            or (not node.shape and float(here.value(node)) in lengths)
        )
    ]


def _in_indices(graph: Graph) -> list[bool]:
    """Tell for each node whether an index is made of it; a place of an array cannot be moved a little."""
    found = [False] * len(graph.nodes)
    for node in reversed(graph.nodes):
        op = node.op
        for place, operand in enumerate(node.operands):
            index = op is not None and not op.elementwise and place > 0 and op.is_blind(place)
            found[operand.index] |= found[node.index] or index
    return found


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


def _on_kink(tape: Tape, kinked: list[Node]) -> bool:
    with np.errstate(all="ignore"):
        for node in kinked:
            argument = node.op.kink_argument(tape.operands(node)) if node.op else None
            if argument is not None and not np.all(argument):
                return True
    return False
