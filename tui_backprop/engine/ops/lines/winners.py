"""Where in a line its largest or smallest element stands, which an accuracy asks and nothing learns by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import where
from tui_backprop.engine.ops.lines.line import LineOp
from tui_backprop.text.sentences import later, tr


class Winner(LineOp):
    """The place of a line's extreme, the first of several; of all elements it counts in C's order."""

    ufunc: ClassVar[np.ufunc]
    blind = True
    slope_text = "0"

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axis that a line runs along, or all of them."""
        if isinstance(self.axis, tuple):
            raise ShapeError(
                tr(
                    "{name} is along one axis, or of all elements; found axis={axis}",
                    name=self.name,
                    axis=self.axis,
                )
            )
        return super().axes(shape)

    def result(self, x: Array, axes: tuple[int, ...]) -> Array:
        """Return the first place at which an element is the extreme; a NaN is, as NumPy has it."""
        if not axes:
            return x * 0.0
        shape = np.shape(x)
        lengths = tuple(length if axis in axes else 1 for axis, length in enumerate(shape))
        places = np.broadcast_to(np.arange(np.prod(lengths), dtype=x.dtype).reshape(lengths), shape).copy()
        best = self.ufunc.reduce(x, axis=axes, keepdims=True)
        never = np.inf
        hits = where(x == best, places, where(x == x, never, places))
        found: Array = np.minimum.reduce(hits, axis=axes, keepdims=True)
        return found

    def slope(self, x: Array, y: Array, axes: tuple[int, ...]) -> Array:
        """Return zeros."""
        return np.zeros(np.shape(x))

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return how far each element is from the extreme, which changes its place in a tie."""
        (x,) = operands
        axes = self.axes(np.shape(x))
        if not axes:
            return np.ones(np.shape(x))
        best = self.ufunc.reduce(x, axis=axes, keepdims=True)
        alone = np.sum(x == best, axis=axes, keepdims=True) == 1
        apart: Array = np.where((x == best) & alone, 1.0, x - best)
        return apart


class ArgMax(Winner):
    """y = the place of the largest element of a line; it passes no gradient on."""

    name = "argmax"
    ufunc = np.maximum
    whys = (
        later(
            "The place of the largest element does not change with the elements but for a jump, where "
            "another takes the lead: the slope is 0 and no gradient comes through. An accuracy cannot be "
            "descended."
        ),
    )


class ArgMin(Winner):
    """y = the place of the smallest element of a line; it passes no gradient on."""

    name = "argmin"
    ufunc = np.minimum
    whys = (
        later(
            "The place of the smallest element does not change with the elements but for a jump, where "
            "another takes the lead: the slope is 0 and no gradient comes through."
        ),
    )


WINNERS = (ArgMax, ArgMin)
"""The functions of this page, as the table of functions has them."""
