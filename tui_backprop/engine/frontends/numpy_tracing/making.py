"""Arrays that a traced function makes inside, which are traced as well: they may be assigned to."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import operands
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, RunRecorder

_MAKERS = ("zeros", "ones", "empty", "full")
_COPIES = ("array", "asarray")


def of_shape(recorder: RunRecorder, name: str, shape: Any, number: Any = None) -> Any:
    """Record an array of one number; what is not set yet (``empty``) counts as 0."""
    value = np.full(shape, {"zeros": 0.0, "empty": 0.0, "ones": 1.0}.get(name, number), np.float64)
    lengths = ", ".join(map(str, value.shape)) + "," * (value.ndim == 1)
    call = {"empty": "zeros"}.get(name, name)
    last = f", {operands.number(number)}" if name == "full" else ""
    return recorder.made([f"np.{call}(({lengths}){last})"], ATOM, value)


def like(recorder: RunRecorder, name: str, array: Any, number: Any = None, *_: Any) -> Any:
    """Record an array of one number in the shape of another."""
    return of_shape(recorder, name.removesuffix("_like"), np.shape(operands.numbers_of(array)), number)


def copied(recorder: RunRecorder, name: str, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Record ``np.array`` and ``np.asarray`` of what is traced, or of numbers in double precision."""
    given: Any = args[0] if args else kwargs.get("object", kwargs.get("a"))
    if operands.is_traced(given):
        return given if name == "asarray" else given.copy()
    if operands.any_traced(given):
        return operands.stacked(recorder, given)
    made = original(*args, **kwargs)
    if made.dtype == np.float64 and made.ndim and made.size and made is not given:
        return recorder.wrapped(recorder.constant(made))
    return made


class TracedNumpy(ModuleType):
    """NumPy as a traced program sees it: all that it is, with makers of traced arrays.

    NumPy's own functions are left alone, since its compiled parts call them for arrays of their own.
    """

    def __init__(self, makers: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__("numpy")
        vars(self).update(makers)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class Makers:
    """What stands for NumPy in the modules of a program while it is traced by this thread."""

    def __init__(self, recorder: RunRecorder) -> None:
        self._recorder, self._owner = recorder, threading.get_ident()
        by_name = {name: self._maker(name, getattr(np, name)) for name in (*_MAKERS, *_COPIES)}
        self._instead: dict[int, Any] = {id(getattr(np, name)): maker for name, maker in by_name.items()}
        self._instead[id(np)] = TracedNumpy(by_name)
        self._before: list[tuple[dict[str, Any], str, Any]] = []
        self._entered: set[int] = set()

    def enter(self, names: dict[str, Any]) -> None:
        """Put them into a module's names, until :meth:`leave`."""
        if id(names) in self._entered:
            return
        self._entered.add(id(names))
        for name, value in list(names.items()):
            if (instead := self._instead.get(id(value))) is not None:
                self._before.append((names, name, value))
                names[name] = instead

    def leave(self) -> None:
        """Put NumPy back."""
        for names, name, value in self._before:
            names[name] = value
        self._before.clear()

    def _maker(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def maker(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._owner:
                return original(*args, **kwargs)
            if name in _COPIES:
                return copied(self._recorder, name, original, *args, **kwargs)
            value = original(*args, **kwargs)
            if value.dtype != np.float64 or not value.size:
                return value
            return of_shape(self._recorder, name, value.shape, value.flat[0] if name == "full" else None)

        return maker
