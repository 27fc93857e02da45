"""Overlays of a course's lessons that do not fit them, in whatever language."""

from __future__ import annotations

from collections.abc import Iterator

from tui_backprop.courses.course import CourseEntry
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.format import read_lesson_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.overlay_names import lesson_of
from tui_backprop.lessons.overlays.fitting import overlaid, parse_overlay
from tui_backprop.lessons.toml_text.parsing import read_text
from tui_backprop.text.printable import printable


def overlay_findings(entry: CourseEntry, sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """Yield which overlays of a lesson are refused: the file, and why."""
    if entry.builtin:
        return
    names = sorted(
        path.name for path in entry.path.parent.iterdir() if lesson_of(path.name) == entry.path.name
    )
    for name in names:
        try:
            text = read_text(entry.path.with_name(name), sandbox)
            overlaid(read_lesson_file(entry.path, sandbox)[0], parse_overlay(text))
        except LessonError as error:
            yield printable(name, 100), str(error)
