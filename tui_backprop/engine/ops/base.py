"""What an operation is: forward, the local derivative for each operand, and both as formula text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import ShapeError

Element: TypeAlias = tuple[int, ...]
"""The indices of one element, as NumPy counts; () in a scalar."""
Pattern: TypeAlias = tuple[int | None, ...]
"""Elements of an array: one index for each axis, None for every index there is."""
Places: TypeAlias = npt.NDArray[np.intp]
"""Elements of an array, the indices of one a row."""

# How tightly a piece of text binds, so that it gets parentheses only where it needs them.
SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 6)


class Term(NamedTuple):
    """A piece of formula text with its binding strength."""

    text: str
    precedence: int = ATOM

    def within(self, precedence: int) -> str:
        """Return the text for use inside an operator of that strength."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def selection(pattern: Pattern) -> tuple[int | slice, ...]:
    """Return a pattern as NumPy's index."""
    return tuple(slice(None) if at is None else at for at in pattern)


def places(pattern: Pattern, shape: Shape) -> Places:
    """Return the elements of an array of ``shape`` that a pattern selects, in the array's order."""
    counts = tuple(length if at is None else 1 for at, length in zip(pattern, shape, strict=True))
    free = np.indices(counts, dtype=np.intp).reshape(len(counts), size_of(counts)).T
    return free + np.array([at or 0 for at in pattern], dtype=np.intp)


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
    whys: ClassVar[tuple[str, ...]]
    """For each operand, what :meth:`why` says; an operation where that depends on shapes says it there."""

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
        """Say in one or two sentences why the factor (or rule) for this operand is what it is.

        Args:
            index: the operand.
            shapes: the operands' shapes.
        """
        return self.whys[index]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return which output elements depend on one element of an operand, whatever the values are."""
        if not self.elementwise:
            raise NotImplementedError(self.name)
        return element if self.shape(*shapes) else ()

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output[o]/∂operands[index][element] for each affected output element o, in their order."""
        local = self.local_derivative(index, operands, output)
        here: Array = np.broadcast_to(local, np.shape(operands[index]))[element]
        return here.reshape(1)

    def jacobian_column(
        self, index: int, element: Element, operands: Sequence[Array], output: Array
    ) -> tuple[Places, Array]:
        """Return the Jacobian's column for one element of an operand, without its structural zeros.

        Returns:
            The n output elements that depend on it, of shape (n, axes of the output), and ∂output/∂element
            at each of them, (n,).
        """
        pattern = self.affected(index, element, [np.shape(operand) for operand in operands])
        return places(pattern, np.shape(output)), self.partials(index, element, operands, output)

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
