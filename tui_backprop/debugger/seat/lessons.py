"""The lessons of a course as its student has them: found, opened with numbers of their own, and listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tui_backprop.courses.progress import LessonState
from tui_backprop.courses.results.enrolment import Enrolment
from tui_backprop.debugger.seat.view import LessonLine
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson


class CourseLessons:
    """The lessons of a student's course; none where there is no course.

    Args:
        enrolment: the student and the course.
    """

    def __init__(self, enrolment: Enrolment) -> None:
        self._enrolment = enrolment
        self._loaded: dict[str, Lesson] = {}

    def name_of(self, lesson: Lesson) -> str:
        """Return a lesson's name in the course; "" where it is none of it, or has another's numbers."""
        course = self._enrolment.course
        if course is None:
            return ""
        for entry in course.entries:
            if entry.builtin == lesson.builtin and _same(entry.path, lesson.path):
                try:
                    return entry.name if self._load(entry.name).text == lesson.text else ""
                except LessonError:
                    return ""
        return ""

    def _load(self, name: str) -> Lesson:
        course = self._enrolment.course
        assert course is not None
        if name not in self._loaded:
            self._loaded[name] = course.lesson(name, self._enrolment.student)
        return self._loaded[name]

    def find(self, argument: str) -> str:
        """Return the lesson of the course that somebody means; "" where it is none of it."""
        course = self._enrolment.course
        if course is None:
            return ""
        short = argument.removesuffix(".toml")
        for entry in course.entries:
            if entry.name in (argument, short):
                return entry.name
            if not course.sandbox.confined and not entry.builtin and _same(entry.path, Path(argument)):
                return entry.name
        return ""

    def fresh(self, name: str) -> Lesson:
        """Return a lesson of the course with the student's numbers, read anew.

        Raises:
            BackpropError: it is locked, or refused.
        """
        line = self._enrolment.standing.of(name)
        if line.state is LessonState.LOCKED:
            raise BackpropError(f"{line.name}: {line.reason}")
        self._loaded.pop(name, None)
        return self._load(name)

    def lines(self, here: str) -> Iterator[LessonLine]:
        """Yield a line for each lesson; ``here`` is the name of the one that is open."""
        enrolment = self._enrolment
        if enrolment.course is None:
            return
        standing = enrolment.standing
        for one, asked in zip(standing.lessons, enrolment.asked, strict=True):
            record = enrolment.lesson(one.name)
            score = sum(record.question(question.name).score or 0.0 for question in asked.questions)
            yield LessonLine(
                one.name, one.title, enrolment.parts[one.name].summary, one.state, one.done, one.of,
                one.reason, score, sum(question.points for question in asked.questions),
                one.name == standing.next, one.name == here, record.handed_in is not None,
                [(one.name, one.points, record.question(one.name)) for one in asked.questions],
            )  # fmt: skip


def _same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        return False
