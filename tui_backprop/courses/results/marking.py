"""Answers marked again: with the student's own numbers, where the training stood, by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from tui_backprop.courses.grading import grade
from tui_backprop.courses.loading import load_course
from tui_backprop.courses.results.enrolment import asked_in, key_of
from tui_backprop.courses.results.events import AskedLesson, QuestionAnswered
from tui_backprop.courses.scoring import Attempt
from tui_backprop.engine.core.backends import PLAIN, named
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.sharing.setup import SharedSetup, parse_shared
from tui_backprop.sessions.sharing import go_there
from tui_backprop.training.trainer import Trainer

MOST_ITERATIONS = 10_000
"""Iterations behind the start up to which a question is asked where somebody stands."""
SECONDS = 10.0
"""What running to one such place may take."""


class MarkedCourse:
    """A course that marks answers again.

    Args:
        folder: the course.

    Raises:
        CourseError: it is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._course = load_course(folder)
        self._lesson = lru_cache(maxsize=4)(self._load)

    @property
    def key(self) -> str:
        """What tells it from other courses in results."""
        return key_of(self._course)

    @property
    def title(self) -> str:
        """What people call it."""
        return self._course.title

    @cached_property
    def asked(self) -> Sequence[AskedLesson]:
        """Its lessons, with the questions and tasks of each."""
        return asked_in(self._course)

    def earned(self, student: str, answer: QuestionAnswered, tries: int, hints: int) -> float | None:
        """Return what an answer earns as the so manieth, in points; None where it is wrong."""
        try:
            lesson = self._lesson(answer.lesson, student)
            question = next((one for one in lesson.questions if one.key == answer.question), None)
            if question is None:
                return None
            trainer = standing_there(lesson, answer.iteration, answer.settings)
            if not grade(question, trainer, answer.given, tries=tries).right:
                return None
        except BackpropError:  # what cannot be read is no right answer
            return None
        return Attempt(tries, hints, right=True).earned(question.points)

    def _load(self, name: str, student: str) -> Lesson:
        return self._course.lesson(name, student)


def standing_there(lesson: Lesson, iteration: int, settings: Sequence[tuple[int, str]]) -> Trainer:
    """Return a training of a lesson run to an iteration, hyperparameters changing on the way as they did.

    Raises:
        BackpropError: the place cannot be come to.
    """
    first = dict(parse_shared(text) for since, text in settings if not since)
    trainer = Trainer(lesson, **{"backend": named(PLAIN), **first})
    if iteration and trainer.lesson.trains and iteration <= MOST_ITERATIONS:
        setup = SharedSetup("t", "", settings=tuple(settings), iteration=iteration)
        if refused := go_there(trainer, setup, seconds=SECONDS):
            raise BackpropError(refused)
    return trainer
