"""Operations that leave axes out: sum and mean.

Neither has a local derivative of its operand's shape; each states the rule that carries the upstream gradient
back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import total
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.signature import Axis, AxisOption, FlagOption, Signature
from tui_backprop.engine.ops.structure import Reduction
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


def check_axis(axis: Axis, shape: Shape) -> tuple[int, ...]:
    """Return the axes as non-negative numbers in order; raise ShapeError for one the shape does not have."""
    if axis is None:
        return tuple(range(len(shape)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for number in axes:
        if not -len(shape) <= number < len(shape):
            reason = later("axis={axis} does not exist: {shape} has axes 0 to {last}")
            if not shape:
                reason = later("axis={axis} does not exist: {shape} has no axes")
            raise ShapeError(tr(reason, axis=number, shape=shape_text(shape), last=len(shape) - 1))
    positive = sorted(number % len(shape) for number in axes)
    if len(set(positive)) != len(positive):
        raise ShapeError(tr("axis={axis} names an axis twice", axis=axis))
    return tuple(positive)


def one_axis(axis: Axis, shape: Shape) -> int:
    """Return the one axis that is meant, not negative; raise ShapeError where it is several, or not there."""
    axes = check_axis(axis, shape)
    if isinstance(axis, tuple) or len(axes) != 1:
        raise ShapeError(tr("axis={axis}: one axis is needed", axis=axis))
    return axes[0]


ALONG_AXES = Signature(options=(AxisOption(), FlagOption("keepdims")))
"""All elements, or those along some axes, to one."""


class ReducingOp(Op):
    """A result with fewer axes than its operand; ``axis`` and ``keepdims`` as in NumPy."""

    signature = ALONG_AXES

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.axis: Axis = self.options["axis"]
        self.keepdims: bool = self.options["keepdims"]

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without the reduced axes, or with length 1 there."""
        return Reduction(check_axis(self.axis, shapes[0]), keepdims=self.keepdims).shape(shapes[0])

    def structure(self, *shapes: Shape) -> Reduction:
        """Return the reduced axes."""
        return Reduction(check_axis(self.axis, shapes[0]), keepdims=self.keepdims)


class Sum(ReducingOp):
    """y = Σ a over ``axis``; every summed element gets the upstream gradient once."""

    name = "sum"
    whys = (
        later(
            "Each element that is summed moves its sum one for one, so each gets the sum's upstream gradient."
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return the sum."""
        result: Array = total(operands[0], self.axis, keepdims=self.keepdims)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat the upstream gradient over the summed axes."""
        shape = np.shape(operands[0])
        return self.structure(shape).repeated(upstream, shape)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return tr("{formula}, once for each element summed", formula="upstream")


class Mean(ReducingOp):
    """y = (1/n) Σ a over ``axis``; each of the n elements gets upstream / n."""

    name = "mean"
    whys = (
        later(
            "Each of the n elements averaged moves the mean by one n-th of its own change, "
            "so each gets that part of the mean's upstream gradient."
        ),
    )

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without the averaged axes, or with length 1 there."""
        if self.structure(*shapes).divisor == 0:
            raise ShapeError(tr("it has no elements, and a mean of nothing is no number"))
        return super().shape(*shapes)

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        result: Array = total(operands[0], self.axis, keepdims=self.keepdims)
        return result / self.count(np.shape(operands[0]))

    def structure(self, *shapes: Shape) -> Reduction:
        """Return the averaged axes, and n."""
        axes = check_axis(self.axis, shapes[0])
        return Reduction(axes, size_of(tuple([shapes[0][axis] for axis in axes])), self.keepdims)

    def count(self, shape: Shape) -> int:
        """Return n, the number of elements that are averaged into one."""
        return self.structure(shape).divisor or 1

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat upstream / n over the averaged axes."""
        shape = np.shape(operands[0])
        reduction = self.structure(shape)
        return reduction.repeated(upstream / (reduction.divisor or 1), shape)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        n = self.count(shapes[0])
        formula = f"upstream / {n}"
        return tr("{formula}, for each of the {count} elements averaged", formula=formula, count=n)
