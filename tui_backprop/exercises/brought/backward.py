"""A whole backward pass worked out by hand: each line right, wrong, or right but for what came before it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, FormulaError, FormulaShapeError
from tui_backprop.engine.language.formula import parse_expression, parse_formula
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.syntax import CONSTANTS, walk
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.brought.names import node_of_gradient
from tui_backprop.exercises.brought.passes import Assigned, Pass, Points, assignments, place_of
from tui_backprop.exercises.brought.text import straight_lines
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.homework import point
from tui_backprop.exercises.hypotheses import gradient_of
from tui_backprop.exercises.matching import EQUAL, largest
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.exercises.repairs import repairs
from tui_backprop.training.trainer import Trainer

MOST_PATHS = 6
"""Paths of which all sums are looked at."""
MOST_MENDED = 40
"""Changes of one line that are tried, to find the line where a mistake is."""
_OTHER_SIGNS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}


class LineVerdict(StrEnum):
    """What one line of a backward pass is."""

    RIGHT = "right"
    WRONG = "wrong"
    FOLLOWS = "follows"
    HELPER = "not a gradient"


@dataclass(frozen=True, eq=False, slots=True)
class LineMark:
    """One line of a backward pass, marked.

    Attributes:
        line: its number, from 1.
        name: what it assigns.
        verdict: what it is; FOLLOWS where it is right itself and follows from an earlier wrong line.
        node: whose gradient the name is; None of helper values.
        diagnosis: the mistake of a wrong one that could be evaluated.
        whole: for a line that has only a part of a gradient, the last line of it; 0 for others.
        problem: why the language refuses the line, where it does.
        mended: the line as it would be right, where a small change makes it so.
    """

    line: int
    name: str
    verdict: LineVerdict
    node: Node | None = None
    diagnosis: Diagnosis | None = None
    whole: int = 0
    problem: str = ""
    mended: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class BackwardReport:
    """A backward pass, marked.

    Attributes:
        marks: the lines in order.
        graph: the graph whose backward pass it is.
    """

    marks: tuple[LineMark, ...]
    graph: Graph

    @property
    def judged(self) -> tuple[LineMark, ...]:
        """The lines that belong to a gradient."""
        return tuple(mark for mark in self.marks if mark.verdict is not LineVerdict.HELPER)

    @property
    def first_wrong(self) -> LineMark | None:
        """The first line that is wrong itself."""
        return next((mark for mark in self.marks if mark.verdict is LineVerdict.WRONG), None)

    @property
    def passed(self) -> bool:
        """Whether there is a gradient, and no line is wrong."""
        return bool(self.judged) and self.first_wrong is None


def check_backward(trainer: Trainer, text: str) -> BackwardReport:
    """Mark a backward pass where the trainer is, with overrides lifted; nothing of it is executed.

    Args:
        trainer: where we are; it is not moved.
        text: straight lines of the formula language over the lesson's names, such as ``dz = (p - y) / N``,
            ``dW = X.T @ dz``, ``dW += reg * W``, ``dscores[range(N), y] -= 1``; they may stand in a ``def``.
            ``d<name>``, ``grad_<name>`` and ``<name>_grad`` are gradients, other names helper values.

    Raises:
        FormulaError: a line that the language cannot read, with its place.
    """
    return _Marking(trainer, straight_lines(text)).report()


@dataclass(frozen=True, slots=True, eq=False)
class _Lines(Answer):
    """Lines as an answer: what they give at a point."""

    points: Points = field(default_factory=lambda: Points(None))  # type: ignore[arg-type]
    node: Node | None = None

    @property
    def constant(self) -> bool:
        return False

    def at(self, tape: Tape) -> Array:
        assert self.node is not None
        return self.points.value(self.node, tape)


class _Marking:
    """One backward pass, and what is known of it."""

    def __init__(self, trainer: Trainer, text: str) -> None:
        self.here, self.rows = point(trainer), trainer.lesson.rows_of(trainer.inputs)
        self.graph, self.text = self.here.graph, text
        self.formula = parse_formula(text)
        self.assigned = assignments(self.formula, self.graph)
        self.groups = list(_groups(self.assigned))
        self.corrected = Points(self.build(text))
        self.actual = Points(Pass(self.formula, self.graph, self.rows))
        self.wrong = False

    def build(self, text: str) -> Pass:
        """Build the lines of a text like ours, with right gradients behind their last lines.

        Raises:
            FormulaError: the text cannot be read.
        """
        formula = self.formula if text == self.text else parse_formula(text)
        groups = self.groups if text == self.text else list(_groups(assignments(formula, self.graph)))
        ends = {place_of(group[-1].line): group[-1].node for group in groups if group[-1].node is not None}
        return Pass(formula, self.graph, self.rows, ends)

    def report(self) -> BackwardReport:
        marks: list[LineMark] = []
        last = {group[-1].line.name: group for group in self.groups}
        for group in self.groups:
            if group[-1].node is None:
                marks += [self.helper(one) for one in group]
            else:
                marks += self.gradient(group, final=last[group[-1].line.name] is group)
                self.wrong = self.wrong or any(mark.verdict is LineVerdict.WRONG for mark in marks)
        marks.sort(key=lambda mark: mark.line)
        return BackwardReport(tuple(marks), self.graph)

    def helper(self, one: Assigned) -> LineMark:
        error = self.corrected.built.refused.get(place_of(one.line))
        problem = "" if error is None else _reason(error)
        return LineMark(one.line.number, one.line.name, LineVerdict.HELPER, problem=problem)

    def gradient(self, group: Sequence[Assigned], *, final: bool) -> list[LineMark]:
        """Mark the lines of one gradient; one whose name gets another value later may be no gradient yet."""
        *parts, whole = group
        assert whole.node is not None
        node, name, end = whole.node, whole.line.name, whole.line.number
        refused = next((one for one in group if place_of(one.line) in self.corrected.built.refused), None)
        if refused is not None:
            bad = self.misfit(refused, group, node)
            return [bad if one is refused else self._part(one, node, end) for one in group]
        result = self.corrected.built.made[place_of(whole.line)]
        if result is None:
            return [self._part(one, node, 0) for one in group]
        diagnosis = self.diagnosed(whole, node, result, alone=not parts)
        if diagnosis.kind is Finding.RIGHT:
            verdict = (
                LineVerdict.FOLLOWS if self.wrong and not self.agrees(whole, node) else LineVerdict.RIGHT
            )
            return [LineMark(one.line.number, name, verdict, node, whole=0 if one is whole else end)
                    for one in group]  # fmt: skip
        if not final:
            return [self._part(one, node, 0) for one in group]
        culprit, mended = self.culprit(group, node)
        return [
            LineMark(one.line.number, name, LineVerdict.WRONG, node, diagnosis, mended=mended)
            if one is culprit
            else self._part(one, node, end)
            for one in group
        ]

    def misfit(self, one: Assigned, group: Sequence[Assigned], node: Node) -> LineMark:
        """Mark a line that the language refuses: a formula near it may be right."""
        place = one.line.number, one.line.name, LineVerdict.WRONG, node
        error = self.corrected.built.refused[place_of(one.line)]
        if isinstance(error, FormulaShapeError):
            formula = self.formula_of(one) if len(group) == 1 else None
            if formula is not None:
                return LineMark(
                    *place, diagnose(gradient_of(self.graph, node), formula, self.here, self.rows)
                )
            for mended in self.near(one):
                if self.mends(one, mended, group[-1], node):
                    return LineMark(*place, problem=_reason(error), mended=mended.strip())
        return LineMark(*place, problem=_reason(error))

    def _part(self, one: Assigned, node: Node, end: int) -> LineMark:
        whole = 0 if end == one.line.number else end
        return LineMark(one.line.number, one.line.name, LineVerdict.HELPER, node, whole=whole)

    def agrees(self, whole: Assigned, node: Node) -> bool:
        """Tell whether the lines as they stand give the right gradient here."""
        result = self.actual.built.made[place_of(whole.line)]
        return result is not None and self._is(self.actual.value(result, self.here), node)

    def _is(self, claim: Array, node: Node, tape: Tape | None = None) -> bool:
        truth = full_gradient(tape or self.here, node)
        if claim.size != truth.size:
            return False
        off = np.abs(claim.reshape(truth.shape) - truth)
        return bool(np.all(off <= EQUAL * largest(truth)))

    def diagnosed(self, whole: Assigned, node: Node, result: Node, *, alone: bool) -> Diagnosis:
        """Say what a gradient is, with right values in the place of the gradients that it is made of."""
        asked = gradient_of(self.graph, node)
        lines = _Lines(
            self.line(whole), expression=whole.line.expression, points=self.corrected, node=result
        )  # fmt: skip
        found = diagnose(asked, lines, self.here, self.rows)
        if alone and found.kind is not Finding.RIGHT:
            formula = self.formula_of(whole)
            if formula is not None:
                return diagnose(asked, formula, self.here, self.rows)
        return found

    def line(self, one: Assigned) -> str:
        return self.text.split("\n")[one.line.number - 1].strip()

    def formula_of(self, one: Assigned) -> Answer | None:
        """Return a line's right side as an answer, whose text can be repaired; None where it has helpers."""
        names: dict[str, Origin] = {}
        helpers = {other.line.name for other in self.assigned if other.node is None}
        for step in walk(one.line.expression):
            if step.kind != "name" or step.text in CONSTANTS:
                continue
            gradient = node_of_gradient(self.graph, step.text)
            if step.text in helpers or (gradient is None and step.text not in self.graph.named):
                return None
            names[step.text] = (
                Origin("value", self.graph.named[step.text])
                if gradient is None
                else Origin("gradient", gradient)
            )
        text = self.line(one).partition("#")[0].partition("=")[2].strip()
        try:
            expression = parse_expression(text)
        except FormulaError:  # over several lines, or several on one
            return None
        return Answer(text, text=text, expression=expression, names=names)

    # ------------------------------------------------------------------ which line it is

    def culprit(self, group: Sequence[Assigned], node: Node) -> tuple[Assigned, str]:
        """Return the line of a wrong gradient where the mistake is, and how it would be right, if known."""
        for one in group:
            for mended in self.near(one):
                if self.mends(one, mended, group[-1], node):
                    return one, mended.strip() or f"without {self.line(one)}"
        return self.odd_one(group, node) or group[-1], ""

    def near(self, one: Assigned) -> Iterator[str]:
        """Yield lines near one: with another sign, left out, with a transpose more or less."""
        line = self.text.split("\n")[one.line.number - 1]
        sign = re.search(r"[-+*/]=", line)
        if sign is not None and one.goes_on:
            yield line.replace(sign[0], _OTHER_SIGNS[sign[0]], 1)
            yield ""
        formula = self.formula_of(one)
        if formula is not None:
            head = line.partition("=")[0]
            for repair in itertools.islice(repairs(formula), MOST_MENDED):
                yield f"{head}= {repair.answer.text}"

    def mends(self, one: Assigned, mended: str, whole: Assigned, node: Node) -> bool:
        """Tell whether another line in the place of one makes the gradient right."""
        lines = self.text.split("\n")
        lines[one.line.number - 1] = mended
        try:
            built = self.build("\n".join(lines))
        except BackpropError:
            return False
        results = [at for (number, _, name), at in built.made.items()
                   if name == whole.line.name and number <= whole.line.number]  # fmt: skip
        if not results or results[-1] is None:
            return False
        points = Points(built)
        return all(self._is(points.value(results[-1], tape), node, tape) for tape in self.tapes())

    def tapes(self) -> tuple[Tape, ...]:
        """Return the points that lines have been evaluated at."""
        return (self.here, *(tape for tape in self.corrected.known if tape is not self.here))[:3]

    def odd_one(self, group: Sequence[Assigned], node: Node) -> Assigned | None:
        """Return the one of several lines that add up whose part belongs to no path; None if it is not so."""
        factors = [factor for factor in self.graph.factors if factor.operand is node]
        sums = all("+=" in self.line(one) or "-=" in self.line(one) for one in group[1:])
        if len(group) < 2 or not sums or not 1 < len(factors) <= MOST_PATHS:
            return None
        results = [self.corrected.built.made[place_of(one.line)] for one in group]
        values = [np.zeros(())]
        values += [self.corrected.value(result, self.here) for result in results if result is not None]
        if len(values) <= len(group):
            return None
        paths = [contribution(self.here, factor) for factor in factors]
        totals = [
            sum(some, np.zeros(node.shape))
            for count in range(1, len(paths) + 1)
            for some in itertools.combinations(paths, count)
        ]
        scale = EQUAL * largest(full_gradient(self.here, node))
        odd = [
            one
            for one, before, after in zip(group, values, values[1:], strict=False)
            if not any(
                np.shape(after - before) == total.shape and largest(after - before - total) <= scale
                for total in totals
            )
        ]
        return odd[0] if len(odd) == 1 else None


def _reason(error: FormulaError) -> str:
    return error.reason or "it needs what a line above could not give"


def _groups(assigned: Sequence[Assigned]) -> Iterator[list[Assigned]]:
    """Yield the lines that make one value together, in the order in which the last ones stand."""
    opened: dict[str, list[Assigned]] = {}
    groups: list[list[Assigned]] = []
    for one in assigned:
        if one.goes_on:
            opened[one.line.name].append(one)
        else:
            opened[one.line.name] = [one]
            groups.append(opened[one.line.name])
    yield from sorted(groups, key=lambda group: (group[-1].line.number, group[-1].line.column))
