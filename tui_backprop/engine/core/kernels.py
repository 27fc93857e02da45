"""Numerical building blocks that stepping and compiled code share, so that both agree to the last bit.

Sums of products are inner products here: one pass over memory, no temporary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import SINGLE
from tui_backprop.engine.core.elementary import power, sqrt


def power_of(a: Any, n: float) -> Any:
    """Return a ** n for a number n of the formula's own; the small ones as products."""
    if n == 2.0:
        return a * a
    if n == 3.0:
        return a * a * a
    if n == 4.0:
        square = a * a
        return square * square
    if n == 1.0:
        return a
    if n == 0.5:
        return sqrt(a)
    if n == -1.0:
        return 1.0 / a
    return power(a, n)


def indicator(condition: Any, like: Any) -> Any:
    """Return 1 where a condition holds, else 0, of the type of another value; a number for numbers."""
    return condition.astype(like.dtype) if like.dtype == SINGLE else where(condition, 1.0, 0.0)


def where(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition holds, else b; a number for numbers."""
    return np.where(condition, a, b)[()]


def solid(a: Any) -> Any:
    """Return an array in which no element stands for several, as they do where a number was broadcast.

    The order in which NumPy sums depends on that, and compiled code does not broadcast where it need not.
    """
    return np.copy(a, order="C") if np.ndim(a) and 0 in a.strides else a


def transposed(a: Any) -> Any:
    """Return aᵀ in C's order, as all values and gradients lie in memory.

    BLAS adds up in another order where a matrix lies the other way, and compiled code does not know how an
    array would have lain that it leaves out, such as one with the same number in every place.
    """
    return np.copy(a.T, order="C") if np.ndim(a) > 1 else a


def permuted(a: Any, order: Sequence[int]) -> Any:
    """Return an array with its axes in another order, in C's order too."""
    stands = list(range(np.ndim(a)))
    if list(order) == stands:
        return a
    if list(order) == stands[::-1]:
        return transposed(a)
    for place, axis in enumerate(order):  # two axes at a time, which is all that compiled code knows
        other = stands.index(axis)
        if other != place:
            a = np.swapaxes(a, place, other)
            stands[place], stands[other] = stands[other], stands[place]
    return np.copy(a, order="C")


def total(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return sums along some axes, or of all elements."""
    if not np.ndim(a) or axis == ():  # nothing to add up, not even 0, which would make 0 of -0
        return a
    reduce: Any = np.add.reduce
    return reduce(solid(a), axis=axis, keepdims=keepdims)


def inner(a: Any, b: Any) -> Any:
    """Return Σ a ⊙ b over all elements of two arrays of one shape."""
    return np.dot(np.ravel(a), np.ravel(b)) if np.ndim(a) else a * b


def product(a: Any, b: Any) -> Any:
    """Return a @ b."""
    a, b = solid(a), solid(b)
    if a.ndim > 1 and b.ndim > 1 and np.may_share_memory(a, b):
        # BLAS has a way of its own for A @ Aᵀ, with other bits than those of equal matrices apart in memory
        b = np.copy(b, order="K")
    return np.dot(a, b) if a.ndim < 3 and b.ndim < 3 else a @ b


def outer(a: Any, b: Any) -> Any:
    """Return a column times a row, for vectors; a stack of these for a stack of columns."""
    return np.dot(a.reshape(-1, 1), b.reshape(1, -1)) if a.ndim == 1 else np.multiply.outer(a, b)


def column_sums(a: Any) -> Any:
    """Return the sums of a matrix's columns, as a row of ones times the matrix."""
    return np.dot(np.ones(len(a), a.dtype), solid(a))


def with_ones(X: Any) -> Any:
    """Return a matrix with a column of ones at its right, which meets the bias."""
    return np.concatenate((X, np.ones((len(X), 1), X.dtype)), axis=1)


def affine(X: Any, W: Any, b: Any) -> Any:
    """Return X @ W + b as one matrix product, (X 1) @ (W over b)."""
    return np.dot(with_ones(X), np.concatenate((W, b.reshape(1, -1)), axis=0))


def affine_gradient(X: Any, upstream: Any) -> Any:
    """Return ∂L/∂W over ∂L/∂b for Y = X @ W + b, as one matrix product."""
    return np.dot(with_ones(X).T, solid(upstream))


def rows_of(size: int, signs: Sequence[tuple[float, bool]], arrays: Sequence[Any], dtype: Any) -> Any:
    """Return arrays as the rows of a matrix, each with a sign; ones of a type in rows that have no array."""
    left = iter(arrays)
    rows = [np.ones(size, dtype) if ones else next(left) for _, ones in signs]
    return np.stack([row if sign > 0 else -row for row, (sign, _) in zip(rows, signs, strict=True)])


def combination(
    size: int, signs: Sequence[tuple[float, bool]], numbers: Sequence[Any], arrays: Sequence[Any]
) -> Any:
    """Return Σ ± number · array, as a row of the numbers times the matrix of the arrays."""
    traced = next((number for number in numbers if hasattr(number, "row_of")), None)
    row = np.array(numbers) if traced is None else traced.row_of(numbers)
    return np.dot(row, rows_of(size, signs, arrays, row.dtype))


def combination_gradient(
    size: int, signs: Sequence[tuple[float, bool]], arrays: Sequence[Any], upstream: Any
) -> Any:
    """Return the gradients of the numbers, (numbers,)."""
    return np.dot(rows_of(size, signs, arrays, upstream.dtype), solid(upstream))
