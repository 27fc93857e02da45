"""What is wrong with a gradient worked out by hand: which mistake leads to it, here and at random points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import FormulaError, FormulaShapeError
from tui_backprop.engine.ops import MatMul
from tui_backprop.training.answers import Answer, full_gradient
from tui_backprop.training.comparison import EQUAL, NOISE, Comparison, largest
from tui_backprop.training.mistakes import Asked, Edge, What, mistakes
from tui_backprop.training.points import random_points
from tui_backprop.training.repairs import repairs


class Kind(Enum):
    """What an answer is."""

    RIGHT = "right"
    HERE = "right here only"
    DIGITS = "too few digits"
    SIGN = "wrong sign"
    TRANSPOSED = "transposed"
    SHAPES = "shapes"
    MEAN = "off by 1/n"
    SUM = "off by n"
    CONSTANT = "off by a constant factor"
    MISSING = "missing a factor"
    PATH = "missing a path"
    TWICE = "a factor too many"
    WRONG = "wrong"


_KINDS = {
    What.LEFT_OUT: Kind.MISSING,
    What.NO_UPSTREAM: Kind.MISSING,
    What.NO_PATH: Kind.PATH,
    What.ONLY_PATH: Kind.PATH,
    What.TWICE: Kind.TWICE,
    What.SIGN_OF_PATH: Kind.SIGN,
}


@dataclass(frozen=True, eq=False, slots=True)
class Diagnosis:
    """What an answer is, and what makes it so.

    Attributes:
        kind: what it is.
        needed: the shape that is right.
        found: the answer's shape; None where it has none.
        factor: the answer is this many times what is right, or times what the mistake leads to.
        count, counted: for off by 1/n and n: n, and what it counts.
        what, edge: the mistake that leads to the answer, and the factor where it is made.
        repaired: a formula near the answer that is right.
        problem: why the shapes in the formula do not fit.
        points: how many random points it was compared at; 0 where only this one says anything about it.
        elsewhere: for right here only, what it is at the random points.
        digits: for too few digits, how many significant ones were given where more are needed.
        near: whether wrong numbers are within 1 % all the same, so that only their digits are wrong.
        unused: whether the loss does not depend on the node, so that its gradient is zero.
    """

    kind: Kind
    needed: Shape
    found: Shape | None = None
    factor: float = 1.0
    count: int = 0
    counted: str = ""
    what: What | None = None
    edge: Edge | None = None
    repaired: str = ""
    problem: str = ""
    points: int = 0
    elsewhere: Diagnosis | None = None
    digits: int = 0
    near: bool = False
    unused: bool = False


def diagnose(asked: Asked, answer: Answer, here: Tape, rows: int | None = None) -> Diagnosis:
    """Classify an answer, by comparing it with the engine at a point and at random ones.

    Args:
        asked: what it is an answer to.
        answer: what was worked out by hand.
        here: the point at hand, swept both ways.
        rows: how many samples there are.

    Raises:
        FormulaError: the formula cannot be evaluated, for another reason than shapes that do not fit.
    """
    with np.errstate(all="ignore"):
        return _Case(asked, answer, here, rows).diagnosis()


class _Case(Comparison):
    """One answer, and the search for what makes it what it is."""

    def diagnosis(self) -> Diagnosis:
        """Classify the answer."""
        try:
            claim = self.claim(self.here)
        except FormulaShapeError as error:
            return self._misfit(None, error.reason)
        if claim.shape != self.shape:
            return self._misfit(claim.shape)
        fitting = self._fitting(claim) if self.asked.used else self._unused(claim)
        return replace(fitting, found=claim.shape)

    def elsewhere(self) -> tuple[Tape, ...]:
        """Return the random points; none for numbers, which belong to this point."""
        if self.answer.constant:
            return ()
        return random_points(self.here, self._usable, self._telling)

    def _telling(self, tape: Tape) -> bool:
        """Tell whether what is right is not zero everywhere, unless it is zero at all points."""
        return not self.asked.used or bool(np.any(self.truth(tape)))

    def _usable(self, tape: Tape) -> bool:
        """Tell whether all is finite at a point."""
        if not np.all(np.isfinite(self.truth(tape))):
            return False
        try:
            return bool(np.all(np.isfinite(self.claim(tape))))
        except FormulaShapeError:
            return True

    # ------------------------------------------------------------------ answers of the right shape

    def _fitting(self, claim: Array) -> Diagnosis:
        truth = self.truth(self.here)
        if not np.all(np.isfinite(claim)) and np.all(np.isfinite(truth)):
            return self._found(Kind.WRONG)
        elsewhere = self.elsewhere()
        points = len(elsewhere)
        if self.close(claim, truth, self._rounding() if points else 0.0):
            if not points or self.multiple(self.truth, elsewhere) == 1.0:
                return self._found(Kind.RIGHT, points=points)
            if np.any(truth):
                away = self._mistaken(elsewhere)
                return self._found(Kind.HERE, points=points, elsewhere=away)
        elif points and self.multiple(self.truth, elsewhere) == 1.0:
            if not np.all(np.isfinite(truth)):  # nothing can be told here
                return self._found(Kind.RIGHT, points=points)
            return self._mistaken((self.here,))
        elif self.has_few_digits(claim, truth):
            return self._found(Kind.DIGITS, digits=self.fewest_digits(claim, truth))
        found = self._mistaken(elsewhere or (self.here,))
        if found.kind is not Kind.WRONG:
            return found
        if self.answer.constant:
            return replace(found, near=not np.any(self.rough(claim, truth)))
        tapes = elsewhere or (self.here,)
        right = (other.text for other in repairs(self.answer) if self._is_right(other, tapes))
        return replace(found, repaired=next(right, ""))

    def _unused(self, claim: Array) -> Diagnosis:
        """Compare with zero: the loss does not depend on the node."""
        tapes = (self.here, *self.elsewhere())
        zero = not np.any(claim) and not any(np.any(self.claim(tape)) for tape in tapes)
        return self._found(Kind.RIGHT if zero else Kind.WRONG, points=len(tapes) - 1, unused=True)

    def _rounding(self) -> float:
        """Return what rounding may make of a formula here: near a minimum large terms cancel."""
        nodes = {node for edge in self.asked.edges for node in (edge[0], edge[0].operands[edge[1]])}
        values = max((largest(self.here.value(node)) for node in nodes), default=1.0)
        return NOISE * max(values, 1.0) * max(map(largest, map(self.here.gradient, nodes)), default=1.0)

    def _mistaken(self, tapes: Sequence[Tape]) -> Diagnosis:
        """Name the mistake that leads to the answer at all these points."""
        points = 0 if tapes[0] is self.here else len(tapes)
        factor = self.multiple(self.truth, tapes)
        if factor is not None:
            whole = self._multiplied(factor)
            edge = None
            for mistake in mistakes(self.asked):
                if mistake.what is What.LEFT_OUT and self.multiple(mistake.gradient, tapes) == 1.0:
                    edge = mistake.edge
                    break
            return replace(whole, edge=edge, what=What.LEFT_OUT if edge else None, points=points)
        if len(self.shape) > 1 and self.shape == self.shape[::-1]:
            factor = self.multiple(lambda tape: self.truth(tape).T, tapes)
            if factor in (1.0, -1.0):
                return self._found(Kind.TRANSPOSED, factor=factor, points=points)
        return replace(self._mistake(tapes), points=points)

    def _multiplied(self, factor: float) -> Diagnosis:
        if factor == -1.0:
            return self._found(Kind.SIGN, factor=factor)
        for n, counted in self.counts.items():
            for kind, k in ((Kind.MEAN, 1 / n), (Kind.SUM, float(n))):
                if np.isclose(abs(factor), k, rtol=EQUAL, atol=0):
                    return self._found(kind, factor=factor, count=n, counted=counted)
        return self._found(Kind.CONSTANT, factor=factor)

    def _mistake(self, tapes: Sequence[Tape]) -> Diagnosis:
        """Look for the mistake at one factor: those alone before those with a sign or a constant besides."""
        best, rank = self._found(Kind.WRONG), len(_KINDS) + 1
        for mistake in mistakes(self.asked):
            factor = self.multiple(mistake.gradient, tapes)
            if factor is None or (self.answer.constant and factor not in (1.0, -1.0)):
                continue
            kind = _KINDS[mistake.what]
            place = list(_KINDS).index(mistake.what) if factor == 1.0 else len(_KINDS)
            if place < rank and (factor == 1.0 or kind is not Kind.SIGN):
                best, rank = self._found(kind, factor=factor, what=mistake.what, edge=mistake.edge), place
            if not rank:
                break
        return best

    # ------------------------------------------------------------------ answers of another shape

    def _misfit(self, found: Shape | None, problem: str = "") -> Diagnosis:
        elsewhere = self.elsewhere()
        tapes = elsewhere or (self.here,)
        points = len(elsewhere)
        base = replace(self._found(Kind.SHAPES, points=points), found=found, problem=problem)
        if found is not None and len(found) > 1 and found == self.shape[::-1]:
            flipped = _Case(self._flipped(), self.answer, self.here, self.rows)
            factor = flipped.multiple(flipped.truth, tapes)
            if factor in (1.0, -1.0):
                return replace(base, kind=Kind.TRANSPOSED, factor=factor)
        for other in repairs(self.answer):
            if self._is_right(other, tapes):
                return replace(base, repaired=other.text)
        for edge in self.asked.edges if found is not None else ():
            for what in (What.LEFT_OUT, What.NO_UPSTREAM):
                if edge[0].operands[edge[1]] is self.asked.node and self._is_half(edge, what, tapes):
                    return replace(base, kind=Kind.MISSING, edge=edge, what=what)
        return base

    def _flipped(self) -> Asked:
        """Ask for the transposed gradient."""
        node = replace(self.asked.node, shape=self.shape[::-1])
        return Asked(node, (), lambda tape: self.truth(tape).T)

    def _is_right(self, other: Answer, tapes: Sequence[Tape]) -> bool:
        try:
            return _Case(self.asked, other, self.here, self.rows).multiple(self.truth, tapes) == 1.0
        except FormulaError:
            return False

    def _is_half(self, edge: Edge, what: What, tapes: Sequence[Tape]) -> bool:
        """Tell whether the answer is what is left of a product when one of its two factors is left out."""
        return all(
            any(
                np.shape(part) == self.claim(tape).shape and self.close(self.claim(tape), part)
                for part in _halves(tape, edge, what)
            )
            for tape in tapes
        )

    def _found(self, kind: Kind, **rest: object) -> Diagnosis:
        return Diagnosis(kind, self.shape, **rest)  # type: ignore[arg-type]


def _halves(tape: Tape, edge: Edge, what: What) -> tuple[Array, ...]:
    """Return the upstream gradient, or in a matrix product the other operand, as it is and transposed."""
    output, index = edge
    if what is What.LEFT_OUT:
        return (full_gradient(tape, output),)
    if not isinstance(output.op, MatMul):
        return ()
    other = tape.value(output.operands[1 - index])
    return other, other.T
