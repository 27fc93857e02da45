"""What a gradient comes out as when one factor on the way is left out, taken twice, or one path is forgotten.

The way back is linear in the gradients: a change at one factor is carried on to the node that is asked for,
and added to its gradient, without another sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

import numpy as np

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.ops import Broadcast, MatMul
from tui_backprop.engine.ops.losses import CrossEntropy, MeanLoss
from tui_backprop.engine.ops.reshaping import Reduction
from tui_backprop.training.answers import full_gradient

BUDGET = 10_000
"""Factors that may be walked in the search; in a long chain only the nearest ones are tried."""
ELEMENTS = 2_000
"""A factor with that many elements costs as much as two small ones."""

Edge: TypeAlias = tuple[Node, int]
"""A factor: the output and which operand of it."""


class What(Enum):
    """What was done to a factor."""

    LEFT_OUT = "left out"
    NO_UPSTREAM = "only what follows it, without the upstream gradient"
    NO_PATH = "its path forgotten"
    ONLY_PATH = "the other paths forgotten"
    TWICE = "taken twice"
    SIGN_OF_PATH = "its path with the wrong sign"


@dataclass(frozen=True, eq=False, slots=True)
class Mistake:
    """A mistake at one factor, and the gradient it leads to at a point (None where it leads to none)."""

    what: What
    edge: Edge
    gradient: Callable[[Tape], Array | None] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Asked:
    """What an answer is compared with: the gradient of a node, or one factor's contribution to it.

    Attributes:
        node: the node; answers have its shape.
        edges: the factors whose mistakes are looked for, nearest to the node first.
        truth: what is right, at a swept point.
        fit: brings an answer of a shorter form into the node's shape; by default it is taken as it is.
        used: whether the loss depends on the node.
    """

    node: Node
    edges: tuple[Edge, ...]
    truth: Callable[[Tape], Array]
    fit: Callable[[Array], Array] = lambda claim: claim
    used: bool = True


def gradient_of(graph: Graph, node: Node) -> Asked:
    """Ask for ∂L/∂node."""
    edges = tuple(edges_behind(graph, node))
    used = bool(edges) or node is graph.loss
    return Asked(node, edges, lambda tape: full_gradient(tape, node), used=used)


def edges_behind(graph: Graph, node: Node) -> Iterator[Edge]:
    """Yield the factors on the ways from the loss to a node, the nearest to the node first."""
    follows = [False] * len(graph.nodes)
    follows[node.index] = True
    for other in graph.nodes[node.index + 1 :]:
        follows[other.index] = any(follows[operand.index] for operand in other.operands)
    for output, index in reversed(graph.factors):
        if follows[output.index] and follows[output.operands[index].index]:
            yield output, index


def contribution(tape: Tape, edge: Edge, upstream: Array | None = None) -> Array:
    """Return what one factor makes of its upstream gradient (or of another one), in the operand's shape."""
    output, index = edge
    assert output.op is not None
    given = full_gradient(tape, output) if upstream is None else upstream
    with np.errstate(all="ignore"):
        made = output.op.downstream(index, given, tape.operands(output), tape.value(output))
    return np.broadcast_to(made, output.operands[index].shape)


def mistakes(asked: Asked) -> Iterator[Mistake]:
    """Yield the mistakes that may be made at each factor, the nearest to the node first."""
    edges = asked.edges
    paths = Counter(output.operands[index].index for output, index in edges)
    cost = 0
    for place, edge in enumerate(edges):
        output, index = edge
        operand = output.operands[index]
        changes = [what for what in _CHANGES if paths[operand.index] >= _PATHS_NEEDED.get(what, 1)]
        cost += (place + 1) * (len(changes) + 1) * (1 + size_of(output.shape) // ELEMENTS)
        if cost > BUDGET:
            return
        for what in changes:
            yield Mistake(what, edge, _carried(asked, edges[:place], operand, edge, _CHANGES[what]))
        following = edges[place + 1 : place + 2]
        if following and following[0][0] is not output:
            behind = edges[: place + 1]
            yield Mistake(What.NO_UPSTREAM, edge, _carried(asked, behind, output, edge, _no_upstream))


Change: TypeAlias = Callable[[Tape, Edge], "Array | None"]
"""What a mistake adds to a gradient at the place where it is made."""


def _carried(
    asked: Asked, edges: Sequence[Edge], start: Node, edge: Edge, change: Change
) -> Callable[[Tape], Array | None]:
    """Return the gradient asked for, at any point, with a change at one node carried on to it."""

    def gradient(tape: Tape) -> Array | None:
        with np.errstate(all="ignore"):
            changed = change(tape, edge)
            if changed is None:
                return None
            carried = {start.index: changed}
            for output, index in reversed(edges):
                if output.index in carried:
                    part = contribution(tape, (output, index), carried[output.index])
                    operand = output.operands[index].index
                    carried[operand] = carried[operand] + part if operand in carried else part
            return asked.truth(tape) + carried.get(asked.node.index, 0.0)

    return gradient


def _left_out(tape: Tape, edge: Edge) -> Array | None:
    """Hand the upstream gradient on as it is, where its shape allows that."""
    output, index = edge
    shape = output.operands[index].shape
    if output.shape not in (shape, ()):
        return None
    return np.broadcast_to(full_gradient(tape, output), shape) - contribution(tape, edge)


def _twice(tape: Tape, edge: Edge) -> Array | None:
    """Multiply by the local derivative once more."""
    output, index = edge
    local = tape.local(output, index)
    if local is None or output.shape != local.shape:
        return None
    made = contribution(tape, edge)
    return made * local - made


def _no_path(tape: Tape, edge: Edge) -> Array:
    return -contribution(tape, edge)


def _only_path(tape: Tape, edge: Edge) -> Array:
    output, index = edge
    return contribution(tape, edge) - full_gradient(tape, output.operands[index])


def _sign_of_path(tape: Tape, edge: Edge) -> Array:
    return -2.0 * contribution(tape, edge)


def _no_upstream(tape: Tape, edge: Edge) -> Array:
    return 1.0 - full_gradient(tape, edge[0])


_CHANGES: Mapping[What, Change] = {
    What.LEFT_OUT: _left_out,
    What.NO_PATH: _no_path,
    What.ONLY_PATH: _only_path,
    What.TWICE: _twice,
    What.SIGN_OF_PATH: _sign_of_path,
}
_PATHS_NEEDED = {What.NO_PATH: 2, What.SIGN_OF_PATH: 2, What.ONLY_PATH: 3}
"""How many paths must meet at the operand for these to be mistakes of their own."""


def counts(asked: Asked, rows: int | None) -> dict[int, str]:
    """Return the numbers that a mean may have divided by on the way, and what each of them counts."""
    found: dict[int, str] = {}
    for output, index in asked.edges:
        operand, op = output.operands[index], output.op
        if isinstance(op, Reduction):
            found.setdefault(size_of(operand.shape) // max(size_of(output.shape), 1), "elements")
        elif isinstance(op, Broadcast):
            found.setdefault(size_of(output.shape) // max(size_of(operand.shape), 1), "places it is added to")
        elif isinstance(op, MeanLoss | CrossEntropy):
            shape = operand.shape[:-1] if isinstance(op, CrossEntropy) else operand.shape
            found.setdefault(size_of(shape), "elements")
        elif isinstance(op, MatMul) and output.shape:
            found.setdefault(output.shape[0], "rows")
    if rows is not None:
        found[rows] = "samples"
    found.pop(1, None)
    return found
