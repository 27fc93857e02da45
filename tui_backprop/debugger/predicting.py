"""Quiz: the question that is open, what was answered to it, and the score as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import structs

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.exercises.quiz import Question, Session, unasked
from tui_backprop.exercises.scores import add_score, load_score
from tui_backprop.exercises.words.quiz import hints, message, prompt, score_line
from tui_backprop.explain.rows import Row
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import Score

HINTS = later("hint 1"), later("hint 2"), later("hint 3")
"""The labels of hints."""


@dataclass(frozen=True, eq=False, slots=True)
class PredictionView:
    """What the screen shows while factors are predicted.

    Attributes:
        question: the question that is open, if one is.
        title: what is asked.
        rows: the question, hints and answers so far; of the last answer only, once it was right.
        asked: the question, and the hints but the last one said, each on its first line.
        said: what was said last: a hint, or what the last answer is.
        score: the score so far.
    """

    question: Question | None
    title: str
    rows: tuple[Row, ...]
    asked: tuple[Row, ...] = ()
    said: Row | None = None
    score: Row | None = None


class Prediction:
    """Asks for one factor after the other, in one training; the methods take the same one again.

    Args:
        trainer: the training.
        all_factors: whether those are asked for as well that lead to data only, or to a broadcast.
    """

    def __init__(self, trainer: Trainer, *, all_factors: bool = True) -> None:
        self._lesson, earned = trainer.lesson, trainer.workbook.earned
        self._session = Session(all_factors=all_factors)
        self._place: tuple[int, int] | None = None
        self._said, self._hint_last = "", False
        self._score = load_score(trainer.lesson)
        if self._score.asked < earned.asked:  # the file of scores is gone; the session still has its own
            self._score = earned

    def lets_pass(self, trainer: Trainer, *, reveal: bool = True) -> bool:
        """Tell whether the next record may be shown; otherwise its question is open from now on.

        A factor whose question is open already is given up with ``reveal``, and shown.
        """
        self.follow(trainer)
        if self._session.question is not None:
            if reveal:
                self._session.reveal()
                self._keep(trainer)
            return reveal
        self._said, self._hint_last = "", False
        self._place = trainer.iteration, trainer.position
        return self._session.ask(trainer) is None

    def answer(self, trainer: Trainer, text: str) -> bool:
        """Judge an answer, or give a hint where there is none; tell whether the factor may be shown."""
        self.follow(trainer)
        question = self._session.question
        if question is None:
            return False
        self._hint_last = not text
        if not text:
            self._session.hint()
            return False
        try:
            verdict = self._session.answer(text)
        except BackpropError as error:
            self._said = f"✗ {error.of_one_line if isinstance(error, FormulaError) else error}"
            return False
        self._said = f"{'✓' if verdict.correct else '✗'} {message(question, verdict)}"
        if verdict.correct:
            self._keep(trainer)
        return verdict.correct

    def follow(self, trainer: Trainer) -> None:
        """Forget a question once the trainer is somewhere else, or its numbers have changed."""
        question = self._session.question
        moved = self._place != (trainer.iteration, trainer.position)
        if question is not None and (moved or question.tape is not trainer.double_tape):
            self._session.question = None

    def _keep(self, trainer: Trainer) -> None:
        """Keep what the last question has earned; where that cannot be written, at least until the end."""
        earned, self._session.earned = self._session.earned, Score()
        self._score += earned
        trainer.workbook = structs.replace(trainer.workbook, earned=trainer.workbook.earned + earned)
        add_score(self._lesson, earned)

    @property
    def view(self) -> PredictionView:
        """What to show."""
        question = self._session.question
        score = Row(later("score"), (score_line(self._score),))
        if question is None:
            return PredictionView(
                None, "", (Row(later("answer"), (self._said,)), score) if self._said else (score,)
            )
        rows = [Row(later("question"), (prompt(question),))]
        given = hints(question)[: self._session.hints]
        rows += [Row(label, (hint,)) for label, hint in zip(HINTS, given, strict=False)]
        if self._said:
            rows.append(Row(later("answer"), (self._said,)))
        return PredictionView(question, tr("Quiz"), (*rows, score), *self._folded(question, rows), score)

    def _folded(self, question: Question, rows: Sequence[Row]) -> tuple[tuple[Row, ...], Row | None]:
        """Return what stands above the answer as it grows, and what was said last."""
        given = rows[1 : 1 + self._session.hints]
        if self._hint_last and given:
            answered = rows[-1:] if self._said else []
            return (rows[0], *answered, *given[:-1]), given[-1]
        return (rows[0], *given), rows[-1] if self._said else None

    def goes_past(self, graph: Graph) -> frozenset[int]:
        """Return the factors, by place, that are not asked for, and not shown on the way either."""
        return frozenset() if self._session.all_factors else unasked(graph)
