"""The matrix product, for vectors, matrices and stacks of matrices alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import outer, product, solid
from tui_backprop.engine.core.settled import settled, settled_sum
from tui_backprop.engine.ops.base import PRODUCT, UNARY, Op, Term, common_shape
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.engine.ops.structure import Contraction, Structure
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


class MatMul(Op):
    """Y = A @ B; ∂L/∂A = U @ Bᵀ and ∂L/∂B = Aᵀ @ U for the upstream gradient U.

    From Y_ij = Σ_k A_ik B_kj follows ∂L/∂B_kj = Σ_i A_ik U_ij: the sum runs over the rows i, and written as a
    matrix product that is Aᵀ @ U. Vectors behave as in NumPy (a row on the left, a column on the right); a
    stack of matrices (3 axes or more) is multiplied matrix by matrix, and a vector beside a stack sums over
    the stack on its way back.
    """

    name = "matmul"
    signature = Signature(("A", "B"))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the product's shape; leading axes of a stack must agree (a broadcast node sees to it)."""
        left, right = shapes
        if not left or not right:
            raise ShapeError(tr("@ needs vectors or matrices, not a scalar; use * for a product of numbers"))
        inner = right[0] if len(right) == 1 else right[-2]
        if left[-1] != inner:
            raise ShapeError(
                tr(
                    "{left} @ {right} does not fit: the inner lengths {columns} and {rows} must be equal",
                    left=shape_text(left),
                    right=shape_text(right),
                    columns=left[-1],
                    rows=inner,
                )
            )
        if len(right) == 1:
            return left[:-1]
        return (right[:-2] if len(left) == 1 else left[:-1]) + right[-1:]

    def structure(self, *shapes: Shape) -> Structure:
        """Return that rows meet columns."""
        return Contraction(*map(len, shapes))

    def aligned(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return a matrix beside a stack of matrices with the stack's leading axis."""
        self.shape(*shapes)
        if min(map(len, shapes)) < 2:
            return shapes
        leading = common_shape(*(shape[:-2] for shape in shapes))
        return tuple(leading + shape[-2:] for shape in shapes)

    def forward(self, *operands: Array) -> Array:
        """Return A @ B."""
        result: Array = product(operands[0], operands[1])
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return U @ Bᵀ for A, Aᵀ @ U for B."""
        a, b = operands
        result: Array
        if index == 0:
            if b.ndim == 1:
                result = outer(upstream, b) if a.ndim > 1 else upstream * b
            elif a.ndim == 1:
                result = product(b, upstream) if b.ndim == 2 else _summed_over_the_stack(b, upstream)
            else:
                result = product(upstream, np.swapaxes(b, -1, -2) if b.ndim > 2 else b.T)
        elif a.ndim == 1:
            if b.ndim == 1:
                result = upstream * a
            elif b.ndim == 2:
                result = outer(a, upstream)
            else:
                result = a.reshape(-1, 1) * _as_rows(upstream)
        elif b.ndim == 1:
            rows = a if a.ndim == 2 else a.reshape(-1, a.shape[-1])
            result = product(rows.T, upstream.reshape(-1))
        else:
            result = product(np.swapaxes(a, -1, -2) if a.ndim > 2 else a.T, upstream)
        return result

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same without the terms of an exact 0 and an infinity."""
        a, b = operands
        result: Array
        if (index == 0 and b.ndim == 1) or (index == 1 and a.ndim == 1):  # each element has one term
            other = a if index else b
            if a.ndim == b.ndim == 1:
                left, right = upstream, other
            elif index == 0:
                left, right = upstream.reshape(*upstream.shape, 1), other
            else:
                left, right = other.reshape(-1, 1), _as_rows(upstream)
            result = settled(downstream, left, right)
        elif index == 0 and a.ndim == 1 and b.ndim > 2:
            rows = np.swapaxes(_one_stack(b), 0, 1)
            result = settled_sum(downstream, rows.reshape(rows.shape[0], -1), upstream.reshape(-1))
        elif index == 0:
            parts = (b, upstream) if a.ndim == 1 else (upstream, np.swapaxes(b, -1, -2))
            result = settled_sum(downstream, *parts)
        elif b.ndim == 1:
            result = settled_sum(downstream, a.reshape(-1, a.shape[-1]).T, upstream.reshape(-1))
        else:
            result = settled_sum(downstream, np.swapaxes(a, -1, -2), upstream)
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
            return _each(f"outer({a}, upstream)", columns > 2)
        if index == 0 and rows == 1:
            return _summed(f"{b} @ upstream", columns > 2)
        if index == 1 and columns == 1 and rows > 2:
            return _summed(f"{a}.T @ upstream", True)
        return _each(f"{a}.T @ upstream" if index else f"upstream @ {b}.T", rows > 2)

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say which elements of the product an element reaches, and how that adds up to the rule."""
        rows, columns = len(shapes[0]), len(shapes[1])
        if rows == columns == 1:
            return tr(
                "A dot product multiplies each element of one vector by its partner in the other. "
                "So the partner is the local derivative, and all share the one upstream gradient."
            )
        if index == 0 and rows == 1:
            if columns > 2:
                return tr(
                    "In v @ B, element k of v is multiplied by Bₖⱼ in every column j, and its effects add: "
                    "Σⱼ Bₖⱼ uⱼ, also over the matrices of the stack. For all k at once that is B @ u, "
                    "u being the upstream gradient."
                )
            return tr(
                "In v @ B, element k of v is multiplied by Bₖⱼ in every column j, and its effects add: "
                "Σⱼ Bₖⱼ uⱼ. For all k at once that is B @ u, u being the upstream gradient."
            )
        if index == 1 and columns == 1:
            if rows > 2:
                return tr(
                    "In A @ v, element k of v is multiplied by Aᵢₖ in every row i, and its effects add: "
                    "Σᵢ Aᵢₖ uᵢ, also over the matrices of the stack. Column k of A is row k of Aᵀ, "
                    "so for all k at once that is Aᵀ @ u, u being the upstream gradient."
                )
            return tr(
                "In A @ v, element k of v is multiplied by Aᵢₖ in every row i, and its effects add: "
                "Σᵢ Aᵢₖ uᵢ. Column k of A is row k of Aᵀ, so for all k at once that is Aᵀ @ u, "
                "u being the upstream gradient."
            )
        sort = "matrix" if min(rows, columns) > 1 else "vector"
        return tr(_WHYS[sort, index, max(rows, columns) > 2])


def _each(formula: str, stacked: bool) -> str:
    return tr("{formula} for each matrix", formula=formula) if stacked else formula


def _summed(formula: str, stacked: bool) -> str:
    return tr("{formula}, summed over the matrices", formula=formula) if stacked else formula


_WHYS: Final = {
    ("vector", 0, False): later(
        "In A @ v, element (i, k) of A is multiplied by vₖ, and only in row i: uᵢ · vₖ. "
        "All pairs together are the outer product of the upstream gradient u and v."
    ),
    ("vector", 0, True): later(
        "In A @ v, matrix by matrix, element (i, k) of A "
        "is multiplied by vₖ, and only in row i: uᵢ · vₖ. "
        "All pairs together are the outer product of the upstream gradient u and v."
    ),
    ("vector", 1, False): later(
        "In v @ B, element (k, j) of B is multiplied by vₖ, and only in column j: vₖ · uⱼ. "
        "All pairs together are the outer product of v and the upstream gradient u."
    ),
    ("vector", 1, True): later(
        "In v @ B, matrix by matrix, element (k, j) of B "
        "is multiplied by vₖ, and only in column j: vₖ · uⱼ. "
        "All pairs together are the outer product of v and the upstream gradient u."
    ),
    ("matrix", 1, False): later(
        "In A @ B, element (k, j) of B is multiplied by Aᵢₖ in every row i, "
        "and its effects add: Σᵢ Aᵢₖ Uᵢⱼ. Column k of A is row k of Aᵀ, "
        "so for all elements at once that is Aᵀ @ U, U being the upstream gradient."
    ),
    ("matrix", 1, True): later(
        "In A @ B, matrix by matrix, element (k, j) of B "
        "is multiplied by Aᵢₖ in every row i, "
        "and its effects add: Σᵢ Aᵢₖ Uᵢⱼ. Column k of A is row k of Aᵀ, "
        "so for all elements at once that is Aᵀ @ U, U being the upstream gradient."
    ),
    ("matrix", 0, False): later(
        "In A @ B, element (i, k) of A is multiplied by Bₖⱼ in every column j, "
        "and its effects add: Σⱼ Uᵢⱼ Bₖⱼ. Row k of B is column k of Bᵀ, "
        "so for all elements at once that is U @ Bᵀ, U being the upstream gradient."
    ),
    ("matrix", 0, True): later(
        "In A @ B, matrix by matrix, element (i, k) of A "
        "is multiplied by Bₖⱼ in every column j, "
        "and its effects add: Σⱼ Uᵢⱼ Bₖⱼ. Row k of B is column k of Bᵀ, "
        "so for all elements at once that is U @ Bᵀ, U being the upstream gradient."
    ),
}
"""Why a product's rule is what it is, by what is multiplied, the operand, and whether there are stacks."""


def _one_stack(matrices: Array) -> Array:
    """Return a stack of matrices, however many axes it is stacked along, with one such axis."""
    result: Array = matrices.reshape(-1, *matrices.shape[-2:])
    return result


def _as_rows(vectors: Array) -> Array:
    """Return a stack of vectors as one of matrices that have a row each."""
    result: Array = vectors.reshape(*vectors.shape[:-1], 1, vectors.shape[-1])
    return result


def _summed_over_the_stack(matrices: Array, vectors: Array) -> Array:
    """Return the sum of B @ u over a stack of matrices B and the vectors u beside them."""
    vectors = vectors.reshape(-1, vectors.shape[-1])
    result: Array = np.einsum("bmk,bk->m", solid(_one_stack(matrices)), solid(vectors))
    return result
