"""What keys need and no start does: imported in the background, so that no first press has to wait for it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tui_backprop.tui import screens

_MODULES = (
    "explain.record",
    "explain.whys",
    "sessions.model",
    *(f"tui.screens.{module.name}" for module in iter_modules(screens.__path__)),
    "engine.compile.compiler",
    "debugger.predicting",
    "explain.element.elements",
    "exercises.check",
    "pictures.registry",
    "drawing.cells.figures",
)


def preload() -> None:
    """Import it all, the more likely first."""
    for name in _MODULES:
        import_module(f"tui_backprop.{name}")
