"""What a gradient comes out as when one factor on the way is left out, taken twice, or one path is forgotten.

The way back is linear in the gradients: a change at one factor is carried on to the node that is asked for,
and added to its gradient, without another sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.ops.structure import Contraction, Expansion, Opaque, Pointwise, Reduction
from tui_backprop.exercises.answers import full_gradient
from tui_backprop.exercises.mistakes.substitutions import (
    contribution,
    has_trained_partner,
    substitutions,
    targets,
    updated_partner,
    uses,
)
from tui_backprop.exercises.mistakes.what import What

BUDGET = 10_000
"""Factors that may be walked in the search; in a long chain only the nearest ones are tried."""
ELEMENTS = 2_000
"""A factor with that many elements costs as much as two small ones."""


class Counted(StrEnum):
    """What a number counts that a mean may have divided by."""

    ELEMENTS = auto()
    PLACES = auto()  # those that a broadcast copies to
    ROWS = auto()
    SAMPLES = auto()


@dataclass(frozen=True, eq=False, slots=True)
class Mistake:
    """A mistake at one factor, and the gradient it leads to at a point (None where it leads to none).

    Attributes:
        what: the mistake.
        factor: where it is made.
        gradient: what comes out.
        instead: the node that stands in another's place.
        free: whether ``gradient`` is only the direction in which it leads away from what is right.
    """

    what: What
    factor: Factor
    gradient: Callable[[Tape], Array | None] = field(repr=False)
    instead: Node | None = None
    free: bool = False


@dataclass(frozen=True, eq=False)
class Asked:
    """What an answer is compared with: the gradient of a node, or one factor's contribution to it.

    Attributes:
        node: the node; answers have its shape.
        factors: the factors whose mistakes are looked for, nearest to the node first.
        truth: what is right, at a swept point.
        fit: brings an answer of a shorter form into the node's shape; by default it is taken as it is.
        used: whether the loss depends on the node.
        graph: the graph that the node belongs to; None where other nodes are not looked at.
    """

    node: Node
    factors: tuple[Factor, ...]
    truth: Callable[[Tape], Array]
    fit: Callable[[Array], Array] = lambda claim: claim
    used: bool = True
    graph: Graph | None = None


def gradient_of(graph: Graph, node: Node) -> Asked:
    """Ask for ∂L/∂node."""
    factors = tuple(factors_behind(graph, node))
    used = bool(factors) or node is graph.loss
    return Asked(node, factors, lambda tape: full_gradient(tape, node), used=used, graph=graph)


def factors_behind(graph: Graph, node: Node) -> Iterator[Factor]:
    """Yield the factors on the ways from the loss to a node, the nearest to the node first."""
    follows = [False] * len(graph.nodes)
    follows[node.index] = True
    for other in graph.nodes[node.index + 1 :]:
        follows[other.index] = any(follows[operand.index] for operand in other.operands)
    for factor in reversed(graph.factors):
        if follows[factor.output.index] and follows[factor.operand.index]:
            yield factor


def mistakes(asked: Asked) -> Iterator[Mistake]:
    """Yield the mistakes that may be made at each factor, the nearest to the node first."""
    factors = asked.factors
    paths = Counter(factor.operand.index for factor in factors)
    consumers = uses(asked.graph) if asked.graph is not None else {}
    seen: set[int] = set()
    cost = 0
    for place, factor in enumerate(factors):
        output, operand = factor.output, factor.operand
        changes = [what for what in _CHANGES if paths[operand.index] >= _PATHS_NEEDED.get(what, 1)]
        if factor.output.operands.count(operand) > 1:  # of w·w no one leaves out one w: the path is halved
            changes = [what for what in changes if what not in _PATHS_NEEDED]
        more = [
            *_substituted(asked, place, consumers),
            *_led_astray(asked, place, paths[operand.index], seen),
        ]
        cost += (place + 1) * (len(changes) + len(more) + 1) * (1 + size_of(output.shape) // ELEMENTS)
        if cost > BUDGET:
            return
        for what in changes:
            yield Mistake(what, factor, _carried(asked, factors[:place], operand, factor, _CHANGES[what]))
        yield from more
        following = factors[place + 1 : place + 2]
        if following and following[0].output is not output:
            behind = factors[: place + 1]
            yield Mistake(What.NO_UPSTREAM, factor, _carried(asked, behind, output, factor, _no_upstream))


def _substituted(asked: Asked, place: int, consumers: Mapping[int, tuple[Node, ...]]) -> Iterator[Mistake]:
    """Yield the mistakes where something stands in the place of a slope or a value."""
    factor = asked.factors[place]
    for what, instead, made in substitutions(factor, consumers):

        def change(tape: Tape, factor: Factor, made: Change = made) -> Array | None:
            handed = made(tape, factor)
            if handed is None or np.shape(handed) != factor.operand.shape:
                return None
            return handed - contribution(tape, factor)

        carried = _carried(asked, asked.factors[:place], factor.operand, factor, change)
        yield Mistake(what, factor, carried, instead)


def _led_astray(asked: Asked, place: int, paths: int, seen: set[int]) -> Iterator[Mistake]:
    """Yield the mistakes that lead away in a known direction; how far, a rate or a constant says."""
    factor = asked.factors[place]
    operand, before = factor.operand, asked.factors[:place]

    def direction(what: What, change: Change, instead: Node | None = None) -> Mistake:
        carried = _carried(asked, before, operand, factor, change, from_truth=False)
        return Mistake(what, factor, carried, instead, free=True)

    if has_trained_partner(factor):
        yield direction(What.UPDATED, updated_partner)
    if paths > 1:
        output = factor.output
        together = [other for other in asked.factors if other.output is output and other.operand is operand]
        if factor == together[0] and len(together) < paths:
            yield direction(
                What.PATH_TIMES,
                lambda tape, _: sum((contribution(tape, one) for one in together), np.zeros(())),
            )
    if asked.graph is not None and operand.index not in seen:
        seen.add(operand.index)
        for target in targets(asked.graph, operand):
            yield direction(What.TARGET_ONE, _beyond_one(target), target)
            yield direction(What.TARGET_LOST, _value_of(target), target)


def _beyond_one(target: Node) -> Change:
    return lambda tape, factor: tape.value(target) - 1.0


def _value_of(target: Node) -> Change:
    return lambda tape, factor: tape.value(target)


Change: TypeAlias = Callable[[Tape, Factor], "Array | None"]
"""What a mistake adds to a gradient at the place where it is made."""


def _carried(
    asked: Asked,
    factors: Sequence[Factor],
    start: Node,
    factor: Factor,
    change: Change,
    *,
    from_truth: bool = True,
) -> Callable[[Tape], Array | None]:
    """Return the gradient asked for, at any point, with a change at one node carried on to it.

    Without ``from_truth`` it is the change alone that is returned.
    """

    def gradient(tape: Tape) -> Array | None:
        with np.errstate(all="ignore"):
            changed = change(tape, factor)
            if changed is None:
                return None
            carried = {start.index: changed}
            for below in reversed(factors):
                if below.output.index in carried:
                    part = contribution(tape, below, carried[below.output.index])
                    operand = below.operand.index
                    carried[operand] = carried[operand] + part if operand in carried else part
            arrived = carried.get(asked.node.index)
            if not from_truth:
                return arrived
            return asked.truth(tape) if arrived is None else asked.truth(tape) + arrived

    return gradient


def _left_out(tape: Tape, factor: Factor) -> Array | None:
    """Hand the upstream gradient on as it is, where its shape allows that."""
    output, shape = factor.output, factor.operand.shape
    if output.shape not in (shape, ()):
        return None
    return np.broadcast_to(full_gradient(tape, output), shape) - contribution(tape, factor)


def _twice(tape: Tape, factor: Factor) -> Array | None:
    """Multiply by the local derivative once more."""
    local = tape.local(*factor)
    if local is None or factor.output.shape != local.shape:
        return None
    made = contribution(tape, factor)
    return made * local - made


def _no_path(tape: Tape, factor: Factor) -> Array:
    return -contribution(tape, factor)


def _only_path(tape: Tape, factor: Factor) -> Array:
    return contribution(tape, factor) - full_gradient(tape, factor.operand)


def _sign_of_path(tape: Tape, factor: Factor) -> Array:
    return -2.0 * contribution(tape, factor)


def _no_upstream(tape: Tape, factor: Factor) -> Array:
    return 1.0 - full_gradient(tape, factor.output)


_CHANGES: Mapping[What, Change] = {
    What.LEFT_OUT: _left_out,
    What.NO_PATH: _no_path,
    What.ONLY_PATH: _only_path,
    What.TWICE: _twice,
    What.SIGN_OF_PATH: _sign_of_path,
}
_PATHS_NEEDED = {What.NO_PATH: 2, What.SIGN_OF_PATH: 2, What.ONLY_PATH: 3}
"""How many paths must meet at the operand for these to be mistakes of their own."""


def counts(asked: Asked, rows: int | None) -> dict[int, Counted]:
    """Return the numbers that a mean may have divided by on the way, and what each of them counts."""
    found: dict[int, Counted] = {}
    for factor in asked.factors:
        output, operand = factor.output, factor.operand
        match factor.structure:
            case Reduction():
                elements = size_of(operand.shape) // max(size_of(output.shape), 1)
                found.setdefault(elements, Counted.ELEMENTS)
            case Pointwise(divisor=int(n)):
                found.setdefault(n, _counted(factor, n))
            case Expansion(axes=_) as expansion:
                found.setdefault(expansion.copies, Counted.PLACES)
            case Contraction() if output.shape:
                found.setdefault(output.shape[0], Counted.ROWS)
            case Opaque(account):
                n = account.averaged(factor.index, factor.shapes)
                found.setdefault(n, _counted(factor, n))
    if rows is not None:
        found[rows] = Counted.SAMPLES
    found.pop(1, None)
    return found


def _counted(factor: Factor, n: int) -> Counted:
    """Return what a mean's n counts: rows, where one number is left of more elements than that."""
    of_rows = not factor.output.shape and n < size_of(factor.operand.shape)
    return Counted.ROWS if of_rows else Counted.ELEMENTS
