"""Errors of lesson files: each names file, key and rule on one line."""

from __future__ import annotations

from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable


class LessonError(BackpropError):
    """A lesson file, or something in it, is refused."""


class HyperparameterError(BackpropError):
    """A hyperparameter is unknown or its value out of range."""


def found(value: object, limit: int = 40) -> str:
    """Write a value that was found where another belongs, short and on one line."""
    if isinstance(value, bool):
        return str(value).lower()  # as TOML has it
    try:
        return printable(repr(value), limit)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or lists in lists in lists
        return "a whole number of thousands of digits" if isinstance(value, int) else type(value).__name__


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
