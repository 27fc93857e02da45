"""Operations that give elements another place and compute nothing: reshape and its kin.

Each element has one place in the result, so the way back brings each upstream gradient to where its element
came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.reduction import check_axis, one_axis
from tui_backprop.engine.ops.signature import AxisOption, Signature, WholeNumbersOption
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


class ArrangingOp(OpaqueOp):
    """Elements in other places: ∂output/∂element is 1 at the one place it went to."""

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1."""
        return np.ones(1)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same: there is no product in it."""
        return downstream

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write nothing: it is 1 whatever the values are."""
        return ""

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return nothing: the slope is made of no element."""
        return ()

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1


class ReshapingOp(ArrangingOp):
    """The same elements in the same order, in another shape."""

    whys: ClassVar[tuple[str, ...]] = (
        later(
            "Only the shape is another: each element keeps its place in the order, "
            "so the upstream gradient is put back into the operand's shape."
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the elements in the new shape."""
        return np.reshape(operands[0], self.shape(np.shape(operands[0])))[()]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient in the operand's shape."""
        return np.reshape(upstream, np.shape(operands[0]))[()]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element with the same place in the order."""
        place = int(np.ravel_multi_index(element, shapes[0], mode="wrap")) if shapes[0] else 0
        return tuple(int(at) for at in np.unravel_index(place, self.shape(*shapes)))

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that only the shape changes."""
        return tr("the same numbers, back in the operand's shape")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"reshape(upstream, shape={tuple_text(shapes[0])})"


def tuple_text(numbers: Sequence[int]) -> str:
    """Write whole numbers as Python writes a tuple of them."""
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"


class Reshape(ReshapingOp):
    """y = the elements of x in another shape, in C's order; one length may be -1, which follows."""

    name = "reshape"
    signature = Signature(options=(WholeNumbersOption("shape", "shape=(2, 3)", (-1,), least=-1),))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape asked for, -1 worked out."""
        wanted: tuple[int, ...] = self.options["shape"]
        size, known = size_of(shapes[0]), size_of(tuple(length for length in wanted if length != -1))
        open_lengths = wanted.count(-1)
        if open_lengths > 1:
            raise ShapeError(
                tr(
                    "{shape} has -1 more than once; only one length can follow",
                    shape=tuple_text(wanted),
                )
            )
        if size != known if not open_lengths else not known or size % known:
            raise ShapeError(
                tr(
                    "{shape} has {count} elements and does not fit {wanted}",
                    shape=shape_text(shapes[0]),
                    count=size,
                    wanted=tuple_text(wanted),
                )
            )
        return tuple(size // known if length == -1 else length for length in wanted)


class Ravel(ReshapingOp):
    """y = all elements of x in a row, in C's order."""

    name = "ravel"

    def shape(self, *shapes: Shape) -> Shape:
        """Return the number of elements."""
        return (size_of(shapes[0]),)


class ExpandDims(ReshapingOp):
    """y = x with an axis of length 1 put in at ``axis``, as ``x[:, None]`` does for 1."""

    name = "expand_dims"
    signature = Signature(options=(AxisOption(0),))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape with the new axis."""
        axis = one_axis(self.options["axis"], (*shapes[0], 1))
        return (*shapes[0][:axis], 1, *shapes[0][axis:])


class Squeeze(ReshapingOp):
    """y = x without its axes of length 1, or without one of them."""

    name = "squeeze"
    signature = Signature(options=(AxisOption(),))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape without them."""
        (shape,) = shapes
        if self.options["axis"] is None:
            return tuple(length for length in shape if length != 1)
        gone = check_axis(self.options["axis"], shape)
        if long := [axis for axis in gone if shape[axis] != 1]:
            raise ShapeError(
                tr(
                    "axis {axis} of {shape} has length {length}, not 1",
                    axis=long[0],
                    shape=shape_text(shape),
                    length=shape[long[0]],
                )
            )
        return tuple(length for axis, length in enumerate(shape) if axis not in gone)


ARRANGING: tuple[type[Op], ...] = (Reshape, Ravel, ExpandDims, Squeeze)
"""The functions of this page, as the table of functions has them."""
