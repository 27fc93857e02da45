"""Quiz: the factor that comes next as a question, and a score for the answers.

A point for each factor that is right at the first try without a hint, half a point for one that is right
later or with hints, none for one that was revealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.structure import Reduction
from tui_backprop.exercises.answers import Answer, read_answer
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Asked
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import Score

Asks = Literal["local", "product"]
HINTS = 3


@dataclass(frozen=True, eq=False, slots=True)
class Judgement:
    """What one answer to a question is.

    Attributes:
        correct: whether it is right.
        answered: whether it is taken as the local derivative or as the product with the upstream gradient.
        diagnosis: what it is.
    """

    correct: bool
    answered: Asks
    diagnosis: Diagnosis

    @property
    def kind(self) -> Finding:
        """What the answer is, as in homework."""
        return self.diagnosis.kind


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """The factor that comes next, still hidden.

    Attributes:
        graph: the graph that it belongs to.
        factor: the factor.
        upstream: ∂L/∂output, of the output's shape, read-only.
        tape: this iteration in double precision, complete, with overrides as they are.
        rows: how many samples the batch has.
        through: for an operand that is broadcast first, the factor that leads to its broadcast. Both are
            asked for at once: the lesson did not write what is between them.
    """

    graph: Graph
    factor: Factor
    upstream: Array
    tape: Tape
    rows: int | None
    through: Factor | None = None

    @property
    def output(self) -> Node:
        """The node whose gradient is known."""
        return (self.through or self.factor).output

    @property
    def index(self) -> int:
        """Which of its operands the factor leads to."""
        return self.factor.index

    @property
    def operand(self) -> Node:
        """The node whose gradient gets this factor's contribution."""
        return self.factor.operand

    @property
    def paths(self) -> int:
        """How many factors contribute to the operand's gradient."""
        return len(self.graph.factors_to(self.operand))

    @property
    def asks(self) -> Asks:
        """The local derivative where there is one of the operand's shape, else the product by the rule."""
        return "local" if self.factor.op.elementwise else "product"

    @property
    def local(self) -> Array | None:
        """The local derivative, in the operand's shape; None for a rule."""
        return self.tape.local(*self.factor)

    @property
    def product(self) -> Array:
        """What this path contributes to the operand's gradient."""
        return frozen(contribution(self.tape, self.factor))

    def answer(self, text: str) -> Judgement:
        """Judge an answer: the local derivative or the product, as numbers or as a formula.

        The formula may name nodes, ``upstream``, and the gradients of nodes that come before the operand's.

        Raises:
            FormulaError: the text is neither numbers nor a formula, or names something unknown.
            BackpropError: it names the gradient that is asked for.
        """
        answer = read_answer(text, self.graph, self.operand, self.output, self.rows)
        found = [self._judged(asks, answer) for asks in self._readings(answer)]
        for verdict in found:
            if verdict.correct:
                return verdict
        named = [verdict for verdict in found if verdict.kind not in (Finding.WRONG, Finding.SHAPES)]
        misfits = [verdict for verdict in found if verdict.kind is Finding.SHAPES]
        return (named or misfits or found)[0]

    def _readings(self, answer: Answer) -> tuple[Asks, ...]:
        """Return what the answer may be meant as, the likelier one first: a product names a gradient."""
        if self.asks == "product":
            return ("product",)
        named = any(origin.quantity == "gradient" for origin in answer.names.values())
        return ("product", "local") if named else ("local", "product")

    def _judged(self, asks: Asks, answer: Answer) -> Judgement:
        asked = self._local_asked() if asks == "local" else self._product_asked()
        diagnosis = diagnose(asked, answer, self.tape, self.rows)
        return Judgement(diagnosis.kind is Finding.RIGHT, asks, diagnosis)

    def _local_asked(self) -> Asked:
        """Ask for the local derivative; one number stands for an array of it."""
        factor = self.factor
        shape = self.operand.shape

        def truth(tape: Tape) -> Array:
            local = tape.local(*factor)
            assert local is not None
            return local

        def fit(claim: Array) -> Array:
            return claim if claim.shape else np.broadcast_to(claim, shape)

        return Asked(self.operand, (), truth, fit)

    def _product_asked(self) -> Asked:
        """Ask for the product; before a sum or a mean is repeated, one answer stands for all its elements."""
        factor = self.factor
        factors = (factor,) if self.through is None else (factor, self.through)
        return Asked(self.operand, factors, lambda tape: contribution(tape, factor), self._repeated)

    def _repeated(self, claim: Array) -> Array:
        structure, shape = self.factor.structure, self.operand.shape
        if isinstance(structure, Reduction) and claim.shape == self.output.shape:
            return structure.repeated(claim, shape)
        return np.broadcast_to(claim, shape) if not claim.shape and not self.output.shape else claim


def next_question(trainer: Trainer, *, all_factors: bool = True) -> Question | None:
    """Return the question about the record that comes next; None where that is no chain-rule factor.

    Args:
        trainer: where we are.
        all_factors: whether those are asked for as well that lead to data only, or to a broadcast.
    """
    graph = trainer.double_tape.graph
    place = trainer.position - len(graph.assignments)
    if not 0 <= place < len(graph.factors):
        return None
    if not all_factors and place in unasked(graph):
        return None
    factor, tape = graph.factors[place], trainer.double_tape
    through = None if all_factors else _led_through(graph, factor.output)
    output = (through or factor).output
    upstream = frozen(np.broadcast_to(tape.gradient(output), output.shape))
    return Question(graph, factor, upstream, tape, trainer.lesson.rows_of(trainer.inputs), through)


def unasked(graph: Graph) -> frozenset[int]:
    """Return the factors, by place, that are asked for on request only.

    They lead to data only, or to a broadcast, whose factor is asked for together with the sum behind it.
    """
    broadcast = {
        place
        for place, factor in enumerate(graph.factors)
        if factor.operand.is_broadcast and _led_through(graph, factor.operand) is not None
    }
    return graph.aside | broadcast


def _led_through(graph: Graph, node: Node) -> Factor | None:
    """Return the one factor that leads to a broadcast; None for another node, and where there are several."""
    if not node.is_broadcast:
        return None
    found = graph.factors_to(node)
    return found[0] if len(found) == 1 else None


class Session:
    """One question after the other, and what they have earned since the session began."""

    def __init__(self, *, all_factors: bool = True) -> None:
        self.all_factors = all_factors
        self.question: Question | None = None
        self.earned = Score()
        self.hints = 0
        self._tries = 0

    def ask(self, trainer: Trainer) -> Question | None:
        """Ask for the record that comes next; None where it is no factor. One left open is not counted."""
        self.question = next_question(trainer, all_factors=self.all_factors)
        self.hints = self._tries = 0
        return self.question

    def answer(self, text: str) -> Judgement:
        """Judge an answer to the open question; a right one closes it.

        Raises:
            BackpropError: the answer cannot be read, which is no try.
        """
        question = self._open()
        verdict = question.answer(text)
        self._tries += 1
        if verdict.correct:
            at_once = self._tries == 1 and not self.hints
            self._close(Score(asked=1, first=int(at_once), later=int(not at_once)))
        return verdict

    def hint(self) -> int:
        """Use a hint and return its number, from 1 on; the last one again where there are no more."""
        self._open()
        self.hints = min(self.hints + 1, HINTS)
        return self.hints

    def reveal(self) -> Question:
        """Give the open question up and return it."""
        question = self._open()
        self._close(Score(asked=1, revealed=1))
        return question

    def _open(self) -> Question:
        if self.question is None:
            raise BackpropError(tr("no question is open; one is asked before each chain-rule factor"))
        return self.question

    def _close(self, earned: Score) -> None:
        self.earned = self.earned + earned + Score(hints=self.hints)
        self.question = None
