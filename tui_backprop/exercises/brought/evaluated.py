"""A backward pass beside the engine: its lines, what they give at some points, and whether that is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.formula import parse_expression, parse_formula
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.signs import translated
from tui_backprop.engine.language.syntax import CONSTANTS, walk
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.brought.names import node_of_gradient
from tui_backprop.exercises.brought.passes import (
    Assigned,
    EvaluatedPoints,
    LinePlace,
    Pass,
    assignments,
    place_of,
)
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.homework import point
from tui_backprop.exercises.hypotheses import Asked, gradient_of
from tui_backprop.exercises.matching import EQUAL, FULL, Compared, largest
from tui_backprop.exercises.random_points import random_points
from tui_backprop.training.trainer import Trainer


@dataclass(frozen=True, slots=True, eq=False)
class _Lines(Answer):
    """Lines as an answer: what they give at a point."""

    points: EvaluatedPoints = field(default_factory=lambda: EvaluatedPoints(None))  # type: ignore[arg-type]
    node: Node | None = None
    scale: float = 1.0

    @property
    def constant(self) -> bool:
        return False

    def at(self, tape: Tape) -> Array:
        assert self.node is not None
        return self.points.value(self.node, tape) / self.scale


class Evaluated:
    """The lines of one backward pass.

    Args:
        trainer: where we are.
        text: straight lines.

    Attributes:
        here, rows: the point at hand, and how many samples there are.
        assigned: what the lines assign, in order.
        groups: the lines that make one value together, in the order in which the last ones stand.
        scales: lines that give a gradient times a number which those below make up for, as in a pass that
            divides by n at the end.
        corrected: values where each gradient that is finished has its right value for the lines that follow.
        actual: values as the lines stand.
        tapes: the points that lines are judged at.

    Raises:
        FormulaError: the text cannot be read.
    """

    def __init__(self, trainer: Trainer, text: str) -> None:
        self.here, self.rows = point(trainer), trainer.lesson.rows_of(trainer.inputs)
        self.graph, self.text = self.here.graph, text
        self.formula = parse_formula(text)
        self.assigned = assignments(self.formula, self.graph)
        self.groups = list(grouped(self.assigned))
        self._noise: dict[tuple[Node, Tape], float] = {}
        self.actual = EvaluatedPoints(Pass(self.formula, self.graph, self.rows))
        self.tapes = (self.here, *random_points(self.here, _is_finite, lambda tape: True))
        self.scales = self._scales()
        self.corrected = EvaluatedPoints(self.build(text))

    def build(self, text: str) -> Pass:
        """Build the lines of a text like ours, with right gradients behind their last lines.

        Raises:
            FormulaError: the text cannot be read.
        """
        formula = self.formula if text == self.text else parse_formula(text)
        groups = self.groups if text == self.text else list(grouped(assignments(formula, self.graph)))
        ends = {place_of(group[-1].line): group[-1].node for group in groups if group[-1].node is not None}
        return Pass(formula, self.graph, self.rows, ends, self.scales)

    def _scales(self) -> dict[LinePlace, float]:
        """Find the gradients on the way that are off by a number, where a parameter's comes out right.

        What such a gradient goes into is off by the same number, until that is made up for.
        """
        times: dict[str, float | None] = {}
        needed: dict[str, set[str]] = {}
        made_up: set[str] = set()
        on_the_way: list[Assigned] = []
        for *_, whole in self.groups:
            name = whole.line.name
            needed[name] = names = self.needed(whole)
            names |= {deeper for other in names for deeper in needed.get(other, ())}
            if whole.node is None:
                continue
            times[name] = self.times(whole, whole.node)
            if whole.node not in self.graph.trainable:
                on_the_way.append(whole)
            elif times[name] == 1.0:
                made_up |= names
        scales: dict[str, float] = {}
        found: dict[LinePlace, float] = {}
        for whole in on_the_way:
            name = whole.line.name
            own, behind = times[name], {scales[other] for other in needed[name] if other in scales}
            if own is None and len(behind) == 1:  # wrong by more than a number: what it should have been
                (own,) = behind
            if own not in (None, 1.0) and (name in made_up or own in behind):
                scales[name] = found[place_of(whole.line)] = own
        return found

    def times(self, whole: Assigned, node: Node) -> float | None:
        """Return what the lines as they stand give, in gradients of a node; None where it is no multiple."""
        result = self.actual.built.outcomes[place_of(whole.line)]
        if result is None:
            return None
        found: set[float] = set()
        for tape in self.tapes:
            claim, truth = self.actual.value(result, tape), full_gradient(tape, node)
            square = float(np.sum(truth * truth))
            if claim.shape != truth.shape or not square > 0 or not np.isfinite(claim).all():
                return None
            times = float(f"{float(np.sum(claim * truth)) / square:.12g}")
            if not times or largest(claim - times * truth) > EQUAL * largest(claim):
                return None
            found.add(times)
        return found.pop() if len(found) == 1 else None

    def is_right(self, result: Node, node: Node, scale: float = 1.0) -> bool:
        """Tell whether a value is a gradient at all points beyond doubt; what is in doubt is looked into.

        Args:
            result: the value.
            node: whose gradient it should be.
            scale: what it may be multiplied by.
        """
        return len(self.tapes) > 1 and all(
            self.equals(self.corrected.value(result, tape) / scale, node, tape) for tape in self.tapes
        )

    def equals(self, claim: Array, node: Node, tape: Tape | None = None) -> bool:
        """Tell whether an array is a node's gradient at a point, here by default; axes of 1 may miss."""
        truth = full_gradient(tape or self.here, node)
        if claim.shape != truth.shape:
            long = [length for length in truth.shape if length != 1]
            if claim.ndim >= truth.ndim or not long or [n for n in claim.shape if n != 1] != long:
                return False
        off = largest(claim.reshape(truth.shape) - truth)
        if not off <= EQUAL * largest(truth):
            return off <= self.noise(node, tape or self.here, off)
        return True

    def noise(self, node: Node, tape: Tape, off: float) -> float:
        """Return what rounding may make of a gradient at a point, which is all of one that cancels to 0.

        It takes sweeps, so it is 0 where a difference is too large to be rounding anyway.
        """
        gradients = [largest(tape.gradient(other)) for other in self.graph.named.values()]
        if not off <= FULL * max(gradients, default=0.0):
            return 0.0
        if (node, tape) not in self._noise:
            asked = gradient_of(self.graph, node)
            self._noise[node, tape] = Compared(asked, Answer(""), tape, self.rows).noise
        return self._noise[node, tape]

    def agrees(self, whole: Assigned, node: Node) -> bool:
        """Tell whether the lines as they stand give the right gradient here."""
        result = self.actual.built.outcomes[place_of(whole.line)]
        return result is not None and self.equals(self.actual.value(result, self.here), node)

    def asked(self, one: Assigned, node: Node) -> Asked:
        """Ask for a gradient; mistakes are looked for back to the gradients that a line begins with."""
        asked = gradient_of(self.graph, node)
        made_of = (node_of_gradient(self.graph, name) for name in self.needed(one))
        begins = {found for found in made_of if found is not None}
        reached, factors = {node}, []
        for factor in asked.factors:
            if factor.operand in reached:
                factors.append(factor)
                if factor.output not in begins:
                    reached.add(factor.output)
        return replace(asked, factors=tuple(factors))

    def needed(self, one: Assigned) -> set[str]:
        """Return the names that a line is made of, those of helper values and of its own lines included."""
        names = _names(one)
        for other in reversed(self.assigned):
            helps = other.line.name == one.line.name or (other.node is None and other.line.name in names)
            if helps and other.line.number < one.line.number:
                names |= _names(other)
        return names

    def diagnosed(self, whole: Assigned, node: Node, result: Node, *, alone: bool) -> Diagnosis:
        """Say what a value is as a gradient, which other gradients do not make wrong."""
        asked = self.asked(whole, node)
        lines = _Lines(
            self.line(whole), expression=whole.line.expression, points=self.corrected, node=result,
            scale=self.scales.get(place_of(whole.line), 1.0),
        )  # fmt: skip
        found = diagnose(asked, lines, self.here, self.rows)
        if alone and found.kind is not Finding.RIGHT:
            return self.diagnosed_alone(whole, node) or found
        return found

    def diagnosed_alone(self, one: Assigned, node: Node) -> Diagnosis | None:
        """Say what a line is, by its text; None where the text says not all of it."""
        formula = self.formula_of(one)
        return None if formula is None else diagnose(self.asked(one, node), formula, self.here, self.rows)

    def line(self, one: Assigned) -> str:
        """Return the text of a line."""
        return self.text.split("\n")[one.line.number - 1].strip()

    def formula_of(self, one: Assigned) -> Answer | None:
        """Return a line's right side as an answer, whose text can be repaired; None where it has helpers."""
        names: dict[str, Origin] = {}
        helpers = {other.line.name for other in self.assigned if other.node is None}
        own = self.scales.get(place_of(one.line), 1.0)
        for step in walk(one.line.expression):
            if step.kind != "name" or step.text in CONSTANTS:
                continue
            gradient = node_of_gradient(self.graph, step.text)
            scaled = any(place[-1] == step.text and scale != own for place, scale in self.scales.items())
            if step.text in helpers or scaled or (gradient is None and step.text not in self.graph.named):
                return None
            names[step.text] = (
                Origin("value", self.graph.named[step.text])
                if gradient is None
                else Origin("gradient", gradient)
            )
        text = self.line(one).partition("#")[0].partition("=")[2].strip()
        text = translated(text).text
        try:
            expression = parse_expression(text)
        except FormulaError:  # over several lines, or several on one
            return None
        return Answer(text, text=text, expression=expression, names=names)


def _names(one: Assigned) -> set[str]:
    return {step.text for step in walk(one.line.expression) if step.kind == "name"} - {one.line.name}


def _is_finite(tape: Tape) -> bool:
    return all(np.all(np.isfinite(tape.gradient(node))) for node in tape.graph.named.values())


def grouped(assigned: Sequence[Assigned]) -> Iterator[list[Assigned]]:
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
