"""Homework: a gradient worked out by hand, as numbers or as a formula, and what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from msgspec import structs

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.exercises.answers import full_gradient, read_answer
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Counted, gradient_of
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import MOST_MARKS, KeptMark

EVERYTHING = 3
"""All of the steps in which a mistake is told."""
GIVEN_UP = "?"
"""What is typed for a gradient by those who want to see it."""


@dataclass(frozen=True, eq=False, slots=True)
class Mark:
    """What one answer is.

    Attributes:
        node: the node whose gradient was asked for.
        given: the answer as it was typed.
        diagnosis: what it is.
        right: the gradient, in numbers, at this iteration.
        graph: the graph that the node belongs to.
        lifted: overrides that were lifted for it.
        told: how much is said of a mistake: 1, 2 or 3, see ``words/steps.py``.
    """

    node: Node
    given: str
    diagnosis: Diagnosis
    right: Array
    graph: Graph
    lifted: tuple[str, ...] = ()
    told: int = EVERYTHING

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.diagnosis.kind is Finding.RIGHT


class Claim(NamedTuple):
    """A gradient that is claimed: the node's name, the gradient, and all that was typed before that."""

    name: str
    gradient: str
    before: str


def split_claim(text: str) -> Claim:
    """Split ``NAME = gradient`` at the first = that stands in no parentheses.

    Raises:
        BackpropError: there is none, or nothing on one side of it.
    """
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "=" and not depth:
            name, claim = text[:place].strip(), text[place + 1 :].strip()
            if name and claim:
                return Claim(name, claim, text[: text.index(claim, place + 1)])
            break
    found = printable(text.strip(), 40)
    if not found:
        raise BackpropError(tr("found nothing; write NAME = gradient, such as beta = X.T @ dz"))
    raise BackpropError(tr("found {text}; write NAME = gradient, such as beta = X.T @ dz", text=found))


def _claimed(graph: Graph, name: str) -> Node:
    """Return the node whose gradient is claimed; ``dW`` and ``∂L/∂W`` stand for that of W."""
    try:
        return find_one(graph, name)
    except BackpropError as error:
        gradient = re.fullmatch(r"(?:∂L/∂|dL/d|d)(.+)", name)
        if gradient is None:
            raise
        try:
            return find_one(graph, gradient[1])
        except BackpropError:
            raise error from None


def mark(trainer: Trainer, name: str, text: str) -> Mark:
    """Mark a gradient worked out by hand, at the iteration where the trainer is, with overrides lifted.

    Args:
        trainer: where we are; it is not moved.
        name: the node whose gradient it is, in either spelling, or a sub-expression's text.
        text: numbers (``-0.375``, ``[-0.375, -0.5]``), or a formula over node names in which ``d<name>`` is
            the gradient of a node.

    Raises:
        FormulaError: the text is neither, or names something unknown.
        BackpropError: the node is unknown or occurs more than once, or the answer names what is asked for.
    """
    graph = trainer.double_tape.graph
    node = _claimed(graph, name)
    here, rows = point(trainer), trainer.lesson.rows_of(trainer.inputs)
    answer = read_answer(text, graph, node, rows=rows)
    diagnosis = diagnose(gradient_of(graph, node), answer, here, rows)
    in_doubt = (Finding.CONSTANT, Finding.SUM, Finding.MEAN)
    if diagnosis.kind in in_doubt and diagnosis.counted is Counted.SAMPLES and answer.names:
        diagnosis = _told_by_more_samples(trainer, diagnosis, name, text)
    right = frozen(full_gradient(here, node))
    return Mark(node, text, diagnosis, right, graph, tuple(trainer.overrides))


def mark_claim(trainer: Trainer, claim: Claim) -> Mark:
    """Mark what was typed as ``NAME = gradient``; see :func:`mark`.

    Raises:
        FormulaError: with the column in all that was typed.
        BackpropError: as there.
    """
    try:
        return mark(trainer, claim.name, claim.gradient)
    except FormulaError as error:
        raise error.behind(claim.before) from None


def _told_by_more_samples(trainer: Trainer, found: Diagnosis, name: str, text: str) -> Diagnosis:
    """Tell a constant from n where both are the same number: at one sample more n is another one."""
    lesson, leaves = trainer.lesson.in_type("float64"), trainer.doubles()[1]
    rows = lesson.rows_of(leaves)
    if rows is None:
        return found
    more = {name: np.concatenate([leaves[name], leaves[name][:1]]) for name in lesson.samples}
    counting = [name for name, value in lesson.data.items() if not value.shape and value == rows]
    more |= dict.fromkeys(counting, np.asarray(float(rows + 1)))  # such as m = 4 beside four samples
    try:
        graph = lesson.build(lesson.lines, rows + 1)
        node = _claimed(graph, name)
        more |= graph.draw(trainer.hyperparameters.seed, trainer.iteration)
        here = swept(graph, {**leaves, **more})
        other = diagnose(
            gradient_of(graph, node), read_answer(text, graph, node, rows=rows + 1), here, rows + 1
        )
    except BackpropError:  # a formula that goes with so many samples alone
        return found
    k = abs(found.multiple)
    if other.kind not in (Finding.CONSTANT, Finding.SUM, Finding.MEAN):
        return found
    m = abs(other.multiple)
    if np.isclose(k, m):
        counted = found.counted if found.kind is Finding.CONSTANT else None
        return replace(found, kind=Finding.CONSTANT, counted=counted)
    for kind, n, of in ((Finding.SUM, k, m), (Finding.MEAN, 1 / k, 1 / m)):
        if np.isclose(of, n + 1):
            return replace(found, kind=kind)
    return found


def wrong_tries(marks: Sequence[KeptMark], name: str) -> int:
    """Return how often a node's gradient was answered wrongly since it was right, or from the beginning."""
    tries = 0
    for mark in reversed(marks):
        if mark.name == name:
            if mark.passed:
                break
            tries += 1
    return tries


def keep(trainer: Trainer, marked: Mark) -> Mark:
    """Keep a mark with the training, the newest of them at most; return it as it is to be told.

    More is told of a mistake with each try: the solution does not come with the first.
    """
    kept = KeptMark(marked.node.name, marked.given, marked.passed, marked.diagnosis.kind.value)
    marks = (*trainer.workbook.marks, kept)[-MOST_MARKS:]
    trainer.workbook = structs.replace(trainer.workbook, marks=marks)
    return replace(marked, told=min(wrong_tries(marks, kept.name), EVERYTHING))


def point(trainer: Trainer) -> Tape:
    """Return this iteration in doubles, swept both ways, without what was put in by hand."""
    return swept(*trainer.doubles()) if trainer.overrides else trainer.double_tape
