"""exp, expm1, log, log1p and tanh in double precision, within 2 units in the last place.

Each is written once over a :class:`Machine`: no branch depends on a value, so that one definition serves
numbers, arrays and vector code. An operand is brought near 0, where a polynomial or a quotient of two serves.
The coefficients are found in 60 digits and rounded to doubles: polynomials by Remez exchange for the
smallest relative error, the quotient by interpolation at Chebyshev's points.
``tests/engine/core/own/test_coefficients.py`` finds them again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tui_backprop.engine.core.own.machine import Machine, Value

LN2_HIGH: Final = 0.6931471803691238
"""ln 2 to 32 bits, so that a multiple of it below 2²¹ times is exact."""
LN2_LOW: Final = 1.9082149292705877e-10
"""ln 2 less :data:`LN2_HIGH`."""
SMALLEST_NORMAL: Final = 2.0**-1022

# (exp(r) - 1 - r) / r² for |r| ≤ ln2/2, within 2⁻⁵⁵ of expm1
EXPONENTIAL: Final = (
    0.5000000000000006,
    0.1666666666666659,
    0.041666666666577236,
    0.008333333333389103,
    0.0013888888931432707,
    0.00019841269719850254,
    2.480150541470024e-05,
    2.7557406897633226e-06,
    2.7625986596935065e-07,
    2.5053947096134253e-08,
)
# (log((1+s)/(1-s))/s - 2) / s² in powers of s², for |s| ≤ (√2-1)/(√2+1), within 2⁻⁵⁹ of log
LOGARITHM: Final = (
    0.6666666666666734,
    0.39999999999414654,
    0.28571428742391597,
    0.22222198572840382,
    0.18183564342226557,
    0.1531405016211637,
    0.14795953526576888,
)
# (tanh(r)/r - 1) / r² as a quotient in powers of r², for |r| ≤ LARGE, within 2⁻⁵⁷ of tanh
TANGENT: Final = (-1615.0345616849172, -99.30452900156239, -0.9644057945537083)
TANGENT_DIVISOR: Final = (4845.103685054752, 2235.955061026544, 112.82988326269765)
"""Less its leading coefficient, which is 1."""
LARGE: Final = 0.6875
"""From here on tanh is computed as 1 - 2/(exp(2|x|) + 1)."""


def polynomial(x: Value, coefficients: Sequence[Value]) -> Value:
    """Return c₀ + x (c₁ + x (c₂ + …)): Horner's rule."""
    *others, result = coefficients
    for coefficient in reversed(others):
        result = coefficient + x * result
    return result


def _exponential_rest(r: Value) -> Value:
    """Return exp(r) - 1 - r for |r| ≤ ln2/2; even and odd powers apart, to be computed side by side."""
    square = r * r
    even = polynomial(square, EXPONENTIAL[::2])
    return square * (even + r * polynomial(square, EXPONENTIAL[1::2]))


def exp(m: Machine, x: Value) -> Value:
    """Return eˣ = 2ᵏ eʳ with x = k ln2 + r.

    2ᵏ is multiplied in twice: the first leaves a normal number, so that only the second rounds, and k may
    be beyond what a double has as a power, from -1077 (0) to 1024 (the largest, or infinity).
    """
    x = m.select(x > 710.0, 710.0, x)
    x = m.select(x < -746.0, -746.0, x)
    k = m.nearest(x * (1.0 / math.log(2.0)))
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    first = m.select(k < -1000.0, -1000.0, k)
    first = m.select(first > 1023.0, 1023.0, first)
    return (1.0 + (r + _exponential_rest(r))) * m.power_of_two(first) * m.power_of_two(k - first)


def expm1(m: Machine, x: Value) -> Value:
    """Return eˣ - 1 = (2ᵏ - 1) + 2ᵏ r + 2ᵏ (eʳ - 1 - r) with x = k ln2 + r.

    Largest first, with what r lost to rounding added to the smallest. Half of it is computed, as 2ᵏ
    may be 2¹⁰²⁴. The smallest x are their own result, -0 too.
    """
    clamped = m.select(x > 710.0, 710.0, x)
    clamped = m.select(clamped < -40.0, -40.0, clamped)
    k = m.nearest(clamped * (1.0 / math.log(2.0)))
    high = clamped - k * LN2_HIGH
    low = k * LN2_LOW
    r = high - low
    rest = _exponential_rest(r) + ((high - r) - low)
    half = m.power_of_two(k - 1.0)
    result = 2.0 * (((half - 0.5) + half * r) + half * rest)
    return m.select(m.absolute(x) < 2.0**-54, x, result)


def _logarithm(k: Value, g: Value, lost: Value) -> Value:
    """Return k ln2 + log(1 + g) + lost for √½ - 1 ≤ g < √2 - 1.

    With s = g / (2 + g), log(1 + g) = 2s + s R(s²) = g - (g²/2 - s (g²/2 + R)): g is exact, and what is
    rounded is at most a fifth of it.
    """
    s = g / (2.0 + g)
    square = s * s
    half = 0.5 * g * g
    bent = s * (half + square * polynomial(square, LOGARITHM)) + (k * LN2_LOW + lost)
    return k * LN2_HIGH - ((half - bent) - g)


def log(m: Machine, x: Value) -> Value:
    """Return ln x; -∞ at 0, NaN below. Subnormal numbers are scaled by 2⁵⁴ first."""
    subnormal = x < SMALLEST_NORMAL
    k, f = m.split(m.select(subnormal, x * 2.0**54, x))
    k = m.select(subnormal, k - 54.0, k)
    result = m.select(x < math.inf, _logarithm(k, f - 1.0, 0.0), x)  # ∞ and NaN are their own
    return m.select(x <= 0.0, m.select(x < 0.0, math.nan, -math.inf), result)


def log1p(m: Machine, x: Value) -> Value:
    """Return ln(1 + x); -∞ at -1, NaN below.

    With u = 1 + x = 2ᵏ f, what the sum lost is added to f - 1, and what this sum lost to the logarithm: so g
    is x itself while k is 0.
    """
    u = 1.0 + x
    added = u - 1.0
    lost = (1.0 - (u - added)) + (x - added)
    k, f = m.split(u)
    lost = lost * m.power_of_two(m.select(k > 1000.0, -1000.0, -k))
    over = f - 1.0
    g = over + lost
    result = _logarithm(k, g, (over - g) + lost)
    result = m.select(x < math.inf, result, x)
    result = m.select(x <= -1.0, m.select(x < -1.0, math.nan, -math.inf), result)
    return m.select(x == 0.0, x, result)  # the sign of -0


def tanh(m: Machine, x: Value) -> Value:
    """Return tanh x = r + b/q below :data:`LARGE`, with r = |x|, and 1 - 2/(e²ˣ + 1) from there.

    The second needs tanh too, of r with |x| = k ln2/2 + r: it is n/q with n = q r + b, and as
    e²ʳ = (q + n)/(q - n), it is 1 - 2 (q - n) / ((q - n) + 2ᵏ (q + n)). So both have one quotient in common
    and one division. From 20 on the result is 1.
    """
    size = m.absolute(x)
    size = m.select(size > 20.0, 20.0, size)
    small = size < LARGE
    k = m.select(small, 0.0, m.nearest(size * (2.0 / math.log(2.0))))
    r = (size - k * (LN2_HIGH / 2.0)) - k * (LN2_LOW / 2.0)
    square = r * r
    q = polynomial(square, (*TANGENT_DIVISOR[:-1], TANGENT_DIVISOR[-1] + square))
    b = r * square * polynomial(square, TANGENT)
    n = r * q + b
    low, high = q - n, q + n
    above = m.select(small, b, -2.0 * low)
    below = m.select(small, q, low + m.power_of_two(k) * high)
    return m.copysign(m.select(small, size, 1.0) + above / below, x)


DEFINITIONS: Final[Mapping[str, Callable[[Machine, Value], Value]]] = MappingProxyType(
    {"exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "tanh": tanh}
)
"""Every function that is the project's own, by the name of NumPy's."""
