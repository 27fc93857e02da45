"""Calls of every function of the language, made from its signature: a new one is among them by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.errors import BackpropError, ShapeError
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import parse_expression
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.registry import FUNCTIONS
from tui_backprop.engine.ops.signature import (
    AxisOption,
    FlagOption,
    Option,
    PerAxisOption,
    SubscriptsOption,
    WholeNumbersOption,
    written,
)


def values_of(option: Option) -> tuple[str, ...]:
    """Return some values of an option as formula text, its default not among them."""
    if isinstance(option, FlagOption):
        return ("False", "True")
    if isinstance(option, WholeNumbersOption):
        if option.default is None:
            return ("(1, 0)", "(-1, 0)")
        if option.least >= 0:
            return ("1", "3") if option.single else ("(1, 2)", "(2, 0)")
        return ("0", "1", "-1") if option.single else ("(1, -1)", "(-1, 2)")
    if isinstance(option, PerAxisOption):
        return tuple(str(number) for number in (1, 2) if number != option.default)
    if isinstance(option, AxisOption):
        return tuple(str(axis) for axis in (0, 1, -1) if axis != option.default)
    if isinstance(option, SubscriptsOption):
        return ('"ij,kj->ik"', '"ij,ij->ji"')
    near = (option.default + step for step in (0.25, -0.25, 1.5))
    return tuple(
        written(value) for value in near if option.above < value < option.below and value >= option.least
    )


def calls(op: type[Op], operands: Sequence[str]) -> list[str]:
    """Return calls of a function on operands taken in turn: bare, and with each option at some values."""
    signature = op.signature
    count = len(signature.operands) + signature.is_variadic
    bare = ", ".join(operands[place % len(operands)] for place in range(count))
    options = [f", {o.name}={value}" for o in signature.options for value in values_of(o)]
    return [f"{op.name}({bare}{option})" for option in ("", *options)]


def _square(call: str) -> str | None:
    """Return a form that is square with square matrices; None where the call fails."""
    shapes = set()
    for n in (2, 12):
        values = [np.full((n, n), 0.5), np.full((n, n), 0.25)]
        expression = parse_expression(call.format("W", "V"))
        try:
            with np.errstate(all="ignore"):
                found = np.shape(evaluate(expression, dict(zip("WV", values, strict=True))))
        except BackpropError:
            return None
        shapes.add("kept" if found == (n, n) else "less" if found in ((), (n,), (1, n)) else "other")
    if shapes == {"kept"}:
        return call
    return f"{{0}} * {call}" if shapes == {"less"} else f"{{0}} * sum({call})"


def takes(op: type[Op], shape: tuple[int, ...], count: int) -> bool:
    """Tell whether an operation takes operands of that shape."""
    try:
        op().shape(*[shape] * count)
    except ShapeError:
        return False
    return True


def matrix_forms() -> tuple[str, ...]:
    """Return forms over square matrices {0} and {1} that are square matrices again, of every function.

    What is not finite for all numbers is given numbers between 0 and 1.
    """
    forms: list[str] = []
    for op in FUNCTIONS.values():
        count = len(op.signature.operands) + op.signature.is_variadic
        matrix = np.array([[-800.0, 0.5], [3.0, 800.0]])
        given = next(
            (form, value)
            for form, value in (
                ("{}", matrix),
                ("mean({}, axis=0)", matrix[0]),
                ("expand_dims({}, axis=0)", matrix[None]),
                ("expand_dims(expand_dims({}, axis=0), axis=0)", matrix[None, None]),
            )
            if takes(op, value.shape, count)
        )
        operands = tuple(given[0].format(name) for name in ("{0}", "{1}"))
        values = [given[1]] * count
        with np.errstate(all="ignore"):
            everywhere = np.isfinite(op().forward(*values)).all()
        if not everywhere:
            operands = tuple(f"sigmoid({operand})" for operand in operands)
        forms += [form for call in calls(op, operands) if (form := _square(call))]
    return tuple(forms)
