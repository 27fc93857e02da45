"""A course's title and summary in the language that is spoken: ``course.ko.toml`` has them, and nothing else.

It lies beside a user's ``course.toml``; that of the built-in course lies in the language's folder.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from tui_backprop.courses.course import BUILTIN_COURSE
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, MissingFileError, is_file
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.overlay_names import overlay_name
from tui_backprop.lessons.toml_text.parsing import parse_toml, read_text
from tui_backprop.text.language.choice import PACKAGED, folder_of
from tui_backprop.text.sentences import ENGLISH, spoken


class CourseTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What a course is called and what it is about; "" where the language does not say."""

    title: str = ""
    summary: str = ""


def spoken_texts(folder: Path, sandbox: Sandbox) -> CourseTexts:
    """Read a course's texts in the language that is spoken; none where there are none.

    Raises:
        LessonError: the file of a user's course is refused; it is named.
    """
    name = overlay_name("course", spoken())
    if folder.resolve() == BUILTIN_COURSE.resolve():
        return _builtin(name, sandbox)
    if not sandbox.confined and not is_file(folder / name):
        return CourseTexts()
    try:
        return convert(parse_toml(read_text(folder / name, sandbox)), CourseTexts, "")
    except MissingFileError:
        return CourseTexts()
    except LessonError as error:
        raise LessonError(f"{name}: {error}") from None


def _builtin(name: str, sandbox: Sandbox) -> CourseTexts:
    place = folder_of(spoken()) if spoken() != ENGLISH else None
    if place is None or (sandbox.confined and place.parent != PACKAGED):
        return CourseTexts()
    try:
        return convert(parse_toml(read_text(place / name, OPEN)), CourseTexts, "")
    except LessonError:  # none
        return CourseTexts()
