"""A question while it is asked: where the training stands, what was said to it, how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tui_backprop.courses.asked import AskedHere
from tui_backprop.courses.grading import grade, solution
from tui_backprop.courses.results.events import MOST_GIVEN, Hinted, QuestionAnswered, Revealed, now
from tui_backprop.courses.results.marking import MOST_ITERATIONS
from tui_backprop.courses.results.summary import QuestionRecord
from tui_backprop.courses.scoring import Attempt
from tui_backprop.debugger.seat.view import AskedQuestionView
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.lessons.teaching.questions import LessonQuestion
from tui_backprop.sessions.sharing import settings_of
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer

FORMS = {
    "value": later("numbers or a formula, such as -0.375 or X.T @ dz"),
    "formula": later("a formula over node names, such as X.T @ dz"),
    "shape": later("a shape, such as (3, 2), or () for one number"),
    "sign": later("+, - or 0; of several [+, -, 0]"),
    "choice": later("the number of a choice"),
}
"""What an answer looks like, by what is asked for."""


class OpenQuestion:
    """A question that somebody is asked.

    Where values were put in by hand, or the run is long, it is about the lesson's start: so the answer can be
    marked again by whoever has the course.

    Args:
        question: the question.
        trainer: where somebody stands; it is not moved.
        record: how it went until now.
        clock: seconds.
    """

    def __init__(
        self,
        question: LessonQuestion,
        trainer: Trainer,
        record: QuestionRecord,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.question, self._record, self._clock = question, record, clock
        self._settings, by_hand = settings_of(trainer)
        self.at_start = by_hand or trainer.iteration > MOST_ITERATIONS
        if self.at_start:
            trainer, self._settings = Trainer(trainer.lesson), ()
        self._trainer, self._iteration = trainer, trainer.iteration
        self._here = AskedHere(question, trainer)
        self._text, self._choices = self._here.text, self._here.choices
        self._hints = tuple(map(self._here.said, question.hints))
        self._why, self._said = self._here.why, ""
        self._solution = ""
        self._since = clock()

    def _seconds(self) -> float:
        since, self._since = self._since, self._clock()
        return max(round(self._since - since, 3), 0.0)

    def answer(self, lesson: str, text: str) -> QuestionAnswered:
        """Judge an answer, and return it as it is to be written down.

        Raises:
            BackpropError: it cannot be read, or the question is closed; it is no try.
        """
        self._refuse_closed()
        if not self._is_there:
            raise BackpropError(
                tr("the training has gone on; {command} asks the question again", command="question")
            )
        attempt = Attempt(self._record.tries, self._record.hints)
        try:
            judged = grade(self.question, self._trainer, text, tries=attempt.tries + 1)
        except FormulaError as error:
            raise BackpropError(error.of_one_line) from None
        attempt = attempt.answered(judged.right)
        points = attempt.earned(self.question.points)
        self._said = f"{'✓' if judged.right else '✗'} {judged.feedback}"
        return QuestionAnswered(
            time=now(), lesson=lesson, question=self.question.key, attempt=attempt.tries, hints=attempt.hints,
            given=text[:MOST_GIVEN], right=judged.right, points=points,
            score=points / self.question.points if self.question.points else float(judged.right),
            seconds=self._seconds(), iteration=self._iteration, settings=self._settings,
        )  # fmt: skip

    def hint(self, lesson: str) -> Hinted:
        """Give the next hint, and return it as it is to be written down.

        Raises:
            BackpropError: there is no further one, or the question is closed.
        """
        self._refuse_closed()
        if self._record.hints >= len(self._hints):
            raise BackpropError(
                tr("there is no further hint") if self._hints else tr("this question has no hints")
            )
        hints, self._said = self._record.hints + 1, ""
        return Hinted(
            time=now(), lesson=lesson, question=self.question.key, hints=hints, seconds=self._seconds()
        )

    def reveal(self, lesson: str) -> Revealed:
        """Show the answer, and return that as it is to be written down.

        Raises:
            BackpropError: the question is closed.
        """
        self._refuse_closed()
        self._said = ""
        return Revealed(time=now(), lesson=lesson, question=self.question.key, seconds=self._seconds())

    @property
    def _is_there(self) -> bool:
        """Whether the training stands where it did, with nothing put in by hand."""
        return self._trainer.iteration == self._iteration and settings_of(self._trainer) == (
            self._settings,
            False,
        )

    def _refuse_closed(self) -> None:
        if self._record.closed:
            raise BackpropError(
                tr("question {number} is closed; question asks the next one", number=self.question.number)
            )

    def go_on(self, record: QuestionRecord) -> None:
        """Take in how the question goes by now."""
        self._record = record

    def view(self, count: int, *, locked: bool, solved: bool) -> AskedQuestionView:
        """Return what is shown.

        Args:
            count: questions of the lesson.
            locked: whether solutions are not shown yet.
            solved: whether the solution is shown although nobody gave up, as behind handing in.
        """
        record, question = self._record, self.question
        attempt = Attempt(record.tries, record.hints).answered(True)
        text = self._text
        if self.at_start:
            text = tr("{question} (With the lesson's own numbers, at iteration 0.)", question=text)
        if (record.revealed or (solved and not record.right)) and not self._solution and self._is_there:
            self._solution = solution(question, self._trainer)
        return AskedQuestionView(
            number=question.number, count=count, text=text, form=tr(FORMS[question.ask]),
            choices=self._choices, hints=self._hints[: record.hints],
            more_hints=max(len(self._hints) - record.hints, 0), said=self._said,
            solution=self._solution,
            why=self._why if record.closed or solved else "",
            points=question.points, worth=attempt.earned(question.points), record=record, locked=locked,
        )  # fmt: skip


def place_of(question: LessonQuestion, trainer: Trainer) -> int:
    """Return the place in the iteration, from 0 on, of the record that shows what is asked for.

    Raises:
        BackpropError: there is none in this batch.
    """
    graph, node = trainer.graph, question.node(trainer.graph)
    if question.of == "value":
        return graph.assignments.index(node) if node in graph.assignments else 0
    if question.of == "after":
        return trainer.record_count - len(graph.trainable) + graph.trainable.index(node)
    if (factor := question.factor(graph)) is not None and question.of != "gradient":
        return len(graph.assignments) + graph.factors.index(factor)
    return trainer.place_of(node) - 1


def texts(questions: Sequence[LessonQuestion], trainer: Trainer) -> Sequence[str]:
    """Return what is asked, with the numbers of where a trainer stands; its place where it does not fit."""
    found = []
    for question in questions:
        try:
            found.append(AskedHere(question, trainer).text)
        except BackpropError:
            found.append(question.at)
    return found
