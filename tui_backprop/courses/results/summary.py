"""What events come to: of each question how it went, of each lesson what is reached, all in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from tui_backprop.courses.progress import LessonFacts
from tui_backprop.courses.results.events import (
    ActsCounted,
    AnyEvent,
    HandedIn,
    Hinted,
    Opened,
    QuestionAnswered,
    Revealed,
    TaskDone,
)


class QuestionRecord(Struct, frozen=True):
    """How a question went.

    Attributes:
        tries: answers given.
        hints: hints seen.
        right: whether it was answered rightly.
        revealed: whether its answer was shown.
        score: what it has earned, in points; None where nothing was answered or shown.
        seconds: how long it took, all tries together.
        finished: when it was right, or shown.
        given: the last answer.
    """

    tries: int = 0
    hints: int = 0
    right: bool = False
    revealed: bool = False
    score: float | None = None
    seconds: float = 0.0
    finished: datetime | None = None
    given: str = ""

    @property
    def closed(self) -> bool:
        """Whether there is nothing more to answer."""
        return self.right or self.revealed

    def after(self, event: QuestionAnswered | Hinted | Revealed) -> QuestionRecord:
        """Return it after one event more; what comes once it is closed changes nothing."""
        if self.closed:
            return self
        seconds = self.seconds + event.seconds
        if isinstance(event, Hinted):
            return replace(self, hints=max(self.hints, event.hints), seconds=seconds)
        if isinstance(event, Revealed):
            score = self.score or 0.0
            return replace(self, revealed=True, seconds=seconds, finished=event.time, score=score)
        return replace(
            self, tries=self.tries + 1, hints=max(self.hints, event.hints), right=event.right,
            score=max(self.score or 0.0, event.points), seconds=seconds, given=event.given,
            finished=event.time if event.right else None,
        )  # fmt: skip


class LessonRecord(Struct, frozen=True):
    """How a lesson went.

    Attributes:
        opened: whether it was opened.
        tasks: when each task was reached, by key.
        questions: how each went, by key; one that is missing was never answered.
        times: how often acts were done of tasks that ask for several, by the tasks' keys.
        handed_in: when it was handed in.
    """

    opened: bool = False
    tasks: Mapping[str, datetime] = {}
    questions: Mapping[str, QuestionRecord] = {}
    times: Mapping[str, int] = {}
    handed_in: datetime | None = None

    @property
    def facts(self) -> LessonFacts:
        """What of it is done."""
        closed = frozenset(name for name, one in self.questions.items() if one.closed)
        return LessonFacts(self.opened, frozenset(self.tasks), closed)

    def question(self, name: str) -> QuestionRecord:
        """Return how a question went."""
        return self.questions.get(name, QuestionRecord())


def summed_up(events: Iterable[AnyEvent]) -> dict[str, LessonRecord]:
    """Return how each lesson went, by its name, of events in their order.

    What is answered once a lesson is handed in does not count.
    """
    found: dict[str, LessonRecord] = {}
    for event in events:
        name = getattr(event, "lesson", "")
        if name:
            found[name] = _after(found.get(name, LessonRecord()), event)
    return found


def _after(lesson: LessonRecord, event: AnyEvent) -> LessonRecord:
    if isinstance(event, (QuestionAnswered, Hinted, Revealed)):
        if lesson.handed_in is not None:
            return lesson
        question = lesson.question(event.question).after(event)
        return replace(lesson, opened=True, questions={**lesson.questions, event.question: question})
    if isinstance(event, TaskDone):
        tasks = {event.task: event.time, **lesson.tasks}  # the first time holds
        return replace(lesson, opened=True, tasks=tasks)
    if isinstance(event, ActsCounted):
        return replace(lesson, times=event.times)
    if isinstance(event, HandedIn):
        return lesson if lesson.handed_in is not None else replace(lesson, handed_in=event.time)
    return replace(lesson, opened=True) if isinstance(event, Opened) else lesson
