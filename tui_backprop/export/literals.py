"""Data and starting parameters as the Python text that makes them again, bit for bit."""

from __future__ import annotations

import base64
import math
import textwrap
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.arrays import DTYPES, SINGLE, Array, Shape, in_type
from tui_backprop.engine.language.formula import Expression, parse_expression
from tui_backprop.engine.ops.base import ATOM, POWER, PRODUCT, SUM, UNARY, Term
from tui_backprop.lessons.lesson import Lesson, ParameterSpec
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.text.numbers import readable
from tui_backprop.text.printable import printable
from tui_backprop.training.runs.compiled import validating_of

WIDTH = 100
"""Columns of a line, where that is to be had."""
MANY = 20_000
"""Numbers above which an array is compressed rather than listed."""
LONGEST = 200
"""Characters of a data formula that is written as NumPy."""
_UFUNCS: Final = frozenset({"exp", "log", "sqrt", "square", "abs", "sin", "cos", "tanh"})
_BINARY: Final[Mapping[str, int]] = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "@": PRODUCT}


# ---------------------------------------------------------------- arrays


def literal(value: Array) -> list[str]:
    """Write a number, or an array with its numbers; the lines after the first continue it."""
    array = np.asarray(value)
    numbers, single = readable(array), array.dtype == SINGLE
    if not array.ndim:
        return [scalar(repr(float(numbers)), single=single)]
    if array.size > 4 and (array == array.flat[0]).all() and not np.signbit(array).any():
        return [full(array.shape, float(numbers.flat[0]), single=single)]
    if array.size > MANY:
        return _compressed(array)
    rows, dtype = _listed(numbers.tolist()), ", np.float32" if single else ""
    if len(rows) == 1:
        return [f"np.array({rows[0]}{dtype})"]
    rows[-1] += "," if single else ""
    return ["np.array(", *(f"    {row}" for row in rows), *(["    np.float32,"] if single else []), ")"]


def scalar(text: str, *, single: bool) -> str:
    """Write a number in the lesson's type."""
    return f"np.float32({text})" if single else text


def full(shape: Shape, number: float, *, single: bool = False) -> str:
    """Write one number in every place."""
    if not shape:
        return scalar(repr(number), single=single)
    size, dtype = shape[0] if len(shape) == 1 else shape, ", np.float32" if single else ""
    known = {0.0: f"np.zeros({size}{dtype})", 1.0: f"np.ones({size}{dtype})"}
    return known.get(number, f"np.full({size}, {number!r}{dtype})")


def _listed(value: Any) -> list[str]:
    """Write nested lists, on one line or a line for each."""
    line = repr(value)
    if len(line) < WIDTH - 20:
        return [line]
    if isinstance(value[0], float):
        return textwrap.wrap(
            line, WIDTH - 8, break_long_words=False, break_on_hyphens=False, subsequent_indent=" "
        )
    parts = [_listed(part) for part in value]
    rows = [row for part in parts for row in (*part[:-1], f"{part[-1]},")]
    if len(rows) == 1:
        return [f"[{rows[0][:-1]}]"]
    return [f"[{rows[0]}", *(f" {row}" for row in rows[1:-1]), f" {rows[-1][:-1]}]"]


def _compressed(array: Array) -> list[str]:
    kind, made = ("<f4", "np.float32") if array.dtype == SINGLE else ("<f8", "float")
    raw = np.ascontiguousarray(array, dtype=kind).tobytes()
    text = base64.b64encode(zlib.compress(raw, 9)).decode("ascii")
    lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
    shape = array.shape
    return [
        'np.frombuffer(zlib.decompress(base64.b64decode("""',
        *lines,
        f'""")), dtype="{kind}").reshape({", ".join(map(str, shape))}).astype({made})',
    ]


def assign(name: str, lines: list[str]) -> list[str]:
    """Give what was written a name."""
    return [f"{name} = {lines[0]}", *lines[1:]]


# ---------------------------------------------------------------- data


def data_lines(lesson: Lesson, names: Mapping[str, str], used: Iterable[str]) -> list[str]:
    """Write the data that a program uses.

    Args:
        lesson: whose data and samples.
        names: their Python names.
        used: the lesson's names of those that are needed.
    """
    held = validating_of(lesson).held if lesson.patience is not None else {}
    values = {**lesson.data, **lesson.samples, **held}
    needed = set(used)
    written: dict[str, list[str]] = {}
    for name in reversed(values):
        if name in needed:
            text, mentioned = _recipe(lesson.recipes.get(name, {}), values, name, names)
            needed |= mentioned
            written[name] = assign(names[name], [text] if text else literal(values[name]))
    return [line for name in reversed(written) for line in written[name]]


def _recipe(
    table: Mapping[str, Any], values: Mapping[str, Array], name: str, names: Mapping[str, str]
) -> tuple[str, set[str]]:
    """Write an array as the lesson makes it, if NumPy makes the same bits of that; say what else it needs."""
    text, mentioned = "", set[str]()
    if "linspace" in table:
        start, stop, count = table["linspace"]
        text = f"np.linspace({_bound(start)}, {_bound(stop)}, {count})"
    elif len(table.get("formula", " " * LONGEST)) < LONGEST and values[name].ndim:
        expression = parse_expression(table["formula"])
        text = _in_numpy(expression, names)
        mentioned = {step.text for step in expression if step.kind == "name"}
    elif "formula" in table and not values[name].ndim:
        return f"{float(values[name])!r}  # {printable(table['formula'], 60)}", set()
    known = {names[other]: values[other] for other in mentioned}
    if not text or not _makes(text, {**known, "np": np}, values[name]):
        return "", set()
    return text, mentioned


def _bound(number: float) -> str:
    sign = "-" if number < 0 else ""
    return f"{sign}np.pi" if abs(number) == math.pi else repr(float(number))


def _makes(text: str, space: dict[str, Any], value: Array) -> bool:
    """Tell whether a text that was written here makes exactly these numbers."""
    try:
        with np.errstate(all="ignore"):
            made = np.asarray(eval(compile(text, "<data>", "eval"), {"__builtins__": {}}, space))
    except (ArithmeticError, ValueError, TypeError, MemoryError, RecursionError):
        return False
    return made.dtype == value.dtype and made.shape == value.shape and made.tobytes() == value.tobytes()


def _in_numpy(expression: Expression, names: Mapping[str, str]) -> str:
    """Write a data formula with NumPy's functions; an empty text where that is not plain."""
    stack: list[tuple[Term, bool]] = []  # with whether it is made of numbers alone
    for step in expression:
        operands = [stack.pop() for _ in range(step.arity)][::-1]
        terms = [term for term, _ in operands]
        constant = all(of_numbers for _, of_numbers in operands) and step.kind != "name"
        if step.kind == "name":
            term: Term | None = Term(names[step.text])
        elif step.kind == "number":
            whole = step.number.is_integer() and step.number < 1e6
            term = Term(str(int(step.number)) if whole else repr(step.number))
        elif (
            (constant and step.text == "**")
            or step.kind not in ("operator", "call")
            or dict(step.options).keys() - {"axis"}
        ):
            term = None
        else:
            term = _applied(step.text, terms, dict(step.options).get("axis"))
        if term is None:
            return ""
        stack.append((term, constant))
    return stack[0][0].text


def _applied(operation: str, terms: list[Term], axis: Any) -> Term | None:
    first, last = terms[0], terms[-1]
    if operation in _BINARY:
        strength = _BINARY[operation]
        return Term(f"{first.within(strength)} {operation} {last.within(strength + 1)}", strength)
    if operation == "**":
        if last.text == "3" and first.precedence == ATOM:  # as the engine has it
            return Term(f"{first.text} * {first.text} * {first.text}", PRODUCT)
        return Term(f"{first.within(ATOM)}**{last.within(UNARY)}", POWER)
    if operation == "negate":
        return Term(f"-{first.within(UNARY)}", UNARY)
    if operation == ".T":
        return Term(f"{first.within(ATOM)}.T")
    if operation in _UFUNCS:
        return Term(f"np.{operation}({first.text})")
    if operation == "maximum":
        return Term(f"np.maximum({first.text}, {last.text})")
    if operation in ("sum", "mean"):
        return Term(f"np.{operation}({first.text}{'' if axis is None else f', axis={axis}'})")
    return None


# ---------------------------------------------------------------- parameters


def parameter_lines(lesson: Lesson, seed: int, names: Mapping[str, str], used: Iterable[str]) -> list[str]:
    """Write how the parameters start: the same draws from the same stream, or their values."""
    needed = set(used)
    drawn = [name for name, spec in lesson.parameters.items() if _is_drawn(spec)]
    lines = []
    if needed.intersection(drawn):
        source = "RandomState" if lesson.generator == "legacy" else "default_rng"
        lines.append(f"rng = np.random.{source}({seed})")
        last = max(drawn.index(name) for name in needed.intersection(drawn))
        needed.update(drawn[: last + 1])  # the stream goes on behind a draw that is not used
    for name, spec in lesson.parameters.items():
        if name in needed:
            lines += assign(names[name], _start(spec, DTYPES[lesson.dtype]))
    return lines


def _is_drawn(spec: ParameterSpec) -> bool:
    return spec.value is None and INITIALIZERS[spec.rule].is_drawn


def _start(spec: ParameterSpec, dtype: np.dtype[Any]) -> list[str]:
    single = dtype == SINGLE
    if spec.value is not None:
        return literal(in_type(np.asarray(spec.value), dtype))
    rule = INITIALIZERS[spec.rule]
    if not rule.is_drawn:
        return [full(spec.shape, spec.scale * rule.constant, single=single)]
    drawn = rule.statement(spec.shape, spec.scale, spec.fan_in)
    return [f"({drawn}).astype(np.float32)" if single and spec.shape else scalar(drawn, single=single)]


def statistic_lines(lesson: Lesson, names: Mapping[str, str], used: Iterable[str]) -> list[str]:
    """Write the running statistics before the first iteration."""
    single, needed = DTYPES[lesson.dtype] == SINGLE, set(used)
    return [
        f"{names[name]} = {full(start.shape, float(start.flat[0]), single=single)}"
        for name, start in lesson.running.items()
        if name in needed
    ]
