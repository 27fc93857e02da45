"""What the losses have in common that are a mean over all elements.

They have a local derivative of their operand's shape, because their upstream gradient is one number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import total
from tui_backprop.engine.ops.pointwise import PointwiseOp
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.engine.ops.structure import Pointwise, Structure
from tui_backprop.text.sentences import tr

PREDICTION_AND_TARGET = Signature(("prediction", "target"))


def average(a: Array) -> Array:
    """Return the mean over all elements (what np.mean computes, without its overhead)."""
    result: Array = total(a) / np.size(a)
    return result


def count(p: Array, t: Array) -> int:
    """Return the number of elements averaged; one of both may be a literal."""
    return max(np.size(p), np.size(t))


class MeanLoss(PointwiseOp):
    """A mean over all elements of prediction and target, brought to one shape.

    The texts of its slopes also have {n}, the number of elements averaged.
    """

    signature = PREDICTION_AND_TARGET

    def shape(self, *shapes: Shape) -> Shape:
        """Return (): the mean over everything."""
        if not self.averaged_over(shapes):
            raise ShapeError(tr("it has no elements, and a mean of nothing is no number"))
        return ()

    def structure(self, *shapes: Shape) -> Structure:
        """Return that what meets at all places is averaged."""
        return Pointwise(divisor=self.averaged_over(shapes))

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the local derivative, with n worked out."""
        return self._filled(self.slopes[index].text, operands, output, n=self.averaged_over(shapes))

    def averaged_over(self, shapes: Sequence[Shape]) -> int:
        """Return n, how many the mean is over."""
        return size_of(np.broadcast_shapes(*shapes))
