"""Texts of operations that are alike in all frameworks, but for the name of a module or of an argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.ops.arrays.constants import Constant
from tui_backprop.engine.ops.arrays.indexing import ARRAY, ByIndex, Part, located
from tui_backprop.engine.ops.arrays.joining import LinesOp
from tui_backprop.engine.ops.arrays.permuting import PermutingOp
from tui_backprop.engine.ops.einsum import EinsteinOp
from tui_backprop.engine.ops.reduction import check_axis
from tui_backprop.export.literals import literal
from tui_backprop.export.targets.frameworks.framework import Call, Text

INFIX: Final = frozenset({"add", "subtract", "multiply", "divide", "power", "matmul", "negate"})
"""Signs that mean the same everywhere."""
COMPARISONS: Final = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
_SAME = (
    "exp", "log", "sqrt", "square", "abs", "sin", "cos", "tanh", "log1p", "expm1", "log2", "log10", "tan",
    "sinh", "cosh", "arctan", "sign", "floor", "trunc", "round",
)  # fmt: skip


def shared(xp: str) -> dict[str, Text]:
    """Return the texts, given the name of the module of functions on arrays."""
    same: dict[str, Text] = {name: f"{xp}.{name}({{0}})" for name in _SAME}
    compared: dict[str, Text] = {
        name: f"({{a}} {sign} {{b}}) * 1.0"
        for name, sign in zip(COMPARISONS, (">", ">=", "<", "<=", "==", "!="), strict=True)
    }
    return {
        **same,
        **compared,
        "identity": "{0}",
        "maximum": f"{xp}.maximum({{0}}, {{1}})",
        "minimum": f"{xp}.minimum({{0}}, {{1}})",
        # at a bound the bound shows, and the operand gets nothing
        "clip": f"{xp}.where({xp}.maximum({{0}}, {{1}}) >= {{c}}, {{2}}, "
        f"{xp}.where({{a}} <= {{b}}, {{1}}, {{0}}))",
        "where": f"{xp}.where({{a}} != 0, {{1}}, {{2}})",
        "softplus": f"{xp}.logaddexp({{0}}, {xp}.zeros_like({{0}}))",
        "mish": f"{{a}} * {xp}.tanh({xp}.logaddexp({{0}}, {xp}.zeros_like({{0}})))",
        "softsign": f"{{a}} / (1 + {xp}.abs({{0}}))",
        "outer": _einsum(xp),
        "inner": _einsum(xp),
        "einsum": _einsum(xp),
        "reshape": f"{xp}.reshape({{0}}, {{shape}})",
        "ravel": f"{xp}.reshape({{0}}, {{shape}})",
        "expand_dims": f"{xp}.reshape({{0}}, {{shape}})",
        "squeeze": f"{xp}.reshape({{0}}, {{shape}})",
        "broadcast": f"{xp}.broadcast_to({{0}}, {{shape}})",
        "tile": f"{xp}.tile({{0}}, {{reps}})",
        "mse": f"{xp}.mean({xp}.square({{a}} - {{b}}))",
        "hinge": f"{xp}.mean({xp}.where({{b}} * {{a}} < 1, 1 - {{b}} * {{a}}, 0.0))",
        "huber": "huber({0}, {1}, {delta})",
        "kl_div": "kl_div({0}, {1})",
        "bce": "bce({0}, {1})",
        "bce_with_logits": f"{xp}.mean({xp}.logaddexp({{0}}, {xp}.zeros_like({{0}})) - {{b}} * {{a}})",
        "nll": f"-{xp}.sum({{a}} * {{b}}) / {{rows}}",
        "constant": lambda call: f"array({_constant(cast(Constant, call.op))})",
    }


def helpers(xp: str, stopped: str) -> dict[str, str]:
    """Return the functions that these texts call, by name; ``stopped`` writes what hands no gradient on."""
    p, t = stopped.format("p"), stopped.format("t")
    return {
        "finite": f'''def finite(loss, *parameters):
    """Tell whether all these numbers are finite."""
    return np.isfinite(loss) and all({xp}.isfinite(parameter).all() for parameter in parameters)''',
        "huber": f'''def huber(p, t, delta):
    """Return the mean of e²/2 where |e| <= delta, else delta (|e| - delta/2)."""
    e = {xp}.where(p < t, t - p, p - t)
    return {xp}.mean({xp}.where(e <= delta, e * e / 2, delta * (e - delta / 2)))''',
        "bce": f'''def bce(p, t):
    """Return the binary cross-entropy: logarithms from -100 on, a slope divided by no less than 1e-12."""
    q, u = {p}, {t}
    log_p, log_q = {xp}.maximum({xp}.log(q), array(-100.0)), {xp}.maximum({xp}.log1p(-q), array(-100.0))
    slope = (q - u) / {xp}.maximum(q * (1 - q), array(1e-12))
    loss = -(u * log_p + (1 - u) * log_q)
    return {xp}.mean(loss + slope * (p - q) + (log_q - log_p) * (t - u))''',
        "kl_div": f'''def kl_div(p, t):
    """Return the mean of t (log t - p), where log t counts as 0 where t is 0."""
    return {xp}.mean(t * {xp}.log({xp}.where(t > 0, t, 1.0)) - t * p)''',
    }


def lines(axis: str, keepdims: str) -> Callable[[str], Callable[[Call], str]]:
    """Return what writes a function of lines, given what a framework calls its two arguments."""

    def along(function: str) -> Callable[[Call], str]:
        def text(call: Call) -> str:
            (shape,), options = call.shapes, call.op.options
            axes = check_axis(options["axis"], shape)
            if not axes:
                return function.replace("{}", call.texts[0]).replace(", {along}", "")
            which = f"{axis}={axes[0] if len(axes) == 1 else axes}"
            kept = f", {keepdims}=True" if options["keepdims"] else ""
            return function.replace("{}", call.texts[0]).replace("{along}", which + kept)

        return text

    return along


def ddof(call: Call) -> float:
    """Return what a variance takes off the number of elements, whole where it is."""
    number = float(call.op.options["ddof"])
    return int(number) if number.is_integer() else number


def joining(xp: str, concatenate: str, axis: str) -> dict[str, Text]:
    """Return what writes the operations that join arrays, given two names that frameworks differ in."""

    def of(function: str) -> Text:
        def text(call: Call) -> str:
            op = call.op
            along = op.axis(call.shapes[0])  # type: ignore[attr-defined]
            return f"{xp}.{function}(({', '.join(call.texts)},), {axis}={along})"

        return text

    def lines(call: Call) -> str:
        """Write it for arrays among which a vector is one line of the result."""
        op = cast(LinesOp, call.op)
        parts = [
            f"{xp}.reshape({text}, {op.lifted(shape)})" if len(shape) == 1 else text
            for text, shape in zip(call.texts, call.shapes, strict=True)
        ]
        return f"{xp}.{concatenate}(({', '.join(parts)},), {axis}={op.across})"

    return {
        "concatenate": of(concatenate), "hstack": of(concatenate), "stack": of("stack"),
        "vstack": lines, "column_stack": lines,
    }  # fmt: skip


def order(call: Call) -> tuple[int, ...]:
    """Return the order of axes."""
    return cast(PermutingOp, call.op).order(call.shapes[0])


def sliding(call: Call) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return size, stride and padding of windows."""
    found = cast(Any, call.op).sliding(*call.shapes[1:])  # a pooling states the size itself
    return found.size, found.stride, found.padding


def dilation(call: Call) -> tuple[int, ...] | None:
    """Return how far apart the places of a convolution's windows are; None for 1 along all axes."""
    apart: tuple[int, ...] | None = cast(Any, call.op).sliding(*call.shapes[1:]).dilation
    return apart


def index_parts(call: Call) -> tuple[tuple[Part, ...], list[str], list[int]]:
    """Return an index that counts nothing from behind, the texts of arrays in it, and the axes to turn round.

    Along those a slice runs backwards; the index is that of the array turned round along them.
    """
    op = cast(ByIndex, call.op)
    shape, parts, turned = call.shapes[0], [], []
    axis = 0
    for part in located(op.parts, shape):
        if isinstance(part, slice) and part.step < 0:
            last = shape[axis] - 1
            stop = shape[axis] if part.stop is None else last - part.stop
            part = slice(last - part.start, stop, -part.step)
            turned.append(axis)
        parts.append(part)
        axis += part is not None
    arrays = [term.within(5) for term in call.terms[op.arrays :]]
    return tuple(parts), arrays, turned


def slice_text(part: slice) -> str:
    """Write a slice as an argument."""
    step = "" if part.step == 1 else f", {part.step}"
    return f"slice({part.start}, {part.stop}{step})"


def is_array(part: Part) -> bool:
    """Tell whether a part of an index is an array."""
    return isinstance(part, str) and part == ARRAY


def _einsum(xp: str) -> Callable[[Call], str]:
    def text(call: Call) -> str:
        letters = cast(EinsteinOp, call.op).letters(*call.shapes)
        return f'{xp}.einsum("{letters.left},{letters.right}->{letters.result}", {", ".join(call.texts)})'

    return text


def _constant(op: Constant) -> str:
    values = np.asarray(op.values)
    if values.ndim == 2 and np.array_equal(values, np.eye(*values.shape)):
        return f"np.eye({', '.join(map(str, values.shape))})"
    if values.ndim == 1 and size_of(values.shape) > 4 and np.array_equal(values, np.arange(len(values))):
        return f"np.arange({float(len(values))!r})"
    return " ".join(line.strip() for line in literal(values))
