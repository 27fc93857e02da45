"""A course with tasks, questions and drawn numbers, and the app on a seat in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.pilot import Session, driven
from tests.support.plain import Said, typed_into
from tui_backprop.cli.teaching.resuming import lesson_to_open, take_seat
from tui_backprop.courses.loading import load_course
from tui_backprop.debugger.course.following import sit
from tui_backprop.debugger.seat.seat import Seat
from tui_backprop.text.charset import Charset
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp

SLOPE = '''
title = "A slope"
summary = "One square, one slope."
formula = """
y = x**2
z = 3 * y
"""
loss = "z"
[data]
x = 4
[draw]
x = { integers = [2, 9] }
[[task]]
text = "Go back from z to x, factor by factor."
goal = "at y <- x"
[[why]]
at = "y <- x"
text = "A note of the teacher's."
[[question]]
at = "y <- x"
ask = "value"
points = 2
text = "How fast does y rise with x, at x = {x}?"
hint = ["The slope of a square is twice what is squared.", "Twice {x}."]
why = "The slope of x² is 2x."
[[question]]
at = "x"
of = "gradient"
ask = "value"
text = "And how fast does z rise with x?"
'''
LINE = '''
title = "A line that learns"
formula = """
y_hat = w * x + b
L = mean((y_hat - y)**2)
"""
[samples]
x = [1, 2, 3, 4]
y = [3, 5, 7, 9]
[parameters]
w = 0.0
b = 0.0
[hyperparameters]
learning_rate = 0.05
iterations = 500
[[question]]
name = "sign-of-w"
at = "w"
ask = "sign"
text = "Which sign has the gradient of w?"
[[question]]
at = "y_hat <- b"
ask = "choice"
text = "What acts on b?"
choices = ["nothing", "the sum over all samples"]
answer = 2
[[task]]
text = "Train until the loss is below 0.01."
goal = "loss < 0.01"
[[task]]
text = "Pass iteration 7."
goal = "iteration 7"
[[task]]
text = "Check the gradients."
goal = "check"
[[task]]
text = "Work the gradient of w out by hand."
goal = "homework w"
'''
QUIET = """
title = "Nothing to answer"
formula = "L = w**2"
[parameters]
w = 2.0
"""


def write_course(folder: Path, *, solutions: str = "open") -> Path:
    """Write a course of three lessons, the second of which waits for the first, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slope.toml").write_text(SLOPE)
    (folder / "line.toml").write_text(LINE)
    (folder / "quiet.toml").write_text(QUIET)
    (folder / "course.toml").write_text(
        f'title = "From a slope to a line"\norder = ["slope", "line", "quiet"]\nsolutions = "{solutions}"\n'
        '[needs]\nline = "slope"\nquiet = "line"\n'
    )
    return folder


def seated(folder: Path, student: str = "Kim") -> tuple[Seat, Trainer]:
    """Take a student's seat as the command line does; return it, and the training that they go on with."""
    seat = take_seat(load_course(folder), student)
    lesson = seat.lessons.fresh(lesson_to_open(seat))
    seat.enrolment.begin()
    return seat, Trainer(lesson)


def in_class(folder: Path, *commands: str, student: str = "Kim") -> Said:
    """Do these commands in plain mode on a student's seat."""
    seat, trainer = seated(folder, student)
    said = typed_into(trainer, commands, seat=seat)
    assert not seat.close()
    return said


@asynccontextmanager
async def class_app(
    folder: Path,
    student: str = "Kim",
    *,
    size: tuple[int, int] = (80, 24),
    charset: Charset | None = None,
    painted: bool = False,
) -> AsyncIterator[Session]:
    """Start the app on a student's seat."""
    seat, trainer = seated(folder, student)
    app = BackpropApp(trainer)
    app.runner.prepare(lambda session: sit(session, seat, app.autosave.tell or str))
    if charset is not None:
        app.adapt(colours=True, charset=charset)
    async with driven(app, size=size, painted=painted) as session:
        yield session


async def begin(session: Session) -> None:
    """Close the course's page, which comes up first."""
    await session.until(lambda: session.overlay == "CourseScreen")
    await session.settle()
    await session.press("enter")
    assert session.overlay == ""
