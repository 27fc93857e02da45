"""tanh of large arrays by NumPy's quick operations and a table, for processors on which np.tanh is slow.

np.tanh takes 13.4 ns an element where there is AVX2 but not AVX-512 (AMD EPYC, NumPy 2.4); this takes 7 ns
an element and, for some 25 calls of NumPy, 20 µs an array. So it pays from :data:`PAYS_FROM` elements on.
Its largest error found is 1.64 units in the last place. Through expm1 (-t/(t+2), t = expm1(-2|x|)) tanh would
take 12 to 14 ns and be up to 2.5 units off.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.own.blocks import in_blocks

PAYS_FROM: Final = 4000
"""Elements of an array from which this form takes less time than np.tanh there."""
_STEPS: Final = 128
"""Entries of the table for each 1 of |x|."""
_END: Final = 20.0
"""From here on tanh is 1."""
CUBIC: Final = -0.3333333333279209
QUINTIC: Final = 0.13333218682704898
"""tanh r = r (1 + r² (cubic + quintic r²)) within 2⁻⁵⁶, for |r| ≤ 1/256; found as in ``definitions``."""
_ROUNDING: Final = 1.5 * 2.0**52
"""Added to a small number it leaves no room for a fraction, and the number stands in the last bits."""
_ROUNDING_BITS: Final = 0x4338000000000000
_BLOCK: Final = 16384
"""Elements at a time: many beside what NumPy's calls take, and few enough to stay in a cache."""


def tanh_by_table(x: Any, out: Any = None) -> Any:
    """Return tanh of every element of an array, in an array of x's shape and order of axes.

    With k the nearest whole number to 128 |x|, A = tanh(k/128) is in the table, and T = tanh(|x| - k/128) is
    a short polynomial. tanh |x| = (A + T)/(1 + AT) = A + (T - AT (A + T)/(1 + AT)): only the small term is
    rounded more than once.

    Args:
        x: an array of any shape and strides, or what NumPy makes one of; other types than doubles are left to
            np.tanh.
        out: the array for the result, of x's shape; it may be x.
    """
    x = np.asarray(x)
    if x.dtype != np.float64:
        return np.tanh(x, out=out)
    scratch = np.empty((5, min(_BLOCK, x.size)))
    return in_blocks(x, out, _BLOCK, lambda block, to: _of_block(block, to, scratch))


def _of_block(x: Any, out: Any, scratch: Any) -> None:
    k, t, a, at, above = scratch if scratch.shape[1] == len(x) else scratch[:, : len(x)]
    np.abs(x, t)
    np.minimum(t, _END, out=t)
    np.multiply(t, float(_STEPS), t)
    np.add(t, _ROUNDING, k)
    np.subtract(k, _ROUNDING, a)
    np.subtract(t, a, t)  # exact, at most ½
    place = k.view(np.int64)
    np.subtract(place, _ROUNDING_BITS, place)
    entries().take(place, out=a, mode="clip")  # NaN has some entry
    np.multiply(t, t, k)
    np.multiply(k, QUINTIC / _STEPS**5, at)
    np.add(at, CUBIC / _STEPS**3, at)
    np.multiply(at, k, at)
    np.add(at, 1.0 / _STEPS, at)
    np.multiply(t, at, t)
    np.multiply(a, t, at)
    np.add(a, t, above)
    np.add(at, 1.0, k)
    np.divide(above, k, above)
    np.multiply(at, above, at)
    np.subtract(t, at, t)
    np.add(a, t, t)
    np.copysign(t, x, out)


@cache
def entries() -> Any:
    """Return tanh(k/128) for k from 0 to 2560, each the nearest double, whatever the C library."""
    found = []
    with localcontext() as context:
        context.prec = 40
        step = (Decimal(2) / _STEPS).exp()
        power = Decimal(1)  # exp(2k/128)
        for _ in range(int(_END) * _STEPS + 1):
            found.append(float((power - 1) / (power + 1)))
            power *= step
    table = np.array(found)
    table.flags.writeable = False
    return table
