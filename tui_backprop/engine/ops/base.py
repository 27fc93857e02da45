"""What an operation is: its signature, its structure, forward, the way back, and both as text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.listed import all_of
from tui_backprop.engine.core.settled import settled
from tui_backprop.engine.ops.signature import Signature, written
from tui_backprop.engine.ops.structure import (
    Contraction,
    Element,
    Expansion,
    Opaque,
    Pattern,
    Permutation,
    Places,
    Pointwise,
    Reduction,
    Structure,
    places,
    selection,
)
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

# How tightly a piece of text binds, so that it gets parentheses only where it needs them.
SUM, PRODUCT, UNARY, POWER, ATOM = range(1, 6)


class Term(Struct, frozen=True):
    """A piece of formula text with its binding strength."""

    text: str
    precedence: int = ATOM

    def within(self, precedence: int) -> str:
        """Return the text for use inside an operator of that strength."""
        return self.text if self.precedence >= precedence else f"({self.text})"


class Op:
    """One operation y = f(x₀, x₁, …) with its options.

    What is marked abstract, and ``name`` and ``whys``, each operation states itself: the registry refuses
    one that does not.

    Attributes:
        options: the value of each option of the signature.
    """

    name: ClassVar[str]
    signature: ClassVar[Signature] = Signature()
    elementwise: ClassVar[bool] = False
    """Whether the structure is pointwise: the chain rule is then the product upstream ⊙ local derivative."""
    whys: ClassVar[tuple[str, ...]]
    """For each operand, what :meth:`why` says, in English, the last one also for those that follow in
    ``*xs``; an operation where that depends on shapes says it there."""
    kink: ClassVar[Callable[..., Array] | None] = None
    """What changes sign, as a function of the operands, where there is no derivative; None: smooth."""
    sums_up: ClassVar[bool] = False
    """Whether each operand's local derivative is 1 for all values: the gradient is handed on as it is."""
    is_gate: ClassVar[bool] = False
    """Whether the result is zero, and lets no gradient through, wherever the operand is not positive."""
    blind: ClassVar[bool] = False
    """Whether operands get no gradient, since the result does not change with them but for jumps; which of
    them, :meth:`is_blind` tells. Such an operand has no factor."""
    takes_classes: ClassVar[bool] = False
    """Whether the second operand may be whole-number classes in place of rows of weights: they are made
    one-hot by a node of its own."""
    remark: ClassVar[str] = ""
    """What the table of functions says besides."""

    def __init__(self, **options: Any) -> None:
        self.options = self.signature.filled(options)

    @abstractmethod
    def shape(self, *shapes: Shape) -> Shape:
        """Return the result's shape for operands of these shapes; raise ShapeError where they do not fit."""
        raise NotImplementedError

    @abstractmethod
    def structure(self, *shapes: Shape) -> Structure:
        """Return which output elements depend on which elements, for operands of these shapes."""
        raise NotImplementedError

    @abstractmethod
    def forward(self, *operands: Array) -> Array:
        """Compute the result."""
        raise NotImplementedError

    @abstractmethod
    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return this operation's contribution to ∂L/∂operands[index], given upstream = ∂L/∂output."""
        raise NotImplementedError

    @abstractmethod
    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the local derivative, or the rule (which names ``upstream``), in the formula language.

        Args:
            index: the operand.
            operands: atoms of text, names or numbers alike.
            output: the same for the result.
            shapes: the operands' shapes.
        """
        raise NotImplementedError

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output/∂operands[index], of a shape that broadcasts to the operand's (elementwise only)."""
        raise NotImplementedError(f"{self.name} has a rule, not a factor")

    def is_blind(self, index: int) -> bool:
        """Tell whether the operand of that place gets no gradient."""
        return self.blind

    def aligned(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return the shapes that broadcast nodes bring the operands to before the operation sees them.

        Raises:
            ShapeError: they do not fit.
        """
        return shapes

    def text(self, *operands: Term) -> Term:
        """Write the call in the formula language, without options at their defaults."""
        options = [
            f"{option.name}={written(self.options[option.name])}"
            for option in self.signature.options
            if self.options[option.name] != option.default
        ]
        return Term(f"{self.name}({', '.join([term.text for term in operands] + options)})")

    def shown(self, plain: bool, *operands: Term) -> Term:
        """Write the same with the screen's signs; ``plain`` says that a number is among what meets."""
        return self.text(*operands)

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say in one or two sentences why the factor (or rule) for this operand is what it is.

        Args:
            index: the operand.
            shapes: the operands' shapes.
        """
        return tr(self.whys[min(index, len(self.whys) - 1)])

    @property
    def has_kink(self) -> bool:
        """Whether there are places without a derivative, which :meth:`kink_argument` tells."""
        return type(self).kink is not None or type(self).kink_argument is not Op.kink_argument

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return what changes sign where the operation has no derivative; None for a smooth one."""
        kink = type(self).kink
        return None if kink is None else kink(*operands)

    # ------------------------------------------------------------------ what follows from the structure

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return :meth:`downstream`'s result, ``downstream``, where 0 · ∞ counts as 0 in every product.

        Only what is NaN changes.
        """
        match self.structure(*map(np.shape, operands)):
            case Pointwise():
                result: Array = settled(downstream, upstream, self.local_derivative(index, operands, output))
                return result
            case Reduction() | Expansion() | Permutation():
                return downstream  # there is no product in it
            case _:
                return self._settled_elements(index, upstream, operands, output, downstream)

    def _settled_elements(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Do the same by each element's terms."""
        result = np.array(downstream)
        for place in np.argwhere(np.isnan(result)):
            element = tuple(map(int, place))
            where, local = self.jacobian_column(index, element, operands, output)
            incoming = upstream[tuple(where.T)].reshape(-1)
            result[element] = np.sum(settled(local * incoming, local, incoming))
        return result[()]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return which output elements depend on one element of an operand, whatever the values are."""
        structure = self.structure(*shapes)
        if isinstance(structure, Opaque):
            return structure.account.affected(index, element, shapes)
        return structure.affected(index, element)

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output[o]/∂operands[index][element] for each affected output element o, in their order."""
        match self.structure(*map(np.shape, operands)):
            case Pointwise():
                local = self.local_derivative(index, operands, output)
                here: Array = np.broadcast_to(local, np.shape(operands[index]))[element]
                return here.reshape(1)
            case Reduction(divisor=n):
                return np.array([1.0 / (n or 1)])
            case Expansion() as expansion:
                return np.ones(expansion.copies)
            case Permutation():
                return np.ones(1)
            case Contraction() as contraction:
                partner = contraction.partner(index, element)
                return operands[1 - index][selection(partner)].reshape(-1)
            case Opaque(account):
                return account.partials(index, element, operands, output)

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


def common_shape(*shapes: Shape) -> Shape:
    """Return the shape that operands broadcast to; raise ShapeError with the reason in words."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            tr(
                "{shapes} do not broadcast: counted from the right, axes must be equal or 1",
                shapes=all_of(map(shape_text, shapes)),
            )
        ) from None
