"""Homework: a gradient worked out by hand, as numbers or as a formula, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.training.answers import full_gradient, read_answer
from tui_backprop.training.diagnosis import Diagnosis, Kind, diagnose
from tui_backprop.training.mistakes import gradient_of
from tui_backprop.training.points import swept
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import MOST_MARKS, KeptMark


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
    """

    node: Node
    given: str
    diagnosis: Diagnosis
    right: Array
    graph: Graph
    lifted: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.diagnosis.kind is Kind.RIGHT


def split_claim(text: str) -> tuple[str, str]:
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
                return name, claim
            break
    found = printable(text.strip(), 40) or "nothing"
    raise BackpropError(f"found {found}; write NAME = gradient, such as beta = X.T @ dz")


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
    graph = trainer.graph
    node = find_one(graph, name)
    answer = read_answer(text, graph, node)
    here = point(trainer)
    diagnosis = diagnose(gradient_of(graph, node), answer, here, trainer.lesson.rows_of(trainer.inputs))
    right = frozen(full_gradient(here, node))
    return Mark(node, text, diagnosis, right, graph, tuple(trainer.overrides))


def keep(trainer: Trainer, marked: Mark) -> None:
    """Keep a mark with the training, the newest of them at most."""
    kept = KeptMark(marked.node.name, marked.given, marked.passed, marked.diagnosis.kind.value)
    marks = (*trainer.workbook.marks, kept)[-MOST_MARKS:]
    trainer.workbook = structs.replace(trainer.workbook, marks=marks)


def point(trainer: Trainer) -> Tape:
    """Return this iteration's values and gradients, swept both ways, without what was put in by hand."""
    return swept(trainer.graph, trainer.leaves) if trainer.overrides else trainer.tape
