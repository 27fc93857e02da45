"""What is written into a results file: what a student was asked, answered and reached, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from tui_backprop.courses.results.lines import ResultLine

MOST_GIVEN = 1_000
"""Characters of an answer that are kept."""
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Points: TypeAlias = Annotated[float, Meta(ge=0, le=1_000_000)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)]
Time: TypeAlias = Annotated[datetime, Meta(tz=True)]


class Event(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Something that happened.

    Attributes:
        time: when it was over.
    """

    time: Time


class AskedQuestion(Struct, frozen=True):
    """A question of a lesson: its name there, and what a right answer is worth."""

    name: Name
    points: Points = 1.0


class AskedLesson(Struct, frozen=True):
    """A lesson of the course as it is: its questions, and the names of its tasks."""

    name: Name
    questions: tuple[AskedQuestion, ...] = ()
    tasks: tuple[Name, ...] = ()


class CourseBegun(Event, frozen=True, kw_only=True, tag="begun"):
    """Somebody has begun a course, or goes on with one that is another by now.

    Attributes:
        course: what tells it from others.
        title: what people call it.
        student: whose results these are.
        lessons: what is asked for.
    """

    course: Name
    title: Annotated[str, Meta(max_length=400)]
    student: Name
    lessons: Annotated[tuple[AskedLesson, ...], Meta(max_length=1_000)]


class QuestionAnswered(Event, frozen=True, kw_only=True, tag="answer"):
    """A question was answered, rightly or not.

    Attributes:
        lesson, question: which.
        attempt: the how manieth answer to it this is, from 1 on.
        hints: how many were seen before.
        given: what was typed.
        right: whether it is right.
        score: the share of the points that it earns, from 0 to 1.
        points: what it earns.
        seconds: how long it took, since the question was shown or answered before.
        iteration: where the training stood.
        settings: hyperparameters that were not the lesson's own, ``NAME=VALUE``, each with the iteration
            that it held from.
    """

    lesson: Name
    question: Name
    attempt: Count
    hints: Count
    given: Annotated[str, Meta(max_length=MOST_GIVEN)]
    right: bool
    score: Annotated[float, Meta(ge=0, le=1)]
    points: Points
    seconds: Seconds
    iteration: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    settings: Annotated[
        tuple[tuple[Count, Annotated[str, Meta(max_length=500)]], ...], Meta(max_length=200)
    ] = ()


class Hinted(Event, frozen=True, kw_only=True, tag="hint"):
    """A hint was shown; ``hints`` of the question with it."""

    lesson: Name
    question: Name
    hints: Count
    seconds: Seconds = 0.0


class Revealed(Event, frozen=True, kw_only=True, tag="revealed"):
    """The answer was shown to who gave up."""

    lesson: Name
    question: Name
    seconds: Seconds = 0.0


class TaskDone(Event, frozen=True, kw_only=True, tag="task"):
    """A task's goal was reached."""

    lesson: Name
    task: Name
    seconds: Seconds = 0.0


class HandedIn(Event, frozen=True, kw_only=True, tag="handed in"):
    """A lesson was handed in: its solutions may be seen from now on."""

    lesson: Name


class Opened(Event, frozen=True, kw_only=True, tag="opened"):
    """A lesson of the course was opened."""

    lesson: Name


class ActsCounted(Event, frozen=True, kw_only=True, tag="counted"):
    """So often acts of tasks were done that have to be done several times, by the tasks' keys."""

    lesson: Name
    times: dict[Name, Count]


class Mended(Event, frozen=True, kw_only=True, tag="mended"):
    """A line that a crash had cut was ended here; it holds nothing."""


AnyEvent: TypeAlias = (
    CourseBegun | QuestionAnswered | Hinted | Revealed | TaskDone | HandedIn | Opened | ActsCounted | Mended
)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(AnyEvent)


def now() -> datetime:
    """Return the time, to the millisecond, in UTC."""
    here = datetime.now(UTC)
    return here.replace(microsecond=here.microsecond // 1000 * 1000)


def encode(event: AnyEvent) -> bytes:
    """Return an event as JSON, on one line."""
    return _ENCODER.encode(event)


def decode(entries: Iterable[ResultLine]) -> tuple[Sequence[tuple[int, AnyEvent]], Sequence[int]]:
    """Return the events of a file's lines, with their numbers, and the numbers of lines that hold none."""
    events: list[tuple[int, AnyEvent]] = []
    strange: list[int] = []
    for entry in entries:
        try:
            events.append((entry.line, _DECODER.decode(entry.body)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
            strange.append(entry.line)
    return events, strange
