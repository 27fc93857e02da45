"""The four rules of arithmetic, powers and the unary minus, each at every place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.elementary import log, power
from tui_backprop.engine.core.kernels import power_of, where
from tui_backprop.engine.ops.base import POWER, PRODUCT, SUM, UNARY, Term
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.text.sentences import later, tr

ONE = np.float64(1.0)
MINUS_ONE = np.float64(-1.0)
OF_TWO = Signature(("a", "b"))
OF_ONE = Signature(("a",))


class Add(PointwiseOp):
    """y = a + b; ∂y/∂a = ∂y/∂b = 1: a sum hands its upstream gradient on unchanged."""

    name = "add"
    signature = OF_TWO
    slopes = (
        Slope(
            lambda a, b, y: np.asarray(ONE),
            "1",
            later(
                "A sum moves one for one with each operand, so the upstream gradient is handed on unchanged."
            ),
        ),
    ) * 2

    def forward(self, *operands: Array) -> Array:
        """Return a + b."""
        return operands[0] + operands[1]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient itself (times one)."""
        return upstream

    def text(self, *operands: Term) -> Term:
        """Write a + b."""
        return Term(f"{operands[0].within(SUM)} + {operands[1].within(PRODUCT)}", SUM)


class Subtract(PointwiseOp):
    """y = a - b; ∂y/∂a = 1, ∂y/∂b = -1."""

    name = "subtract"
    signature = OF_TWO
    slopes = (
        Slope(
            lambda a, b, y: np.asarray(ONE),
            "1",
            later(
                "A difference moves one for one with what stands before the minus, "
                "so the upstream gradient is handed on unchanged."
            ),
        ),
        Slope(
            lambda a, b, y: np.asarray(MINUS_ONE),
            "-1",
            later(
                "A difference falls by as much as what stands behind the minus rises: local derivative −1. "
                "The upstream gradient is handed on with its sign turned."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return a - b."""
        return operands[0] - operands[1]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient, negated for b."""
        return -upstream if index else upstream

    def text(self, *operands: Term) -> Term:
        """Write a - b."""
        return Term(f"{operands[0].within(SUM)} - {operands[1].within(PRODUCT)}", SUM)


class Multiply(PointwiseOp):
    """y = a * b; ∂y/∂a = b, ∂y/∂b = a: each operand's factor is the other one."""

    name = "multiply"
    signature = OF_TWO
    _WHY = later(
        "A change of one operand reaches the product multiplied by the other one, "
        "so the other operand is the local derivative."
    )
    slopes = (Slope(lambda a, b, y: b, "{b}", _WHY), Slope(lambda a, b, y: a, "{a}", _WHY))

    def forward(self, *operands: Array) -> Array:
        """Return a ⊙ b."""
        return operands[0] * operands[1]

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return the other operand: at once, as products are what there is most of."""
        return operands[1 - index]

    def text(self, *operands: Term) -> Term:
        """Write a * b."""
        return self._signed("*", *operands)

    def shown(self, plain: bool, *operands: Term) -> Term:
        """Write a · b with a number, a ⊙ b between arrays."""
        return self._signed("·" if plain else "⊙", *operands)

    @staticmethod
    def _signed(sign: str, *operands: Term) -> Term:
        return Term(f"{operands[0].within(PRODUCT)} {sign} {operands[1].within(UNARY)}", PRODUCT)


class Divide(PointwiseOp):
    """y = a / b; ∂y/∂a = 1/b, ∂y/∂b = -a/b²."""

    name = "divide"
    signature = OF_TWO
    slopes = (
        Slope(
            lambda a, b, y: 1.0 / b,
            "1 / {b}",
            later(
                "A change of the numerator reaches the quotient divided by the denominator, "
                "so the local derivative is one over the denominator."
            ),
        ),
        Slope(
            lambda a, b, y: -a / (b * b),
            "-{a} / {b}**2",
            later(
                "One over the denominator b falls as b grows, with the slope −1/b². "
                "The numerator a multiplies it: −a/b²."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return a / b."""
        return operands[0] / operands[1]

    def text(self, *operands: Term) -> Term:
        """Write a / b."""
        return Term(f"{operands[0].within(PRODUCT)} / {operands[1].within(UNARY)}", PRODUCT)


SQUARED = later(
    "A square is a value times itself, and a change of each of the two is multiplied by the other: "
    "hence twice the value."
)


class Power(PointwiseOp):
    """y = a ** b; ∂y/∂a = b·a^(b-1), ∂y/∂b = y·log(a).

    At the borders the limits are taken as PyTorch takes them: a power of zero has derivative 0 in its base,
    and a base of zero has derivative 0 in a non-negative exponent. ``exponent`` is the exponent when it is a
    literal.
    """

    name = "power"
    signature = OF_TWO
    slopes = (
        Slope(
            lambda a, b, y: where(b == 0, 0.0, b * power(a, b - 1.0)),
            "{b} * {a}**({b} - 1)",
            later(
                "Each factor of a power may change while the others stay: the exponent comes to the front, "
                "counting them, and the power left is lower by one. The rule holds for other exponents "
                "as well."
            ),
        ),
        Slope(
            lambda a, b, y: where((a == 0) & (b >= 0), 0.0, y * log(a)),
            "{y} * log({a})",
            later(
                "A power changes with its exponent in proportion to itself, times the logarithm of the base. "
                "At a base of zero the slope is taken as 0 for exponents that are not negative."
            ),
        ),
    )

    def __init__(self, exponent: float | None = None) -> None:
        super().__init__()
        self.exponent = exponent

    def forward(self, *operands: Array) -> Array:
        """Return a ** b (NaN for a negative base and a fractional exponent)."""
        a, b = operands
        result: Array = power(a, b) if self.exponent is None else power_of(a, self.exponent)
        return result

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return b·a^(b-1) for a, y·log(a) for b."""
        n = self.exponent
        if index or n is None:
            return super().local_derivative(index, operands, output)
        if n in (0.0, 1.0):
            return np.asarray(np.float64(n))
        result: Array = 2.0 * operands[0] if n == 2.0 else n * power_of(operands[0], n - 1.0)
        return result

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say where the exponent in front, or the logarithm, comes from."""
        return tr(SQUARED) if self.exponent == 2.0 and not index else super().why(index, shapes)

    def text(self, *operands: Term) -> Term:
        """Write a**b."""
        return Term(f"{operands[0].within(POWER + 1)}**{operands[1].within(UNARY)}", POWER)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write n * a**(n - 1), with n - 1 worked out for a literal exponent."""
        n = self.exponent
        if index or n is None:
            return super().derivative_text(index, operands, output, shapes)
        if n in (0.0, 1.0):
            return f"{n:g}"
        if n == 2.0:
            return f"2 * {operands[0]}"
        # all digits but the last two, where 3.3 - 1 is 2.3
        factor, rest = f"{n:.15g}", f"{n - 1:.15g}"
        return f"{factor} * {operands[0]}**{rest}" if n > 1 else f"{factor} * {operands[0]}**({rest})"


class Negate(PointwiseOp):
    """y = -a; ∂y/∂a = -1."""

    name = "negate"
    signature = OF_ONE
    slopes = (
        Slope(
            lambda a, y: np.asarray(MINUS_ONE),
            "-1",
            later("A minus turns every change round: local derivative −1."),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return -a."""
        return -operands[0]

    def text(self, *operands: Term) -> Term:
        """Write -a."""
        return Term(f"-{operands[0].within(UNARY)}", UNARY)


class Identity(PointwiseOp):
    """y = a under another name, as in the line ``y = x``; ∂y/∂a = 1."""

    name = "identity"
    signature = OF_ONE
    slopes = (
        Slope(
            lambda a, y: np.asarray(ONE),
            "1",
            later(
                "This is the same value under another name: it moves one for one with it, "
                "so the upstream gradient is handed on unchanged."
            ),
        ),
    )

    def forward(self, *operands: Array) -> Array:
        """Return a."""
        return operands[0]

    def text(self, *operands: Term) -> Term:
        """Write a."""
        return operands[0]
