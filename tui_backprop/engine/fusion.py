"""Operations that are done in one go where that saves passes over memory.

They are the sum of a product, the gradient of a number that was spread over an array and multiplied there, a
bias added to a product of matrices, and a sum of fixed arrays that numbers multiply, such as a polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.kernels import affine, affine_gradient, combination, combination_gradient, inner
from tui_backprop.engine.ops import (
    Add,
    Broadcast,
    Divide,
    MatMul,
    Mean,
    Multiply,
    Negate,
    Power,
    Square,
    Subtract,
    Sum,
)

if TYPE_CHECKING:
    from tui_backprop.engine.graph import Graph, Node

Factor: TypeAlias = "tuple[Node, int]"
"""An output and which of its operands."""

MANY = 1000
"""Elements from which on a wider matrix product costs less than a pass over an array."""
SEVERAL = 64
"""Elements from which on a sum of multiplied arrays is made a product of a row and a matrix."""
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


class Fusion:
    """Finds what is fused.

    Attributes:
        assign: fused steps forward, by node index.
        propagate: fused steps backward, by output's index and operand's place.
        skipped: nodes whose gradients no other gradient needs any more.
    """

    def __init__(self, graph: Graph) -> None:
        self.assign: dict[int, Assign] = {}
        self.propagate: dict[tuple[int, int], Propagate] = {}
        self._inside: set[int] = set()
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
        for node in reversed(graph.nodes):
            if isinstance(node.op, Add | Subtract) and node.index not in self._inside:
                self._combination(node, graph.learns)
        spread = (
            output
            for (output, _), step in self.propagate.items()
            if isinstance(graph.nodes[output].op, Broadcast) and step.at != output
        )
        self.skipped = frozenset((*spread, *self._inside))

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

    def _combination(self, node: Node, learns: Sequence[bool]) -> None:
        """Make a + b·x + c·x² … with fixed arrays (a b c …) times the matrix that has them as rows."""
        if len(node.shape) != 1 or size_of(node.shape) < SEVERAL:
            return
        terms: list[tuple[Node, Node | None, float]] = []  # spread number, array (None: ones), sign
        inside: list[int] = []
        pending = [(operand, -1.0 if index and isinstance(node.op, Subtract) else 1.0)
                   for index, operand in reversed(tuple(enumerate(node.operands)))]  # fmt: skip
        while pending:
            part, sign = pending.pop()
            if part.shape != node.shape or len(self._users[part.index]) != 1:
                return
            inside.append(part.index)
            if isinstance(part.op, Add | Subtract):
                right = -sign if isinstance(part.op, Subtract) else sign
                pending += [(part.operands[1], right), (part.operands[0], sign)]
                continue
            factors = part.operands if isinstance(part.op, Multiply) else (part,)
            spread = next((f for f in factors if _is_spread(f) and not f.operands[0].shape), None)
            rest = [f for f in factors if f is not spread]
            if (
                spread is None
                or len(self._users[spread.index]) != 1
                or any(_varies(f, node, learns) for f in rest)
            ):
                return
            inside.append(spread.index)
            terms.append((spread, rest[0] if rest else None, sign))
        if sum(learns[spread.index] for spread, _, _ in terms) < 3:
            return
        self._inside.update(inside)
        signs = tuple((sign, array is None) for _, array, sign in terms)
        arrays = tuple(array.index for _, array, _ in terms if array is not None)
        numbers = tuple(spread.operands[0].index for spread, _, _ in terms)
        compute = partial(_combine, node.shape[0], signs)
        self.assign[node.index] = Assign(node.index, compute, (*numbers, *arrays))
        for place, (spread, _, _) in enumerate(terms):
            gradient = partial(_combination_part, node.shape[0], signs, place)
            self.propagate[spread.index, 0] = Propagate(
                spread, node.index, gradient, arrays, spread.operands[0].index
            )


def _varies(array: Node, like: Node, learns: Sequence[bool]) -> bool:
    return learns[array.index] or array.shape != like.shape or _is_spread(array)


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


def _combine(size: int, signs: Sequence[tuple[float, bool]], *values: Any) -> Any:
    return combination(size, signs, values[: len(signs)], values[len(signs) :])


def _combination_part(
    size: int, signs: Sequence[tuple[float, bool]], place: int, upstream: Any, *arrays: Any
) -> Any:
    return combination_gradient(size, signs, arrays, upstream)[place]
