"""A student in a course: what they have done until now, and whatever they do next written down.

Outside of any course it is the same, kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from tui_backprop.courses.course import CourseFolder, LessonParts
from tui_backprop.courses.progress import CourseStanding, standing
from tui_backprop.courses.results.events import (
    AnyEvent,
    AskedLesson,
    AskedQuestion,
    CourseBegun,
    HandedIn,
    Opened,
    now,
)
from tui_backprop.courses.results.file import ResultsFile
from tui_backprop.courses.results.summary import LessonRecord, summed_up
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.format import read_lesson_file


class Enrolment:
    """A student, a course, and the events between them.

    Args:
        student: the name.
        course: the course; None for lessons outside of any.
        file: where events are kept; None for memory.
    """

    def __init__(
        self, student: str, course: CourseFolder | None = None, file: ResultsFile | None = None
    ) -> None:
        self.student, self.course, self.file = student, course, file
        self._own: list[AnyEvent] = []
        self._summed: tuple[int, Mapping[str, LessonRecord]] = (-1, {})

    @property
    def events(self) -> Sequence[AnyEvent]:
        """All events, in order."""
        return self._own if self.file is None else self.file.all_events

    @property
    def lessons(self) -> Mapping[str, LessonRecord]:
        """How each lesson went until now; one that is missing was never opened."""
        events = self.events
        if self._summed[0] != len(events):
            self._summed = len(events), summed_up(events)
        return self._summed[1]

    def lesson(self, name: str) -> LessonRecord:
        """Return how a lesson went until now."""
        return self.lessons.get(name, LessonRecord())

    @cached_property
    def parts(self) -> Mapping[str, LessonParts]:
        """What the course's lessons have to do."""
        return {} if self.course is None else self.course.all_parts()

    @cached_property
    def asked(self) -> Sequence[AskedLesson]:
        """What the course asks for."""
        return () if self.course is None else asked_in(self.course)

    @property
    def standing(self) -> CourseStanding:
        """Where the student stands in the course."""
        if self.course is None:
            return CourseStanding(())
        facts = {name: record.facts for name, record in self.lessons.items()}
        return standing(self.course, self.parts, facts)

    @property
    def last(self) -> str:
        """The lesson that was opened last; "" where none was."""
        return next((event.lesson for event in reversed(self.events) if isinstance(event, Opened)), "")

    def begin(self) -> None:
        """Write down what is asked for, unless it stands there as it is."""
        if self.course is None:
            return
        title = self.course.title
        event = CourseBegun(
            time=now(), course=key_of(self.course), title=title[:400], student=self.student,
            lessons=tuple(self.asked),
        )  # fmt: skip
        before = next((one for one in reversed(self.events) if isinstance(one, CourseBegun)), None)
        if before is None or (before.lessons, before.title) != (event.lessons, event.title):
            self.add(event)

    def add(self, *events: AnyEvent) -> None:
        """Write events down."""
        if self.file is None:
            self._own += events
        else:
            self.file.add(*events)

    def hand_in(self, lesson: str) -> None:
        """Write down that a lesson is handed in."""
        self.add(HandedIn(time=now(), lesson=lesson))

    def close(self) -> Sequence[str]:
        """Write what could not be written before; return what is lost by leaving now, a line each."""
        if self.file is None:
            return ()
        self.file.close()
        return self.file.unsaved


def key_of(course: CourseFolder) -> str:
    """Return what tells a course from others in results: its title, wherever its folder is."""
    return course.title[:200] or "course"


def asked_in(course: CourseFolder) -> tuple[AskedLesson, ...]:
    """Return what a course asks for, read from its lessons' files; of one that is refused, nothing."""
    found = []
    for entry in course.entries:
        try:
            struct, _ = read_lesson_file(entry.path, course.sandbox)
        except LessonError:
            found.append(AskedLesson(entry.name))
            continue
        questions = tuple(
            AskedQuestion(table.name or str(number), table.points)
            for number, table in enumerate(struct.question, 1)
        )
        tasks = tuple(table.name or str(number) for number, table in enumerate(struct.task, 1))
        found.append(AskedLesson(entry.name, questions, tasks))
    return tuple(found)
