"""An answer beside what it may be: equal, or a multiple, to the digits given or up to rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.backprop import Tape
from tui_backprop.training.answers import Answer
from tui_backprop.training.mistakes import Asked, counts

EQUAL = 1e-6
"""How far a formula may be off, relative to the largest element: rounding, not mathematics."""
TYPED = 0.01
"""How far typed numbers may be off, each relative to its own size."""
NOISE = 1e-12
LARGEST = 1e9
"""No constant is further from 1 than that; what is nearly zero is not a multiple of anything."""
SIMPLE = (1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 1 / 3, -3.0, -1 / 3, 4.0, 0.25, -4.0, -0.25)
"""Factors that are believed at sight, where one number at one point could be any multiple of another."""


class Comparison:
    """One answer, and the values that it is compared with.

    Args:
        asked: what it is an answer to.
        answer: what was worked out by hand.
        here: the point at hand, swept both ways.
        rows: how many samples there are.
    """

    def __init__(self, asked: Asked, answer: Answer, here: Tape, rows: int | None) -> None:
        self.asked, self.answer, self.here, self.rows = asked, answer, here, rows
        self.shape = asked.node.shape
        self.counts = counts(asked, rows)
        ns = [float(n) for n in self.counts]
        self.simple = (*SIMPLE, *(k for n in ns for k in (n, 1 / n, -n, -1 / n)))
        self._claims: dict[Tape, Array] = {}

    def claim(self, tape: Tape) -> Array:
        """Return the answer at a point; axes of length 1 may be missing: the language cannot keep them."""
        if tape not in self._claims:
            claim = self.answer.at(tape)
            fewer = len(claim.shape) < len(self.shape) and size_of(claim.shape) == size_of(self.shape)
            typed_one = self.answer.value is not None and not claim.shape
            kept = [length for length in self.shape if length != 1]
            if fewer and (typed_one or (kept and kept == [n for n in claim.shape if n != 1])):
                self._claims[tape] = claim.reshape(self.shape)
            else:
                self._claims[tape] = self.asked.fit(claim)
        return self._claims[tape]

    def truth(self, tape: Tape) -> Array:
        """Return what is right at a point."""
        return np.asarray(self.asked.truth(tape))

    def has_few_digits(self, claim: Array, truth: Array) -> bool:
        """Tell whether typed numbers are right to the digits given."""
        half = self._half_unit(claim)
        return half is not None and bool(np.all(np.abs(claim - truth) <= half))

    def fewest_digits(self, claim: Array, truth: Array) -> int:
        """Return how many digits the number has that has too few."""
        assert self.answer.digits is not None
        digits = np.broadcast_to(self.answer.digits, claim.shape)
        return int(np.min(digits[self.rough(claim, truth)]))

    def rough(self, claim: Array, truth: Array) -> npt.NDArray[np.bool_]:
        """Tell for each element whether it is more than a percent off."""
        close: npt.NDArray[np.bool_] = np.abs(claim - truth) <= TYPED * np.abs(truth)
        return ~close  # NaN is close to nothing

    def _half_unit(self, claim: Array) -> Array | None:
        """Return half a unit of the last digit of each number of the answer; None for a formula."""
        half = self.answer.half_unit
        if half is None:
            return None
        if half.size == 1:
            half = half.reshape(())
        elif half.size == claim.size:
            half = half.reshape(claim.shape)
        elif half.shape != claim.shape:
            half = self.asked.fit(half)
        return np.broadcast_to(half, claim.shape) * (1 + EQUAL)

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
        # where a gate is shut the value is zero, and nearly zero is good enough
        noise = NOISE * largest(claim)
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
            return bool(np.all(np.abs(claim - wanted) <= max(EQUAL * largest(wanted), noise)))
        floor = max(EQUAL * largest(wanted), NOISE)
        return bool(np.all(np.abs(claim - wanted) <= np.minimum(half, TYPED * np.abs(wanted) + floor)))


def largest(value: Array) -> float:
    """Return the largest magnitude of the elements; 0 where there are none."""
    return float(np.max(np.abs(value), initial=0.0))
