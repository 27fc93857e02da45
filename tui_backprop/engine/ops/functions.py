"""Elementwise functions of one operand, the activations among them, and ``maximum`` of two.

sigmoid, tanh, exp and sqrt state their derivative through their output, as one does by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.ops.base import BinaryOp, Op

LEAKY_SLOPE = 0.01


class Exp(Op):
    """y = exp(a); ∂y/∂a = y."""

    name = "exp"

    def forward(self, *operands: Array) -> Array:
        """Return exp(a)."""
        return np.exp(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return y."""
        return output

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write y."""
        return output


class Log(Op):
    """y = log(a), the natural logarithm; ∂y/∂a = 1/a."""

    name = "log"

    def forward(self, *operands: Array) -> Array:
        """Return log(a); -Infinity at 0, NaN below."""
        return np.log(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1/a."""
        return 1.0 / operands[0]

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1 / a."""
        return f"1 / {operands[0]}"


class Sqrt(Op):
    """y = √a; ∂y/∂a = 1/(2y)."""

    name = "sqrt"

    def forward(self, *operands: Array) -> Array:
        """Return √a."""
        return np.sqrt(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1/(2y)."""
        return 1.0 / (2.0 * output)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1 / (2 * y)."""
        return f"1 / (2 * {output})"


class Square(Op):
    """y = a²; ∂y/∂a = 2a."""

    name = "square"

    def forward(self, *operands: Array) -> Array:
        """Return a²."""
        return operands[0] * operands[0]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 2a."""
        return 2.0 * operands[0]

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 2 * a."""
        return f"2 * {operands[0]}"


class Abs(Op):
    """y = |a|; ∂y/∂a = sign(a), taken as 0 at the kink."""

    name = "abs"

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


class Sin(Op):
    """y = sin(a); ∂y/∂a = cos(a)."""

    name = "sin"

    def forward(self, *operands: Array) -> Array:
        """Return sin(a)."""
        return np.sin(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return cos(a)."""
        return np.cos(operands[0])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write cos(a)."""
        return f"cos({operands[0]})"


class Cos(Op):
    """y = cos(a); ∂y/∂a = -sin(a)."""

    name = "cos"

    def forward(self, *operands: Array) -> Array:
        """Return cos(a)."""
        return np.cos(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return -sin(a)."""
        return -np.sin(operands[0])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write -sin(a)."""
        return f"-sin({operands[0]})"


class Tanh(Op):
    """y = tanh(a); ∂y/∂a = 1 - y²."""

    name = "tanh"

    def forward(self, *operands: Array) -> Array:
        """Return tanh(a)."""
        return np.tanh(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 - y²."""
        return 1.0 - output * output

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1 - y**2."""
        return f"1 - {output}**2"


def sigmoid(a: Array) -> Array:
    """Return 1 / (1 + exp(-a)) without overflow: exp only ever sees -|a|."""
    decay = np.exp(-np.abs(a))
    result: Array = np.where(a >= 0, 1.0, decay) / (1.0 + decay)
    return result


class Sigmoid(Op):
    """y = σ(a) = 1 / (1 + exp(-a)); ∂y/∂a = y(1 - y)."""

    name = "sigmoid"

    def forward(self, *operands: Array) -> Array:
        """Return σ(a)."""
        return sigmoid(operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return y(1 - y)."""
        return output * (1.0 - output)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write y * (1 - y)."""
        return f"{output} * (1 - {output})"


class Relu(Op):
    """y = max(a, 0); ∂y/∂a = 1 where a > 0, else 0 (0 at the kink)."""

    name = "relu"

    def forward(self, *operands: Array) -> Array:
        """Return max(a, 0); NaN stays NaN."""
        return np.maximum(operands[0], 0.0)

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where a > 0, else 0."""
        return (operands[0] > 0).astype(np.float64)

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

    def forward(self, *operands: Array) -> Array:
        """Return a or 0.01·a."""
        return np.where(operands[0] > 0, operands[0], LEAKY_SLOPE * operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where a > 0, else 0.01."""
        return np.where(operands[0] > 0, 1.0, LEAKY_SLOPE)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the case distinction."""
        return f"1 where {operands[0]} > 0, else {LEAKY_SLOPE:g}"

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return a."""
        return operands[0]


class Softplus(Op):
    """y = log(1 + exp(a)); ∂y/∂a = σ(a)."""

    name = "softplus"

    def forward(self, *operands: Array) -> Array:
        """Return log(1 + exp(a)) without overflow."""
        return np.logaddexp(0.0, operands[0])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return σ(a)."""
        return sigmoid(operands[0])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write sigmoid(a)."""
        return f"sigmoid({operands[0]})"


class Maximum(BinaryOp):
    """y = max(a, b); the larger operand gets the gradient, a tie shares it in halves."""

    name = "maximum"

    def forward(self, *operands: Array) -> Array:
        """Return the larger of both, elementwise."""
        return np.maximum(operands[0], operands[1])

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where this operand is larger, ½ at a tie, else 0."""
        mine, other = operands[index], operands[1 - index]
        share: Array = (mine > other) + 0.5 * (mine == other)
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
