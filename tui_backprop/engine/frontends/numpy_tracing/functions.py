"""NumPy's functions and operators as the language writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import making, operands, rewritten
from tui_backprop.engine.frontends.numpy_tracing.places import refuse
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, LOOSEST, Operand, RunRecorder
from tui_backprop.engine.frontends.numpy_tracing.views import SharedMemory
from tui_backprop.engine.language.composites import NAMES
from tui_backprop.engine.language.reading.aliases import FUNCTIONS_BY_NAME, MEANT, OPERATORS_BY_NAME
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.engine.ops.registry import CALLED
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_COMPARE, _OR, _AND, _SUM, _PRODUCT, _NEGATE, _POWER = 1, 1, 2, 3, 4, 5, 6
_BINDS: Final = {
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "@": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT,
    "**": _POWER,
}  # fmt: skip
_SIGNS: Final = {
    name: sign for name, sign in OPERATORS_BY_NAME.items() if sign in _BINDS
} | {"floor_divide": "//", "remainder": "%"}  # fmt: skip
_COMPARISONS: Final = {
    name: sign for name, sign in OPERATORS_BY_NAME.items() if sign in (">", ">=", "<", "<=", "==", "!=")
}
_REDUCED: Final[Mapping[np.ufunc, Callable[..., Any]]] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
}  # fmt: skip
_PLACES: Final = frozenset({
    "argmax", "argmin", "argsort", "nonzero", "flatnonzero", "argwhere", "unique", "searchsorted",
    "count_nonzero", "digitize",
})  # fmt: skip
"""Functions whose whole numbers are not traced."""
_LOOKS: Final = frozenset({
    "shape", "ndim", "size", "allclose", "isclose", "array_equal", "isnan", "isfinite", "isinf", "all", "any",
    "array_repr", "array_str", "array2string", "may_share_memory", "shares_memory", "result_type",
    "iscomplexobj", "isrealobj",
})  # fmt: skip
"""Functions that only look at numbers."""
_UNDONE: Final = frozenset({"dtype", "order", "subok", "casting", "copy", "optimize"})
"""Options that change no number of a program in double precision."""
_KNOWN = frozenset({*CALLED, *FUNCTIONS_BY_NAME, *OPERATORS_BY_NAME, *NAMES, *MAKERS})


def ufunc(recorder: RunRecorder, func: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """Record a function that acts at every place, or an operator."""
    if method == "reduce" and func in _REDUCED:
        kwargs.setdefault("axis", 0)
        return _REDUCED[func](*inputs, **{k: v for k, v in kwargs.items() if v is not None or k == "axis"})
    if method == "outer" and func is np.multiply:
        return np.outer(*inputs)
    if method == "at" and func is np.add:
        return rewritten.add_at(*inputs)
    if method != "__call__":
        raise refuse(tr("np.{name}.{method}(…) cannot be traced", name=func.__name__, method=method))
    out = kwargs.pop("out", (None,))[0]
    if kwargs.pop("where", True) is not True:
        raise refuse(tr("found where= in np.{name}; write np.where(condition, a, b)", name=func.__name__))
    kwargs = {key: value for key, value in kwargs.items() if key not in _UNDONE}
    name = func.__name__
    if name in _LOOKS:
        return func(*map(operands.numbers_of, inputs))
    if kwargs:
        raise refuse(tr("found {option}= in np.{name}; leave it out", option=next(iter(kwargs)), name=name))
    if name in rewritten.REWRITTEN and out is None:
        return rewritten.REWRITTEN[name](*inputs)
    value = func(*map(operands.numbers_of, inputs))
    pieces, binds = _ufunc_text(recorder, name, inputs)
    result = recorder.made(pieces, binds, value)
    if out is None or not operands.is_traced(out):
        return result
    if not out.shape:
        return result  # a number, of which there is a new one
    if out.value.dtype.kind != "f" or np.shape(value) != out.shape:
        raise refuse(
            tr(
                "an array of {dtype} and shape {shape} cannot become this in place",
                dtype=out.value.dtype,
                shape=out.shape,
            )
        )
    out.become(result.step)
    return out


def _ufunc_text(recorder: RunRecorder, name: str, inputs: Sequence[Any]) -> tuple[list[str | Operand], int]:
    if name == "negative":
        return ["-", operands.piece(recorder, inputs[0], _NEGATE)], _NEGATE
    if name == "positive":
        return ["np.copy(", operands.piece(recorder, inputs[0], LOOSEST), ")"], ATOM
    if name in _SIGNS and len(inputs) == 2:
        sign = _SIGNS[name]
        binds = _BINDS[sign]
        left, right = (binds + 1, ATOM) if sign == "**" else (binds, binds + 1)
        sides = [operands.piece(recorder, side, b) for side, b in zip(inputs, (left, right), strict=True)]
        space = "" if sign == "**" else " "
        return [sides[0], f"{space}{sign}{space}", sides[1]], binds
    if name in _COMPARISONS:
        sides = [operands.piece(recorder, side, _SUM) for side in inputs]
        return [sides[0], f" {_COMPARISONS[name]} ", sides[1]], _COMPARE
    return _call_text(recorder, _known(name, f"np.{name}"), inputs, {}), ATOM


def function(recorder: RunRecorder, func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Record any other function of NumPy's."""
    name = func.__name__
    kwargs = {key: value for key, value in kwargs.items() if not _says_nothing(key, value)}
    if name in _LOOKS:
        return func(*map(operands.numbers_of, args), **_numbers(kwargs))
    if name in _PLACES or (name == "where" and len(args) == 1):
        recorder.note(
            tr("np.{name} gives places, which are not traced; another value may give others", name=name)
        )
        return func(*map(operands.numbers_of, args), **_numbers(kwargs))
    if name in ("zeros_like", "ones_like", "empty_like", "full_like"):
        return making.like(recorder, name, *args)
    if name == "copyto":
        args[0].store(..., args[1])
        return None
    if name in ("split", "array_split", "hsplit", "vsplit"):
        return _split(func, *args, **kwargs)
    if name == "reshape":
        return reshaped(*args, **{("shape" if k == "newshape" else k): v for k, v in kwargs.items()})
    if name == "ravel":
        return reshaped(args[0], -1)
    if name == "transpose" and len(args) == 1 and not kwargs:
        return args[0].T
    if name in rewritten.REWRITTEN and kwargs.keys() <= {"axis", "weights", "shape"}:
        return rewritten.REWRITTEN[name](*args, **kwargs)
    if kwargs.pop("out", None) is not None:
        raise refuse(tr("found out= in np.{name}; write x[...] = np.{name}(…)", name=name))
    module = "np.linalg" if func.__module__.endswith("linalg") else "np"
    shown = _known(name, f"{module}.{name}", module)
    value = func(*map(operands.numbers_of, args), **_numbers(kwargs))
    return recorder.made(_call_text(recorder, shown, args, kwargs), ATOM, value)


def reshaped(array: Any, shape: Any = -1) -> Any:
    """Record another shape of the same numbers, a view."""
    value = array.value.reshape(shape)
    text = ", ".join(str(length) for length in value.shape)
    if not value.shape:
        pieces: list[str | Operand] = ["np.sum(", Operand(array.step, LOOSEST), ")"]
    else:
        pieces = ["np.reshape(", Operand(array.step, LOOSEST), f", ({text}{',' * (value.ndim == 1)}))"]
    result = array.recorder.made(pieces, ATOM, value)

    def write(new: Any) -> None:
        array.store(..., reshaped(new, array.shape))

    return result.viewing(SharedMemory(array, lambda: reshaped(array, value.shape), write))


def _known(name: str, shown: str, module: str = "np") -> str:
    """Return how a function is written.

    Raises:
        TraceError: the language has none of this name.
    """
    if name not in _KNOWN:
        instead = (
            tr("; write {example}", example=tr(MEANT[name]))
            if name in MEANT
            else tr("; the README lists the functions there are")
        )
        raise refuse(tr("{name}(…) cannot be traced{hint}", name=printable(shown), hint=instead))
    return f"{module}.{name}"


def _call_text(
    recorder: RunRecorder, shown: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[str | Operand]:
    pieces: list[str | Operand] = [f"{shown}("]
    for place, arg in enumerate(args):
        pieces += [", "] * bool(place) + _argument(recorder, arg)
    for place, (word, arg) in enumerate(kwargs.items()):
        pieces += [", "] * bool(place or args) + [f"{word}="] + _argument(recorder, arg)
    return [*pieces, ")"]


def _argument(recorder: RunRecorder, arg: Any) -> list[str | Operand]:
    """Write one argument: an operand, a word, a shape, or several operands together."""
    if arg is None or isinstance(arg, bool):
        return [str(arg)]
    if isinstance(arg, str):
        return [f'"{arg}"']
    if isinstance(arg, list | tuple) and not operands.any_traced(arg) and _is_shape(arg):
        return [repr(tuple(arg)) if isinstance(arg, tuple) else str(tuple(arg))]
    if isinstance(arg, list | tuple):
        pieces: list[str | Operand] = ["("]
        for part in arg:
            pieces += [operands.piece(recorder, part, LOOSEST), ", "]
        return [*(pieces if len(arg) == 1 else pieces[:-1]), ")"]
    return [operands.piece(recorder, arg, LOOSEST)]


def _is_shape(arg: Any) -> bool:
    return all(
        isinstance(part, int | np.integer) or (isinstance(part, list | tuple) and _is_shape(part))
        for part in arg
    )


def _split(func: Any, array: Any, parts: Any, axis: int = 0) -> list[Any]:
    """Record the parts of an array, as slices of it."""
    axis = {"hsplit": min(1, array.ndim - 1), "vsplit": 0}.get(func.__name__, axis) % array.ndim
    counts = [part.shape[axis] for part in np.array_split(array.value, parts, axis)]
    ends = np.cumsum([0, *counts])
    before = (slice(None),) * axis
    return [array[(*before, slice(int(a), int(b)))] for a, b in pairwise(ends)]


def _numbers(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: operands.numbers_of(value) for key, value in kwargs.items()}


def _says_nothing(key: str, value: Any) -> bool:
    """Tell whether an option is NumPy's default, or changes no number."""
    return key in _UNDONE or value is np._NoValue or (value is None and key in ("out", "axis", "dtype"))
