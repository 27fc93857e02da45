"""The project's own elementary functions as instructions: the machine that their definitions are read on."""

from __future__ import annotations

from tui_backprop.engine.compile.targets.native.instructions.assembly import (
    DOUBLE,
    WHOLE,
    Assembly,
    Operand,
    Register,
)

_WHOLE_BITS = 6755399441055744.0  # 1.5 · 2**52: behind it a double's last bits are a whole number
_EXPONENT = 52
_BIAS = 1023


class Instructions:
    """Arithmetic of :class:`~tui_backprop.engine.core.own.machine.Machine` that writes instructions."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly

    def select(self, condition: Register, a: Operand, b: Operand) -> Register:
        """Return a where the condition holds, else b."""
        assembly = self._assembly
        first, second = assembly.double(a), assembly.double(b)
        return assembly.made(f"select i1 {condition.name}, double {first.name}, double {second.name}", DOUBLE)

    def absolute(self, x: Register) -> Register:
        """Return |x|."""
        return self._assembly.made(f"call double @llvm.fabs.f64(double {x.name})", DOUBLE)

    def copysign(self, size: Operand, sign: Operand) -> Register:
        """Return a size with another's sign."""
        a, b = self._assembly.double(size), self._assembly.double(sign)
        return self._assembly.made(
            f"call double @llvm.copysign.f64(double {a.name}, double {b.name})", DOUBLE
        )

    def nearest(self, x: Register) -> Register:
        """Return the nearest whole number, below 2**31; of two the even one."""
        return (x + _WHOLE_BITS) - _WHOLE_BITS

    def power_of_two(self, k: Register) -> Register:
        """Return 2**k for a whole k from -1022 to 1023."""
        bits = self._bits(k + (_WHOLE_BITS + _BIAS))
        shifted = self._assembly.made(f"shl i64 {bits.name}, {_EXPONENT}", WHOLE)
        return self._number(shifted)

    def split(self, x: Register) -> tuple[Register, Register]:
        """Return k and f with x = 2**k · f and √½ ≤ f < √2, for a positive normal x."""
        assembly = self._assembly
        root_half = 0x3FE6A09E667F3BCD
        bits = self._bits(x)
        moved = assembly.made(f"sub i64 {bits.name}, {root_half}", WHOLE)
        # a whole number as a double without AVX-512: as the last bits of 1.5 · 2**52
        lifted = assembly.made(f"add i64 {moved.name}, {_BIAS << _EXPONENT}", WHOLE)
        high = assembly.made(f"lshr i64 {lifted.name}, {_EXPONENT}", WHOLE)
        magic = 0x4330000000000000  # 2**52
        joined = assembly.made(f"or i64 {high.name}, {magic}", WHOLE)
        k = self._number(joined) - (4503599627370496.0 + _BIAS)
        fraction = assembly.made(f"and i64 {moved.name}, {(1 << _EXPONENT) - 1}", WHOLE)
        whole = assembly.made(f"add i64 {fraction.name}, {root_half}", WHOLE)
        return k, self._number(whole)

    def _bits(self, x: Register) -> Register:
        return self._assembly.made(f"bitcast double {x.name} to i64", WHOLE)

    def _number(self, bits: Register) -> Register:
        return self._assembly.made(f"bitcast i64 {bits.name} to double", DOUBLE)
