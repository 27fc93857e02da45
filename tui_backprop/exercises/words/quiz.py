"""Practice in words: the question, three hints that tell more and more, and what an answer is."""

from __future__ import annotations

from dataclasses import replace

from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.quiz import Asks, Judgement, Question
from tui_backprop.exercises.words.diagnosis import what_is_off
from tui_backprop.exercises.words.verdicts import times, verdict_name
from tui_backprop.explain.factor import derivative, equation, product, upstream_name
from tui_backprop.explain.shapes import factor_shapes
from tui_backprop.explain.titles import assignment_title, atom, gradient_name, partial, shown
from tui_backprop.text.numbers import inline, number
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.training.workbook import Score

POINTS = later(
    "A point for each factor right at the first try without a hint, half a point for one right later or with "
    "hints, none for one revealed."
)


def prompt(question: Question) -> str:
    """Return the question on one line, with the upstream gradient that has come in."""
    upstream = tr(
        "upstream {name} is {value}",
        name=gradient_name(question.graph, question.output),
        value=inline(question.upstream),
    )
    quantity = _quantity(question, question.asks)
    if question.asks == "product" and question.paths > 1:
        through = shown(question.output)
        quantity = tr("{quantity} along the path through {name}", quantity=quantity, name=through)
    return f"{quantity} = ?  ({upstream})"


def hints(question: Question) -> tuple[str, str, str]:
    """Return three hints: the operation and the shapes, the rule in words, the formula without numbers."""
    factor, op, through = question.factor, question.factor.op, question.through
    if through is not None:
        shapes = tr("shapes {shapes}", shapes=factor_shapes(factor))
        first = f"{assignment_title(through.output)}: {through.op.name}; {shapes}"
        why = f"{through.op.why(through.index, through.shapes)} {op.why(factor.index, factor.shapes)}"
        local = f"{partial(atom(through.output), factor.operand)} = {derivative(question.graph, through)}"
        summed = tr("the product is summed over all places that {name} acts at", name=shown(factor.operand))
        return first, why, f"{local}; {summed}"
    formula = equation(question.graph, factor)
    if op.elementwise:
        made = tr("the product is {product}", product=product(question.graph, factor))
        formula = f"{formula}; {made}"
    shapes = tr("shapes {shapes}", shapes=factor_shapes(factor))
    first = f"{assignment_title(factor.output)}: {op.name}; {shapes}"
    return first, op.why(factor.index, factor.shapes), formula


def message(question: Question, verdict: Judgement) -> str:
    """Say in one line what an answer is, without giving the right one away."""
    quantity = _quantity(question, verdict.answered)
    if verdict.correct:
        if verdict.answered == "local":
            return tr("right: the local derivative, {name}", name=quantity)
        return tr("right: the product with the upstream gradient, {name}", name=quantity)
    diagnosis = verdict.diagnosis
    upstream = upstream_name(question.graph, question.output)
    if diagnosis.what is What.NO_UPSTREAM:
        missing = tr("the upstream gradient {name}", name=upstream)
        return f"{verdict_name(Finding.MISSING)}: {missing}"
    if diagnosis.kind is Finding.MISSING:
        factor = f"{shown(question.output)} ← {shown(question.operand)}"
        so_far = (
            tr(
                "this is {upstream}; the factor at {factor} is still to come",
                upstream=upstream,
                factor=factor,
            )
            if diagnosis.multiple == 1.0
            else tr(
                "this is {multiple} times {upstream}; the factor at {factor} is still to come",
                multiple=times(diagnosis.multiple),
                upstream=upstream,
                factor=factor,
            )
        )
        return f"{verdict_name(Finding.MISSING)}: {so_far}"
    if diagnosis.kind is Finding.TWICE:
        twice = tr("the local derivative is in it twice")
        return f"{verdict_name(Finding.TWICE)}: {twice}"
    hidden = replace(diagnosis, factor=None, repair=None)
    return f"{verdict_name(diagnosis.kind)}: {what_is_off(hidden, question.graph, quantity)}"


def score_line(score: Score) -> str:
    """Return a score on one line."""
    if not score.asked:
        return tr("no factor answered yet")
    counts = (
        tr("{count} at the first try", count=score.first),
        tr("{count} later", count=score.later),
        tr("{count} revealed", count=score.revealed),
        tr_count("{count} hint", "{count} hints", score.hints),
    )
    return tr(
        "{points} of {most} points: {counts}",
        points=number(score.points),
        most=score.asked,
        counts=", ".join(counts),
    )


def _quantity(question: Question, asks: Asks) -> str:
    if asks == "local":
        return partial(atom(question.output), question.operand)
    return gradient_name(question.graph, question.operand)
