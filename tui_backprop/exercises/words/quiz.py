"""Practice in words: the question, three hints that tell more and more, and what an answer is."""

from __future__ import annotations

from dataclasses import replace

from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.quiz import Asks, Judgement, Question
from tui_backprop.exercises.words.diagnosis import VERDICTS, times, what_is_off
from tui_backprop.explain.factor import derivative, equation, product, upstream_name
from tui_backprop.explain.shapes import factor_shapes
from tui_backprop.explain.titles import assignment_title, atom, gradient_name, partial, shown
from tui_backprop.text.numbers import inline, number
from tui_backprop.training.workbook import Score

POINTS = (
    "A point for each factor right at the first try without a hint, half a point for one right later or with "
    "hints, none for one revealed."
)


def prompt(question: Question) -> str:
    """Return the question on one line, with the upstream gradient that has come in."""
    upstream = f"upstream {gradient_name(question.graph, question.output)} is {inline(question.upstream)}"
    path = ""
    if question.asks == "product" and question.paths > 1:
        path = f" along the path through {shown(question.output)}"
    return f"{_quantity(question, question.asks)}{path} = ?  ({upstream})"


def hints(question: Question) -> tuple[str, str, str]:
    """Return three hints: the operation and the shapes, the rule in words, the formula without numbers."""
    factor, op, through = question.factor, question.factor.op, question.through
    if through is not None:
        first = f"{assignment_title(through.output)}: {through.op.name}; shapes {factor_shapes(factor)}"
        why = f"{through.op.why(through.index, through.shapes)} {op.why(factor.index, factor.shapes)}"
        local = f"{partial(atom(through.output), factor.operand)} = {derivative(question.graph, through)}"
        return (
            first,
            why,
            f"{local}; the product is summed over all places that {shown(factor.operand)} acts at",
        )
    formula = equation(question.graph, factor)
    if op.elementwise:
        formula += f"; the product is {product(question.graph, factor)}"
    first = f"{assignment_title(factor.output)}: {op.name}; shapes {factor_shapes(factor)}"
    return first, op.why(factor.index, factor.shapes), formula


def message(question: Question, verdict: Judgement) -> str:
    """Say in one line what an answer is, without giving the right one away."""
    quantity = _quantity(question, verdict.answered)
    if verdict.correct:
        what = (
            "the local derivative"
            if verdict.answered == "local"
            else "the product with the upstream gradient"
        )
        return f"right: {what}, {quantity}"
    diagnosis = verdict.diagnosis
    upstream = upstream_name(question.graph, question.output)
    if diagnosis.what is What.NO_UPSTREAM:
        return f"{VERDICTS[Finding.MISSING]}: the upstream gradient {upstream}"
    if diagnosis.kind is Finding.MISSING:
        so_far = upstream if diagnosis.multiple == 1.0 else f"{times(diagnosis.multiple)} times {upstream}"
        missing = f"the factor at {shown(question.output)} ← {shown(question.operand)} is still to come"
        return f"{VERDICTS[Finding.MISSING]}: this is {so_far}; {missing}"
    if diagnosis.kind is Finding.TWICE:
        return f"{VERDICTS[Finding.TWICE]}: the local derivative is in it twice"
    hidden = replace(diagnosis, factor=None, repair=None)
    return f"{VERDICTS[diagnosis.kind]}: {what_is_off(hidden, question.graph, quantity)}"


def score_line(score: Score) -> str:
    """Return a score on one line."""
    if not score.asked:
        return "no factor answered yet"
    counts = (
        f"{score.first} at the first try",
        f"{score.later} later",
        f"{score.revealed} revealed",
        f"{score.hints} {'hint' if score.hints == 1 else 'hints'}",
    )
    return f"{number(score.points)} of {score.asked} points: {', '.join(counts)}"


def _quantity(question: Question, asks: Asks) -> str:
    if asks == "local":
        return partial(atom(question.output), question.operand)
    return gradient_name(question.graph, question.operand)
