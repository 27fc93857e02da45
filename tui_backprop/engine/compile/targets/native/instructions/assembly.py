"""Text of LLVM's intermediate representation, written an instruction at a time.

Nothing is fused or reordered by what is written here: every operation on doubles rounds as NumPy's does.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

DOUBLE: Final = "double"
WHOLE: Final = "i64"
TRUTH: Final = "i1"
POINTER: Final = "ptr"
TWO_AT_A_TIME: Final = (
    "!0 = distinct !{!0, !1}",
    '!1 = !{!"llvm.loop.interleave.count", i32 2}',
)
"""What programs say of long loops: that they do two vectors side by side, as one alone waits for itself."""
_LONG, _MANY = 30, 64
"""Lines of a loop's body, and rounds, from which on that pays."""


class Register:
    """A value in a function: a double, a whole number, a truth, or an address.

    Doubles take part in arithmetic and comparisons with each other and with Python's numbers, truths in & and
    |; each writes an instruction.

    Attributes:
        name: as it stands in the text, such as "%12", or a constant.
        type: of LLVM.
    """

    __slots__ = ("assembly", "name", "type")

    def __init__(self, assembly: Assembly, name: str, kind: str) -> None:
        self.assembly, self.name, self.type = assembly, name, kind

    def _double(self, operation: str, a: Operand, b: Operand) -> Register:
        double = self.assembly.double
        return self.assembly.made(f"{operation} double {double(a).name}, {double(b).name}", DOUBLE)

    def _compared(self, how: str, other: Operand) -> Register:
        text = f"fcmp {how} double {self.name}, {self.assembly.double(other).name}"
        return self.assembly.made(text, TRUTH)

    def __add__(self, other: Operand) -> Register:
        return self._double("fadd", self, other)

    def __radd__(self, other: float) -> Register:
        return self._double("fadd", other, self)

    def __sub__(self, other: Operand) -> Register:
        return self._double("fsub", self, other)

    def __rsub__(self, other: float) -> Register:
        return self._double("fsub", other, self)

    def __mul__(self, other: Operand) -> Register:
        return self._double("fmul", self, other)

    def __rmul__(self, other: float) -> Register:
        return self._double("fmul", other, self)

    def __truediv__(self, other: Operand) -> Register:
        return self._double("fdiv", self, other)

    def __rtruediv__(self, other: float) -> Register:
        return self._double("fdiv", other, self)

    def __neg__(self) -> Register:
        return self.assembly.made(f"fneg double {self.name}", DOUBLE)

    def __lt__(self, other: Operand) -> Register:
        return self._compared("olt", other)

    def __le__(self, other: Operand) -> Register:
        return self._compared("ole", other)

    def __gt__(self, other: Operand) -> Register:
        return self._compared("ogt", other)

    def __ge__(self, other: Operand) -> Register:
        return self._compared("oge", other)

    def __eq__(self, other: object) -> Register:  # type: ignore[override]
        assert isinstance(other, Register | float | int)
        return self._compared("oeq", other)

    def __ne__(self, other: object) -> Register:  # type: ignore[override]
        assert isinstance(other, Register | float | int)
        return self._compared("une", other)

    __hash__ = object.__hash__

    def __and__(self, other: Register) -> Register:
        return self.assembly.made(f"and i1 {self.name}, {other.name}", TRUTH)

    def __or__(self, other: Register) -> Register:
        return self.assembly.made(f"or i1 {self.name}, {other.name}", TRUTH)


Operand: TypeAlias = Register | float


class Assembly:
    """The body of one function.

    Args:
        parts: functions of their own, by their text, that loops become; None where these stay where they are.

    Attributes:
        lines: its text so far.
        parts: the same.
    """

    def __init__(self, parts: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.parts = parts
        self._prefix = "v"
        self._types: dict[str, str] = {"%memory": POINTER}
        self._count = 0
        self._block = "entry"

    # ---------------------------------------------------------------- values

    def made(self, text: str, kind: str) -> Register:
        """Write an instruction, and return its result."""
        self._count += 1
        name = f"%{self._prefix}{self._count}"
        self._types[name] = kind
        self.lines.append(f"  {name} = {text}")
        return Register(self, name, kind)

    def done(self, text: str) -> None:
        """Write an instruction that has no result."""
        self.lines.append(f"  {text}")

    def double(self, value: Operand) -> Register:
        """Return a double: the register itself, a number's constant, 1 or 0 for a truth."""
        if isinstance(value, Register):
            if value.type == TRUTH:
                one, zero = self.double(1.0).name, self.double(0.0).name
                return self.made(f"select i1 {value.name}, double {one}, double {zero}", DOUBLE)
            return value
        bits: int = struct.unpack("<Q", struct.pack("<d", float(value)))[0]
        return Register(self, f"0x{bits:016X}", DOUBLE)

    def truth(self, value: Register | float) -> Register:
        """Return a truth: whether a number is not zero."""
        if isinstance(value, Register) and value.type == TRUTH:
            return value
        return self.double(value) != 0.0

    def whole(self, value: int | Register) -> Register:
        """Return a whole number."""
        return value if isinstance(value, Register) else Register(self, str(value), WHOLE)

    def sum(self, a: int | Register, b: int | Register) -> int | Register:
        """Return a sum of whole numbers, known ones at once."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 if isinstance(a, int) else False:
            return b
        if b == 0 if isinstance(b, int) else False:
            return a
        return self.made(f"add i64 {self.whole(a).name}, {self.whole(b).name}", WHOLE)

    def times(self, a: int | Register, b: int) -> int | Register:
        """Return a product of whole numbers, known ones at once."""
        if isinstance(a, int):
            return a * b
        if b in (0, 1):
            return a if b else 0
        return self.made(f"mul i64 {a.name}, {b}", WHOLE)

    def called(self, function: str, *args: Operand) -> Register:
        """Call a function of doubles."""
        given = ", ".join(f"double {self.double(arg).name}" for arg in args)
        return self.made(f"call double @{function}({given})", DOUBLE)

    # ---------------------------------------------------------------- memory

    def address(self, base: str, offset: int | Register) -> Register:
        """Return the address so many bytes behind another."""
        if offset == 0 if isinstance(offset, int) else False:
            return Register(self, base, POINTER)
        return self.made(f"getelementptr i8, ptr {base}, i64 {self.whole(offset).name}", POINTER)

    def loaded(self, address: Register, kind: str = DOUBLE) -> Register:
        """Read a double, a whole number, or a truth, which takes a byte."""
        if kind == TRUTH:
            byte = self.made(f"load i8, ptr {address.name}", "i8")
            return self.made(f"icmp ne i8 {byte.name}, 0", TRUTH)
        return self.made(f"load {kind}, ptr {address.name}, align 8", kind)

    def stored(self, value: Register, address: Register) -> None:
        """Write a double, a whole number, or a truth, which takes a byte."""
        if value.type == TRUTH:
            value = self.made(f"zext i1 {value.name} to i8", "i8")
            self.done(f"store i8 {value.name}, ptr {address.name}")
        else:
            self.done(f"store {value.type} {value.name}, ptr {address.name}, align 8")

    # ---------------------------------------------------------------- flow

    def label(self, name: str) -> str:
        """Return the name of a block, not used before."""
        self._count += 1
        return f"{name}{self._count}"

    def begin(self, label: str) -> None:
        """Begin a block; what stands before goes on to it."""
        self.done(f"br label %{label}")
        self.lines.append(f"{label}:")
        self._block = label

    def leave_unless(self, truth: Register, label: str) -> None:
        """Go to another block where a condition does not hold."""
        after = self.label("on")
        self.done(f"br i1 {truth.name}, label %{after}, label %{label}")
        self.lines.append(f"{after}:")
        self._block = after

    @contextmanager
    def loop(self, count: int | Register) -> Iterator[Register]:
        """Write a block that is done so many times, at least once; its number counts from 0."""
        head, latch, after = self.label("loop"), self.label("latch"), self.label("after")
        before, begin = self._block, len(self.lines)
        self.done(f"br label %{head}")
        self.lines.append(f"{head}:")
        self._block = head
        self._count += 1
        name, following = f"%{self._prefix}{self._count}", f"%n{self._count}"
        self._types[name] = WHOLE
        self.lines.append(f"  {name} = phi i64 [ 0, %{before} ], [ {following}, %{latch} ]")
        yield Register(self, name, WHOLE)
        before_latch = self._block
        self.begin(latch)
        self.lines.append(f"  {following} = add nuw nsw i64 {name}, 1")
        more = self.made(f"icmp ult i64 {following}, {self.whole(count).name}", TRUTH)
        long = isinstance(count, int) and count >= _MANY and len(self.lines) - begin >= _LONG
        hint = ", !llvm.loop !0" if long and before_latch == head else ""
        self.done(f"br i1 {more.name}, label %{head}, label %{after}{hint}")
        self.lines.append(f"{after}:")
        self._block = after

    def apart(
        self, given: Sequence[Register], write: Callable[[list[Register]], None], *, disjoint: bool
    ) -> None:
        """Write a function of its own and a call of it; what is written alike before is called once more.

        So a formula with many steps alike is compiled once, and the compiler, which takes the longer for each
        loop the more there are in a function, has small ones.

        Args:
            given: addresses.
            write: writes the function, given the addresses as it has them.
            disjoint: whether what it writes lies at one of the addresses alone.
        """
        assert self.parts is not None
        outer = self.lines, self._count, self._block, self._prefix, self.parts
        self.lines, self._count, self._block, self._prefix, self.parts = [], 0, "entry", "w", None
        write([Register(self, f"%p{number}", POINTER) for number in range(len(given))])
        body = "\n".join(self.lines)
        self.lines, self._count, self._block, self._prefix, self.parts = outer
        names = list(dict.fromkeys(_OUTSIDE.findall(body)))
        body = _OUTSIDE.sub(lambda found: f"%a{names.index(found[0])}", body)
        address = f"{POINTER} noalias" if disjoint else POINTER
        parameters = [f"{address} %p{number}" for number in range(len(given))]
        parameters += [f"{self._types[name]} %a{number}" for number, name in enumerate(names)]
        text = f"({', '.join(parameters)}) noinline nounwind {{\nentry:\n{body}\n  ret void\n}}"
        name = self.parts.setdefault(text, f"part{len(self.parts)}")
        arguments = [f"{POINTER} {register.name}" for register in given]
        arguments += [f"{self._types[name]} {name}" for name in names]
        self.done(f"call void @{name}({', '.join(arguments)})")


_OUTSIDE: Final = re.compile(r"%(?:v\d+|memory)\b")
"""What a function written apart may use of the one around it."""
