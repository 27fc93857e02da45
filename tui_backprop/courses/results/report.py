"""The report over a class: a row for each student, lesson and question; what is missing, or not believed.

Where the course is at hand, each answer that is recorded as right is marked again with the student's own
numbers, and earns what the course gives for its tries and hints; the score in the file is then only compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from tui_backprop.courses.results.events import AnyEvent, AskedLesson, HandedIn, QuestionAnswered
from tui_backprop.courses.results.found import FoundFile, FoundPlace, Numbered
from tui_backprop.courses.results.summary import LessonRecord, QuestionRecord, summed_up
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class Marking(Protocol):
    """A course that marks answers again."""

    @property
    def key(self) -> str:
        """What tells it from other courses in results."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def asked(self) -> Sequence[AskedLesson]:
        """Its lessons, with the questions and tasks of each."""

    def earned(self, student: str, answer: QuestionAnswered, tries: int, hints: int) -> float | None:
        """Return what an answer earns as the so manieth, in points; None where it is wrong."""


class ReportRow(Struct, frozen=True):
    """One question of a lesson, as a student has answered it, or not.

    Attributes:
        student: the name in the results; of who has none the folder's.
        course: its title.
        lesson, question: which; empty where it is not known what is asked for.
        record: how it went.
        points: what it is worth.
        handed_in: whether the lesson was handed in.
        task: whether this is a task, and no question.
    """

    student: str
    course: str = ""
    lesson: str = ""
    question: str = ""
    record: QuestionRecord = QuestionRecord()
    points: float | None = None
    handed_in: datetime | None = None
    task: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether nothing was given."""
        return self.record.score is None

    @property
    def finished(self) -> str:
        """When it was right, shown or reached: ISO 8601, UTC, to the second; "" where it is none of these."""
        return when(self.record.finished)


def when(time: datetime | None) -> str:
    """Return a time as reports have it."""
    return "" if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Report(Struct, frozen=True):
    """A report.

    Attributes:
        rows: students in the order of the folders, lessons and questions in that of the course.
        complaints: what is wrong with folders and files, a line each.
        sources: for each student and course, the file.
    """

    rows: Sequence[ReportRow]
    complaints: Sequence[str] = ()
    sources: Sequence[FoundFile] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing that was asked for; tasks are not asked for."""
        return not any(row.is_missing for row in self.rows if not row.task)


def report(places: Sequence[FoundPlace], course: Marking | None = None, *, tasks: bool = False) -> Report:
    """Return the report over what was found.

    Args:
        places: the folders.
        course: whose results are wanted; those of all courses where it is None, not marked again.
        tasks: whether there are rows for tasks too.
    """
    rows: list[ReportRow] = []
    complaints: list[str] = []
    sources: list[FoundFile] = []
    seen: set[tuple[int, int] | str] = set()
    for place in places:
        complaints += place.refusals
        files = [file for file in place.files if course is None or file.begun.course == course.key]
        for file in files:
            identity = str(file.path.resolve())
            if identity in seen:
                continue
            seen.add(identity)
            sources.append(file)
            complaints += file.complaints
            events, forged = _believed(file, course)
            complaints += forged
            rows += _rows(file, course, events, tasks=tasks)
        if not files:
            rows += _none(place.name, course)
    return Report(rows, complaints, sources)


def _none(student: str, course: Marking | None) -> Iterator[ReportRow]:
    """Yield the rows of a student without results."""
    if course is None:
        yield ReportRow(student)
        return
    for lesson in course.asked:
        questions = lesson.questions or ()
        for question in questions:
            yield ReportRow(student, course.title, lesson.name, question.name, points=question.points)
        if not questions:
            yield ReportRow(student, course.title, lesson.name)


def _rows(
    file: FoundFile, course: Marking | None, events: Sequence[AnyEvent], *, tasks: bool
) -> Iterator[ReportRow]:
    lessons = summed_up(events)
    student = printable(file.begun.student, 200)
    title = printable(course.title if course is not None else file.begun.title, 200)
    asked = course.asked if course is not None else file.begun.lessons
    for lesson in asked:
        record = lessons.get(lesson.name, LessonRecord())
        name = printable(lesson.name, 200)
        for question in lesson.questions:
            found = record.question(question.name)
            score = None if found.score is None else min(found.score, question.points)
            yield ReportRow(
                student, title, name, printable(question.name, 200), replace(found, score=score),
                question.points, record.handed_in,
            )  # fmt: skip
        if not lesson.questions:
            yield _whole(student, title, name, lesson, record)
        if tasks:
            yield from _tasks(student, title, name, lesson, record)


def _whole(student: str, title: str, name: str, lesson: AskedLesson, record: LessonRecord) -> ReportRow:
    """Return the row of a lesson without questions: it is worth nothing, and done with its last task."""
    times = [record.tasks[task] for task in lesson.tasks if task in record.tasks]
    done = record.opened and len(times) == len(lesson.tasks)
    finished = max(times, default=record.handed_in) if done else None
    found = QuestionRecord(score=0.0 if done else None, finished=finished)
    return ReportRow(student, title, name, "", found, 0.0, record.handed_in)


def _tasks(
    student: str, title: str, name: str, lesson: AskedLesson, record: LessonRecord
) -> Iterator[ReportRow]:
    for task in lesson.tasks:
        time = record.tasks.get(task)
        found = QuestionRecord(score=None if time is None else 0.0, finished=time)
        yield ReportRow(
            student, title, name, f"task {printable(task, 200)}", found, 0.0, record.handed_in, True
        )


def _believed(file: FoundFile, course: Marking | None) -> tuple[Sequence[AnyEvent], Sequence[str]]:
    """Return the events with the scores that they are believed to have, and what is not believed."""
    forged: list[str] = []
    events: list[AnyEvent] = []
    tries: dict[tuple[str, str], int] = {}
    hints: dict[tuple[str, str], int] = {}
    worth = {
        (lesson.name, question.name): question.points
        for lesson in (course.asked if course is not None else file.begun.lessons)
        for question in lesson.questions
    }
    handed_in: set[str] = set()
    for numbered in file.events:
        event = numbered.event
        if isinstance(event, HandedIn):
            handed_in.add(event.lesson)
        key = (getattr(event, "lesson", ""), getattr(event, "question", ""))
        hints[key] = max(hints.get(key, 0), getattr(event, "hints", 0))
        if not isinstance(event, QuestionAnswered):
            events.append(event)
            continue
        tries[key] = tries.get(key, 0) + 1
        earned = _earned(file, numbered, course, tries[key], hints[key], worth)
        if event.right and earned is None:
            forged.append(_says(file, numbered.line, tr(
                "{question} of {lesson} is recorded as answered rightly, and is not; it earns nothing",
                question=printable(event.question, 60), lesson=printable(event.lesson, 60))))  # fmt: skip
        elif event.right and earned is not None and abs(earned - event.points) > 1e-9:
            forged.append(_says(file, numbered.line, tr(
                "{question} of {lesson} is recorded with {recorded:g} points; its answer earns {earned:g}",
                question=printable(event.question, 60), lesson=printable(event.lesson, 60),
                recorded=event.points, earned=earned)))  # fmt: skip
        events.append(replace(event, right=event.right and earned is not None, points=earned or 0.0))
    return events, forged


def _says(file: FoundFile, line: int, what: str) -> str:
    where = tr("line {line}: {what}", line=line, what=what)
    return f"{printable(str(file.path), 300)}, {where}"


def _earned(
    file: FoundFile,
    numbered: Numbered,
    course: Marking | None,
    tries: int,
    hints: int,
    worth: Mapping[tuple[str, str], float],
) -> float | None:
    """Return what an answer earns; None where it is wrong, or was recorded as wrong."""
    event = numbered.event
    assert isinstance(event, QuestionAnswered)
    most = worth.get((event.lesson, event.question))
    if not event.right or most is None:
        return event.points if event.right else None
    if course is None:
        return min(event.points, most)
    return course.earned(file.begun.student, event, tries, hints)
