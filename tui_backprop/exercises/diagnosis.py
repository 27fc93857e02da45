"""What is wrong with a gradient worked out by hand: which mistake leads to it, here and at random points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from msgspec import structs

from tui_backprop.engine.autodiff.graph import Factor
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import FormulaError, FormulaShapeError
from tui_backprop.engine.ops.structure import Contraction
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Asked, Mistake, mistakes
from tui_backprop.exercises.locating import first_wrong
from tui_backprop.exercises.matching import EQUAL, FULL, TYPED, Compared, largest
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.random_points import random_points
from tui_backprop.exercises.repairs import Lack, Repair, repairs
from tui_backprop.exercises.typed.counting import is_written_out

_KINDS = {
    What.LEFT_OUT: Finding.MISSING,
    What.NO_UPSTREAM: Finding.MISSING,
    What.NO_PATH: Finding.PATH,
    What.ONLY_PATH: Finding.PATH,
    What.TWICE: Finding.TWICE,
    What.SIGN_OF_PATH: Finding.SIGN,
    What.PATH_TIMES: Finding.SHARE,
    What.DIAGONAL: Finding.SLOPE,
    What.AT_OUTPUT: Finding.SLOPE,
    What.FROM_OPERAND: Finding.SLOPE,
    What.TO_GRADIENT: Finding.SLOPE,
    What.OTHER_SLOPE: Finding.SLOPE,
    What.GATE: Finding.SLOPE,
    What.HALF_OF_SLOPE: Finding.SLOPE,
    What.VALUE_AS_SLOPE: Finding.SLOPE,
    What.NOT_LOWERED: Finding.SLOPE,
    What.INVERTED: Finding.SLOPE,
    What.BEFORE: Finding.VALUE,
    What.AFTER: Finding.VALUE,
    What.OWN: Finding.VALUE,
    What.TARGET_ONE: Finding.VALUE,
    What.TARGET_LOST: Finding.VALUE,
    What.UPDATED: Finding.VALUE,
}


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


class _Case(Compared):
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
        untold = not np.all(np.isfinite(truth))
        if not untold and not np.all(np.isfinite(claim)):
            if not self.meets_infinity():
                return self._found(Finding.WRONG)
            untold = True  # 0 · ∞ counts as 0 in a factor, and is NaN in a formula
        elsewhere = self.elsewhere()
        points = len(elsewhere)
        typed = self.digits_of_numbers(claim, truth)
        if typed is not None:
            return self._found(Finding.RIGHT, digits=typed)
        if self.answer.half_unit is None and self._is_close_here(claim, truth, points):
            digits = self.digits_of_formula(elsewhere) if points else self.digits_at((self.here,))
            if digits is not None:
                return self._found(Finding.RIGHT, points=points, digits=digits)
            if points and self._is_rounding(elsewhere):
                return self._found(Finding.RIGHT, points=points)
            if np.any(truth):
                away = self._mistaken(elsewhere or (self.here,))
                nearly = away.near or (away.kind is Finding.CONSTANT and abs(away.multiple - 1.0) < TYPED)
                if nearly:  # everywhere by as much
                    return replace(away, points=points)
                return self._found(Finding.HERE, points=points, elsewhere=away)
        elif points and self.multiple(self.truth, elsewhere) == 1.0:
            if untold:
                return self._found(Finding.RIGHT, points=points)
            return self._mistaken((self.here,))
        elif self.has_few_digits(claim, truth):
            return self._found(Finding.DIGITS, digits=self.fewest_digits(claim, truth))
        found = self._mistaken(elsewhere or (self.here,))
        if found.kind is not Finding.WRONG:
            return found
        tapes = elsewhere or (self.here,)
        found = replace(found, first=first_wrong(self, tapes))
        if self.answer.constant:
            return replace(found, near=not np.any(self.rough(claim, truth)))
        repair = self._repair(tapes)
        if repair is None:
            return found
        turned = repair.lacks <= {Lack.TRANSPOSE, Lack.NO_TRANSPOSE}
        return replace(found, kind=Finding.TRANSPOSED if turned else found.kind, repair=repair)

    def _is_close_here(self, claim: Array, truth: Array, points: int) -> bool:
        """Tell whether a formula gives what is right here; rounding, which takes sweeps, is asked last."""
        return self.close(claim, truth) or (points > 0 and self.close(claim, truth, self.noise))

    def _is_rounding(self, tapes: Sequence[Tape]) -> bool:
        """Tell whether all that is off is rounding, as of a gradient that cancels to 0 everywhere."""
        return all(largest(self.claim(tape) - self.truth(tape)) <= self.noise_at(tape) for tape in tapes)

    def _unused(self, claim: Array) -> Diagnosis:
        """Compare with zero: the loss does not depend on the node."""
        tapes = (self.here, *self.elsewhere())
        zero = not np.any(claim) and not any(np.any(self.claim(tape)) for tape in tapes)
        return self._found(Finding.RIGHT if zero else Finding.WRONG, points=len(tapes) - 1, unused=True)

    def _mistaken(self, tapes: Sequence[Tape]) -> Diagnosis:
        """Name the mistake that leads to the answer at all these points."""
        points = 0 if tapes[0] is self.here else len(tapes)
        multiple = self.multiple(self.truth, tapes)
        if multiple == 1.0:  # all but right: a little too large, or wrong in the digits that nobody sees
            return self._nearly(tapes)
        if multiple is not None:
            whole = self._multiplied(multiple)
            factor = None
            for mistake in mistakes(self.asked):
                if mistake.what is What.LEFT_OUT and self.multiple(mistake.gradient, tapes) == 1.0:
                    factor = mistake.factor
                    break
            return replace(whole, factor=factor, what=What.LEFT_OUT if factor else None, points=points)
        if len(self.shape) > 1 and self.shape == self.shape[::-1]:
            multiple = self.multiple(lambda tape: self.truth(tape).T, tapes)
            if multiple in (1.0, -1.0):
                return self._found(Finding.TRANSPOSED, multiple=multiple, points=points)
        return replace(self._mistake(tapes), points=points)

    def _multiplied(self, multiple: float) -> Diagnosis:
        """Name a multiple: one that is written out in the answer is a constant, even where it equals n."""
        if multiple == -1.0:
            return self._found(Finding.SIGN, multiple=multiple)
        constant = is_written_out(self.answer.expression, self.answer.given, multiple)
        for n, counted in self.counts.items():
            for kind, k in ((Finding.MEAN, 1 / n), (Finding.SUM, float(n))):
                if np.isclose(abs(multiple), k, rtol=EQUAL, atol=0):
                    kind = Finding.CONSTANT if constant else kind
                    return self._found(kind, multiple=multiple, count=n, counted=counted)
        return self._found(Finding.CONSTANT, multiple=multiple)

    def _nearly(self, tapes: Sequence[Tape]) -> Diagnosis:
        """Name what is so nearly right that only its last digits tell."""
        claim = np.concatenate([np.ravel(self.claim(tape)) for tape in tapes])
        truth = np.concatenate([np.ravel(self.truth(tape)) for tape in tapes])
        k = float(np.vdot(claim, truth) / np.vdot(truth, truth))
        if largest(claim - k * truth) <= FULL * largest(truth):
            return self._found(Finding.CONSTANT, multiple=k, points=len(tapes))
        digits = int(-np.log10(2 * largest(claim - truth) / largest(truth)))
        return self._found(Finding.WRONG, near=True, digits=digits, points=len(tapes))

    def _mistake(self, tapes: Sequence[Tape]) -> Diagnosis:
        """Look for the mistake at one factor: those alone before those with a sign or a constant besides."""
        best, rank = self._found(Finding.WRONG), len(_KINDS) + 1
        for mistake in mistakes(self.asked):
            kind = _KINDS[mistake.what]
            place = list(_KINDS).index(mistake.what)
            if mistake.free:
                share = self.share(mistake.gradient, tapes) if place < rank else None
                if share is not None and (named := _named(mistake, *share)) is not None:
                    best, rank = self._found(kind, **named), place if share[0] == 1.0 else len(_KINDS)
                continue
            multiple = self.multiple(mistake.gradient, tapes)
            if multiple is None or (self.answer.constant and multiple not in (1.0, -1.0)):
                continue
            place = place if multiple == 1.0 else len(_KINDS)
            if place < rank and (multiple == 1.0 or kind is not Finding.SIGN):
                best = self._found(
                    kind, multiple=multiple, what=mistake.what, factor=mistake.factor, instead=mistake.instead
                )
                rank = place
            if not rank:
                break
        return best

    # ------------------------------------------------------------------ answers of another shape

    def _misfit(self, found: Shape | None, problem: str = "") -> Diagnosis:
        elsewhere = self.elsewhere()
        tapes = elsewhere or (self.here,)
        points = len(elsewhere)
        base = replace(self._found(Finding.SHAPES, points=points), found=found, problem=problem)
        if found is not None and len(found) > 1 and found == self.shape[::-1]:
            flipped = _Case(self._flipped(), self.answer, self.here, self.rows)
            multiple = flipped.multiple(flipped.truth, tapes)
            if multiple in (1.0, -1.0):
                return replace(base, kind=Finding.TRANSPOSED, multiple=multiple)
        repair = self._repair(tapes)
        if repair is not None:
            return replace(base, repair=repair)
        for factor in self.asked.factors if found is not None else ():
            for what in (What.LEFT_OUT, What.NO_UPSTREAM):
                if factor.operand is self.asked.node and self._is_half(factor, what, tapes):
                    return replace(base, kind=Finding.MISSING, factor=factor, what=what)
        return base

    def _repair(self, tapes: Sequence[Tape]) -> Repair | None:
        """Return the nearest formula that is right."""
        return next((one for one in repairs(self.answer) if self._is_right(one.answer, tapes)), None)

    def _flipped(self) -> Asked:
        """Ask for the transposed gradient."""
        node = structs.replace(self.asked.node, shape=self.shape[::-1])
        return Asked(node, (), lambda tape: self.truth(tape).T)

    def _is_right(self, other: Answer, tapes: Sequence[Tape]) -> bool:
        try:
            return _Case(self.asked, other, self.here, self.rows).multiple(self.truth, tapes) == 1.0
        except FormulaError:
            return False

    def _is_half(self, factor: Factor, what: What, tapes: Sequence[Tape]) -> bool:
        """Tell whether the answer is what is left of a product when one of its two factors is left out."""
        return all(
            any(
                np.shape(part) == self.claim(tape).shape and self.close(self.claim(tape), part)
                for part in _halves(tape, factor, what)
            )
            for tape in tapes
        )

    def _found(self, kind: Finding, **rest: object) -> Diagnosis:
        return Diagnosis(kind, self.shape, **rest)  # type: ignore[arg-type]


def _named(mistake: Mistake, multiple: float, share: float) -> dict[str, Any] | None:
    """Return what is known of an answer that went so far in a mistake's direction; None where it is none."""
    what, share = mistake.what, share / multiple
    if what is What.UPDATED and share >= 0:
        return None
    size = -share if what is What.UPDATED else 1.0 + share if what is What.PATH_TIMES else share
    found = {"what": what, "factor": mistake.factor, "instead": mistake.instead, "share": size}
    return {**found, "multiple": multiple}


def _halves(tape: Tape, factor: Factor, what: What) -> tuple[Array, ...]:
    """Return the upstream gradient, or in a matrix product the other operand, as it is and transposed."""
    if what is What.LEFT_OUT:
        return (full_gradient(tape, factor.output),)
    if not isinstance(factor.structure, Contraction):
        return ()
    other = tape.value(factor.output.operands[1 - factor.index])
    return other, np.swapaxes(other, -1, -2) if np.ndim(other) > 1 else other
