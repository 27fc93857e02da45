"""The functions with a kink, whose derivative is told by cases: abs, relu, leaky_relu, and maximum of two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.kernels import where
from tui_backprop.engine.ops.base import BinaryOp, Op

LEAKY_SLOPE = 0.01


class Abs(Op):
    """y = |a|; ∂y/∂a = sign(a), taken as 0 at the kink."""

    name = "abs"
    whys = (
        "An absolute value climbs with slope 1 to the right of zero and falls with slope −1 to the left: "
        "the sign. At zero it has a kink, where the slope is taken as 0.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return |a|."""
        return np.abs(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return sign(a)."""
        return np.sign(operands[0])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write sign(a)."""
        return f"sign({operands[0]})"

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return a."""
        return operands[0]


class Relu(Op):
    """y = max(a, 0); ∂y/∂a = 1 where a > 0, else 0 (0 at the kink)."""

    name = "relu"
    whys = (
        "A relu is a gate: where its operand is positive the upstream gradient passes unchanged, "
        "elsewhere it is stopped. At zero, its kink, the gate is taken as shut.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return max(a, 0); NaN stays NaN."""
        return np.maximum(operands[0], 0.0)

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where a > 0, else 0."""
        result: Array = where(operands[0] > 0, 1.0, 0.0)
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the case distinction."""
        return f"1 where {operands[0]} > 0, else 0"

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return a."""
        return operands[0]


class LeakyRelu(Op):
    """y = a where a > 0, else 0.01·a; ∂y/∂a = 1 or 0.01 (0.01 at the kink)."""

    name = "leaky_relu"
    whys = (
        "Where the operand is positive the upstream gradient passes unchanged. "
        "Elsewhere, the kink at zero included, the slope of the leak lets a small part of it through.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return a or 0.01·a."""
        result: Array = where(operands[0] > 0, operands[0], LEAKY_SLOPE * operands[0])
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where a > 0, else 0.01."""
        result: Array = where(operands[0] > 0, 1.0, LEAKY_SLOPE)
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the case distinction."""
        return f"1 where {operands[0]} > 0, else {LEAKY_SLOPE:g}"

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return a."""
        return operands[0]


class Maximum(BinaryOp):
    """y = max(a, b); the larger operand gets the gradient, a tie shares it in halves."""

    name = "maximum"
    whys = (
        "Only the larger operand shows in the result, so it alone gets the upstream gradient. "
        "In a tie each of the two gets half of it.",
    ) * 2

    def forward(self, *operands: Array) -> Array:
        """Return the larger of both, elementwise."""
        return np.maximum(operands[0], operands[1])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where this operand is larger, ½ at a tie, else 0."""
        mine, other = operands[index], operands[1 - index]
        share: Array = where(mine > other, 1.0, where(mine == other, 0.5, 0.0))
        return share

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the case distinction."""
        mine, other = operands[index], operands[1 - index]
        return f"1 where {mine} > {other}, 0.5 at a tie, else 0"

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return a - b."""
        return operands[0] - operands[1]
