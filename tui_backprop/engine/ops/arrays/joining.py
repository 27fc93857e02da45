"""Arrays side by side: concatenate, stack, and NumPy's vstack, hstack and column_stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import solid
from tui_backprop.engine.ops.arrays.arranging import ArrangingOp
from tui_backprop.engine.ops.reduction import one_axis
from tui_backprop.engine.ops.signature import AxisOption, Signature
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


class JoiningOp(ArrangingOp):
    """Arrays side by side along an axis: each operand has a stretch of the result to itself."""

    signature = Signature(("*xs",), (AxisOption(0),))
    whys: ClassVar[tuple[str, ...]] = (
        later(
            "Each array fills a stretch of the result of its own, "
            "so that stretch of the upstream gradient is its gradient."
        ),
    )

    def axis(self, shape: Shape) -> int:
        """Return the axis of the result along which the arrays stand, given the first one's shape."""
        return one_axis(self.options["axis"], shape)

    def start(self, index: int, shapes: Sequence[Shape]) -> tuple[int, int, int]:
        """Return the axis of the result, and where an operand's stretch begins and ends."""
        axis = self.axis(shapes[0])
        begin = sum(shape[axis] for shape in shapes[:index])
        return axis, begin, begin + shapes[index][axis]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the operand's stretch of the upstream gradient."""
        axis, begin, end = self.start(index, [np.shape(operand) for operand in operands])
        return upstream[(slice(None),) * axis + (slice(begin, end),)]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element's place in the stretch."""
        axis, begin, _ = self.start(index, shapes)
        return (*element[:axis], element[axis] + begin, *element[axis + 1 :])

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say which stretch it is."""
        axis, begin, end = self.start(index, shapes)
        if end == begin + 1:
            return tr("the part at {place} of axis {axis}, where this array was put", place=begin, axis=axis)
        return tr(
            "the part at {first} to {last} of axis {axis}, where this array was put",
            first=begin,
            last=end - 1,
            axis=axis,
        )

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        axis, begin, end = self.start(index, shapes)
        return f"upstream[{':, ' * axis}{begin}:{end}]"


class Concatenate(JoiningOp):
    """y = arrays one after the other along an axis that they have."""

    name = "concatenate"

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape, the lengths along the axis added up."""
        first = shapes[0]
        if not first:
            raise ShapeError(
                tr("{name} needs arrays with an axis; stack joins single numbers", name=self.name)
            )
        axis = self.axis(first)
        for shape in shapes[1:]:
            if (
                len(shape) != len(first)
                or shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :]
            ):
                raise ShapeError(
                    tr(
                        "{first} and {shape} differ beside axis {axis}",
                        first=shape_text(first),
                        shape=shape_text(shape),
                        axis=axis,
                    )
                )
        return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])

    def forward(self, *operands: Array) -> Array:
        """Return the arrays joined."""
        return np.concatenate(list(map(solid, operands)), axis=self.axis(np.shape(operands[0])))


class HStack(Concatenate):
    """y = arrays side by side: vectors one after the other, all else along axis 1."""

    name = "hstack"
    signature = Signature(("*xs",))

    def axis(self, shape: Shape) -> int:
        """Return 0 for vectors, 1 for arrays of more axes."""
        return min(1, len(shape) - 1)


class LinesOp(JoiningOp):
    """Arrays joined along an axis, a vector being one line of the result there.

    Attributes:
        across: the axis that the arrays are joined along.
    """

    signature = Signature(("*xs",))
    across: ClassVar[int]

    def axis(self, shape: Shape) -> int:
        """Return the axis that the arrays are joined along."""
        return self.across

    def lifted(self, shape: Shape) -> Shape:
        """Return the shape with a vector's second axis, of length 1."""
        if not shape:
            raise ShapeError(
                tr("{name} needs arrays with an axis; stack joins single numbers", name=self.name)
            )
        return (*shape[: self.across], 1, *shape[self.across :]) if len(shape) == 1 else shape

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape, the numbers of lines added up."""
        return Concatenate(axis=self.across).shape(*map(self.lifted, shapes))

    def forward(self, *operands: Array) -> Array:
        """Return the arrays joined."""
        lines = [np.reshape(solid(x), self.lifted(np.shape(x))) for x in operands]
        return np.concatenate(lines, axis=self.across)

    def start(self, index: int, shapes: Sequence[Shape]) -> tuple[int, int, int]:
        """Return the axis, and where an operand's lines begin and end."""
        return super().start(index, list(map(self.lifted, shapes)))

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the operand's lines of the upstream gradient."""
        part = super().downstream(index, upstream, operands, output)
        return np.reshape(part, np.shape(operands[index]))

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element's place in the operand's lines."""
        lifted = element if len(element) > 1 else self.lifted_element(element)
        return super().affected(index, lifted, shapes)

    def lifted_element(self, element: Element) -> Element:
        """Return an element of a vector as one of its line."""
        return (*element[: self.across], 0, *element[self.across :])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        if len(shapes[index]) > 1:
            return super().derivative_text(index, operands, output, shapes)
        _, begin, _ = self.start(index, shapes)
        return f"upstream[{':, ' * self.across}{begin}]"


class VStack(LinesOp):
    """y = arrays below one another; a vector is a row."""

    name = "vstack"
    across = 0


class ColumnStack(LinesOp):
    """y = arrays side by side; a vector is a column."""

    name = "column_stack"
    across = 1


class Stack(JoiningOp):
    """y = arrays of one shape along an axis that is new."""

    name = "stack"

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape with the new axis."""
        other = next((shape for shape in shapes if shape != shapes[0]), None)
        if other is not None:
            raise ShapeError(
                tr(
                    "{first} and {other} are not of one shape",
                    first=shape_text(shapes[0]),
                    other=shape_text(other),
                )
            )
        axis = self.axis(shapes[0])
        return (*shapes[0][:axis], len(shapes), *shapes[0][axis:])

    def axis(self, shape: Shape) -> int:
        """Return the new axis."""
        return super().axis((*shape, 1))

    def forward(self, *operands: Array) -> Array:
        """Return the arrays stacked."""
        shape = np.shape(operands[0])
        if not shape:
            return np.concatenate([np.reshape(operand, (1,)) for operand in operands])
        axis = self.axis(shape)
        return np.concatenate([np.expand_dims(solid(operand), (axis,)) for operand in operands], axis=axis)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the operand's slice of the upstream gradient."""
        axis = self.axis(np.shape(operands[0]))
        return upstream[(slice(None),) * axis + (index,)]

    def start(self, index: int, shapes: Sequence[Shape]) -> tuple[int, int, int]:
        """Return the new axis, and the operand's place on it."""
        return self.axis(shapes[0]), index, index + 1

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element in the operand's slice."""
        axis = self.axis(shapes[0])
        return (*element[:axis], index, *element[axis:])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"upstream[{':, ' * self.axis(shapes[0])}{index}]"


JOINING = (Concatenate, Stack, VStack, HStack, ColumnStack)
"""The functions of this page, as the table of functions has them."""
