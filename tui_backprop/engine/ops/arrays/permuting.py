"""Operations that put axes into another order: transpose, ``.T``, swapaxes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import permuted
from tui_backprop.engine.ops.arrays.arranging import tuple_text
from tui_backprop.engine.ops.base import ATOM, Op, Term
from tui_backprop.engine.ops.reduction import check_axis, one_axis
from tui_backprop.engine.ops.signature import Signature, WholeNumbersOption
from tui_backprop.engine.ops.structure import Permutation
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


class PermutingOp(Op):
    """y = x with its axes in another order; the way back puts them back."""

    @abstractmethod
    def order(self, shape: Shape) -> tuple[int, ...]:
        """Return for each axis of the result which of the operand's it is."""
        raise NotImplementedError

    def back(self, shape: Shape) -> tuple[int, ...]:
        """Return the order that undoes it."""
        order = self.order(shape)
        return tuple(order.index(axis) for axis in range(len(order)))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the lengths in the new order."""
        return tuple(shapes[0][axis] for axis in self.order(shapes[0]))

    def structure(self, *shapes: Shape) -> Permutation:
        """Return the order of the axes."""
        return Permutation(self.order(shapes[0]))

    def forward(self, *operands: Array) -> Array:
        """Return x with the axes in the new order."""
        result: Array = permuted(operands[0], self.order(np.shape(operands[0])))
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Put the axes back."""
        result: Array = permuted(upstream, self.back(np.shape(operands[0])))
        return result


class Transpose(PermutingOp):
    """The axes in the order that is given, by default reversed as by ``.T``."""

    name = "transpose"
    signature = Signature(options=(WholeNumbersOption("axes", "axes=(1, 0)"),))

    def order(self, shape: Shape) -> tuple[int, ...]:
        """Return for each axis of the result which of the operand's it is."""
        axes = self.options["axes"]
        if axes is None:
            return tuple(range(len(shape)))[::-1]
        check_axis(axes, shape)
        if len(axes) != len(shape):
            raise ShapeError(
                tr(
                    "axes={axes} names {count} of the {all} axes of {shape}",
                    axes=axes,
                    count=len(axes),
                    all=len(shape),
                    shape=shape_text(shape),
                )
            )
        return tuple(axis % len(shape) for axis in axes)

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that elements only change places."""
        if len(shapes[0]) < 2:
            return tr(
                "With fewer than two axes nothing moves, so the upstream gradient is handed on unchanged."
            )
        if self.options["axes"] is None:
            return tr(
                "Transposing changes where an element stands and not what it is, so each takes its "
                "upstream gradient back to its own place: the gradient is transposed again."
            )
        return tr(
            "Transposing changes where an element stands and not what it is, so each takes its "
            "upstream gradient back to its own place: the gradient is put back into the operand's order."
        )

    def text(self, *operands: Term) -> Term:
        """Write x.T, or the call with its order."""
        if self.options["axes"] is not None:
            return super().text(*operands)
        text = operands[0].within(ATOM)
        return Term(f"({text}).T" if text[0] in ".0123456789" else f"{text}.T")  # 2.T would be a number

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        if self.options["axes"] is None:
            return "upstream.T"
        return f"transpose(upstream, axes={tuple_text(self.back(shapes[0]))})"


class SwapAxes(PermutingOp):
    """Two axes changed for each other; the way back changes them again."""

    name = "swapaxes"
    signature = Signature(
        options=(
            WholeNumbersOption("axis1", "axis1=0", 0, single=True),
            WholeNumbersOption("axis2", "axis2=1", 1, single=True),
        )
    )
    whys = (
        later(
            "Only the places change: each element takes its upstream gradient back to its own place, "
            "so the same two axes are changed again."
        ),
    )

    def axes(self, shape: Shape) -> tuple[int, int]:
        """Return the two axes, not negative."""
        one, other = (one_axis(self.options[name], shape) for name in ("axis1", "axis2"))
        return one, other

    def order(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes with the two changed."""
        one, other = self.axes(shape)
        order = list(range(len(shape)))
        order[one], order[other] = other, one
        return tuple(order)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        one, other = self.axes(shapes[0])
        return f"swapaxes(upstream, axis1={one}, axis2={other})"


PERMUTING = (Transpose, SwapAxes)
"""The functions of this page, as the table of functions has them."""
