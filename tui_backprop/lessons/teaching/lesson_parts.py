"""What a lesson file's tasks and questions are once they have been checked against the lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import LessonFile
from tui_backprop.lessons.notes import Places
from tui_backprop.lessons.specs.teaching import QuestionTable, TaskTable
from tui_backprop.lessons.teaching.questions import LessonQuestion, make_question
from tui_backprop.lessons.teaching.tasks import LessonTask, make_task
from tui_backprop.text.sentences import tr


def parts_of(file: LessonFile, places: Places) -> Mapping[str, tuple[LessonTask | LessonQuestion, ...]]:
    """Return a lesson's tasks and questions by these two names.

    Raises:
        LessonError: naming table, number and field.
    """
    return {"tasks": make_tasks(file.task, places), "questions": make_questions(file.question, places)}


def make_tasks(tables: Sequence[TaskTable], places: Places) -> tuple[LessonTask, ...]:
    """Check all of ``[[task]]``.

    Raises:
        LessonError: naming table, number and field.
    """
    tasks = tuple(make_task(table, number, places) for number, table in enumerate(tables, 1))
    _refuse_twins("task", [task.key for task in tasks])
    return tasks


def make_questions(tables: Sequence[QuestionTable], places: Places) -> tuple[LessonQuestion, ...]:
    """Check all of ``[[question]]``.

    Raises:
        LessonError: naming table, number and field.
    """
    questions = tuple(make_question(table, number, places) for number, table in enumerate(tables, 1))
    _refuse_twins("question", [question.key for question in questions])
    return questions


def _refuse_twins(table: str, keys: Sequence[str]) -> None:
    for number, key in enumerate(keys, 1):
        if key in keys[: number - 1]:
            raise LessonError(tr("{field}: the name {name} is given twice",
                                 field=f"{table} {number}.name", name=found(key)))  # fmt: skip
