"""How both faces say what stands in a course: headings, marks, points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui_backprop.debugger.seat.view import (
    AskedQuestionView,
    CourseView,
    LessonLine,
    QuestionLine,
)
from tui_backprop.text.sentences import tr, tr_count, tr_in

if TYPE_CHECKING:
    from tui_backprop.courses.results.summary import QuestionRecord

MARKS = {"done": "✓", "begun": "▷", "open": "·", "locked": "–"}
"""The signs of where somebody stands in a lesson."""
NEXT = "▶"


def plain_number(value: float) -> str:
    """Return points with no more digits than they need."""
    return f"{value:g}"


def task_heading(view: CourseView) -> str:
    """Return how much of a lesson is done, in a heading."""
    if not view.questions:
        return tr("Tasks {done} of {count}", done=view.tasks_done, count=len(view.tasks))
    if not view.tasks:
        return tr("Questions {done} of {count}", done=view.questions_closed, count=len(view.questions))
    return tr("Tasks {done} of {count} · questions {closed} of {asked}",
              done=view.tasks_done, count=len(view.tasks), closed=view.questions_closed,
              asked=len(view.questions))  # fmt: skip


def question_mark(row: QuestionLine) -> str:
    """Return the sign of how a question went: right, shown, tried, or not begun."""
    record = row.record
    return "✓" if record.right else "–" if record.revealed else "▷" if record.tries else "·"


def worth(row: QuestionLine) -> str:
    """Return what a question has earned, or what it is worth."""
    if row.record.closed:
        return f"{plain_number(row.record.score or 0.0)}/{plain_number(row.points)}"
    return points_text(row.points)


def points_text(points: float) -> str:
    """Return so many points, in words."""
    if points == 1:
        return tr("1 point")
    return tr("{points} points", points=plain_number(points))


def earned_text(score: float, points: float) -> str:
    """Return so many of so many points, in words."""
    if points == 1:
        return tr("{score} of 1 point", score=plain_number(score))
    return tr("{score} of {points} points", score=plain_number(score), points=plain_number(points))


def state_text(lesson: LessonLine) -> str:
    """Return where somebody stands in a lesson, in a word."""
    if lesson.state == "done":
        return tr_in("lesson", "done")
    if lesson.state == "locked":
        return tr_in("lesson", "locked")
    if lesson.next:
        return tr_in("lesson", "next")
    return tr_in("lesson", "begun") if lesson.state == "begun" else tr_in("lesson", "open")


def mark(lesson: LessonLine) -> str:
    """Return the sign of where somebody stands in a lesson."""
    return NEXT if lesson.next else MARKS[lesson.state]


def course_heading(view: CourseView) -> str:
    """Return the course, whose it is, and what was earned."""
    if not view.points:
        return tr("{title}, for {student}", title=view.title, student=view.student)
    return tr("{title}, for {student}: {score} of {points} points", title=view.title, student=view.student,
              score=plain_number(view.score), points=plain_number(view.points))  # fmt: skip


def lesson_notes(lesson: LessonLine) -> Iterator[str]:
    """Yield what is to be known of a lesson besides its title, a sentence each."""
    if lesson.reason:
        yield lesson.reason
    if lesson.of:
        yield tr("{done} of {count} tasks and questions done", done=lesson.done, count=lesson.of)
    if lesson.points:
        yield earned_text(lesson.score, lesson.points)
    if lesson.handed_in:
        yield tr("handed in")


def question_title(asked: AskedQuestionView) -> str:
    """Return which question it is, and what it is worth."""
    return tr("Question {number} of {count} · {points}", number=asked.number, count=asked.count,
              points=points_text(asked.points))  # fmt: skip


def standing_line(asked: AskedQuestionView) -> str:
    """Return what an answer would earn, or has earned."""
    record = asked.record
    if record.closed:
        return tr("earned: {points}", points=earned_text(record.score or 0.0, asked.points))
    earns = points_text(asked.worth)
    if not record.tries:
        return tr("a right answer earns {points}", points=earns) if record.hints else ""
    tries = tr_count("{count} try", "{count} tries", record.tries)
    return tr("{tries} so far · a right answer earns {points}", tries=tries, points=earns)


def record_text(record: QuestionRecord, points: float) -> str:
    """Return how a question went, in words."""
    if record.right:
        return tr("right, {points}", points=earned_text(record.score or 0.0, points))
    if record.revealed:
        return tr_in("question", "shown")
    if record.tries:
        return tr_count("{count} try", "{count} tries", record.tries)
    return points_text(points)


def question_lines(lesson: LessonLine) -> Iterator[str]:
    """Yield each question of a lesson, and how it went."""
    for name, points, record in lesson.questions:
        yield tr("question {question}: {state}", question=name, state=record_text(record, points))


def choice_lines(asked: AskedQuestionView) -> Iterator[str]:
    """Yield the choices with their numbers."""
    for number, choice in enumerate(asked.choices, 1):
        yield f"{number}. {choice}"


def hint_lines(asked: AskedQuestionView) -> Iterator[str]:
    """Yield the hints that were seen."""
    for number, hint in enumerate(asked.hints, 1):
        yield tr("hint {number}: {hint}", number=number, hint=hint)


def closing_lines(asked: AskedQuestionView) -> Iterator[str]:
    """Yield what is said once a question is closed: the answer, and why."""
    if asked.solution:
        yield asked.solution
    if asked.why:
        yield tr("why: {why}", why=asked.why)
