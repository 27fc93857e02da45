"""What the tests of courses share: a folder with lessons in it, and their questions."""

from __future__ import annotations

from pathlib import Path

import tui_backprop as tb
from tui_backprop.courses.course import CourseFolder
from tui_backprop.courses.grading import Grade, grade
from tui_backprop.courses.loading import load_course

LOGISTIC = '''\
formula = """
z = X @ beta + b
y_hat = sigmoid(z)
L = sum((y - y_hat)**2 / 2)
"""
loss = "L"
[samples]
X = [[1, 2], [3, 4], [5, 6]]
y = [1, 0, 1]
[parameters]
beta = [0.0, 0.0]
b = 0.0
[hyperparameters]
learning_rate = 0.1
iterations = 100
'''
"""Logistic regression of the notes, whose numbers SOURCES.md has (note 004)."""
SQUARE = 'formula = "y = x**2"\nloss = "y"\n[data]\nx = 3\n'
"""dy/dx = 2x = 6 (note 001)."""


def question(**fields: object) -> str:
    """Write one ``[[question]]``; strings as they are, the rest as TOML has it."""
    return "\n[[question]]\n" + _rows(fields)


def task(goal: str, **fields: object) -> str:
    """Write one ``[[task]]``."""
    return "\n[[task]]\n" + _rows({"goal": goal, **fields})


def _rows(fields: dict[str, object]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items())


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def course(folder: Path, about: str, **lessons: str) -> CourseFolder:
    """Write a course with lessons of these texts, and load it."""
    write(folder, about, **lessons)
    return load_course(folder)


def write(folder: Path, about: str, **lessons: str) -> Path:
    """Write a course with lessons of these texts."""
    folder.mkdir(exist_ok=True)
    (folder / "course.toml").write_text(about, encoding="utf-8")
    for name, text in lessons.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def asking(folder: Path, lesson: str = LOGISTIC, /, **fields: object) -> tb.Trainer:
    """Return a trainer of a lesson with one question."""
    path = folder / "asked.toml"
    path.write_text(lesson + question(**fields), encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path))


def graded(trainer: tb.Trainer, answer: str, tries: int = 1) -> Grade:
    """Judge an answer to a trainer's first question."""
    return grade(trainer.lesson.questions[0], trainer, answer, tries=tries)
