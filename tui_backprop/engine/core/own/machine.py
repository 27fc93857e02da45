"""What an elementary function is written for: arithmetic of doubles, whoever carries it out.

A *value* stands for one double or many. Values know ``+ - * /`` and unary ``-``, each rounded once
(a machine must not fuse a multiplication with an addition), and ``< <= > >= == !=``, which make
*conditions*: false wherever NaN is compared, except for ``!=``. Conditions know ``&`` and ``|``.
The other operand of an operator, and any argument of a method, may be a Python float.
"""

from __future__ import annotations

from typing import Any, Protocol

Value = Any
"""A double of the machine, or a Python float; typed by nobody, as operators of either sort mix."""
Condition = Any
"""What a comparison of values makes."""


class Machine(Protocol):
    """Arithmetic of doubles in which functions are defined; nothing raises, NaN and infinities included."""

    def select(self, condition: Condition, a: Value, b: Value) -> Value:
        """Return a where the condition holds, else b; both are computed, and either may be a float."""

    def absolute(self, x: Value) -> Value:
        """Return x without its sign."""

    def copysign(self, size: Value, sign: Value) -> Value:
        """Return the size of the first with the sign of the second, -0 and NaN included."""

    def nearest(self, x: Value) -> Value:
        """Return the nearest whole number, ties to even, of |x| < 2³¹; NaN of NaN, else anything."""

    def power_of_two(self, k: Value) -> Value:
        """Return 2ᵏ for whole k from -1022 to 1023; anything, but without an error, for other values."""

    def split(self, x: Value) -> tuple[Value, Value]:
        """Return whole k and f from √½ to below √2 (in doubles) with x = 2ᵏ f, of positive normal x.

        For other values: anything, but without an error.
        """
