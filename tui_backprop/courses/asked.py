"""What a question asks for where somebody stands: the quantity, its value, and the question in words."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.records import ParameterUpdate
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.answers import full_gradient
from tui_backprop.exercises.homework import point
from tui_backprop.exercises.hypotheses import Asked, gradient_of
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.explain.titles import atom, gradient_name, partial, shown
from tui_backprop.explain.whys import live_values
from tui_backprop.lessons.notes import LiveText
from tui_backprop.lessons.teaching.questions import LessonQuestion
from tui_backprop.text.numbers import inline
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer

SENTENCES = {
    "value": later("What is {quantity}?"),
    "formula": later("Write {quantity} as a formula."),
    "shape": later("What is the shape of {quantity}?"),
    "sign": later("What is the sign of {quantity}: +, − or 0?"),
    "choice": later("Which one is right?"),
}
"""What is asked where the lesson has no sentence of its own, by form."""


class AskedHere:
    """A question at the iteration where a trainer stands, with values put in by hand lifted.

    Args:
        question: the question.
        trainer: where we are; it is not moved.
    """

    def __init__(self, question: LessonQuestion, trainer: Trainer) -> None:
        self.question, self.trainer = question, trainer

    @cached_property
    def tape(self) -> Tape:
        """The iteration in double precision, swept both ways."""
        return point(self.trainer)

    @property
    def graph(self) -> Graph:
        """The graph of this batch."""
        return self.trainer.double_tape.graph

    @cached_property
    def factor(self) -> Factor | None:
        """The factor that it is about; None at a node."""
        return self.question.factor(self.graph)

    @cached_property
    def node(self) -> Node:
        """The node whose value, gradient or share of a gradient is asked for."""
        return self.question.node(self.graph)

    @property
    def rows(self) -> int | None:
        """How many samples the batch has."""
        return self.trainer.lesson.rows_of(self.trainer.inputs)

    @property
    def shape(self) -> Shape:
        """The shape of what is asked for."""
        return self.node.shape

    @property
    def constant(self) -> bool:
        """Whether it is known at this point alone, as a parameter behind its update is."""
        return self.question.of == "after"

    def value(self, tape: Tape | None = None) -> Array:
        """Return what is right, at a swept point; by default here.

        Raises:
            BackpropError: there is no such place in this batch.
        """
        of, tape = self.question.of, self.tape if tape is None else tape
        if of == "value":
            return np.asarray(tape.value(self.node))
        if of in ("gradient", "upstream"):
            return np.asarray(full_gradient(tape, self.node))
        if of == "after":
            return self._after()
        assert self.factor is not None
        if of == "downstream":
            return np.asarray(contribution(tape, self.factor))
        local = tape.local(*self.factor)
        assert local is not None
        return np.asarray(local)

    def _after(self) -> Array:
        if self.trainer.overrides:
            raise BackpropError(
                tr("values are put in by hand here, and the update follows them; release them first")
            )
        for position in range(self.trainer.record_count, 0, -1):
            record = self.trainer.peek(position)
            if not isinstance(record, ParameterUpdate):
                break
            if record.parameter.name == self.node.name:
                return np.asarray(record.after)
        raise BackpropError(tr("{name} is not updated here", name=shown(self.node)))

    def compared(self) -> Asked:
        """Return what an answer is compared with."""
        if self.question.of in ("gradient", "upstream"):
            return gradient_of(self.graph, self.node)
        factors = (self.factor,) if self.question.of == "downstream" and self.factor else ()
        shape, alike = self.shape, self.question.of == "local"

        def fit(claim: Array) -> Array:  # a slope that is the same everywhere may be one number
            return np.broadcast_to(claim, shape) if alike and not claim.shape else claim

        return Asked(self.node, factors, self.value, fit)

    # ------------------------------------------------------------------ in words

    @property
    def quantity(self) -> str:
        """The name of what is asked for, such as ``∂L/∂β``."""
        of, node = self.question.of, self.node
        if of == "value":
            return shown(node)
        if of == "after":
            return tr("{parameter} after its update", parameter=shown(node))
        if of == "local":
            assert self.factor is not None
            return partial(atom(self.factor.output), node)
        name = gradient_name(self.graph, node)
        if of == "downstream" and len(self.graph.factors_to(node)) > 1:
            assert self.factor is not None
            return tr(
                "{gradient} along the path through {node}", gradient=name, node=shown(self.factor.output)
            )
        return name

    @property
    def text(self) -> str:
        """The question: the lesson's sentence with its numbers, else what is asked for."""
        return self.said(self.question.text) or tr(
            SENTENCES[self.question.ask],
            **({} if self.question.ask == "choice" else {"quantity": self.quantity}),
        )

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen, with numbers of here."""
        return tuple(map(self.said, self.question.choices))

    def hint(self, number: int) -> str:
        """Return a hint by its number, from 1 on.

        Raises:
            BackpropError: there is none.
        """
        if not 1 <= number <= len(self.question.hints):
            raise BackpropError(tr("there is no further hint"))
        return self.said(self.question.hints[number - 1])

    @property
    def why(self) -> str:
        """What is said once the question is closed; "" for nothing."""
        return self.said(self.question.why)

    def said(self, text: LiveText) -> str:
        """Return a text of the lesson with the numbers of here."""
        if all(isinstance(part, str) for part in text.parts):
            return "".join(part for part in text.parts if isinstance(part, str))
        return text.said(self._live, inline)

    @cached_property
    def _live(self) -> dict[str, Array]:
        return live_values(self.trainer)
