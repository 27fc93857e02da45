"""What a sweep does at each node, in order: mostly the node's operation, here and there two of them in one.

Two operations are fused where that saves a pass over memory: the sum of a product, the gradient of a number
that was spread over an array and multiplied there, and a bias added to a product of matrices. Sweeps, records
and compiled code all follow the same plan, so a fused sum has the same bits everywhere. With values put in by
hand nothing is fused, since there the parts must act on their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.kernels import affine, affine_gradient, inner
from tui_backprop.engine.ops import (
    Add,
    Broadcast,
    Divide,
    MatMul,
    Mean,
    Multiply,
    Negate,
    Op,
    Power,
    Square,
    Sum,
)

if TYPE_CHECKING:
    from tui_backprop.engine.graph import Graph, Node

Factor: TypeAlias = "tuple[Node, int]"
"""An output and which of its operands."""

MANY = 1000
"""Elements from which on adding a bias costs more than a wider matrix product."""
NARROW = 16
"""Columns of a matrix that may be copied to make room for the bias."""


class Assign(NamedTuple):
    """values[at] = compute(*values at reads)."""

    at: int
    compute: Callable[..., Array]
    reads: tuple[int, ...]


class Propagate(NamedTuple):
    """gradients[to] += compute(gradients[at], *values at reads)."""

    output: Node
    at: int
    compute: Callable[..., Array]
    reads: tuple[int, ...]
    to: int


class Plan:
    """The steps of both sweeps over a graph.

    Attributes:
        forward: one step for each node that is computed, in forward order.
        assign: the same steps by node index.
        backward: one step for each factor, in backward order.
        training: the steps that the trainable parameters' gradients need.
    """

    def __init__(self, graph: Graph, *, fuse: bool) -> None:
        self._fusion = _Fusion(graph) if fuse else None
        self.forward = tuple(self._assign(node) for node in graph.nodes if node.op)
        self.assign = {step.at: step for step in self.forward}
        self.backward = self.along(graph.factors)
        skipped = self._fusion.skipped if self._fusion else frozenset[int]()
        self.training = self.along(
            f for f in graph.training_factors if f[0].operands[f[1]].index not in skipped
        )

    def along(self, factors: Iterable[Factor]) -> tuple[Propagate, ...]:
        """Return the steps along some factors, in their order."""
        return tuple(self.propagate(node, index) for node, index in factors)

    def propagate(self, node: Node, index: int) -> Propagate:
        """Return the step along one factor."""
        fused = self._fusion and self._fusion.propagate.get((node.index, index))
        if fused:
            return fused
        assert node.op is not None
        reads = (*(operand.index for operand in node.operands), node.index)
        return Propagate(
            node, node.index, partial(_downstream, node.op, index), reads, node.operands[index].index
        )

    def _assign(self, node: Node) -> Assign:
        fused = self._fusion and self._fusion.assign.get(node.index)
        assert node.op is not None
        return fused or Assign(node.index, node.op.forward, tuple(o.index for o in node.operands))


def _downstream(op: Op, index: int, upstream: Array, *values: Array) -> Array:
    return op.downstream(index, upstream, values[:-1], values[-1])


class _Fusion:
    """Finds what is fused.

    Attributes:
        assign: fused steps forward, by node index.
        propagate: fused steps backward, by output's index and operand's place.
        skipped: nodes whose gradients no other gradient needs any more.
    """

    def __init__(self, graph: Graph) -> None:
        self.assign: dict[int, Assign] = {}
        self.propagate: dict[tuple[int, int], Propagate] = {}
        self._users: list[list[Factor]] = [[] for _ in graph.nodes]
        for node in graph.nodes:
            for index, operand in enumerate(node.operands):
                self._users[operand.index].append((node, index))
        self._users[graph.loss.index].append((graph.loss, -1))
        for node in graph.nodes:
            if isinstance(node.op, Sum | Mean) and not node.shape:
                self._sum_of_products(node, node.op)
            elif isinstance(node.op, Broadcast) and size_of(node.operands[0].shape) == 1:
                self._spread_number(node)
            elif isinstance(node.op, Add):
                self._affine(node, graph.learns)
        self.skipped = frozenset(
            output
            for output, _ in self.propagate
            if isinstance(graph.nodes[output].op, Broadcast) and self.propagate[output, 0].at != output
        )

    def _sum_of_products(self, node: Node, op: Sum | Mean) -> None:
        """Σ a ⊙ b is the inner product; a power of two as coefficient goes in front, which is exact."""
        (summed,) = node.operands
        coefficient = 1.0
        while (peeled := _coefficient(summed)) is not None:
            summed, factor = peeled
            coefficient *= factor
        if not summed.shape:
            return
        operands = summed.operands
        if isinstance(summed.op, Square) or (isinstance(summed.op, Power) and summed.op.exponent == 2.0):
            operands = (summed.operands[0],) * 2
        elif not isinstance(summed.op, Multiply) or any(_is_spread(o) or not o.shape for o in operands):
            return
        count = op.count(summed.shape) if isinstance(op, Mean) else 1
        compute = partial(_inner, coefficient, count)
        self.assign[node.index] = Assign(node.index, compute, tuple(o.index for o in operands))

    def _spread_number(self, node: Node) -> None:
        """Spread over an array and multiplied by another, a number has Σ upstream ⊙ other as its gradient."""
        users = self._users[node.index]
        if len(users) != 1 or not isinstance(users[0][0].op, Multiply):
            return
        product, index = users[0]
        other, number = product.operands[1 - index], node.operands[0]
        if other.shape == node.shape and not _is_spread(other):
            compute = partial(_number_gradient, number.shape)
            self.propagate[node.index, 0] = Propagate(
                node, product.index, compute, (other.index,), number.index
            )

    def _affine(self, node: Node, learns: Sequence[bool]) -> None:
        """X @ W + b with fixed X is one product, the bias being the weight of a column of ones."""
        product, spread = node.operands
        if not (isinstance(product.op, MatMul) and isinstance(spread.op, Broadcast)):
            return
        X, W = product.operands
        (b,) = spread.operands
        if (
            learns[X.index]
            or _is_spread(X)
            or len(X.shape) != 2
            or len(W.shape) != 2
            or size_of(b.shape) != W.shape[1]
            or X.shape[1] > NARROW
            or size_of(node.shape) < MANY
            or any(len(self._users[part.index]) != 1 for part in (product, spread))
        ):
            return
        self.assign[node.index] = Assign(node.index, affine, (X.index, W.index, b.index))
        self.propagate[product.index, 1] = Propagate(
            product, product.index, _affine_weights, (X.index,), W.index
        )
        bias = partial(_affine_bias, b.shape)
        self.propagate[spread.index, 0] = Propagate(spread, spread.index, bias, (X.index,), b.index)


def _is_spread(node: Node) -> bool:
    return isinstance(node.op, Broadcast)


def _coefficient(node: Node) -> tuple[Node, float] | None:
    """Take a power of two (or a minus) off a node that is one times something else."""
    if isinstance(node.op, Negate):
        return node.operands[0], -1.0
    if isinstance(node.op, Multiply | Divide):
        a, b = node.operands
        if _is_power_of_two(b):
            value = b.value or 1.0
            return a, value if isinstance(node.op, Multiply) else 1.0 / value
        if isinstance(node.op, Multiply) and _is_power_of_two(a):
            return b, a.value or 1.0
    return None


def _is_power_of_two(node: Node) -> bool:
    return node.is_literal and node.value is not None and abs(math.frexp(node.value)[0]) == 0.5


def _inner(coefficient: float, count: int, a: Any, b: Any) -> Any:
    total = inner(a, b)
    if coefficient != 1.0:
        total = total * coefficient
    return total / count if count != 1 else total


def _number_gradient(shape: tuple[int, ...], upstream: Any, other: Any) -> Any:
    return inner(upstream, other).reshape(shape)[()]


def _affine_weights(upstream: Any, X: Any) -> Any:
    return affine_gradient(X, upstream)[:-1]


def _affine_bias(shape: tuple[int, ...], upstream: Any, X: Any) -> Any:
    return affine_gradient(X, upstream)[-1].reshape(shape)
