"""Broadcasting: what is repeated along an axis, and adds up on the way back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.kernels import column_sums, total
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.structure import Expansion, Structure
from tui_backprop.text.sentences import tr


class Broadcast(Op):
    """y repeats a along new or length-1 axes; the way back sums over exactly those axes."""

    name = "broadcast"

    def __init__(self, target: Shape) -> None:
        super().__init__()
        self.target = target

    def shape(self, *shapes: Shape) -> Shape:
        """Return the target shape."""
        return self.target

    def structure(self, *shapes: Shape) -> Structure:
        """Return along which axes it copies."""
        return Expansion(self.target, self.axes(shapes[0]))

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes of the target along which an operand of ``shape`` is repeated."""
        extra = len(self.target) - len(shape)
        repeated = [i for i, length in enumerate(shape, extra) if length == 1 and self.target[i] != 1]
        return (*range(extra), *repeated)

    def forward(self, *operands: Array) -> Array:
        """Return a, repeated (a read-only view)."""
        return np.broadcast_to(operands[0], self.target)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Sum the upstream gradient over the repeated axes."""
        shape = np.shape(operands[0])
        axes = self.axes(shape)
        result: Array = (
            column_sums(upstream) if axes == (0,) and upstream.ndim == 2 else total(upstream, axes)
        )
        return result.reshape(shape)[()]

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say what was copied where, and that the copies' effects add."""
        shape, axes = shapes[0], self.axes(shapes[0])
        if size_of(shape) == 1:
            return tr(
                "The one number was copied to every place, and moving the original moves all its copies at "
                "once. Their effects add, so the upstream gradient is summed over the copies."
            )
        if len(self.target) == 2 and axes == (1,):
            return tr(
                "The column was copied to every column, and moving the original moves all its copies at "
                "once. Their effects add, so the upstream gradient is summed over the copies."
            )
        if len(self.target) == 2:
            return tr(
                "The row was copied to every row, and moving the original moves all its copies at once. "
                "Their effects add, so the upstream gradient is summed over the copies."
            )
        if axes == (0,) and len(self.target) == 3:
            return tr(
                "The matrix was copied to every matrix of the stack, and moving the original moves all its "
                "copies at once. Their effects add, so the upstream gradient is summed over the copies."
            )
        return tr(
            "Each element was copied along the repeated axes, and moving the original moves all its copies "
            "at once. Their effects add, so the upstream gradient is summed over the copies."
        )

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        if not shapes[0]:
            return "sum(upstream)"
        axes = self.axes(shapes[0])
        kept = ", keepdims=True" if len(shapes[0]) == len(self.target) else ""
        return f"sum(upstream, axis={axes[0] if len(axes) == 1 else axes}{kept})"
