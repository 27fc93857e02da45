"""Traced values as Python text: operators where there are any, functions of numbers, NumPy's of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tui_backprop.engine.ops.base import ATOM, PRODUCT, SUM, UNARY, Term
from tui_backprop.engine.traced import VIEWS, Traced, thawed_index

COMPARISON = SUM - 1
CONDITION = SUM - 2
INFIX: Final[Mapping[str, tuple[str, int]]] = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "greater": (">", COMPARISON), "greater_equal": (">=", COMPARISON), "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON), "equal": ("==", COMPARISON), "not_equal": ("!=", COMPARISON),
}  # fmt: skip
OF_NUMBERS: Final[Mapping[str, str]] = {
    **{name: f"math.{name}" for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh")},
    "power": "math.pow", "absolute": "abs", "maximum": "maximum", "sign": "sign",
    "isfinite": "math.isfinite",
}  # fmt: skip


class Expressions:
    """What stands for each value.

    Attributes:
        texts: names and expressions by place.
    """

    def __init__(self) -> None:
        self.texts: dict[int, Term] = {}

    def text(self, value: Traced | float) -> Term:
        """Return what stands for a value: its name, or an expression."""
        if not isinstance(value, Traced):
            text = repr(value) if math.isfinite(value) else f"{'-' * (value < 0)}math.{abs(value)!r}"
            return Term(text, UNARY if text.startswith("-") else ATOM)
        if value.call in VIEWS:
            return Term(self._view(value))
        return self.texts[value.place]

    def _view(self, value: Traced) -> str:
        base, options = self.text(value.args[0]), value.options
        atom = base.within(ATOM)
        if value.call == "T":
            return f"{atom}.T"
        if value.call == "reshape":
            if len(options) == 1:
                return f"{atom}.reshape(-1)"
            return f"{atom}.reshape({', '.join(map(str, options))})"
        if value.call == "index":
            parts = [
                "None" if p is None else ":" if p == slice(None) else f"{p.start or ''}:{p.stop}"
                if isinstance(p, slice) else str(p) for p in thawed_index(options[0])
            ]  # fmt: skip
            return f"{atom}[{', '.join(parts)}]"
        if value.call == "broadcast_to":
            return f"np.broadcast_to({base.text}, {shape_text(options)})"
        if value.call == "expand_dims":
            return f"np.expand_dims({base.text}, {options[0] if len(options) == 1 else options})"
        return f"np.swapaxes({base.text}, {options[0]}, {options[1]})"

    def expression(self, value: Traced) -> Term:
        """Write the call that computes a value."""
        if value.call == "full":
            (number,), shape = value.args, value.options
            kind = {"0.0": "np.zeros({})", "1.0": "np.ones({})"}.get(
                repr(number), f"np.full({{}}, {self.text(number).text})"
            )
            return Term(kind.format(shape_text(shape)))
        texts = [self.text(arg) for arg in value.args]
        numbers = not any(isinstance(arg, Traced) and arg.shape for arg in value.args)
        if value.call in INFIX:
            sign, strength = INFIX[value.call]
            if not isinstance(value.args[1], Traced):
                texts, sign = _as_division(texts, value.args[1], sign, numbers)
            # a * (b * c) keeps its parentheses: the order of operations is what makes the bits
            return Term(f"{texts[0].within(strength)} {sign} {texts[1].within(strength + 1)}", strength)
        if value.call == "negative":
            return Term(f"-{texts[0].within(UNARY)}", UNARY)
        if value.call == "where" and numbers:
            return Term(f"{texts[1].within(SUM)} if {texts[0].text} else {texts[2].within(SUM)}", CONDITION)
        if value.call == "bitwise_and":
            sign = "and" if numbers else "&"
            return Term(f"({texts[0].text}) {sign} ({texts[1].text})", COMPARISON)
        if numbers and value.call in OF_NUMBERS:
            return Term(f"{OF_NUMBERS[value.call]}({', '.join(t.text for t in texts)})")
        if value.call == "dot" and all(_is_flat(arg) for arg in value.args):
            flat = [self.text(arg.args[0]).text for arg in value.args]
            return Term(f"np.vdot({flat[0]}, {flat[1]})")
        if value.call == "dot":
            return Term(f"{texts[0].within(ATOM)}.dot({texts[1].text})")
        return Term(call_text(value, [t.text for t in texts]))


def _is_flat(value: Any) -> bool:
    """Tell whether a value is all elements of an array in a row."""
    return isinstance(value, Traced) and value.call == "reshape" and len(value.shape) == 1


def _as_division(texts: list[Term], number: float, sign: str, numbers: bool) -> tuple[list[Term], str]:
    """Write a number times 0.5 as divided by 2, which is the same, and whole divisors without a point."""
    if sign == "*" and numbers and 0 < number < 1 and math.frexp(number)[0] == 0.5:
        number, sign = 1.0 / number, "/"  # a power of two; times 0.1 is not divided by 10
    if sign == "/" and number.is_integer() and 0 < number < 1e15:
        return [texts[0], Term(f"{number:.0f}")], sign
    return texts, sign


def call_text(value: Traced, args: list[str], out: str = "") -> str:
    """Write a call of NumPy's."""
    where = f", out={out}" if out else ""
    if value.call in ("add.reduce", "maximum.reduce"):
        axes, keepdims = value.options
        axis = f", axis={axes[0] if len(axes) == 1 else axes}"
        if len(value.args[0].shape) == 1:
            axis = ""
        elif len(axes) == len(value.args[0].shape):
            axis = ", axis=None"
        return f"np.{value.call}({args[0]}{axis}{', keepdims=True' if keepdims else ''}{where})"
    if value.call == "all" and value.options[0] is not None:
        return f"np.all({args[0]}, axis={value.options[0]}{where})"
    if value.call == "concatenate":
        return f"np.concatenate(({', '.join(args)}), axis={value.options[0]}{where})"
    if value.call == "copy":
        return f'np.copy({args[0]}, order="{value.options[0]}")'
    if value.call in ("stack", "array"):
        return f"np.{value.call}(({', '.join(args)}))"
    if value.call == "einsum":
        return f'np.einsum("{value.options[0]}", {", ".join(args)})'
    name = {"absolute": "abs"}.get(value.call, value.call)
    return f"np.{name}({', '.join(args)}{where})"


def shape_text(shape: Iterable[int]) -> str:
    """Write a shape as an argument."""
    lengths = tuple(shape)
    return str(lengths[0]) if len(lengths) == 1 else str(lengths)
