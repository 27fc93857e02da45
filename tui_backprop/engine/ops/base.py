"""What an operation is: forward, the local derivative for each operand, and both as formula text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from tui_backprop.engine.arrays import Array, Shape, shape_text
from tui_backprop.engine.errors import ShapeError

# How tightly a piece of text binds, so that it gets parentheses only where it needs them.
SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 6)


class Term(NamedTuple):
    """A piece of formula text with its binding strength."""

    text: str
    precedence: int = ATOM

    def within(self, precedence: int) -> str:
        """Return the text for use inside an operator of that strength."""
        return self.text if self.precedence >= precedence else f"({self.text})"


class Op:
    """One operation y = f(x₀, x₁, …).

    ``elementwise`` says that the local derivative ∂y/∂xᵢ is a factor of the operand's shape, so that the
    chain rule is the elementwise product upstream ⊙ local. Other operations state a rule instead and override
    :meth:`downstream`.
    """

    name: ClassVar[str]
    arity: ClassVar[int] = 1
    elementwise: ClassVar[bool] = True
    broadcasts: ClassVar[bool] = False
    """Operands are brought to one shape, by broadcast nodes of their own, before the operation sees them."""

    def shape(self, *shapes: Shape) -> Shape:
        """Return the result's shape for operands of these shapes; raise ShapeError where they do not fit."""
        return shapes[0]

    def forward(self, *operands: Array) -> Array:
        """Compute the result."""
        raise NotImplementedError(self.name)

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output/∂operands[index], of a shape that broadcasts to the operand's (elementwise only)."""
        raise NotImplementedError(f"{self.name} has a rule, not a factor")

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return this operation's contribution to ∂L/∂operands[index], given upstream = ∂L/∂output."""
        return upstream * self.local_derivative(index, operands, output)

    def text(self, *operands: Term) -> Term:
        """Write the operation applied to its operands, in the formula language."""
        return Term(f"{self.name}({', '.join(term.text for term in operands)})")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the local derivative, or the rule (which names ``upstream``).

        Args:
            index: the operand.
            operands: atoms of text, names or numbers alike.
            output: the same for the result.
            shapes: the operands' shapes.
        """
        raise NotImplementedError(self.name)

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say in a sentence or two why this factor is what it is, for any lesson."""
        return ""

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return what changes sign where the operation has no derivative; None for a smooth one."""
        return None


class BinaryOp(Op):
    """An elementwise operation of two operands that NumPy would broadcast against each other."""

    arity = 2
    broadcasts = True

    def shape(self, *shapes: Shape) -> Shape:
        """Return the broadcast shape (a literal may stay a scalar beside an array)."""
        return np.broadcast_shapes(*shapes)


def common_shape(name: str, left: Shape, right: Shape) -> Shape:
    """Return the shape two operands broadcast to; raise ShapeError with the reason in words."""
    try:
        return np.broadcast_shapes(left, right)
    except ValueError:
        raise ShapeError(
            f"{shape_text(left)} and {shape_text(right)} do not broadcast: "
            "counted from the right, axes must be equal or 1"
        ) from None
