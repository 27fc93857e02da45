"""What operations are applied to: traced and other arrays, and numbers, as text and as values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing.places import refuse
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, LOOSEST, Operand, RunRecorder, TracedValue
from tui_backprop.text.sentences import tr

_NEGATED = 5
"""How tightly a minus in front binds."""


def is_traced(value: Any) -> bool:
    """Tell whether this is a traced array."""
    return isinstance(value, TracedValue)


def any_traced(value: Any) -> bool:
    """Tell whether a traced array is this, or stands in lists of it."""
    if isinstance(value, list | tuple):
        return any(map(any_traced, value))
    return is_traced(value)


def numbers_of(value: Any) -> Any:
    """Return the same in NumPy's own arrays, in lists as well."""
    if is_traced(value):
        return value.value
    if isinstance(value, list | tuple):
        return type(value)(map(numbers_of, value)) if type(value) in (list, tuple) else value
    return value


def piece(recorder: RunRecorder, value: Any, binds: int) -> Operand | str:
    """Return what stands for an operand in the text of an operation."""
    if is_traced(value):
        return Operand(value.step, binds)
    if isinstance(value, list | tuple) and any_traced(value):
        return Operand(stacked(recorder, value).step, binds)
    if isinstance(value, bool | int | float | np.number | np.bool_) or np.ndim(value) == 0:
        text = number(value)
        return f"({text})" if text.startswith("-") and binds > _NEGATED else text
    return Operand(recorder.constant(value), binds)


def stacked(recorder: RunRecorder, listed: Sequence[Any]) -> Any:
    """Record the array of a list in which traced arrays stand."""
    pieces: list[str | Operand] = ["np.stack(("]
    for part in listed:
        pieces += [piece(recorder, part, LOOSEST), ", "]
    pieces[-1:] = [",))"] if len(listed) == 1 else ["))"]
    return recorder.made(pieces, ATOM, np.array(numbers_of(list(listed)), np.float64))


def number(value: Any) -> str:
    """Write a number.

    Raises:
        TraceError: it is none that is real.
    """
    value = value.item() if isinstance(value, np.generic | np.ndarray) else value
    if isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, int | float):
        raise refuse(tr("found {value!r}; an operand is an array or a number", value=value))
    if math.isnan(value):
        raise refuse(tr("found NaN; write a number"))
    if math.isinf(value):
        return "-np.inf" if value < 0 else "np.inf"
    return repr(value)
