"""Operations that make one number of each line: what those have in common that are more than a sum.

A line is what is reduced: all elements, or those along some axes. Each element moves the one result of its
line, so all of these have a slope of the operand's shape, and the way back is that slope times the line's
upstream gradient.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import solid
from tui_backprop.engine.core.settled import settled
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.reduction import ALONG_AXES, check_axis
from tui_backprop.engine.ops.signature import Axis
from tui_backprop.engine.ops.structure import Element, Pattern, along
from tui_backprop.text.numbers import axes_text
from tui_backprop.text.sentences import tr
from tui_backprop.text.subscripts import subscripted


class LineOp(OpaqueOp):
    """One number of each line; ``axis`` and ``keepdims`` as in NumPy.

    Attributes:
        slope_text: the slope in the formula language; {x} is the operand, {y} the result, {n} the length of a
            line, and options stand by name.
        least: how many elements a line needs.
    """

    signature = ALONG_AXES
    slope_text: ClassVar[str]
    least: ClassVar[int] = 1

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.axis: Axis = self.options["axis"]
        self.keepdims: bool = self.options["keepdims"]

    @abstractmethod
    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Compute each line's number; the axes stay, with length 1."""
        raise NotImplementedError

    @abstractmethod
    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return ∂y/∂x, of the shape of x; y has length 1 along the axes."""
        raise NotImplementedError

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes that a line runs along."""
        return check_axis(self.axis, shape)

    def length(self, shape: Shape) -> int:
        """Return the number of elements of a line."""
        return size_of(tuple(shape[axis] for axis in self.axes(shape)))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without a line's axes, or with length 1 there."""
        if self.length(shapes[0]) < self.least:
            raise ShapeError(
                tr("{name} needs lines of at least {least} elements", name=self.name, least=self.least)
            )
        return along(shapes[0], self.axes(shapes[0]), 1 if self.keepdims else None)

    def forward(self, *operands: Array) -> Array:
        """Compute each line's number."""
        (x,) = operands
        shape = np.shape(x)
        if not shape:
            return self.result(x, ())
        axes = self.axes(shape)
        result = self.result(solid(x), axes)
        return (
            result
            if self.keepdims
            else result[tuple(0 if at in axes else slice(None) for at in range(len(shape)))]
        )

    def kept(self, a: Array, shape: Shape) -> Array:
        """Return what has the result's shape with length 1 along the axes of lines."""
        return a.reshape(along(shape, self.axes(shape), 1)) if shape else a

    def local(self, x: Array, output: Array) -> Array:
        """Return ∂output/∂x, of the shape of x."""
        shape = np.shape(x)
        return self.slope(x, self.kept(output, shape), self.axes(shape))

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return each line's upstream gradient times the slopes."""
        (x,) = operands
        return self.kept(upstream, np.shape(x)) * self.local(x, output)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same where 0 · ∞ counts as 0."""
        (x,) = operands
        result: Array = settled(downstream, self.kept(upstream, np.shape(x)), self.local(x, output))
        return result

    def spread_out(self, x: Array) -> Array:
        """Return each line's number at each of its elements."""
        return np.broadcast_to(self.result(x, self.axes(np.shape(x))), np.shape(x))

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        slope = self._filled(operands[0], output, shapes[0])
        return f"upstream * ({slope})" if " where " in self.slope_text else f"upstream * {slope}"

    def _filled(self, x: str, y: str, shape: Shape) -> str:
        return tr(self.slope_text, x=x, y=y, n=self.length(shape), **self.options)

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the one result of the element's line."""
        return along(element, self.axes(shapes[0]), 0 if self.keepdims else None)

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return the slope at the element."""
        here: Array = self.local(operands[0], output)[element]
        return here.reshape(1)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the slope at the element."""
        place = self.affected(index, element, shapes)
        line = subscripted(output, tuple(at if isinstance(at, int) else 0 for at in place))
        return f"({self._slope_at(operands[0], line, element, shapes[0])})"

    def _slope_at(self, x: str, y: str, element: Element, shape: Shape) -> str:
        """Write the slope at one element, over its line's result."""
        return self._filled(subscripted(x, element), y, shape)

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the element, and its line's result."""
        return ((0, element), (None, self.affected(index, element, shapes)))

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that a line's upstream gradient meets all its elements."""
        axes = self.axes(shapes[0])
        return (
            tr("repeated along {axes}, times the slopes", axes=axes_text(axes))
            if axes
            else tr("times the slope")
        )

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1
