"""tui-backprop: a debugger for backpropagation. Nothing heavy is imported until it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui_backprop.version import __version__

if TYPE_CHECKING:
    from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
    from tui_backprop.engine.core.errors import BackpropError
    from tui_backprop.exercises.brought.arrays import check_against
    from tui_backprop.exercises.brought.backward import check_backward
    from tui_backprop.exercises.check import check_gradients
    from tui_backprop.exercises.layers.checking import check_layer
    from tui_backprop.lessons.library import load_lesson
    from tui_backprop.lessons.traced.tracing import trace
    from tui_backprop.sweeps.sweep import sweep
    from tui_backprop.training.trainer import Trainer

__all__ = [
    "Assignment",
    "BackpropError",
    "ChainFactor",
    "ParameterUpdate",
    "Trainer",
    "__version__",
    "check_against",
    "check_backward",
    "check_gradients",
    "check_layer",
    "load_lesson",
    "sweep",
    "trace",
]

_HOMES = {
    "Assignment": "engine.autodiff.records",
    "BackpropError": "engine.core.errors",
    "ChainFactor": "engine.autodiff.records",
    "ParameterUpdate": "engine.autodiff.records",
    "Trainer": "training.trainer",
    "check_against": "exercises.brought.arrays",
    "check_backward": "exercises.brought.backward",
    "check_gradients": "exercises.check",
    "check_layer": "exercises.layers.checking",
    "load_lesson": "lessons.library",
    "sweep": "sweeps.sweep",
    "trace": "lessons.traced.tracing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
