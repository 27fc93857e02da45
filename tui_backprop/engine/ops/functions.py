"""Smooth elementwise functions of one operand, some activations among them.

sigmoid, tanh, exp and sqrt state their derivative through their output, as one does by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine import kernels
from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.ops.arithmetic import SQUARED
from tui_backprop.engine.ops.base import Op


class Exp(Op):
    """y = exp(a); ∂y/∂a = y."""

    name = "exp"
    whys = ("The exponential function grows as fast as it is large: its own output is the local derivative.",)

    def forward(self, *operands: Array) -> Array:
        """Return exp(a)."""
        result: Array = kernels.exp(operands[0])
        return result

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
    whys = (
        "A logarithm measures relative changes: the larger its operand, the less the same step counts. "
        "So its slope is one over the operand.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return log(a); -Infinity at 0, NaN below."""
        result: Array = kernels.log(operands[0])
        return result

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
    whys = (
        "The root undoes the square, whose slope at the output is twice the output; "
        "so the slope of the root is one over that.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return √a."""
        result: Array = kernels.sqrt(operands[0])
        return result

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
    whys = (SQUARED,)

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


class Sin(Op):
    """y = sin(a); ∂y/∂a = cos(a)."""

    name = "sin"
    whys = (
        "The sine is steepest where it crosses zero and level at its crests and troughs: "
        "its slope is the cosine.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return sin(a)."""
        result: Array = kernels.sin(operands[0])
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return cos(a)."""
        result: Array = kernels.cos(operands[0])
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write cos(a)."""
        return f"cos({operands[0]})"


class Cos(Op):
    """y = cos(a); ∂y/∂a = -sin(a)."""

    name = "cos"
    whys = (
        "The cosine is level where the sine is zero and falls where the sine is positive: "
        "its slope is minus the sine.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return cos(a)."""
        result: Array = kernels.cos(operands[0])
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return -sin(a)."""
        result: Array = -kernels.sin(operands[0])
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write -sin(a)."""
        return f"-sin({operands[0]})"


class Tanh(Op):
    """y = tanh(a); ∂y/∂a = 1 - y²."""

    name = "tanh"
    whys = (
        "The tanh is steepest where it crosses zero and nearly level where its output is near −1 or 1. "
        "Its slope can be read off the output alone, as 1 minus its square.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return tanh(a)."""
        result: Array = kernels.tanh(operands[0])
        return result

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
    decay = kernels.exp(-np.abs(a))
    result: Array = kernels.where(a >= 0, 1.0, decay) / (1.0 + decay)
    return result


class Sigmoid(Op):
    """y = σ(a) = 1 / (1 + exp(-a)); ∂y/∂a = y(1 - y)."""

    name = "sigmoid"
    whys = (
        "The sigmoid's slope can be read off its output y alone, as y(1 − y). "
        "Near 0 and 1 it is nearly level, and hardly any gradient comes through.",
    )

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


class Softplus(Op):
    """y = log(1 + exp(a)); ∂y/∂a = σ(a)."""

    name = "softplus"
    whys = (
        "Softplus is a relu with a rounded kink: its slope rises smoothly from 0 to 1, "
        "and that rise is the sigmoid of the operand.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return log(1 + exp(a)) without overflow."""
        a = operands[0]
        result: Array = np.maximum(a, 0.0) + kernels.log1p(kernels.exp(-np.abs(a)))
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return σ(a)."""
        return sigmoid(operands[0])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write sigmoid(a)."""
        return f"sigmoid({operands[0]})"
