"""Going on in a course: the lesson that was left, and the training in it as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sessions.autosave import Autosave, SessionAutosave
from tui_backprop.sessions.store import list_sessions

if TYPE_CHECKING:
    from tui_backprop.courses.course import CourseFolder
    from tui_backprop.debugger.seat.seat import Seat
    from tui_backprop.lessons.lesson import Lesson
    from tui_backprop.lessons.limits import Sandbox
    from tui_backprop.training.trainer import Trainer

MOST_LOOKED_AT = 8
"""Sessions of a lesson's name that are looked into, the newest first."""


def take_seat(course: CourseFolder, student: str) -> Seat:
    """Return a student's seat in a course; what they have done until now is read from their results.

    Nothing is refused where results cannot be kept: that is told by the file.
    """
    from tui_backprop.courses.results.enrolment import Enrolment, key_of
    from tui_backprop.courses.results.file import ResultsFile
    from tui_backprop.courses.results.place import results_path
    from tui_backprop.debugger.seat.seat import Seat

    try:
        file = ResultsFile(results_path(key_of(course), student), discreet=course.sandbox.confined)
    except OSError:
        return Seat(Enrolment(student, course))
    return Seat(Enrolment(student, course, file))


def lesson_to_open(seat: Seat) -> str:
    """Return the lesson that a student goes on with: the one left last, unless it is done."""
    standing = seat.enrolment.standing
    last = seat.enrolment.last
    for one in standing.lessons:
        if one.name == last and one.state not in ("done", "locked"):
            return one.name
    return standing.next or standing.lessons[0].name


def kept_training(lesson: Lesson, sandbox: Sandbox) -> tuple[Trainer, Autosave] | None:
    """Return the training that was left in a lesson with just these numbers; None where none is kept."""
    found = [info for info in list_sessions() if info.lesson == lesson.name]
    for info in found[:MOST_LOOKED_AT]:
        if info.locked or info.problem:
            continue
        autosave = SessionAutosave(sandbox=sandbox)
        try:
            trainer, _ = autosave.resume(info.id)
        except BackpropError:
            continue
        kept = trainer.lesson.in_type("float64")
        if kept.text == lesson.text and kept.path == lesson.path:
            return trainer, autosave
        autosave.close()
    return None
