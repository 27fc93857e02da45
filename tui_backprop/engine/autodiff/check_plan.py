"""How much of the gradients a check looks at, to take a bounded time: elements, and random directions.

All elements where that is a matter of a second or two. Otherwise random directions, along which an error in
any element shows if it is large enough, and some elements of each array besides. The time is estimated from
shapes and never measured, so that the same lesson is always checked in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.ops.structure import Contraction

BUDGET = 2.0
"""Seconds for one check, on an ordinary machine."""
PER_NODE, PER_ELEMENT, PER_PRODUCT = 5e-6, 1e-8, 3e-10
PER_SWEEP = 6e-5
"""What a forward sweep takes, in seconds: for each operation, element, and multiplication in a matrix
product; and whatever its graph."""
SWEEPS = 5
"""Forward sweeps that one element or direction takes, nearly always."""
DEARER = 2
"""How many times as long an element of a large array takes: its effect on the loss is near its rounding."""
DIRECTIONS = 8
SAMPLED = 64
"""Directions of an array, and sampled elements of all together, where not all elements are looked at."""


class Plan(Struct, frozen=True):
    """What is to be looked at.

    Attributes:
        elements: how many elements of each node.
        directions: how many directions of each node.
        together: how many directions in which all nodes are moved at once.
    """

    elements: tuple[int, ...]
    directions: tuple[int, ...]
    together: int = 0


def sweep_cost(graph: Graph) -> float:
    """Estimate how long a forward sweep takes, in seconds."""
    cost = PER_SWEEP
    for node in graph.assignments:
        size = size_of(node.shape)
        cost += PER_NODE + PER_ELEMENT * size
        if isinstance(node.structure, Contraction):
            cost += PER_PRODUCT * size * node.operands[0].shape[-1]
    return cost


def plan(graph: Graph, nodes: Sequence[Node], everything: bool = False, budget: float = BUDGET) -> Plan:
    """Return what a check of some nodes' gradients looks at.

    Args:
        graph: what is computed.
        nodes: whose gradients are checked.
        everything: whether every element is, however long that takes.
        budget: seconds that it may take.
    """
    sizes = [size_of(node.shape) for node in nodes]
    none = (0,) * len(nodes)
    # moving a direction goes over the whole array as well
    checks = int(budget / SWEEPS / (sweep_cost(graph) + PER_ELEMENT * max(sizes, default=0)))
    if everything or sum(sizes) <= checks:
        return Plan(tuple(sizes), none)
    if len(nodes) > 1 and checks < 2 * len(nodes):  # not even two for each: all at once, and a few elements
        together = max(1, min(DIRECTIONS, checks // 2))
        left = max(0, min(SAMPLED, (checks - together) // DEARER))
        picked = set(np.linspace(0, len(nodes) - 1, left).astype(int).tolist()) if left else set()
        return Plan(tuple(int(place in picked) for place in range(len(nodes))), none, together)
    directions, elements = [0] * len(nodes), [0] * len(nodes)
    large = [place for place, size in enumerate(sizes) if size > 1]
    for place in large:
        directions[place] = min(DIRECTIONS, max(1, checks // 2 // len(large)))
    left = (checks - sum(directions)) // DEARER
    left = min(left, max(SAMPLED, len(nodes)))
    smallest_first = sorted(range(len(nodes)), key=sizes.__getitem__)
    for done, place in enumerate(smallest_first):
        elements[place] = min(sizes[place], left // (len(nodes) - done))
        left -= elements[place]
        if elements[place] == sizes[place]:
            directions[place] = 0
    return Plan(tuple(elements), tuple(directions))
