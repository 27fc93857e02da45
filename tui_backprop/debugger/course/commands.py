"""The commands of a course: progress, tasks, questions and their answers, handing in."""

from __future__ import annotations

from tui_backprop.debugger.arguments import whole_number
from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.course.following import any_seat, asked, closed_or_not, seat_of
from tui_backprop.debugger.replies import Note, Replies
from tui_backprop.debugger.seat.view import CoursePage, CourseView, ProgressPage, QuestionPage, TasksPage
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import later, tr, tr_count

NO_COURSE = later("no course is open; tui-backprop course DIR opens one")
NOW = "now"
"""What is written behind ``handin`` where questions are left."""


def course(session: DebugSession, argument: str = "") -> Replies:
    """Show one's own progress: the lessons, what is done, what is next, what is locked."""
    view = _course_view(session)
    yield Note(tr(NO_COURSE)) if view is None else CoursePage(view)


def progress(session: DebugSession, argument: str = "") -> Replies:
    """List each question of the course, and what it has earned."""
    view = _course_view(session)
    yield Note(tr(NO_COURSE)) if view is None else ProgressPage(view)


def _course_view(session: DebugSession) -> CourseView | None:
    seat = seat_of(session)
    return seat.view if seat is not None and seat.in_course else None


def tasks(session: DebugSession, argument: str = "") -> Replies:
    """List the tasks and questions of this lesson."""
    view = any_seat(session).view
    if view is None or not (view.tasks or view.questions):
        yield Note(tr("this lesson has no tasks and no questions"))
    else:
        yield TasksPage(view)


def question(session: DebugSession, argument: str = "") -> Replies:
    """Ask a question of this lesson: by its number, or the first that is not closed.

    Raises:
        BackpropError: there is none.
    """
    seat = any_seat(session)
    number = whole_number(argument, 1, 1000) if argument else None
    yield from asked(session, seat, number)


def answer(session: DebugSession, argument: str) -> Replies:
    """Answer the question that is open; ask the next one first where none is.

    Raises:
        BackpropError: there is none, or the answer cannot be read.
    """
    seat = any_seat(session)
    if not argument:
        raise BackpropError(tr("found no answer; write it behind the word, such as answer -0.375"))
    yield closed_or_not(session, seat.answer(argument))


def hint(session: DebugSession, argument: str = "") -> Replies:
    """Give a hint to the question that is open.

    Raises:
        BackpropError: none is, or there is no further hint.
    """
    seat = any_seat(session)
    yield QuestionPage(seat.hint())


def hand_in(session: DebugSession, argument: str = "") -> Replies:
    """Hand the lesson in: its solutions may be seen from then on, and answers do not count any more.

    Raises:
        BackpropError: there is nothing to hand in, or it was handed in before.
    """
    seat = any_seat(session)
    view = seat.view
    missing = 0 if view is None or not seat.in_course else len(view.questions) - view.questions_closed
    if missing and argument.strip().lower() != NOW:
        command = tr("Hand in now, in the palette,") if session.front.panels else f"handin {NOW}"
        raise BackpropError(
            tr_count("{count} question is not answered yet; {command} hands the lesson in all the same",
                     "{count} questions are not answered yet; {command} hands the lesson in all the same",
                     missing, command=command)
        )  # fmt: skip
    seat.hand_in()
    yield Note(tr("handed in; solutions are shown from now on, and answers do not count any more"))


COMMANDS = (
    typed(
        "course k", course, later("Course: your progress, what is next, what is locked"), "course",
        changes=False, key=Key("k", later("course")),
    ),
    typed(
        "tasks j", tasks, later("Tasks and questions of this lesson"), "tasks",
        changes=False, key=Key("j", later("tasks")),
    ),
    typed(
        "question", question, later("Ask a question of this lesson: the first open one, or N"), "question 1",
        arguments="[N]", offered_by="tasks",
        more=later("answer and what you think answers it, hint gives a hint, reveal shows the answer."),
    ),
    typed(
        "answer", answer, later("Answer the question that is asked"), "answer -0.5",
        arguments="TEXT", offered_by="tasks",
        more=later("Numbers, a formula, a shape, a sign or the number of a choice, as the question has it."),
    ),
    typed("hint", hint, later("A hint to the question that is asked"), "hint", offered_by="tasks"),
    typed(
        "progress", progress, later("Progress: each question of the course, and what it has earned"),
        "progress", changes=False, offered_by="course",
    ),
    typed(
        "handin", hand_in, later("Hand this lesson in; its solutions are shown from then on"), "handin now",
        arguments="[now]", offered_by="course",
        more=later("Answers do not count any more behind it. With questions left, write handin now."),
    ),
)  # fmt: skip
