"""A graph made ready to be computed, with operations fused where that saves passes over memory.

Every node keeps its value and every factor its downstream gradient, so that people read the lesson's own
graph; only how these are computed differs. Stepping, sweeps and compiled code all go over the result, and so
have the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.ops.arithmetic import Add, Divide, Multiply, Negate, Power, Subtract
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.functions.elementwise import Square
from tui_backprop.engine.ops.fused import (
    Addend,
    Affine,
    Computation,
    InnerProduct,
    LinearCombination,
    Scale,
)
from tui_backprop.engine.ops.reduction import Mean, Sum

MANY: Final = 1000
"""Elements from which on a wider matrix product costs less than a pass over an array."""
SEVERAL: Final = 64
"""Elements from which on a sum of multiplied arrays is made a product of a row and a matrix."""
NARROW: Final = 16
"""Columns of a matrix that may be copied to make room for the bias."""


class Operation(NamedTuple):
    """How a node is computed.

    Attributes:
        node: the node that gets the value.
        op: what computes it.
        operands: from which nodes; those of the node itself where nothing is fused.
    """

    node: Node
    op: Computation
    operands: tuple[Node, ...]


Step: TypeAlias = tuple[Operation, int]
"""One step of the backward pass: an operation, and which of its operands gets a downstream gradient."""


class ComputedGraph(NamedTuple):
    """What sweeps go over.

    Attributes:
        operations: how nodes are computed, in forward order.
        factors: the step that computes each of the lesson's factors, in its order.
        training_factors: those of them that the trainable parameters' gradients need.
    """

    operations: tuple[Operation, ...]
    factors: tuple[Step, ...]
    training_factors: tuple[Step, ...]


class Replacement(NamedTuple):
    """A fused operation in the place of a node's own.

    Attributes:
        operation: what computes the node now.
        factors: for some of the lesson's factors, the operand that has the same downstream gradient.
        inside: nodes that no pattern has to look at any more.
    """

    operation: Operation
    factors: Mapping[Factor, int] = {}
    inside: Sequence[Node] = ()


class Uses:
    """What patterns ask of a graph beside the nodes themselves."""

    def __init__(self, graph: Graph) -> None:
        self.learns = graph.learns
        self._of: list[list[Factor]] = [[] for _ in graph.nodes]
        for node in graph.nodes:
            for index, operand in enumerate(node.operands):
                self._of[operand.index].append(Factor(node, index))
        self._of[graph.loss.index].append(Factor(graph.loss, -1))

    def only(self, node: Node) -> Factor | None:
        """Return where a node is used, if that is one place."""
        uses = self._of[node.index]
        return uses[0] if len(uses) == 1 else None


_FUSED: WeakKeyDictionary[Graph, ComputedGraph] = WeakKeyDictionary()
_UNFUSED: WeakKeyDictionary[Graph, ComputedGraph] = WeakKeyDictionary()


def computed(graph: Graph, *, fuse: bool) -> ComputedGraph:
    """Return how a graph is computed, worked out once.

    Args:
        graph: the lesson's.
        fuse: whether operations may be fused; values put in by hand must act on each of them on its own.
    """
    known = _FUSED if fuse else _UNFUSED
    found = known.get(graph)
    if found is None:
        found = known[graph] = _computed(graph, _replacements(graph) if fuse else ())
    return found


def _replacements(graph: Graph) -> list[Replacement]:
    uses, found, inside = Uses(graph), list[Replacement](), set[Node]()
    for node in reversed(graph.nodes):
        fits = () if node in inside else (pattern(uses, node) for pattern in PATTERNS)
        replacement = next(filter(None, fits), None)
        if replacement is not None:
            found.append(replacement)
            inside.update(replacement.inside)
    return found


def _computed(graph: Graph, replacements: Sequence[Replacement]) -> ComputedGraph:
    operations = {n.index: Operation(n, n.op, n.operands) for n in graph.nodes if n.op is not None}
    steps: dict[Factor, Step] = {f: (operations[f.output.index], f.index) for f in graph.factors}
    for operation, factors, _ in replacements:
        operations[operation.node.index] = operation
        steps.update((factor, (operation, index)) for factor, index in factors.items())
    backward = tuple(steps[factor] for factor in graph.factors)
    return ComputedGraph(tuple(operations.values()), backward, _needed(backward, graph))


def _needed(steps: Sequence[Step], graph: Graph) -> tuple[Step, ...]:
    """Return the steps that the trainable parameters' gradients depend on, in their order."""
    needed = {node.index for node in graph.trainable}
    kept = []
    for operation, index in reversed(steps):
        if operation.operands[index].index in needed:
            needed.add(operation.node.index)
            kept.append((operation, index))
    return tuple(reversed(kept))


def inner_product(uses: Uses, node: Node) -> Replacement | None:
    """Find Σ a ⊙ b; a power of two as coefficient goes in front, which is exact."""
    match node:
        case Node(op=Sum() | Mean() as op, operands=(summed,), shape=()):
            coefficient = 1.0
            while (peeled := _peeled(summed)) is not None:
                summed, factor = peeled
                coefficient *= factor
        case _:
            return None
    if not summed.shape:
        return None
    match summed:
        case Node(op=Square() | Power(exponent=2.0), operands=(a, *_)):
            b = a
        case Node(op=Multiply(), operands=(a, b)) if not any(o.is_broadcast or not o.shape for o in (a, b)):
            pass
        case _:
            return None
    count = op.count(summed.shape) if isinstance(op, Mean) else 1
    return Replacement(Operation(node, InnerProduct(coefficient, count), (a, b)))


def scale(uses: Uses, node: Node) -> Replacement | None:
    """Find a number times an array: the number's gradient is Σ upstream ⊙ array."""
    match node:
        case Node(op=Multiply(), operands=(Node(op=Broadcast(), operands=(number,)) as broadcast, array)):
            place = 0
        case Node(op=Multiply(), operands=(array, Node(op=Broadcast(), operands=(number,)) as broadcast)):
            place = 1
        case _:
            return None
    one_number = size_of(number.shape) == 1 and uses.only(broadcast)
    if not one_number or array.is_broadcast or array.shape != node.shape:
        return None
    operands = (array, number) if place else (number, array)
    return Replacement(Operation(node, Scale(number.shape), operands), {Factor(broadcast, 0): place})


def affine(uses: Uses, node: Node) -> Replacement | None:
    """Find X @ W + b with fixed and narrow X: the bias is the weight of a column of ones."""
    match node:
        case Node(
            op=Add(),
            operands=(
                Node(op=MatMul(), operands=(X, W)) as product,
                Node(op=Broadcast(), operands=(b,)) as broadcast,
            ),
        ):
            pass
        case _:
            return None
    if (
        uses.learns[X.index]
        or X.is_broadcast
        or len(X.shape) != 2
        or len(W.shape) != 2
        or size_of(b.shape) != W.shape[1]
        or X.shape[1] > NARROW
        or size_of(node.shape) < MANY
        or not (uses.only(product) and uses.only(broadcast))
    ):
        return None
    return Replacement(
        Operation(node, Affine(b.shape), (X, W, b)), {Factor(product, 1): 1, Factor(broadcast, 0): 2}
    )


def linear_combination(uses: Uses, node: Node) -> Replacement | None:
    """Find a + b·x + c·x² … with fixed arrays: (a b c …) times the matrix that has them as rows."""
    match node:
        case Node(op=Add() | Subtract(), shape=(size,)) if size >= SEVERAL:
            pass
        case _:
            return None
    numbers: list[Node] = []
    arrays: list[Node] = []
    addends: list[Addend] = []
    inside: list[Node] = []
    pending = _signed_operands(node, 1.0)
    while pending:
        part, sign = pending.pop()
        if part.shape != node.shape or not uses.only(part):
            return None
        inside.append(part)
        if signed := _signed_operands(part, sign):
            pending += signed
            continue
        match _number_times_array(part):
            case (number, array) if uses.only(number) and not (array and _varies(array, node, uses)):
                inside.append(number)
                numbers.append(number)
                arrays += [array] if array else []
                addends.append(Addend(sign, alone=array is None))
            case _:
                return None
    if sum(uses.learns[number.index] for number in numbers) < 3:
        return None
    operands = (*(number.operands[0] for number in numbers), *arrays)
    factors = {Factor(number, 0): place for place, number in enumerate(numbers)}
    return Replacement(Operation(node, LinearCombination(size, addends), operands), factors, inside)


PATTERNS: Final[Sequence[Callable[[Uses, Node], Replacement | None]]] = (
    inner_product,
    scale,
    affine,
    linear_combination,
)
"""Each returns what may be computed in a node's place, where that node and those below it fit."""


def _signed_operands(node: Node, sign: float) -> list[tuple[Node, float]]:
    """Return what a sum adds, the last first, each with its sign; nothing for what is no sum."""
    match node:
        case Node(op=Add(), operands=(a, b)):
            return [(b, sign), (a, sign)]
        case Node(op=Subtract(), operands=(a, b)):
            return [(b, -sign), (a, sign)]
    return []


def _number_times_array(node: Node) -> tuple[Node, Node | None] | None:
    """Return the broadcast of a number, and the array that it multiplies, if it multiplies one."""
    match node:
        case Node(op=Broadcast(), operands=(Node(shape=()),)):
            return node, None
        case Node(
            op=Multiply(), operands=(Node(op=Broadcast(), operands=(Node(shape=()),)) as number, array)
        ):
            return number, array
        case Node(
            op=Multiply(), operands=(array, Node(op=Broadcast(), operands=(Node(shape=()),)) as number)
        ):
            return number, array
    return None


def _varies(array: Node, like: Node, uses: Uses) -> bool:
    return uses.learns[array.index] or array.shape != like.shape or array.is_broadcast


def _peeled(node: Node) -> tuple[Node, float] | None:
    """Take a power of two (or a minus) off a node that is one times something else."""
    match node:
        case Node(op=Negate(), operands=(a,)):
            return a, -1.0
        case Node(op=Multiply(), operands=(a, b)) if power := _power_of_two(b):
            return a, power
        case Node(op=Divide(), operands=(a, b)) if power := _power_of_two(b):
            return a, 1.0 / power
        case Node(op=Multiply(), operands=(a, b)) if power := _power_of_two(a):
            return b, power
    return None


def _power_of_two(node: Node) -> float:
    """Return the value of a literal that is one, with either sign; 0 for everything else."""
    value = node.value if node.is_literal else None
    return value if value and abs(math.frexp(value)[0]) == 0.5 else 0.0
