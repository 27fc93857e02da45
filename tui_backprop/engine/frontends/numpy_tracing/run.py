"""Running a user's function once on traced arrays."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.frontends.numpy_tracing.arrays import TracedArray
from tui_backprop.engine.frontends.numpy_tracing.making import Makers
from tui_backprop.engine.frontends.numpy_tracing.names import usable
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace, TraceError, is_users, watching
from tui_backprop.engine.frontends.numpy_tracing.steps import RunRecorder
from tui_backprop.engine.frontends.numpy_tracing.text import FormulaText, formula_of
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_LAST = 10**9
"""Deeper than any call: the name that a loss gets where no variable holds it."""


@dataclass(frozen=True)
class Run:
    """What a run of a function has shown.

    Attributes:
        formula: what its loss is worked out of.
        given: the arrays that it was given, by name.
        constants: arrays that it had from elsewhere.
        notes: what has to be said of it, each with its line.
        codes: the functions that ran.
        loss: the loss that it returned.
    """

    formula: FormulaText
    given: Mapping[str, Any]
    constants: Mapping[str, Any]
    notes: tuple[str, ...]
    codes: tuple[CodeType, ...]
    loss: float


def run_traced(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Run:
    """Run a function once, and return what it does as a formula.

    Args:
        function: returns the loss, one number, alone or first of several results.
        arguments: by the names of its arguments: arrays, numbers, and dictionaries of these.

    Raises:
        TraceError: something that it does cannot be traced, or it returns no loss.
    """
    shown = f"{SourcePlace(*_beginning(function))}: {getattr(function, '__name__', 'the function')}"
    _check_arguments(function, arguments, shown)
    recorder = RunRecorder(TracedArray)
    codes: dict[CodeType, None] = {}

    def seen(name: str, value: Any, depth: int) -> None:
        if isinstance(value, TracedArray) and not value.last_step.given:
            recorder.name(value.last_step, name, depth)

    given: dict[str, Any] = {}

    def traced(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: traced(str(key), part) for key, part in value.items()}
        array = _array(name, value)
        if name in given:
            raise TraceError(tr("{name} is given twice; each array has a name of its own", name=name))
        given[name] = array
        return TracedArray(recorder, recorder.give(name, array.copy()))

    passed = {name: traced(name, value) for name, value in arguments.items()}
    makers = Makers(recorder)

    def entered(frame: FrameType) -> None:
        codes.setdefault(frame.f_code)
        makers.enter(frame.f_globals)

    try:
        with watching(seen, entered):
            result = function(**passed)
    except Exception as error:
        raise told(error) from None
    finally:
        makers.leave()
    first = result[0] if isinstance(result, tuple | list) and result else result
    recorder.close()
    if isinstance(first, TracedArray):
        recorder.name(first.step, "loss", _LAST)
    if not isinstance(first, TracedArray) or first.step.constant:
        if isinstance(first, TracedArray):
            raise TraceError(
                tr(
                    "{function} returns what hangs on none of its arguments; "
                    "it has to return the loss, worked out of its arguments",
                    function=shown,
                )
            )
        if first is None:
            raise TraceError(
                tr(
                    "{function} returns nothing; it has to return the loss, worked out of its arguments",
                    function=shown,
                )
            )
        raise TraceError(
            tr(
                "{function} returns {found}; it has to return the loss, worked out of its arguments",
                function=shown,
                found=type(first).__name__,
            )
        )
    if first.size != 1:
        raise TraceError(
            tr(
                "{function} returns an array of shape {shape}; it has to return the loss, one number",
                function=shown,
                shape=shape_text(first.shape),
            )
        )
    if first.step.given:
        raise TraceError(
            tr(
                "{function} returns its argument as it is; it has to return a loss that it works out",
                function=shown,
            )
        )
    formula = formula_of(recorder, first.step)
    used = _all(formula)
    constants = {name: step.value for name, step in recorder.constants.items() if step in used}
    return Run(formula, given, constants, tuple(recorder.notes), tuple(codes), float(first.value.item()))


def told(error: BaseException) -> TraceError:
    """Return what a program was ended by, with its line; NumPy puts some refusals of ours into its own."""
    reason: BaseException | None = error
    while reason is not None:
        if isinstance(reason, TraceError):
            return reason
        reason = reason.__cause__ or reason.__context__
    users = [at for at in traceback.walk_tb(error.__traceback__) if is_users(at[0])]
    where = f"{SourcePlace(users[-1][0].f_code.co_filename, users[-1][1])}: " if users else ""
    return TraceError(f"{where}{type(error).__name__}: {printable(str(error), 300)}")


def _all(formula: FormulaText) -> set[Any]:
    """Return all steps that the formula is made of."""
    found, left = set(formula.steps), list(formula.steps)
    while left:
        for operand in left.pop().operands:
            if operand not in found:
                found.add(operand)
                left.append(operand)
    return found


def _beginning(function: Callable[..., Any]) -> tuple[str, int]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code is not None else ("?", 0)


def _array(name: str, value: Any) -> Any:
    if not usable(name):
        raise TraceError(
            tr("found the name {name!r}; a name of the formula is another, such as x", name=name)
        )
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        raise TraceError(
            tr("{name}: found {found}; give an array or a number", name=name, found=type(value).__name__)
        ) from None
    if array.dtype.kind not in "fiub":
        raise TraceError(tr("{name}: found an array of {dtype}; give numbers", name=name, dtype=array.dtype))
    if not array.size:
        raise TraceError(tr("{name}: found an empty array; give at least one number", name=name))
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _check_arguments(function: Callable[..., Any], arguments: Mapping[str, Any], shown: str) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise TraceError(
            tr("{function}: a function of Python's is wanted, whose arguments have names", function=shown)
        ) from None
    kinds = signature.parameters.values()
    names = [p.name for p in kinds if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    takes_all = any(p.kind is p.VAR_KEYWORD for p in kinds)
    for name in arguments:
        if name not in names and not takes_all:
            hint = suggest(name, names) or (
                tr("; it has {names}", names=", ".join(names)) if names else tr("; it has none")
            )
            raise TraceError(
                tr("{function} has no argument {name}{hint}", function=shown, name=name, hint=hint)
            )
    for parameter in kinds:
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise TraceError(
                tr(
                    "{function}: the argument {name} is by position only; take the / away",
                    function=shown,
                    name=parameter.name,
                )
            )
        if (
            parameter.name in names
            and parameter.default is parameter.empty
            and parameter.name not in arguments
        ):
            raise TraceError(
                tr("{function}: its argument {name} is not given", function=shown, name=parameter.name)
            )
