"""Operations that mix or repeat elements: sum, mean, broadcast, transpose, matrix product, softmax.

None of them has a local derivative of its operand's shape (that would be a full Jacobian); each states the
rule that carries the upstream gradient back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import ShapeError
from tui_backprop.engine.ops.base import ATOM, PRODUCT, UNARY, Op, Term

Axis = int | tuple[int, ...] | None


def check_axis(axis: Axis, shape: Shape) -> tuple[int, ...]:
    """Return the axes as non-negative numbers in order; raise ShapeError for one the shape does not have."""
    if axis is None:
        return tuple(range(len(shape)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for number in axes:
        if not -len(shape) <= number < len(shape):
            has = f"axes 0 to {len(shape) - 1}" if shape else "no axes"
            raise ShapeError(f"axis={number} does not exist: {shape_text(shape)} has {has}")
    positive = sorted(number % len(shape) for number in axes)
    if len(set(positive)) != len(positive):
        raise ShapeError(f"axis={axis} names an axis twice")
    return tuple(positive)


class Reduction(Op):
    """A result with fewer axes than its operand; ``axis`` as in NumPy, None for all."""

    elementwise = False

    def __init__(self, axis: Axis = None) -> None:
        self.axis = axis

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without the reduced axes."""
        gone = check_axis(self.axis, shapes[0])
        return tuple(length for i, length in enumerate(shapes[0]) if i not in gone)

    def spread(self, upstream: Array, shape: Shape) -> Array:
        """Repeat the upstream gradient over the reduced axes."""
        axes = check_axis(self.axis, shape)
        return np.broadcast_to(np.expand_dims(upstream, axes), shape)

    def text(self, *operands: Term) -> Term:
        """Write the call with its axis."""
        axis = "" if self.axis is None else f", axis={self.axis}"
        return Term(f"{self.name}({operands[0].text}{axis})")


class Sum(Reduction):
    """y = Σ a over ``axis``; every summed element gets the upstream gradient once."""

    name = "sum"

    def forward(self, *operands: Array) -> Array:
        """Return the sum."""
        result: Array = np.add.reduce(operands[0], axis=self.axis)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat the upstream gradient over the summed axes."""
        return self.spread(upstream, np.shape(operands[0]))

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return "upstream, once for each element summed"


class Mean(Reduction):
    """y = (1/n) Σ a over ``axis``; each of the n elements gets upstream / n."""

    name = "mean"

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        total: Array = np.add.reduce(operands[0], axis=self.axis)
        return total / self.count(np.shape(operands[0]))

    def count(self, shape: Shape) -> int:
        """Return n, the number of elements that are averaged into one."""
        return size_of(tuple(shape[i] for i in check_axis(self.axis, shape)))

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat upstream / n over the averaged axes."""
        shape = np.shape(operands[0])
        return self.spread(upstream / self.count(shape), shape)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        n = self.count(shapes[0])
        return f"upstream / {n}, for each of the {n} elements averaged"


class Broadcast(Op):
    """y repeats a along new or length-1 axes; the way back sums over exactly those axes."""

    name = "broadcast"
    elementwise = False

    def __init__(self, target: Shape) -> None:
        self.target = target

    def shape(self, *shapes: Shape) -> Shape:
        """Return the target shape."""
        return self.target

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes of the target along which an operand of ``shape`` is repeated."""
        extra = len(self.target) - len(shape)
        repeated = [i for i, length in enumerate(shape, extra) if length == 1 and self.target[i] != 1]
        return (*range(extra), *repeated)

    def forward(self, *operands: Array) -> Array:
        """Return a, repeated (a read-only view)."""
        return np.broadcast_to(operands[0], self.target)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Sum the upstream gradient over the repeated axes."""
        shape = np.shape(operands[0])
        result: Array = np.sum(upstream, axis=self.axes(shape)).reshape(shape)
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        if not shapes[0]:
            return "sum(upstream)"
        axes = self.axes(shapes[0])
        return f"sum(upstream, axis={axes[0] if len(axes) == 1 else axes})"


class Transpose(Op):
    """y = aᵀ (all axes reversed, as NumPy's ``.T``); the way back transposes again."""

    name = "transpose"
    elementwise = False

    def shape(self, *shapes: Shape) -> Shape:
        """Return the reversed shape."""
        return shapes[0][::-1]

    def forward(self, *operands: Array) -> Array:
        """Return aᵀ (a view)."""
        return operands[0].T

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return upstreamᵀ."""
        return upstream.T

    def text(self, *operands: Term) -> Term:
        """Write a.T."""
        text = operands[0].within(ATOM)
        return Term(f"({text}).T" if text[0] in ".0123456789" else f"{text}.T")  # 2.T would be a number

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return "upstream.T"


class MatMul(Op):
    """Y = A @ B; ∂L/∂A = U @ Bᵀ and ∂L/∂B = Aᵀ @ U for the upstream gradient U.

    From Y_ij = Σ_k A_ik B_kj follows ∂L/∂B_kj = Σ_i A_ik U_ij: the sum runs over the rows i, and written as a
    matrix product that is Aᵀ @ U. Vectors behave as in NumPy (a row on the left, a column on the right); a
    stack of matrices (3-d) is multiplied matrix by matrix, and a vector beside a stack sums over the stack on
    its way back.
    """

    name = "matmul"
    arity = 2
    elementwise = False

    def shape(self, *shapes: Shape) -> Shape:
        """Return the product's shape; leading axes of a stack must agree (a broadcast node sees to it)."""
        left, right = shapes
        if not left or not right:
            raise ShapeError("@ needs vectors or matrices, not a scalar; use * for a product of numbers")
        inner = right[0] if len(right) == 1 else right[-2]
        if left[-1] != inner:
            raise ShapeError(
                f"{shape_text(left)} @ {shape_text(right)} does not fit: "
                f"the inner lengths {left[-1]} and {inner} must be equal"
            )
        if len(right) == 1:
            return left[:-1]
        return (right[:-2] if len(left) == 1 else left[:-1]) + right[-1:]

    def forward(self, *operands: Array) -> Array:
        """Return A @ B."""
        result: Array = operands[0] @ operands[1]
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return U @ Bᵀ for A, Aᵀ @ U for B."""
        a, b = operands
        result: Array
        if index == 0:
            if b.ndim == 1:
                result = np.multiply.outer(upstream, b) if a.ndim > 1 else upstream * b
            elif a.ndim == 1:
                result = b @ upstream if b.ndim == 2 else np.einsum("bmk,bk->m", b, upstream)
            else:
                result = upstream @ np.swapaxes(b, -1, -2)
        elif a.ndim == 1:
            if b.ndim == 1:
                result = upstream * a
            elif b.ndim == 2:
                result = np.multiply.outer(a, upstream)
            else:
                result = a[None, :, None] * upstream[:, None, :]
        elif b.ndim == 1:
            result = a.T @ upstream if a.ndim == 2 else a.reshape(-1, a.shape[-1]).T @ upstream.reshape(-1)
        else:
            result = np.swapaxes(a, -1, -2) @ upstream
        return result

    def text(self, *operands: Term) -> Term:
        """Write A @ B."""
        return Term(f"{operands[0].within(PRODUCT)} @ {operands[1].within(UNARY)}", PRODUCT)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule with the other operand transposed, or as an outer product beside a vector."""
        a, b = operands
        rows, columns = len(shapes[0]), len(shapes[1])
        if rows == columns == 1:
            return f"upstream * {a if index else b}"
        if index == 0 and columns == 1:
            return f"outer(upstream, {b})"
        if index == 1 and rows == 1:
            return f"outer({a}, upstream)" + (" for each matrix" if columns == 3 else "")
        if index == 0 and rows == 1:
            return f"{b} @ upstream" + (", summed over the matrices" if columns == 3 else "")
        if index == 1 and columns == 1 and rows == 3:
            return f"{a}.T @ upstream, summed over the matrices"
        stack = " for each matrix" if rows == 3 else ""
        return (f"{a}.T @ upstream" if index else f"upstream @ {b}.T") + stack


def softmax(a: Array, axis: int = -1) -> Array:
    """Return exp(a) / Σ exp(a) along ``axis``, shifted by the maximum so that nothing overflows."""
    weights = np.exp(a - np.max(a, axis=axis, keepdims=True))
    result: Array = weights / np.sum(weights, axis=axis, keepdims=True)
    return result


class Softmax(Op):
    """s = softmax(a) along ``axis``; ∂L/∂a = s ⊙ (u - Σ u ⊙ s), since ∂sᵢ/∂aⱼ = sᵢ(δᵢⱼ - sⱼ)."""

    name = "softmax"
    elementwise = False

    def __init__(self, axis: Axis = -1) -> None:
        self.axis = -1 if axis is None else axis

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape."""
        if isinstance(self.axis, tuple):
            raise ShapeError(f"axis={self.axis}: softmax runs along one axis")
        if not shapes[0]:
            raise ShapeError("softmax needs a vector or a matrix, not a scalar")
        check_axis(self.axis, shapes[0])
        return shapes[0]

    def forward(self, *operands: Array) -> Array:
        """Return softmax(a)."""
        assert isinstance(self.axis, int)
        return softmax(operands[0], self.axis)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return s ⊙ (u - Σ u ⊙ s)."""
        result: Array = output * (upstream - np.sum(upstream * output, axis=self.axis, keepdims=True))
        return result

    def text(self, *operands: Term) -> Term:
        """Write the call; the default axis is left out."""
        axis = "" if self.axis == -1 else f", axis={self.axis}"
        return Term(f"softmax({operands[0].text}{axis})")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"{output} * (upstream - sum(upstream * {output}, axis={self.axis}))"
