"""Arrays that a traced function makes inside, which are traced as well: they may be assigned to."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import operands
from tui_backprop.engine.frontends.numpy_tracing.places import is_users
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, Recorder

_MAKERS = ("zeros", "ones", "empty", "full")
_COPIES = ("array", "asarray")


def of_shape(recorder: Recorder, name: str, shape: Any, number: Any = None) -> Any:
    """Record an array of one number; what is not set yet (``empty``) counts as 0."""
    value = np.full(shape, {"zeros": 0.0, "empty": 0.0, "ones": 1.0}.get(name, number), np.float64)
    lengths = ", ".join(map(str, value.shape)) + "," * (value.ndim == 1)
    call = {"empty": "zeros"}.get(name, name)
    last = f", {operands.number(number)}" if name == "full" else ""
    return recorder.made([f"np.{call}(({lengths}){last})"], ATOM, value)


def like(recorder: Recorder, name: str, array: Any, number: Any = None, *_: Any) -> Any:
    """Record an array of one number in the shape of another."""
    return of_shape(recorder, name.removesuffix("_like"), np.shape(operands.numbers_of(array)), number)


def copied(recorder: Recorder, name: str, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
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


@contextmanager
def traced_makers(recorder: Recorder) -> Iterator[None]:
    """Have NumPy's functions that make arrays make traced ones, for this thread and the user's lines."""
    owner = threading.get_ident()
    originals = {name: getattr(np, name) for name in (*_MAKERS, *_COPIES)}

    def replaced(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def maker(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != owner or not is_users(sys._getframe(1)):
                return original(*args, **kwargs)
            if name in _COPIES:
                return copied(recorder, name, original, *args, **kwargs)
            value = original(*args, **kwargs)
            if value.dtype != np.float64 or not value.size:
                return value
            return of_shape(recorder, name, value.shape, value.flat[0] if name == "full" else None)

        return maker

    try:
        for name, original in originals.items():
            setattr(np, name, replaced(name, original))
        yield
    finally:
        for name, original in originals.items():
            setattr(np, name, original)
