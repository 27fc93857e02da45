"""The project's own elementary functions of NumPy arrays and of single numbers, with the same bits."""

from __future__ import annotations

import math
import struct
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.own.blocks import in_blocks
from tui_backprop.engine.core.own.definitions import DEFINITIONS
from tui_backprop.engine.core.own.machine import Condition, Machine, Value

_ROUNDING: Final = 1.5 * 2.0**52
"""Added to |x| < 2³¹ it leaves no room for a fraction, and x stands in the last bits."""
_BIAS: Final = 1023
_ROOT_HALF: Final = 0x3FE6A09E667F3BCD
"""√½, as the bits of a double."""
_ONE_BITS: Final = 0x3FF0000000000000
_FRACTION: Final = 0x000FFFFFFFFFFFFF
_TWO_52_BITS: Final = 0x4330000000000000
"""2⁵²: with a whole number in its last bits it is 2⁵² more than that."""
_ALL_BITS: Final = 0xFFFFFFFFFFFFFFFF


class ArrayMachine:
    """Arithmetic of float64 arrays of one dimension, by NumPy."""

    def select(self, condition: Condition, a: Value, b: Value) -> Value:
        """Return a where the condition holds, else b."""
        return np.where(condition, a, b)

    def absolute(self, x: Value) -> Value:
        """Return x without its sign."""
        return np.abs(x)

    def copysign(self, size: Value, sign: Value) -> Value:
        """Return the first with the sign of the second."""
        return np.copysign(size, sign)

    def nearest(self, x: Value) -> Value:
        """Return the nearest whole number."""
        return (x + _ROUNDING) - _ROUNDING

    def power_of_two(self, k: Value) -> Value:
        """Return 2ᵏ: k + 1023 as the exponent."""
        bits = (k + (_ROUNDING + _BIAS)).view(np.uint64)
        return (bits << np.uint64(52)).view(np.float64)

    def split(self, x: Value) -> tuple[Value, Value]:
        """Return k and f with x = 2ᵏ f: √½ counted as 1, the exponent is k."""
        bits = x.view(np.uint64) + np.uint64(_ONE_BITS - _ROOT_HALF)
        exponent = (bits >> np.uint64(52)) | np.uint64(_TWO_52_BITS)
        fraction = (bits & np.uint64(_FRACTION)) + np.uint64(_ROOT_HALF)
        return exponent.view(np.float64) - (2.0**52 + _BIAS), fraction.view(np.float64)


_DOUBLE: Final = struct.Struct("<d")
_BITS: Final = struct.Struct("<Q")


def _bits(x: float) -> int:
    bits: int = _BITS.unpack(_DOUBLE.pack(x))[0]
    return bits


def _double(bits: int) -> float:
    double: float = _DOUBLE.unpack(_BITS.pack(bits & _ALL_BITS))[0]
    return double


class NumberMachine:
    """The same of Python's floats, ten times as fast for one number as arrays of one element."""

    def select(self, condition: Condition, a: Value, b: Value) -> Value:
        """Return a if the condition holds, else b."""
        return a if condition else b

    def absolute(self, x: Value) -> Value:
        """Return x without its sign."""
        return abs(x)

    def copysign(self, size: Value, sign: Value) -> Value:
        """Return the first with the sign of the second."""
        return math.copysign(size, sign)

    def nearest(self, x: Value) -> Value:
        """Return the nearest whole number."""
        return (x + _ROUNDING) - _ROUNDING

    def power_of_two(self, k: Value) -> Value:
        """Return 2ᵏ: k + 1023 as the exponent."""
        return _double(_bits(k + (_ROUNDING + _BIAS)) << 52)

    def split(self, x: Value) -> tuple[Value, Value]:
        """Return k and f with x = 2ᵏ f: √½ counted as 1, the exponent is k."""
        bits = (_bits(x) + (_ONE_BITS - _ROOT_HALF)) & _ALL_BITS
        exponent = _double(bits >> 52 | _TWO_52_BITS)
        return exponent - (2.0**52 + _BIAS), _double((bits & _FRACTION) + _ROOT_HALF)


_OF_ARRAYS: Final[Machine] = ArrayMachine()
_OF_NUMBERS: Final[Machine] = NumberMachine()
_BLOCK: Final = 8192
"""Elements at a time: intermediate results of 64 KiB stay in the processor's second cache."""
_FEW: Final = 12
"""Up to so many elements are computed one by one, which takes less time."""


def of_array(name: str, x: Any, out: Any = None) -> Any:
    """Return the function of every element, in an array of x's shape and order of axes.

    Args:
        name: of the function, a key of ``DEFINITIONS``; else KeyError.
        x: an array of any shape and strides, or what NumPy makes one of. Other floats than doubles are left
            to NumPy's own function; whole numbers are computed as doubles.
        out: the array for the result, of x's shape; it may be x.
    """
    definition = DEFINITIONS[name]
    x = np.asarray(x)
    if x.dtype != np.float64:
        if x.dtype.kind not in "biu":
            return getattr(np, name)(x, out=out)
        x = x.astype(np.float64)
    if x.size <= _FEW:
        result = np.empty_like(x) if out is None else out
        for place, number in zip(np.ndindex(x.shape), x.ravel().tolist(), strict=True):
            result[place] = definition(_OF_NUMBERS, number)
        return result

    def of_block(block: Any, to: Any) -> None:
        to[...] = definition(_OF_ARRAYS, block)

    return in_blocks(x, out, _BLOCK, of_block)


def of_number(name: str, x: Any) -> Any:
    """Return the function of one number, in the type of x, float or np.float64; other types are NumPy's."""
    definition = DEFINITIONS[name]
    if not isinstance(x, float):  # np.float64 is one
        return getattr(np, name)(x)
    return type(x)(definition(_OF_NUMBERS, float(x)))
