"""Practice in words: the question, three hints that tell more and more, and what an answer is."""

from __future__ import annotations

from dataclasses import replace

from tui_backprop.engine.arrays import shape_text
from tui_backprop.explain.diagnoses import times, what_is_off
from tui_backprop.explain.factors import equation, product, upstream_name
from tui_backprop.explain.numbers import inline, number
from tui_backprop.explain.records import rule_shapes
from tui_backprop.explain.titles import assignment_title, atom, gradient_name, partial, shown
from tui_backprop.training.diagnosis import Kind
from tui_backprop.training.mistakes import What
from tui_backprop.training.practice import Asks, Question, Score, Verdict

POINTS = (
    "A point for each factor right at the first try without a hint, half a point for one right later or with "
    "hints, none for one revealed."
)
_RULES = {
    "add": "a sum hands the upstream gradient on as it is, to each of its terms",
    "subtract": "a difference hands it on to the first term as it is, to the second with the other sign",
    "multiply": "the local derivative in one factor of a product is the other factor",
    "divide": "in the numerator: one over the denominator; in the denominator b of a / b: −a / b²",
    "power": "in the base: the exponent comes in front and goes down by one; in the exponent: times the log",
    "negate": "the sign turns",
    "identity": "nothing happens but a new name",
    "exp": "the slope of exp is its own value",
    "log": "the slope of log is one over where it is taken",
    "sqrt": "the slope is one over twice the root",
    "square": "the slope of a square is twice what is squared",
    "abs": "the slope is the sign, and 0 at the kink",
    "sin": "the slope of the sine is the cosine",
    "cos": "the slope of the cosine is minus the sine",
    "tanh": "with y = tanh the slope is one minus the square of y",
    "sigmoid": "with y = σ the slope is y times one minus y",
    "relu": "the gate is open (1) above 0, shut (0) elsewhere",
    "leaky_relu": "the slope is 1 above 0, and small elsewhere",
    "softplus": "the slope of softplus is the sigmoid",
    "maximum": "the larger one gets everything, the other nothing; a tie is shared in halves",
    "sum": "every element that was summed gets the upstream gradient once",
    "mean": "every element gets the upstream gradient divided by how many there are",
    "broadcast": "what was copied to many places collects the upstream gradients of all of them: their sum",
    "transpose": "the way back transposes again",
    "matmul": "the other operand, transposed, on its own side, where the lengths fit; of two vectors, outer",
    "softmax": "each output times (its upstream minus the sum of all upstreams weighted with the outputs)",
    "mse": "twice prediction minus target over how many there are; for the target with the other sign",
    "bce": "for the prediction p: p minus target over p(1 − p), over how many there are",
    "bce_with_logits": "for the logit: its sigmoid minus the target, over how many there are",
    "cross_entropy": "for the logits: their softmax minus the target, over how many rows there are",
}  # fmt: skip


def prompt(question: Question) -> str:
    """Return the question on one line, with the upstream gradient that has come in."""
    upstream = f"upstream {gradient_name(question.graph, question.output)} is {inline(question.upstream)}"
    path = ""
    if question.asks == "product" and question.paths > 1:
        path = f" along the path through {shown(question.output)}"
    return f"{_quantity(question, question.asks)}{path} = ?  ({upstream})"


def hints(question: Question) -> tuple[str, str, str]:
    """Return three hints: the operation and the shapes, the rule in words, the formula without numbers."""
    output, operand = question.output, question.operand
    op = output.op
    assert op is not None
    if op.elementwise:
        shapes = (
            f"upstream {shape_text(output.shape)}, {shown(operand)} {shape_text(operand.shape)}, elementwise"
        )
    else:
        shapes = f"shapes {rule_shapes(op, question.index, output, operand)}"
    formula = equation(question.graph, output, question.index)
    if op.elementwise:
        formula += f"; the product is {product(question.graph, output, question.index)}"
    return f"{assignment_title(output)}: {op.name}; {shapes}", _RULES[op.name], formula


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
