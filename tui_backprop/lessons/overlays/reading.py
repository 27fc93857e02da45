"""A lesson in the language that is spoken: its overlay found, read and put on.

A built-in lesson's lies in the language's folder, ``lessons/logistic.ko.toml``; a user's lesson has it beside
it, ``mine.ko.toml`` beside ``mine.toml``. Only texts change: the lesson's file, its numbers and what sessions
keep of it are the same in all languages.
"""

from __future__ import annotations

from pathlib import Path

from tui_backprop.lessons.errors import LessonError, MissingFileError, is_file
from tui_backprop.lessons.format import LessonFile
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.overlay_names import lesson_of, overlay_name
from tui_backprop.lessons.overlays.fitting import overlaid, parse_overlay
from tui_backprop.lessons.toml_text.parsing import read_text
from tui_backprop.text.language.choice import PACKAGED, folder_of
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import ENGLISH, spoken


class OverlayError(LessonError):
    """An overlay is refused; the message begins with its file's name."""


def in_spoken_language(file: LessonFile, path: Path, builtin: str | None, sandbox: Sandbox) -> LessonFile:
    """Return a lesson with the texts of its overlay, if there is one in the language that is spoken.

    Args:
        file: the lesson as its file has it.
        path: that file.
        builtin: the name of a built-in lesson; texts that do not fit one are left alone.
        sandbox: what may be read.

    Raises:
        OverlayError: the overlay of a user's lesson is damaged or does not fit.
    """
    if builtin is not None:
        return _builtin(file, builtin, sandbox)
    place = path.with_name(overlay_name(path.stem, spoken())) if path.name else path
    if not path.name or (not sandbox.confined and not is_file(place)):
        return file
    try:
        return overlaid(file, parse_overlay(read_text(place, sandbox)))
    except MissingFileError:
        return file
    except LessonError as error:
        raise OverlayError(f"{printable(sandbox.shown_path(place), 200)}: {error}") from None


def _builtin(file: LessonFile, name: str, sandbox: Sandbox) -> LessonFile:
    if spoken() == ENGLISH:
        return file
    folder = folder_of(spoken())
    if folder is None or (sandbox.confined and folder.parent != PACKAGED):
        return file
    place = folder / "lessons" / overlay_name(name, spoken())
    try:
        return overlaid(file, parse_overlay(read_text(place, OPEN)))
    except LessonError:  # none, or of another version than the lesson
        return file


def where_it_fits(file: LessonFile, path: Path, builtin: str | None, sandbox: Sandbox) -> LessonFile:
    """Return a lesson as ``in_spoken_language`` does; where the overlay is refused, as it was.

    A text that was kept may be older than the overlay that lies there now.
    """
    try:
        return in_spoken_language(file, path, builtin, sandbox)
    except OverlayError:
        return file


def overlaid_by(path: Path, sandbox: Sandbox) -> str | None:
    """Return the lesson's file name for a path that is an overlay's and no lesson's; None for any other."""
    lesson = lesson_of(path.name)
    if lesson is None:
        return None
    try:
        with sandbox.open_file(path.with_name(lesson)):
            return lesson
    except (OSError, LessonError):
        return None
