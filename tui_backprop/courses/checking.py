"""``course check``: everything that would fail before a class, found before.

Each lesson is loaded, each question answered by its own right answer, with the lesson's numbers and with
drawn ones, and each goal tried: conditions by training up to the lesson's own number of iterations.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tui_backprop.courses.checked.goals import goal_findings
from tui_backprop.courses.checked.overlays import overlay_findings
from tui_backprop.courses.checked.questions import question_findings
from tui_backprop.courses.course import CourseEntry, CourseError, CourseFolder
from tui_backprop.courses.findings import CourseFinding
from tui_backprop.courses.loading import FILE, load_course
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.drawn import redrawn, seed_of
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.overlays.reading import OverlayError
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

STUDENTS = ("Kim", "Lee", "Ada", "Emmy", "Sofia")
"""Made-up students whose numbers are tried where numbers are drawn."""
TRAINED = 2
"""Of these, so many have conditions tried, which takes a training each."""


def check_course(folder: Path, sandbox: Sandbox = OPEN) -> Iterator[CourseFinding]:
    """Yield what is wrong with a course.

    Args:
        folder: the course's folder.
        sandbox: what may be read.

    Raises:
        CourseError: there is no course in this folder at all.
    """
    if not sandbox.confined and not os.path.exists(folder / FILE):
        load_course(folder, sandbox)  # which says what is missing
    try:
        course = load_course(folder, sandbox)
    except CourseError as error:
        yield CourseFinding("", str(error))
        return
    for entry in course.entries:
        yield from _lesson_findings(course, entry)


def _lesson_findings(course: CourseFolder, entry: CourseEntry) -> Iterator[CourseFinding]:
    where = entry.name if entry.builtin else f"{entry.name.removesuffix('.toml')}.toml"
    try:
        for name, text in overlay_findings(entry, course.sandbox):
            yield CourseFinding(name, text)
        lesson = course.lesson(entry.name)
    except OverlayError:  # of the language that is spoken, which was just told
        return
    except BackpropError as error:
        yield from (CourseFinding("", text) for text in dict.fromkeys((str(error), *error.further)))
        return
    numbers: list[tuple[str, Lesson]] = [("", lesson)]
    if lesson.draws or course.draw:
        for student in STUDENTS:
            try:
                drawn = redrawn(lesson, seed_of(student, entry.name), whole=course.whole)
            except BackpropError as error:
                yield CourseFinding(where, str(error))
                break
            numbers.append((student, drawn))
    said = set[str]()
    for place, (student, one) in enumerate(numbers):
        new = dict[str, str]()
        for field, text in _findings(one, tried=place <= TRAINED):
            if field not in said:  # what is wrong with the lesson's own numbers is told once
                new.setdefault(field, text)
        for field, text in new.items():
            yield CourseFinding(f"{where}: {field}", _of(text, student))
        said |= new.keys()


def _findings(lesson: Lesson, *, tried: bool) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with questions and goals: table, number and field, and what it is."""
    trainer = Trainer(lesson)
    with np.errstate(all="ignore"):
        for question in lesson.questions:
            for field, text in question_findings(question, trainer):
                yield f"question {question.number}.{field}", text
        for task, text in goal_findings(lesson) if tried else ():
            yield f"task {task.number}.goal", text


def _of(text: str, student: str) -> str:
    """Return what was found, said of whose numbers it holds; the lesson's own go without saying."""
    if not student:
        return text
    return tr("{finding} (with the numbers of a student called {name})", finding=text, name=student)
