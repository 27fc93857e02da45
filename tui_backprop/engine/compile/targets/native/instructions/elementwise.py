"""One element of each call that works element by element, as instructions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import (
    DOUBLE,
    TRUTH,
    Assembly,
    Operand,
    Register,
)
from tui_backprop.engine.compile.targets.native.instructions.machine import Instructions
from tui_backprop.engine.core.own.definitions import DEFINITIONS

Given = Register | float
_COMPARED: Final[Mapping[str, str]] = {
    "greater": "ogt", "greater_equal": "oge", "less": "olt", "less_equal": "ole", "equal": "oeq",
    "not_equal": "une",
}  # fmt: skip
_ARITHMETIC: Final[Mapping[str, str]] = {
    "add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv",
}  # fmt: skip
FROM_C: Final[Mapping[str, str]] = {
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "arctan": "atan",
    "log2": "log2", "log10": "log10", "erf": "erf", "power": "pow",
}  # fmt: skip
"""What C's library computes, an element at a time, by its name there."""
OUTER: Final = "dot"
"""Of a column and a row: one product each, to which BLAS adds 0."""


def element(assembly: Assembly, call: str, args: Sequence[Operand], *, whole: bool) -> Register:
    """Write what a call does with one element of each argument.

    Args:
        assembly: where to.
        call: the call.
        args: the elements.
        whole: whether it is made on arrays: of two zeros NumPy's maximum takes the second there, and Python's
            the first.

    Raises:
        NotNativeError: there is nothing to write for it.
    """
    if call in _ARITHMETIC:
        a, b = map(assembly.double, args)
        return assembly.made(f"{_ARITHMETIC[call]} double {a.name}, {b.name}", DOUBLE)
    if call in _COMPARED:
        a, b = map(assembly.double, args)
        return assembly.made(f"fcmp {_COMPARED[call]} double {a.name}, {b.name}", TRUTH)
    if call == OUTER:
        a, b = map(assembly.double, args)
        return a * b + 0.0
    if call in ("maximum", "minimum"):
        return _extreme(assembly, call, args, whole=whole)
    if call == "where":
        return _chosen(assembly, args)
    if call == "bitwise_and":
        return assembly.truth(args[0]) & assembly.truth(args[1])
    if call in DEFINITIONS:
        return assembly.double(DEFINITIONS[call](Instructions(assembly), assembly.double(args[0])))
    if call in FROM_C:
        return assembly.called(f"c_{FROM_C[call]}", *args)
    if call in _SIMPLE:
        return _SIMPLE[call](assembly, assembly.double(args[0]))
    raise NotNativeError(call)


def _extreme(assembly: Assembly, call: str, args: Sequence[Operand], *, whole: bool) -> Register:
    a, b = map(assembly.double, args)
    how = ("ogt" if whole else "oge") if call == "maximum" else ("olt" if whole else "ole")
    first = assembly.made(f"fcmp {how} double {a.name}, {b.name}", TRUTH) | (a != a)
    return assembly.made(f"select i1 {first.name}, double {a.name}, double {b.name}", DOUBLE)


def _chosen(assembly: Assembly, args: Sequence[Operand]) -> Register:
    condition, a, b = args
    if all(isinstance(part, Register) and part.type == TRUTH for part in (a, b)):
        first, second, kind = assembly.truth(a), assembly.truth(b), TRUTH
    else:
        first, second, kind = assembly.double(a), assembly.double(b), DOUBLE
    truth = assembly.truth(condition)
    return assembly.made(f"select i1 {truth.name}, {kind} {first.name}, {kind} {second.name}", kind)


def _sign(assembly: Assembly, a: Register) -> Register:
    up, down = assembly.double(a > 0.0), assembly.double(a < 0.0)
    difference = up - down
    return assembly.made(
        f"select i1 {(a == a).name}, double {difference.name}, double {a.name}",
        DOUBLE,
    )


def _finite(assembly: Assembly, a: Register) -> Register:
    return Instructions(assembly).absolute(a) < float("inf")


def _intrinsic(name: str) -> Callable[[Assembly, Register], Register]:
    return lambda assembly, a: assembly.made(f"call double @llvm.{name}.f64(double {a.name})", DOUBLE)


_SIMPLE: Final[Mapping[str, Callable[[Assembly, Register], Register]]] = {
    "negative": lambda _, a: -a,
    "absolute": _intrinsic("fabs"),
    "sqrt": _intrinsic("sqrt"),
    "floor": _intrinsic("floor"),
    "sign": _sign,
    "isfinite": _finite,
}
