"""Value values as Python text: operators where there are any, functions of numbers, NumPy's of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from tui_backprop.engine.compile.form import VIEWS, Value, thawed_index
from tui_backprop.engine.core.elementary import ELEMENTARY, Elementary
from tui_backprop.engine.core.placing import PLACING
from tui_backprop.engine.core.settled import KERNELS
from tui_backprop.engine.core.windows import WINDOWS
from tui_backprop.engine.ops.base import ATOM, PRODUCT, SUM, UNARY, Term

COMPARISON = SUM - 1
CONDITION = SUM - 2
INFIX: Final[Mapping[str, tuple[str, int]]] = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "greater": (">", COMPARISON), "greater_equal": (">=", COMPARISON), "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON), "equal": ("==", COMPARISON), "not_equal": ("!=", COMPARISON),
}  # fmt: skip


class Expressions:
    """What stands for each value.

    Attributes:
        texts: names and expressions by place.
        rows: how elementary functions are written.
    """

    def __init__(self, dtype: np.dtype[Any], rows: Mapping[str, Elementary] = ELEMENTARY) -> None:
        self.rows = rows
        self._type = "" if dtype == np.float64 else f"np.{dtype.name}"
        self._dtype = f", dtype={self._type}" if self._type else ""
        self.texts: dict[int, Term] = {}

    def typed(self, arguments: str) -> str:
        """Return the arguments of a call that makes an array, with its type where that is not double."""
        return f"{arguments}, {self._type}" if self._type else arguments

    def text(self, value: Value | float) -> Term:
        """Return what stands for a value: its name, or an expression."""
        views: list[Value] = []  # of views of views: as many as a formula has .T in a row
        while isinstance(value, Value) and value.call in VIEWS:
            views.append(value)
            value = value.args[0]
        term = self._stored(value)
        for view in reversed(views):
            term = Term(self._view(view, term))
        return self.viewed(views[0], term) if views else term

    def viewed(self, view: Value, text: Term) -> Term:
        """Return what stands for a view that is written like this."""
        return text

    def operand(self, value: Value, arg: Value | float) -> Term:
        """Return what stands for an operand of a value."""
        return self.text(arg)

    def _stored(self, value: Value | float) -> Term:
        if isinstance(value, Value):
            return self.texts[value.place]
        text = number_text(value)
        if isinstance(value, np.floating):  # else it would take part in an arithmetic that is not its own
            return Term(f"{self._type}({text})")
        return Term(text, UNARY if text.startswith("-") else ATOM)

    def _view(self, value: Value, base: Term) -> str:
        options = value.options
        atom = base.within(ATOM)
        if value.call == "T":
            return f"{atom}.T"
        if value.call in ("reshape", "index") and not value.args[0].shape:  # it may be a number of Python's
            return f"np.reshape({base.text}, {shape_text(value.shape)})"
        if value.call == "reshape":
            if not options:
                return f"{atom}.reshape(-1)[0]"
            if len(options) == 1:
                return f"{atom}.reshape(-1)"
            return f"{atom}.reshape({', '.join(map(str, options))})"
        if value.call == "index":
            return f"{atom}[{index_text(options[0])}]"
        if value.call == "broadcast_to":
            return f"np.broadcast_to({base.text}, {shape_text(options)})"
        if value.call == "expand_dims":
            return f"np.expand_dims({base.text}, {options[0] if len(options) == 1 else options})"
        return f"np.swapaxes({base.text}, {options[0]}, {options[1]})"

    def expression(self, value: Value) -> Term:
        """Write the call that computes a value."""
        if value.call == "full":
            (number,), shape = value.args, value.options
            kind = {"0.0": "np.zeros({})", "1.0": "np.ones({})"}.get(repr(float(number)), "np.full({})")
            filled = "" if "full" not in kind else f", {number_text(number)}"
            return Term(kind.format(self.typed(f"{shape_text(shape)}{filled}")))
        if value.call == "eye":
            return Term(f"np.eye({', '.join(map(str, value.options))}{self._dtype})")
        if value.call == "constant":
            return Term(self._constant(*value.options))
        typed = any(isinstance(arg, Value) and not arg.weak for arg in value.args)
        texts = [
            self.operand(value, float(arg) if typed and isinstance(arg, np.floating) else arg)
            for arg in value.args
        ]
        if value.call in PLACING:
            return Term(_placed(value, texts))
        numbers = not any(isinstance(arg, Value) and not arg.weak for arg in value.args)
        numbers = numbers and not any(isinstance(arg, np.floating) for arg in value.args)
        if value.call == "astype":
            array, name = value.args[0].shape, f"np.{value.options[0]}"
            return Term(f"{texts[0].within(ATOM)}.astype({name})" if array else f"{name}({texts[0].text})")
        if value.call in INFIX:
            sign, strength = INFIX[value.call]
            if not isinstance(value.args[1], Value) and (typed or type(value.args[1]) is float):
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
        if numbers and value.call in self.rows:
            return Term(f"{self.rows[value.call].of_number}({', '.join(t.text for t in texts)})")
        if value.call == "array":
            return Term(f"np.array({self.typed('(' + ', '.join(t.text for t in texts) + ')')})")
        if value.call == "dot" and all(_is_flat(arg) for arg in value.args):
            flat = [self.text(arg.args[0]).text for arg in value.args]
            return Term(f"np.vdot({flat[0]}, {flat[1]})")
        if value.call == "copy":
            order = "" if value.options == ("C",) else f'order="{value.options[0]}"'
            return Term(f"{texts[0].within(ATOM)}.copy({order})")
        if value.call == "dot":
            return Term(f"{texts[0].within(ATOM)}.dot({texts[1].text})")
        return Term(self.call_text(value, [t.text for t in texts]))

    def call_text(self, value: Value, args: list[str], out: str = "") -> str:
        """Write a call of NumPy's; a copy only to an array that is there."""
        return _call_text(value, args, out, self.rows)

    def _constant(self, shape: tuple[int, ...], numbers: tuple[float, ...]) -> str:
        """Write an array of numbers of the formula's own."""
        array, dtype = np.array(numbers).reshape(shape), self._dtype
        if len(shape) == 1 and np.array_equal(array, np.arange(shape[0])):
            return f"np.arange({float(shape[0])!r}{dtype})"
        return f"np.array({array.tolist()}".replace("inf", "np.inf") + f"{dtype})"


def index_text(frozen: Iterable[Any], arrays: Iterable[str] = ()) -> str:
    """Write an index as it stands between brackets, arrays in it by their texts."""
    left = iter(arrays)
    parts = []
    for part in thawed_index(frozen):
        if isinstance(part, slice):
            sides = ["" if side is None else str(side) for side in (part.start, part.stop, part.step)]
            sides[0] = "" if sides[0] == "0" and part.step in (None, 1) else sides[0]
            parts.append(":".join(sides[:2] if part.step in (None, 1) else sides))
        else:
            parts.append(next(left) if part == "array" else str(part))
    return ", ".join(parts)


def _placed(value: Value, texts: list[Term]) -> str:
    """Write a call of a function that puts elements in their places."""
    count, fixed, frozen = value.options
    index = index_text(frozen, (f"{text.within(ATOM)}.astype(int)" for text in texts[count:]))
    if value.call == "taken":
        # NumPy gives a view for steps, and often another layout where arrays stand behind slices
        copied = "" if frozen == ("array",) else ".copy()"
        return f"{texts[0].within(ATOM)}[{index}]{copied}"
    arguments = [*(text.text for text in texts[:count]), *map(str, fixed), f"np.s_[{index}]"]
    return f"{value.call}({', '.join(arguments)})"


def number_text(value: Any) -> str:
    """Write a number."""
    number = float(value)
    return repr(number) if math.isfinite(number) else f"{'-' * (number < 0)}math.{abs(number)!r}"


def _is_flat(value: Any) -> bool:
    """Tell whether a value is all elements, at least two, in a row; of one, np.dot gives -0 and np.vdot 0."""
    return isinstance(value, Value) and value.call == "reshape" and len(value.shape) == 1 < value.size


def _as_division(texts: list[Term], number: float, sign: str, numbers: bool) -> tuple[list[Term], str]:
    """Write a number times 0.5 as divided by 2, which is the same, and whole divisors without a point."""
    if sign == "*" and numbers and 1e-15 < number < 1 and math.frexp(number)[0] == 0.5:
        number, sign = 1.0 / number, "/"  # a power of two; times 0.1 is not divided by 10
    if sign == "/" and number.is_integer() and 0 < number < 1e15:
        return [texts[0], Term(f"{number:.0f}")], sign
    return texts, sign


def _call_text(value: Value, args: list[str], out: str, rows: Mapping[str, Elementary]) -> str:
    where = f", out={out}" if out else ""
    if value.call.endswith(".reduce"):
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
        return f"np.copyto({out}, {args[0]})"
    if value.call == "stack":
        return f"np.stack(({', '.join(args)}))"
    if value.call == "einsum":
        return f'np.einsum("{value.options[0]}", {", ".join(args)})'
    if value.call in KERNELS:
        return f"{value.call}({', '.join(args)})"
    if value.call in WINDOWS:
        return f"{value.call}({args[0]}, {', '.join(map(str, value.options))}{where})"
    name = rows[value.call].of_array if value.call in rows else f"np.{value.call}"
    return f"{name}({', '.join(args)}{where})"


def shape_text(shape: Iterable[int]) -> str:
    """Write a shape as an argument."""
    lengths = tuple(shape)
    return str(lengths[0]) if len(lengths) == 1 else str(lengths)
