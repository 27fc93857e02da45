"""Judging an answer to a question: what it is, and what is said of it without giving the right one away."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
from msgspec import Struct, structs

from tui_backprop.courses.asked import AskedHere
from tui_backprop.courses.forms import FormJudgement, judge_choice, judge_shape, judge_sign, signs_of
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, FormulaError, FormulaShapeError
from tui_backprop.exercises.answers import Answer, read_answer
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.matching import EQUAL, largest
from tui_backprop.exercises.quiz import Judgement
from tui_backprop.exercises.quiz import Question as FactorQuestion
from tui_backprop.exercises.random_points import random_points
from tui_backprop.exercises.words.diagnosis import what_is_off
from tui_backprop.exercises.words.quiz import message
from tui_backprop.exercises.words.right import what_is_right
from tui_backprop.exercises.words.steps import told
from tui_backprop.exercises.words.verdicts import verdict_words
from tui_backprop.explain.factor import derivative, product
from tui_backprop.lessons.specs.teaching import Of
from tui_backprop.lessons.teaching.questions import LessonQuestion
from tui_backprop.text.numbers import inline, shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

KIND = 1
"""How much is told of a mistake: what kind it is, not where, and not the solution."""
PLACE = 2
"""Where it is besides."""


class Grade(Struct, frozen=True, eq=False):
    """What one answer is.

    Attributes:
        right: whether it is right.
        feedback: a sentence about it; what is right is not in it where the answer is wrong.
        verdict: a code of what it is, as homework has them: ``right``, ``sign``, ``shapes``, …
    """

    right: bool
    feedback: str
    verdict: str


def grade(question: LessonQuestion, trainer: Trainer, text: str, *, tries: int = 1) -> Grade:
    """Judge an answer at the iteration where a trainer stands, with values put in by hand lifted.

    Args:
        question: the question, of the trainer's lesson.
        trainer: where we are; it is not moved.
        text: what was typed.
        tries: the how-manieth try it is, from 1 on; more is told of a mistake from the second on.

    Raises:
        BackpropError: the answer cannot be read, its digits are right and too few, or there is nothing to
            answer here; it is no try.
    """
    asked = AskedHere(question, trainer)
    with np.errstate(all="ignore"):
        if question.ask == "choice":
            assert isinstance(question.answer, int)
            return _of(judge_choice(text, asked.choices, question.answer))
        if question.ask == "shape":
            return _of(judge_shape(text, asked.shape))
        _refuse_nonfinite(asked)
        if question.ask == "sign":
            return _of(judge_sign(text, asked.value()))
        answer = _read(asked, text)
        if question.ask == "formula":
            return _formula(asked, answer, tries)
        return _value(asked, answer, tries)


def _of(reading: FormJudgement) -> Grade:
    return Grade(reading.right, reading.feedback, (Finding.RIGHT if reading.right else Finding.WRONG).value)


def _refuse_nonfinite(asked: AskedHere) -> None:
    if not np.all(np.isfinite(asked.value())):
        raise BackpropError(
            tr("{quantity} is not finite at iteration {iteration}; go back to answer",
               quantity=asked.quantity, iteration=asked.trainer.iteration)
        )  # fmt: skip


def _read(asked: AskedHere, text: str) -> Answer:
    """Read numbers or a formula; what stands before an = is taken as the name of what is asked for."""
    claim = re.sub(r"^[^=<>!(\[]*=(?!=)", "", text, count=1)
    of = asked.question.of
    upstream = asked.factor.output if asked.factor is not None and of in ("local", "downstream") else None
    try:
        answer = read_answer(claim, asked.graph, asked.node, upstream, asked.rows)
    except FormulaError as error:
        raise error.behind(text[: len(text) - len(claim)]) from None
    for name, (quantity, node) in answer.names.items():
        if of in ("value", "after") and quantity == "value" and node is asked.node:
            raise BackpropError(
                tr("{name} is what is asked for; write it with what it is computed from",
                   name=answer.typed(name))
            )  # fmt: skip
    return answer


def _value(asked: AskedHere, answer: Answer, tries: int) -> Grade:
    tolerance = asked.question.tolerance
    if tolerance is not None:
        claim = _claimed(asked, answer, asked.tape)
        if claim is not None and np.all(np.abs(claim - asked.value()) <= tolerance * (1 + 1e-9)):
            return Grade(True, tr("that is right"), Finding.RIGHT.value)
    found = _told(asked, answer, tries)
    if found.verdict == Finding.DIGITS.value:
        raise BackpropError(found.feedback)
    if tolerance is not None and found.right:
        raise BackpropError(tr("not near enough: give more digits"))
    return found


def _formula(asked: AskedHere, answer: Answer, tries: int) -> Grade:
    """Judge a formula by its values here and at random points."""
    if not answer.constant:
        return _told(asked, answer, tries)
    claim = _claimed(asked, answer, asked.tape)
    if claim is None:
        return _told(asked, answer, tries)
    if all(_same(claim, asked.value(tape)) for tape in (asked.tape, *points(asked))):
        return Grade(True, tr("right: it is the same number everywhere"), Finding.RIGHT.value)
    if _same(claim, asked.value()):
        here_only = tr(
            "these are the numbers at this point; write a formula that holds for other numbers as well"
        )
        return Grade(False, here_only, Finding.HERE.value)
    return _told(asked, answer, tries)


def points(asked: AskedHere) -> tuple[Tape, ...]:
    """Return the random points that a formula is judged at; none where nothing can be told there."""
    return random_points(
        asked.tape,
        lambda tape: bool(np.all(np.isfinite(asked.value(tape)))),
        lambda tape: bool(np.any(asked.value(tape))),
    )


def _claimed(asked: AskedHere, answer: Answer, tape: Tape) -> Array | None:
    """Return an answer in the shape of what is asked for; None where it does not fit."""
    try:
        claim = np.asarray(answer.at(tape))
    except FormulaShapeError:
        return None
    if claim.shape == asked.shape:
        return claim
    if not claim.shape and asked.question.of == "local":
        return np.broadcast_to(claim, asked.shape)
    kept = tuple(n for n in asked.shape if n != 1)
    return claim.reshape(asked.shape) if tuple(n for n in claim.shape if n != 1) == kept else None


def _same(claim: Array, truth: Array) -> bool:
    return bool(np.all(np.abs(claim - truth) <= EQUAL * max(largest(truth), NOTHING)))


NOTHING = 1e-9
"""What counts as zero of numbers that are compared as formulas."""


def _told(asked: AskedHere, answer: Answer, tries: int) -> Grade:
    """Say what an answer is, without the solution."""
    diagnosis = diagnose(asked.compared(), answer, asked.tape, asked.rows)
    right = diagnosis.kind is Finding.RIGHT
    return Grade(right, _words(asked, answer, diagnosis, tries), diagnosis.kind.value)


def _is_the_other(asked: AskedHere, answer: Answer) -> bool:
    """Tell whether the product was given for the local derivative, or the other way round."""
    assert asked.factor is not None
    if not asked.factor.op.elementwise:
        return False
    of: Of = "downstream" if asked.question.of == "local" else "local"
    other = AskedHere(structs.replace(asked.question, of=of), asked.trainer)
    return diagnose(other.compared(), answer, asked.tape, asked.rows).kind is Finding.RIGHT


def _words(asked: AskedHere, answer: Answer, diagnosis: Diagnosis, tries: int) -> str:
    of = asked.question.of
    if of in ("gradient", "upstream"):
        sentences = told(diagnosis, asked.graph, asked.node, min(tries, PLACE))
        return "; ".join(sentences[:PLACE])  # the last one names a command for the solution
    if of in ("local", "downstream"):
        assert asked.factor is not None
        factor = asked.factor
        upstream = np.asarray(asked.tape.gradient(factor.output))
        shown = FactorQuestion(asked.graph, factor, upstream, asked.tape, asked.rows)
        right = diagnosis.kind is Finding.RIGHT
        if not right and _is_the_other(asked, answer):
            return (
                tr("that is the product with the upstream gradient; the local derivative alone is asked for")
                if of == "local"
                else tr("that is the local derivative; its product with the upstream gradient is asked for")
            )
        return message(shown, Judgement(right, "local" if of == "local" else "product", diagnosis))
    hidden = replace(diagnosis, factor=None, what=None, instead=None, repair=None, first=None)
    return f"{verdict_words(diagnosis)}: {what_is_off(hidden, asked.graph, asked.quantity)}"


# ---------------------------------------------------------------------- what is right


def solution(question: LessonQuestion, trainer: Trainer) -> str:
    """Return what is right here, as it is shown to those who give up.

    Raises:
        BackpropError: there is nothing to answer here.
    """
    asked = AskedHere(question, trainer)
    if question.ask == "choice":
        assert isinstance(question.answer, int)
        return tr("right is {number}: {choice}", number=question.answer + 1,
                  choice=asked.choices[question.answer])  # fmt: skip
    if question.ask == "shape":
        return tr("right is {answer}", answer=shape_text(asked.shape) if asked.shape else "()")
    if question.ask == "sign":
        return tr("right is {answer}", answer=typed_answer(asked))
    in_numbers = f"{asked.quantity} = {inline(asked.value())}"
    if question.ask == "value":
        return tr("right is {answer}", answer=in_numbers)
    return tr("{formula}; in numbers {numbers}", formula=_formula_text(asked), numbers=in_numbers)


def _formula_text(asked: AskedHere) -> str:
    question, graph = asked.question, asked.graph
    if isinstance(question.answer, str):
        return tr("right is {answer}", answer=f"{asked.quantity} = {question.answer}")
    if question.of in ("gradient", "upstream"):
        return what_is_right(graph, asked.node)
    if question.of == "value":
        return tr("right is {answer}", answer=f"{asked.quantity} = {asked.node.shown.text}")
    assert asked.factor is not None
    words = derivative if question.of == "local" else product
    return tr("right is {answer}", answer=f"{asked.quantity} = {words(graph, asked.factor)}")


def typed_answer(asked: AskedHere) -> str:
    """Return what is right here as somebody would type it; of a formula its numbers, or the teacher's own."""
    question = asked.question
    if question.ask == "choice":
        assert isinstance(question.answer, int)
        return str(question.answer + 1)
    if question.ask == "shape":
        return f"({', '.join(map(str, asked.shape))})"
    if question.ask == "sign":
        signs = ["-0+"[sign + 1] for sign in signs_of(asked.value())]
        return signs[0] if len(set(signs)) == 1 else f"[{', '.join(signs)}]"
    if question.ask == "formula" and isinstance(question.answer, str):
        return question.answer
    return json.dumps(asked.value().tolist())
