"""What is wrong with a gradient worked out by hand: which mistake leads to it, here and at random points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, Shape, size_of
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import FormulaError, FormulaShapeError
from tui_backprop.engine.ops import MatMul
from tui_backprop.training.answers import Answer, full_gradient
from tui_backprop.training.mistakes import Asked, Edge, What, counts, mistakes
from tui_backprop.training.points import random_points
from tui_backprop.training.repairs import repairs

EQUAL = 1e-6
"""How far a formula may be off, relative to the largest element: rounding, not mathematics."""
TYPED = 0.01
"""How far typed numbers may be off, each relative to its own size."""
NOISE = 1e-12
LARGEST = 1e9
"""No constant is further from 1 than that; what is nearly zero is not a multiple of anything."""
SIMPLE = (1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 1 / 3, -3.0, -1 / 3, 4.0, 0.25, -4.0, -0.25)
"""Factors that are believed at sight, where one number at one point could be any multiple of another."""


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


class _Case:
    """One answer beside what is right."""

    def __init__(self, asked: Asked, answer: Answer, here: Tape, rows: int | None) -> None:
        self.asked, self.answer, self.here, self.rows = asked, answer, here, rows
        self.shape = asked.node.shape
        self.counts = counts(asked, rows)
        ns = [float(n) for n in self.counts]
        self.simple = (*SIMPLE, *(k for n in ns for k in (n, 1 / n, -n, -1 / n)))
        self._claims: dict[Tape, Array] = {}

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

    def claim(self, tape: Tape) -> Array:
        """Return the answer at a point; one number may be typed for an array of one."""
        if tape not in self._claims:
            claim = self.answer.at(tape)
            typed_one = self.answer.value is not None and not claim.shape
            one = typed_one and self.shape and size_of(self.shape) == 1
            self._claims[tape] = claim.reshape(self.shape) if one else self.asked.fit(claim)
        return self._claims[tape]

    def truth(self, tape: Tape) -> Array:
        """Return what is right at a point."""
        return np.asarray(self.asked.truth(tape))

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
            return self._mistaken((self.here,))
        elif self._few_digits(claim, truth):
            return self._found(Kind.DIGITS, digits=self._digits(claim, truth))
        found = self._mistaken(elsewhere or (self.here,))
        near = found.kind is Kind.WRONG and self.answer.constant and not np.any(self._rough(claim, truth))
        return replace(found, near=near)

    def _unused(self, claim: Array) -> Diagnosis:
        """Compare with zero: the loss does not depend on the node."""
        tapes = (self.here, *self.elsewhere())
        zero = not np.any(claim) and not any(np.any(self.claim(tape)) for tape in tapes)
        return self._found(Kind.RIGHT if zero else Kind.WRONG, points=len(tapes) - 1, unused=True)

    def _few_digits(self, claim: Array, truth: Array) -> bool:
        half = self._half_unit(claim)
        return half is not None and bool(np.all(np.abs(claim - truth) <= half))

    def _digits(self, claim: Array, truth: Array) -> int:
        """Return how many digits the number has that has too few."""
        assert self.answer.digits is not None
        digits = np.broadcast_to(self.answer.digits, claim.shape)
        return int(np.min(digits[self._rough(claim, truth)]))

    def _rough(self, claim: Array, truth: Array) -> npt.NDArray[np.bool_]:
        """Tell for each element whether it is more than a percent off."""
        rough: npt.NDArray[np.bool_] = np.abs(claim - truth) > TYPED * np.abs(truth)
        return rough

    def _half_unit(self, claim: Array) -> Array | None:
        """Return half a unit of the last digit of each number of the answer; None for a formula."""
        half = self.answer.half_unit
        if half is None:
            return None
        if half.size == 1:
            half = half.reshape(())
        elif half.shape != claim.shape:
            half = self.asked.fit(half)
        return np.broadcast_to(half, claim.shape) * (1 + EQUAL)

    def _rounding(self) -> float:
        """Return what rounding may make of a formula here: near a minimum large terms cancel."""
        nodes = {node for edge in self.asked.edges for node in (edge[0], edge[0].operands[edge[1]])}
        values = max((_largest(self.here.value(node)) for node in nodes), default=1.0)
        return NOISE * max(values, 1.0) * max(map(_largest, map(self.here.gradient, nodes)), default=1.0)

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

    # ------------------------------------------------------------------ comparing

    def multiple(self, value: Callable[[Tape], Array | None], tapes: Sequence[Tape]) -> float | None:
        """Return k where the answer is k times a value at all these points; None where it is no multiple.

        Of one number at one point anything is a multiple, so there k must be a simple one.
        """
        claim, first = self.claim(tapes[0]), value(tapes[0])
        if first is None or claim.shape != np.shape(first) or not np.any(first):
            return None
        k = self._guess(claim, first, free=len(tapes) > 1 or bool(np.count_nonzero(first) > 1))
        if k is None:
            return None
        noise = NOISE * _largest(
            claim
        )  # where a gate is shut the value is zero, and nearly zero is good enough
        for tape in tapes[1:]:
            other = value(tape)
            if other is None or not self.close(self.claim(tape), other, noise, k):
                return None
        return k

    def _guess(self, claim: Array, value: Array, free: bool) -> float | None:
        """Return k where the answer is k times a value at one point, a simple k where there is one."""
        exact = float(np.vdot(claim, value) / np.vdot(value, value))
        simple = self.simple
        if self.answer.half_unit is None:
            simple = tuple(k for k in simple if abs(exact - k) <= EQUAL * abs(k))
        believable = free and 1 / LARGEST < abs(exact) < LARGEST
        for k in (*simple, exact) if believable else simple:
            if self.close(claim, value, k=k):
                return k
        return None

    def close(self, claim: Array, value: Array, noise: float = 0.0, k: float = 1.0) -> bool:
        """Tell whether the answer is k times a value, to the digits given or up to rounding."""
        wanted = k * value
        if not np.all(np.isfinite(wanted)):
            return False
        half = self._half_unit(claim)
        if half is None:
            return bool(np.all(np.abs(claim - wanted) <= max(EQUAL * _largest(wanted), noise)))
        floor = max(EQUAL * _largest(wanted), NOISE)
        return bool(np.all(np.abs(claim - wanted) <= np.minimum(half, TYPED * np.abs(wanted) + floor)))

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


def _largest(value: Array) -> float:
    return float(np.max(np.abs(value), initial=0.0))
