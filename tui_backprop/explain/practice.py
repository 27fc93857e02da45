"""Practice in words: the question, three hints that tell more and more, and what an answer is."""

from __future__ import annotations

from dataclasses import replace

from tui_backprop.explain.diagnoses import times, what_is_off
from tui_backprop.explain.factors import equation, product, upstream_name
from tui_backprop.explain.numbers import inline, number
from tui_backprop.explain.shapes import factor_shapes
from tui_backprop.explain.titles import assignment_title, atom, gradient_name, partial, shown
from tui_backprop.training.diagnosis import Kind
from tui_backprop.training.mistakes import What
from tui_backprop.training.practice import Asks, Question, Verdict
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
    output, op = question.output, question.output.op
    assert op is not None
    shapes = [node.shape for node in output.operands]
    formula = equation(question.graph, output, question.index)
    if op.elementwise:
        formula += f"; the product is {product(question.graph, output, question.index)}"
    meeting = factor_shapes(output, question.index)
    return f"{assignment_title(output)}: {op.name}; shapes {meeting}", op.why(question.index, shapes), formula


def message(question: Question, verdict: Verdict) -> str:
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
        return f"{Kind.MISSING.value}: the upstream gradient {upstream}"
    if diagnosis.kind is Kind.MISSING:
        so_far = upstream if diagnosis.factor == 1.0 else f"{times(diagnosis.factor)} times {upstream}"
        missing = f"the factor at {shown(question.output)} ← {shown(question.operand)} is still to come"
        return f"{Kind.MISSING.value}: this is {so_far}; {missing}"
    if diagnosis.kind is Kind.TWICE:
        return f"{Kind.TWICE.value}: the local derivative is in it twice"
    hidden = replace(diagnosis, edge=None)
    return f"{diagnosis.kind.value}: {what_is_off(hidden, question.graph, quantity)}"


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
