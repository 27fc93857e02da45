"""A course's pages as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui_backprop.debugger.course.following import sit
from tui_backprop.debugger.seat.view import (
    AskedQuestionView,
    CoursePage,
    ProgressPage,
    QuestionPage,
    TasksPage,
)
from tui_backprop.debugger.seat.words import (
    choice_lines,
    closing_lines,
    course_heading,
    hint_lines,
    lesson_notes,
    question_lines,
    question_title,
    record_text,
    standing_line,
    state_text,
    task_heading,
)
from tui_backprop.debugger.session import DebugSession
from tui_backprop.text.sentences import tr, tr_in

if TYPE_CHECKING:
    from tui_backprop.debugger.seat.seat import Seat


def opening(session: DebugSession, seat: Seat, tell: Callable[[str], object]) -> Sequence[str]:
    """Take a seat in a course, and return what is said of it first: the lessons, and where one stands."""
    sit(session, seat, tell)
    view = seat.view
    return () if view is None else tuple(_course(CoursePage(view), None))


def _course(page: CoursePage, sheet: Any) -> Iterator[str]:
    """Write a line for each lesson: where one stands in it, and what is to be known."""
    yield course_heading(page.view)
    for lesson in page.view.lessons:
        notes = "; ".join(lesson_notes(lesson))
        here = tr("{state}, open here", state=state_text(lesson)) if lesson.here else state_text(lesson)
        yield f"{lesson.name} ({here}): {lesson.title}" + (f"; {notes}" if notes else "")
    yield tr("open LESSON opens one; tasks lists what there is to do in it")


def _tasks(page: TasksPage, sheet: Any) -> Iterator[str]:
    view = page.view
    yield task_heading(view)
    for task in view.tasks:
        mark = (
            tr_in("task", "done")
            if task.done
            else tr_in("task", "now")
            if task.current
            else tr_in("task", "to do")
        )
        yield tr("task {number}, {state}: {task}", number=task.number, state=mark, task=task.text)
    for question in view.questions:
        yield tr("question {number}, {state}: {question}", number=question.number, question=question.text,
                 state=record_text(question.record, question.points))  # fmt: skip
    if any(not question.record.closed for question in view.questions) and not view.handed_in:
        yield tr("question asks the next one, question N another")


def _question(page: QuestionPage, sheet: Any) -> Iterator[str]:
    """Write the question where it is new, and else what has come to it."""
    asked = page.asked
    if page.begins:
        yield f"{question_title(asked)}: {asked.text}"
        yield from choice_lines(asked)
        yield from hint_lines(asked)
    else:
        yield from _new(asked)
    yield from closing_lines(asked)
    if line := standing_line(asked):
        yield line
    if page.following is not None:
        yield tr("question {number} is asked here too; question asks it", number=page.following)
    if not page.begins or asked.record.closed:
        return
    if asked.locked:
        yield tr("answer TEXT answers it, hint gives a hint; TEXT: {form}", form=asked.form)
    else:
        yield tr("answer TEXT answers it, hint gives a hint, reveal shows it; TEXT: {form}", form=asked.form)


def _new(asked: AskedQuestionView) -> Iterator[str]:
    if asked.said:
        yield asked.said
    elif asked.hints and not asked.record.closed:
        *_, last = hint_lines(asked)
        yield last


def _progress(page: ProgressPage, sheet: Any) -> Iterator[str]:
    yield course_heading(page.view)
    for lesson in page.view.lessons:
        for line in question_lines(lesson):
            yield f"{lesson.name}, {line}"


PAGES: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    CoursePage: _course,
    TasksPage: _tasks,
    QuestionPage: _question,
    ProgressPage: _progress,
}
