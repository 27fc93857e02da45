"""Questions that no answer fits, or any: found by answering each with what is right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tui_backprop.courses.asked import AskedHere
from tui_backprop.courses.grading import grade, points, typed_answer
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.matching import largest
from tui_backprop.lessons.teaching.questions import LessonQuestion
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

MOST_NUMBERS = 64
"""More numbers than that nobody types."""
SMALLEST = 1e-9
"""A tolerance below that share of the value wants more digits than are shown."""


def question_findings(question: LessonQuestion, trainer: Trainer) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a question at a trainer's iteration: the field, and what it is."""
    try:
        asked = AskedHere(question, trainer)
        asked.said(question.why)
        for number in range(1, len(question.hints) + 1):
            asked.hint(number)
        if not asked.text.strip():
            yield "text", tr("the sentence is empty")
        if question.ask == "choice":
            yield from _choices(asked)
        elif question.ask == "shape":
            yield from _answered(asked, typed_answer(asked), "ask")
        else:
            yield from _computed(asked)
        if isinstance(question.answer, str):
            yield from _answered(asked, question.answer, "answer")
    except BackpropError as error:
        yield "at", str(error)


def _choices(asked: AskedHere) -> Iterator[tuple[str, str]]:
    choices, right = asked.choices, asked.question.answer
    assert isinstance(right, int)
    for place, choice in enumerate(choices):
        if choice in choices[:place]:
            yield "choices", tr(
                "choices {first} and {second} read the same, {text}",
                first=choices.index(choice) + 1, second=place + 1, text=printable(repr(choice), 40),
            )  # fmt: skip
            return
    yield from _answered(asked, choices[right], "answer")


def _computed(asked: AskedHere) -> Iterator[tuple[str, str]]:
    """Check what is computed: finite, few enough numbers, a tolerance that tells answers apart."""
    question, value = asked.question, asked.value()
    if not np.all(np.isfinite(value)):
        yield "at", tr("{quantity} is not finite, so no answer is right", quantity=asked.quantity)
        return
    if question.ask == "formula":
        yield from _formula(asked)
        return
    if value.size > MOST_NUMBERS:
        yield "at", tr(
            "{quantity} has {count} numbers, more than anybody types; ask for less, or for a formula",
            quantity=asked.quantity, count=f"{value.size:,}",
        )  # fmt: skip
        return
    if question.tolerance is not None:
        yield from _tolerance(asked, question.tolerance)
    yield from _answered(asked, typed_answer(asked), "ask")


def _tolerance(asked: AskedHere, tolerance: float) -> Iterator[tuple[str, str]]:
    most = largest(asked.value())
    if most and tolerance >= most:
        yield "tolerance", tr(
            "found {tolerance}, and {quantity} is {value} at most: 0 would be right as well",
            tolerance=tolerance, quantity=asked.quantity, value=f"{most:.6g}",
        )  # fmt: skip
    elif tolerance < SMALLEST * most:
        yield "tolerance", tr(
            "found {tolerance}, less than the digits of {quantity} that are shown: no answer is near enough",
            tolerance=tolerance, quantity=asked.quantity,
        )  # fmt: skip


def _formula(asked: AskedHere) -> Iterator[tuple[str, str]]:
    if asked.constant:
        yield "ask", tr("what follows an update cannot be judged as a formula; ask for the value")
        return
    tapes = points(asked)
    if not tapes:
        yield "ask", tr(
            "a formula for {quantity} cannot be judged: at no random point it is finite and not zero",
            quantity=asked.quantity,
        )  # fmt: skip


def _answered(asked: AskedHere, text: str, field: str) -> Iterator[tuple[str, str]]:
    """Answer the question, and tell where that is not right."""
    try:
        found = grade(asked.question, asked.trainer, text)
    except BackpropError as error:
        yield field, tr("{answer} cannot be read: {reason}", answer=printable(text, 60), reason=error)
        return
    if not found.right:
        yield (
            field,
            tr(
                "{answer} is not taken as right: {feedback}",
                answer=printable(text, 60),
                feedback=found.feedback,
            ),
        )
