"""The four rules of arithmetic, powers and the unary minus, each elementwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.kernels import log, power, power_of, where
from tui_backprop.engine.ops.base import POWER, PRODUCT, SUM, UNARY, BinaryOp, Op, Term

ONE = np.float64(1.0)
MINUS_ONE = np.float64(-1.0)
SQUARED = (
    "A square is a value times itself, and a change of each of the two is multiplied by the other: "
    "hence twice the value."
)


class Add(BinaryOp):
    """y = a + b; ∂y/∂a = ∂y/∂b = 1: a sum hands its upstream gradient on unchanged."""

    name = "add"
    whys = (
        "A sum moves one for one with each operand, so the upstream gradient is handed on unchanged.",
    ) * 2

    def forward(self, *operands: Array) -> Array:
        """Return a + b."""
        return operands[0] + operands[1]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1."""
        return np.asarray(ONE)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient itself (times one)."""
        return upstream

    def text(self, *operands: Term) -> Term:
        """Write a + b."""
        return Term(f"{operands[0].within(SUM)} + {operands[1].within(PRODUCT)}", SUM)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1."""
        return "1"


class Subtract(BinaryOp):
    """y = a - b; ∂y/∂a = 1, ∂y/∂b = -1."""

    name = "subtract"
    whys = (
        "A difference moves one for one with what stands before the minus, "
        "so the upstream gradient is handed on unchanged.",
        "A difference falls by as much as what stands behind the minus rises: local derivative −1. "
        "The upstream gradient is handed on with its sign turned.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return a - b."""
        return operands[0] - operands[1]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 for a, -1 for b."""
        return np.asarray(MINUS_ONE if index else ONE)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient, negated for b."""
        return -upstream if index else upstream

    def text(self, *operands: Term) -> Term:
        """Write a - b."""
        return Term(f"{operands[0].within(SUM)} - {operands[1].within(PRODUCT)}", SUM)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1 or -1."""
        return "-1" if index else "1"


class Multiply(BinaryOp):
    """y = a * b; ∂y/∂a = b, ∂y/∂b = a: each operand's factor is the other one."""

    name = "multiply"
    whys = (
        "A change of one operand reaches the product multiplied by the other one, "
        "so the other operand is the local derivative.",
    ) * 2

    def forward(self, *operands: Array) -> Array:
        """Return a ⊙ b."""
        return operands[0] * operands[1]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return the other operand."""
        return operands[1 - index]

    def text(self, *operands: Term) -> Term:
        """Write a * b."""
        return self.signed("*", *operands)

    @staticmethod
    def signed(sign: str, *operands: Term) -> Term:
        """Write the product with another sign: ⊙ between arrays, · between numbers."""
        return Term(f"{operands[0].within(PRODUCT)} {sign} {operands[1].within(UNARY)}", PRODUCT)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the other operand."""
        return operands[1 - index]


class Divide(BinaryOp):
    """y = a / b; ∂y/∂a = 1/b, ∂y/∂b = -a/b²."""

    name = "divide"
    whys = (
        "A change of the numerator reaches the quotient divided by the denominator, "
        "so the local derivative is one over the denominator.",
        "One over the denominator b falls as b grows, with the slope −1/b². "
        "The numerator a multiplies it: −a/b².",
    )

    def forward(self, *operands: Array) -> Array:
        """Return a / b."""
        return operands[0] / operands[1]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1/b for a, -a/b² for b."""
        a, b = operands
        return -a / (b * b) if index else ONE / b

    def text(self, *operands: Term) -> Term:
        """Write a / b."""
        return Term(f"{operands[0].within(PRODUCT)} / {operands[1].within(UNARY)}", PRODUCT)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1 / b or -a / b**2."""
        return f"-{operands[0]} / {operands[1]}**2" if index else f"1 / {operands[1]}"


class Power(BinaryOp):
    """y = a ** b; ∂y/∂a = b·a^(b-1), ∂y/∂b = y·log(a).

    At the borders the limits are taken as PyTorch takes them: a power of zero has derivative 0 in its base,
    and a base of zero has derivative 0 in a non-negative exponent. ``exponent`` is the exponent when it is a
    literal.
    """

    name = "power"

    def __init__(self, exponent: float | None = None) -> None:
        self.exponent = exponent

    def forward(self, *operands: Array) -> Array:
        """Return a ** b (NaN for a negative base and a fractional exponent)."""
        result: Array = (
            power(operands[0], operands[1]) if self.exponent is None else power_of(operands[0], self.exponent)
        )
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return b·a^(b-1) for a, y·log(a) for b."""
        a, b = operands
        result: Array
        if index:
            result = where((a == 0) & (b >= 0), 0.0, output * log(a))
        elif self.exponent is None:
            result = where(b == 0, 0.0, b * power(a, b - ONE))
        elif self.exponent in (0.0, 1.0):
            result = np.asarray(np.float64(self.exponent))
        elif self.exponent == 2.0:
            result = 2.0 * a
        else:
            result = self.exponent * power_of(a, self.exponent - 1.0)
        return result

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say where the exponent in front, or the logarithm, comes from."""
        if index:
            return (
                "A power changes with its exponent in proportion to itself, times the logarithm of the base. "
                "At a base of zero the slope is taken as 0 for exponents that are not negative."
            )
        if self.exponent == 2.0:
            return SQUARED
        return (
            "Each factor of a power may change while the others stay: the exponent comes to the front, "
            "counting them, and the power left is lower by one. The rule holds for other exponents as well."
        )

    def text(self, *operands: Term) -> Term:
        """Write a**b."""
        return Term(f"{operands[0].within(POWER + 1)}**{operands[1].within(UNARY)}", POWER)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write n * a**(n - 1), with n - 1 worked out for a literal exponent."""
        a, b = operands
        if index:
            return f"{output} * log({a})"
        if self.exponent is None:
            return f"{b} * {a}**({b} - 1)"
        n = self.exponent
        if n in (0.0, 1.0):
            return f"{n:g}"
        if n == 2.0:
            return f"2 * {a}"
        # all digits but the last two, where 3.3 - 1 is 2.3
        factor, rest = f"{n:.15g}", f"{n - 1:.15g}"
        return f"{factor} * {a}**{rest}" if n > 1 else f"{factor} * {a}**({rest})"


class Negate(Op):
    """y = -a; ∂y/∂a = -1."""

    name = "negate"
    whys = ("A minus turns every change round: local derivative −1.",)

    def forward(self, *operands: Array) -> Array:
        """Return -a."""
        return -operands[0]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return -1."""
        return np.asarray(MINUS_ONE)

    def text(self, *operands: Term) -> Term:
        """Write -a."""
        return Term(f"-{operands[0].within(UNARY)}", UNARY)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write -1."""
        return "-1"


class Identity(Op):
    """y = a under another name, as in the line ``y = x``; ∂y/∂a = 1."""

    name = "identity"
    whys = (
        "This is the same value under another name: it moves one for one with it, "
        "so the upstream gradient is handed on unchanged.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return a."""
        return operands[0]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return 1."""
        return np.asarray(ONE)

    def text(self, *operands: Term) -> Term:
        """Write a."""
        return operands[0]

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write 1."""
        return "1"
