"""Operations that do several of a lesson's in one go, where that saves passes over memory.

They compute the values and gradients of nodes that stay the lesson's own (:mod:`engine.autodiff.fusion`). No
formula names one and nobody reads one, so they have no text and no local derivative.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.kernels import affine, affine_gradient, combination, combination_gradient, inner
from tui_backprop.engine.core.settled import settled_sum
from tui_backprop.engine.ops.base import Op


class Fused(ABC):
    """Several operations in one."""

    @abstractmethod
    def forward(self, *operands: Array) -> Array:
        """Compute the result."""

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the contribution to ∂L/∂operands[index], given upstream = ∂L/∂output."""
        raise NotImplementedError(f"the operations that {type(self).__name__} does have their own factors")

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return ``downstream`` where 0 · ∞ counts as 0 in every product."""
        raise NotImplementedError(f"the operations that {type(self).__name__} does have their own factors")


class InnerProduct(Fused):
    """y = c · Σ a ⊙ b / n, without the array of products; c is a power of two, exact in any place."""

    def __init__(self, coefficient: float, count: int) -> None:
        self.coefficient, self.count = coefficient, count

    def forward(self, *operands: Array) -> Array:
        """Return the scalar y."""
        total: Array = inner(operands[0], operands[1])
        if self.coefficient != 1.0:
            total = total * self.coefficient
        return total / self.count if self.count != 1 else total


class Scale(Fused):
    """Y = a ⊙ B where one of the two is a single number, which is not repeated to the other's shape.

    Y_i = a B_i, so ∂L/∂a = Σ_i U_i B_i for the upstream gradient U: an inner product.
    """

    def __init__(self, number: Shape) -> None:
        self.number = number  # its shape, of one element

    def forward(self, *operands: Array) -> Array:
        """Return a ⊙ B."""
        return operands[0] * operands[1]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return Σ U ⊙ B for the number."""
        gradient: Array = inner(upstream, operands[1 - index]).reshape(self.number)[()]
        return gradient

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same without the terms of an exact 0 and an infinity."""
        array = operands[1 - index].reshape(-1)
        gradient: Array = settled_sum(downstream, upstream.reshape(-1), array)
        return gradient


class Affine(Fused):
    """Y = X @ W + b as one matrix product: b is the weight of a column of ones beside X."""

    def __init__(self, bias: Shape) -> None:
        self.bias = bias  # b's shape

    def forward(self, *operands: Array) -> Array:
        """Return X @ W + b."""
        X, W, b = operands
        result: Array = affine(X, W, b)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return Xᵀ @ U for W and the sums of U's columns for b, rows of one matrix product."""
        gradient: Array = affine_gradient(operands[0], upstream)
        return gradient[:-1] if index == 1 else gradient[-1].reshape(self.bias)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same for W without the terms of an exact 0 and an infinity; b's have no product."""
        if index != 1:
            return downstream
        gradient: Array = settled_sum(downstream, operands[0].T, upstream)
        return gradient


class Addend(NamedTuple):
    """One part of a linear combination.

    Attributes:
        sign: 1.0 or -1.0.
        alone: whether the number is added as it is, as if it multiplied an array of ones.
    """

    sign: float
    alone: bool


class LinearCombination(Fused):
    """y = Σₖ ± aₖ xₖ for numbers aₖ and arrays xₖ of one axis, such as a + b·x + c·x²: a row times a matrix.

    The operands are the numbers, then the arrays. A run over the polynomial lesson takes three fifths of the
    time that it takes term by term.
    """

    def __init__(self, size: int, addends: Sequence[Addend]) -> None:
        self.size, self.addends = size, tuple(addends)

    def forward(self, *operands: Array) -> Array:
        """Return y, (size,)."""
        count = len(self.addends)
        result: Array = combination(self.size, self.addends, operands[:count], operands[count:])
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return ± Σ U ⊙ xₖ for a number."""
        arrays = operands[len(self.addends) :]
        gradient: Array = combination_gradient(self.size, self.addends, arrays, upstream)[index]
        return gradient

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same without the terms of an exact 0 and an infinity; a number alone has no product."""
        sign, alone = self.addends[index]
        if alone:
            return downstream
        place = sum(not addend.alone for addend in self.addends[:index])
        array = operands[len(self.addends) + place]
        gradient: Array = settled_sum(downstream, array if sign > 0 else -array, upstream)
        return gradient


Computation = Op | Fused
"""What has a result, and downstream gradients."""
