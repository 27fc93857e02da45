"""Lesson files where somebody works: those of the current folder, and how a path that is begun goes on."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.format import read_lesson_file
from tui_backprop.lessons.limits import OPEN
from tui_backprop.lessons.overlay_names import without_overlays
from tui_backprop.lessons.overlays.reading import OverlayError, in_spoken_language
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.printable import is_safe
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

ENDING = ".toml"
MOST_LISTED = 100
"""Files of a folder that are listed."""
LARGEST = 100_000
"""Bytes of a file that is read for its title alone."""


def files_here() -> list[str]:
    """Return the lesson files of the current folder by name; none where it cannot be read.

    Other programs have .toml files too: a lesson's has a line that begins with ``formula =``.
    """
    files = (Path(name) for name in _names(Path(), "") if name.endswith(ENDING))
    return [str(path) for path in islice(filter(_has_formula, files), MOST_LISTED)]


def _has_formula(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return re.search(rb"(?m)^[ \t]*formula[ \t]*=", file.read(LARGEST)) is not None
    except OSError:
        return False


def describe_file(path: Path) -> tuple[str, str]:
    """Return title and summary of a lesson file, or why it cannot be opened; nothing is computed."""
    try:
        if path.stat().st_size > LARGEST:
            return "", tr("{path}: a large file", path=path)
        struct = in_spoken_language(read_lesson_file(path, OPEN)[0], path, None, OPEN)
        return clean(struct.title, "title"), clean(struct.summary, "summary")
    except OverlayError as error:
        return tr("(cannot be opened)"), str(error)
    except (BackpropError, OSError) as error:
        reason = str(error) if isinstance(error, BackpropError) else system_reason(error)
        return tr("(cannot be opened)"), f"{path}: {reason}"


def completed(text: str) -> str:
    """Return a path that is begun with as much added as all files and folders agree on that it may mean."""
    folder, _, begun = text.rpartition(os.sep)
    folder += os.sep if os.sep in text else ""
    try:
        place = Path(folder).expanduser()
    except RuntimeError:  # nobody's home
        return text
    matching = _names(place, begun)
    if not matching:
        return text
    first, last = matching[0], matching[-1]  # sorted: what these two begin with alike, all do
    alike = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return folder + first[:alike]


def _names(folder: Path, begun: str) -> list[str]:
    """Return the lesson files and the folders, these with a slash, whose names begin like that."""
    names = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                name = entry.name
                hidden = name.startswith(".") and not begun.startswith(".")
                if hidden or not name.startswith(begun) or not all(map(is_safe, name)):
                    continue
                if entry.is_dir():
                    names.append(name + os.sep)
                elif name.endswith(ENDING) and entry.is_file():
                    names.append(name)
    except (OSError, ValueError):
        return []
    return sorted(without_overlays(names))
