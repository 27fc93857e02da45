"""Numerical building blocks that stepping and compiled code share, so that both agree to the last bit.

Two choices live here. Functions of a single number are C's (through :mod:`math`), many times faster there
than NumPy's and not always equal to them in the last digit; where C reports an error the result is NaN or
Infinity, and NumPy gives it. And sums of products are inner products: one pass over memory, no temporary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def _elementary(ufunc: Any, of_number: Callable[[float], float]) -> Callable[[Any], Any]:
    def apply(a: Any) -> Any:
        if isinstance(a, float):  # np.float64 is one
            try:
                return np.float64(of_number(a))
            except (ValueError, OverflowError):
                pass
        return ufunc(a)

    apply.__name__ = ufunc.__name__
    return apply


exp = _elementary(np.exp, math.exp)
log = _elementary(np.log, math.log)
log1p = _elementary(np.log1p, math.log1p)
sqrt = _elementary(np.sqrt, math.sqrt)
sin = _elementary(np.sin, math.sin)
cos = _elementary(np.cos, math.cos)
tanh = _elementary(np.tanh, math.tanh)


def power(a: Any, b: Any) -> Any:
    """Return a ** b; NaN for a negative base and a fractional exponent."""
    if isinstance(a, float) and isinstance(b, float):
        try:
            return np.float64(math.pow(a, b))
        except (ValueError, OverflowError):
            pass
    return np.power(a, b)


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


def where(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition holds, else b; a number for numbers."""
    return np.where(condition, a, b)[()]


def solid(a: Any) -> Any:
    """Return an array in which no element stands for several, as they do where a number was spread.

    The order in which NumPy sums depends on that, and compiled code does not spread where it need not.
    """
    return np.copy(a, order="C") if np.ndim(a) and 0 in a.strides else a


def total(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return sums along some axes, or of all elements."""
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
    return np.dot(np.ones(len(a)), solid(a))


def with_ones(X: Any) -> Any:
    """Return a matrix with a column of ones at its right, which meets the bias."""
    return np.concatenate((X, np.ones((len(X), 1))), axis=1)


def affine(X: Any, W: Any, b: Any) -> Any:
    """Return X @ W + b as one matrix product, (X 1) @ (W over b)."""
    return np.dot(with_ones(X), np.concatenate((W, b.reshape(1, -1)), axis=0))


def affine_gradient(X: Any, upstream: Any) -> Any:
    """Return ∂L/∂W over ∂L/∂b for Y = X @ W + b, as one matrix product."""
    return np.dot(with_ones(X).T, solid(upstream))


def rows_of(size: int, signs: Sequence[tuple[float, bool]], arrays: Sequence[Any]) -> Any:
    """Return arrays as the rows of a matrix, each with a sign; ones in rows that have no array."""
    left = iter(arrays)
    rows = [np.ones(size) if ones else next(left) for _, ones in signs]
    return np.stack([row if sign > 0 else -row for row, (sign, _) in zip(rows, signs, strict=True)])


def combination(
    size: int, signs: Sequence[tuple[float, bool]], numbers: Sequence[Any], arrays: Sequence[Any]
) -> Any:
    """Return Σ ± number · array, as a row of the numbers times the matrix of the arrays."""
    traced = next((number for number in numbers if hasattr(number, "row_of")), None)
    row = np.array(numbers) if traced is None else traced.row_of(numbers)
    return np.dot(row, rows_of(size, signs, arrays))


def combination_gradient(
    size: int, signs: Sequence[tuple[float, bool]], arrays: Sequence[Any], upstream: Any
) -> Any:
    """Return the gradients of the numbers, (numbers,)."""
    return np.dot(rows_of(size, signs, arrays), solid(upstream))
