"""Errors of lesson files: each names file, key and rule on one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class LessonError(BackpropError):
    """A lesson file, or something in it, is refused."""


class MissingFileError(LessonError):
    """There is no such file in the lesson folder, as far as a restricted login may know."""


class HyperparameterError(BackpropError):
    """A hyperparameter is unknown or its value out of range."""


def found(value: object, limit: int = 40) -> str:
    """Write a value that was found where another belongs, short and on one line."""
    if isinstance(value, bool):
        return str(value).lower()  # as TOML has it
    try:
        return printable(repr(value), limit)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or lists in lists in lists
        return tr("a whole number of thousands of digits") if isinstance(value, int) else type(value).__name__


def nearest(name: str, names: Iterable[str]) -> str:
    """Return how a message goes on about a name that is not known: with the nearest one, or with all."""
    there = list(names)
    return suggest(name, there) or tr("; there are {names}", names=", ".join(there))


def joined_or(names: Iterable[str]) -> str:
    """Return names as a choice: ``a or b``."""
    first, *others = names
    for other in others:
        first = tr("{one} or {other}", one=first, other=other)
    return first


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def found_form(path: Path) -> Path:
    """Return a path as it is stored: where it is no file, one whose name is the same text in another form.

    macOS and some archives store names decomposed, and people type them composed.
    """
    if path.name.isascii() or is_file(path):
        return path
    wanted = unicodedata.normalize("NFKC", path.name)
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return path
    same = [name for name in names if unicodedata.normalize("NFKC", name) == wanted]
    return path.with_name(same[0]) if len(same) == 1 else path
