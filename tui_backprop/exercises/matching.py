"""An answer beside what it may be: equal, or a multiple, to the digits given or up to rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import reaches
from tui_backprop.engine.autodiff.held import Held
from tui_backprop.engine.autodiff.rounding import gradient_jitter
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.exercises.answers import Answer
from tui_backprop.exercises.hypotheses import Asked, counts

EQUAL = 1e-6
"""How far a formula may be off, relative to the largest element: rounding, not mathematics."""
TYPED = 0.01
"""How far typed numbers may be off, each relative to its own size."""
SINGLE = 2.0**-24
"""What single precision rounds off at most, relative: what agrees so far is right, to seven digits."""
FULL = 1e-9
"""What double precision may make of one formula written in two ways."""
SOME_SINGLES = 4.0
"""How many such roundings numbers may have gone through that were computed in single precision."""
PRINTED = 0.5e-4
"""Half a unit of the fourth decimal: arrays are printed with four, small elements among them."""
NOISE = 1e-12
"""What rounding makes of an array's smaller elements, relative to its largest."""
OTHER_WAYS = 64.0
"""How many times farther than the engine's own gradient another way to it may be rounded."""
LARGEST = 1e9
"""No constant is further from 1 than that; what is nearly zero is not a multiple of anything."""
SIMPLE = (1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 1 / 3, -3.0, -1 / 3, 4.0, 0.25, -4.0, -0.25)
"""Factors that are believed at sight, where one number at one point could be any multiple of another."""


class Compared:
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
        self._noise: dict[Tape, float] = {}

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

    @property
    def noise(self) -> float:
        """What rounding may make of the gradient here."""
        return self.noise_at(self.here)

    def noise_at(self, tape: Tape) -> float:
        """Return what rounding may make of the gradient, by any way: near a minimum large terms cancel."""
        if tape not in self._noise:
            graph = tape.graph
            leaves = {node.name: np.asarray(tape.values[node.index]) for node in graph.given}
            reaching = reaches(graph.nodes, graph.loss)
            jitter = gradient_jitter(
                graph, leaves, reaching, Held(graph, tape), self.asked.node, tape.overrides
            )
            self._noise[tape] = OTHER_WAYS * largest(jitter)
        return self._noise[tape]

    def meets_infinity(self) -> bool:
        """Tell whether the chain rule meets what is not finite here, whatever comes of it."""
        for output, index in self.asked.factors:
            local = self.here.local(output, index)
            met = (self.here.value(output), self.here.gradient(output), *(() if local is None else (local,)))
            if not all(np.all(np.isfinite(value)) for value in met):
                return True
        return False

    # ------------------------------------------------------------------ right, and to how many digits

    def digits_of_numbers(self, claim: Array, truth: Array) -> int | None:
        """Return to how many digits typed numbers are right: 0 where exact, None where they are wrong.

        They count as precise as they are written, and as single precision or four printed decimals are.
        """
        half = self.half_unit(claim)
        if half is None or not np.all(np.isfinite(truth)):
            return None
        off, size, most = np.abs(claim - truth), np.abs(truth), largest(truth)
        if np.all(off <= max(NOISE * most, self.noise)):
            return 0
        written = off <= np.minimum(half, TYPED * size + max(EQUAL * most, self.noise))
        printed = (off <= half) & (half <= PRINTED * (1 + EQUAL)) & (most * TYPED >= half)
        single = off <= SINGLE * (SOME_SINGLES * size + most)
        if not np.all(written | printed | single):
            return None
        return min(
            _digits(*one)
            for one in zip(*map(np.ravel, (off, size, half, self._significant(claim))), strict=True)
            if one[0] > NOISE * most
        )

    def digits_of_formula(self, tapes: Sequence[Tape]) -> int | None:
        """Return to how many digits a formula is right at these points: 0 where fully, None where wrong.

        Where much cancels at one point rounding shows; a formula that is off is so at most of them.
        """
        if self.multiple(self.truth, tapes) != 1.0:
            return None
        return self.digits_at(tapes)

    def digits_at(self, tapes: Sequence[Tape]) -> int | None:
        """Return the same of a formula that is known to be close."""
        off = float(np.median([self._off(tape) for tape in tapes]))
        if off > SINGLE:
            return None
        return 0 if off <= FULL else max(int(-np.log10(2 * off)), 7)

    def _off(self, tape: Tape) -> float:
        """Return how far the answer is off at a point, relative to the largest element."""
        truth = self.truth(tape)
        most = largest(truth)
        return largest(self.claim(tape) - truth) / most if most else 0.0

    def _significant(self, claim: Array) -> Array:
        """Return how many significant digits each typed number has; small ones among large ones by place."""
        assert self.answer.digits is not None
        digits = self._spread(self.answer.digits, claim)
        half, most = self.half_unit(claim), largest(claim)
        by_place = np.floor(np.log10(most or NOISE)) - np.floor(np.log10(2 * half)) + 1  # type: ignore[operator]
        return np.where(digits >= 4, digits, np.minimum(np.maximum(by_place, digits), 4))

    def has_few_digits(self, claim: Array, truth: Array) -> bool:
        """Tell whether typed numbers are right to the digits given."""
        half = self.half_unit(claim)
        return half is not None and bool(np.all(np.abs(claim - truth) <= half))

    def fewest_digits(self, claim: Array, truth: Array) -> int:
        """Return how many digits the number has that has too few."""
        assert self.answer.digits is not None
        digits = self._spread(self.answer.digits, claim)
        return int(np.min(digits[self.rough(claim, truth)]))

    def rough(self, claim: Array, truth: Array) -> npt.NDArray[np.bool_]:
        """Tell for each element whether it is more than a percent off."""
        close: npt.NDArray[np.bool_] = np.abs(claim - truth) <= TYPED * np.abs(truth)
        return ~close  # NaN is close to nothing

    def half_unit(self, claim: Array) -> Array | None:
        """Return half a unit of the last digit of each number of the answer; None for a formula."""
        half = self.answer.half_unit
        return None if half is None else self._spread(half, claim) * (1 + EQUAL)

    def _spread(self, each: Array, claim: Array) -> Array:
        """Bring what is known of each typed number into the shape of the answer as it is compared."""
        if each.size == 1:
            each = each.reshape(())
        elif each.size == claim.size:
            each = each.reshape(claim.shape)
        elif each.shape != claim.shape:
            each = self.asked.fit(each)
        return np.broadcast_to(each, claim.shape)

    def multiple(self, value: Callable[[Tape], Array | None], tapes: Sequence[Tape]) -> float | None:
        """Return k where the answer is k times a value at all these points; None where it is no multiple.

        Of one number at one point anything is a multiple, so there k must be a simple one.
        """
        values = [value(tape) for tape in tapes]
        # where a gate is shut the value is zero, which is a multiple of nothing
        at = next((n for n, one in enumerate(values) if one is None or np.any(one)), 0)
        claim, lead = self.claim(tapes[at]), values[at]
        if lead is None or claim.shape != np.shape(lead) or not np.any(lead):
            return None
        k = self._guess(claim, lead, free=len(tapes) > 1 or bool(np.count_nonzero(lead) > 1))
        if k is None:
            return None
        # and there nearly zero is good enough
        noise = NOISE * largest(claim)
        for tape, other in zip(tapes, values, strict=True):
            if other is None or not (tape is tapes[at] or self.close(self.claim(tape), other, noise, k)):
                return None
        return k

    def share(
        self, direction: Callable[[Tape], Array | None], tapes: Sequence[Tape]
    ) -> tuple[float, float] | None:
        """Return (m, k) where the answer is m times what is right plus k times a direction, everywhere.

        m is a simple factor, such as n. Typed numbers are believed so for m = 1, a simple k and two elements.
        """
        claim, first = self.claim(tapes[0]), direction(tapes[0])
        if first is None or claim.shape != np.shape(first + np.zeros(claim.shape)):
            return None
        truth, first = self.truth(tapes[0]), first + np.zeros(claim.shape)
        if not np.all(np.isfinite(first)) or not np.any(first) or not np.all(np.isfinite(claim)):
            return None
        if self.answer.constant:
            if np.count_nonzero(first) < 2:
                return None
            m, k = 1.0, float(np.vdot(claim - truth, first) / np.vdot(first, first))
            k = next((simple for simple in self._shares if abs(k - simple) <= TYPED * abs(simple)), 0.0)
        else:
            m, k = self._fitted(claim, truth, first)
        if not abs(k) * largest(first) > TYPED * TYPED * max(largest(claim), largest(truth)):
            return None
        for tape in tapes:
            way = direction(tape)
            if way is None or not self._is(m * self.truth(tape) + k * way, tape):
                return None
        return m, k

    def _fitted(self, claim: Array, truth: Array, first: Array) -> tuple[float, float]:
        """Return the simple m for which the rest of the answer is most nearly k directions, and k."""

        def rest(m: float) -> tuple[float, float]:
            off = claim - m * truth
            k = float(np.vdot(off, first) / np.vdot(first, first))
            return largest(off - k * first), k

        best = min(self.simple, key=lambda m: (rest(m)[0] > EQUAL * largest(claim), m != 1.0, rest(m)[0]))
        return best, rest(best)[1]

    @property
    def _shares(self) -> tuple[float, ...]:
        """Shares that are believed of numbers at one point: twice, half, n times, a mean for a sum."""
        ns = [float(n) for n in self.counts]
        return (1.0, -0.5, *(share for n in ns for share in (n - 1, 1 / n - 1, n, 1 / n)))

    def _is(self, wanted: Array, tape: Tape) -> bool:
        claim = self.claim(tape)
        if not np.all(np.isfinite(wanted)):
            return False
        half = self.half_unit(claim)
        floor = EQUAL * max(largest(wanted), largest(self.truth(tape)))
        return bool(np.all(np.abs(claim - wanted) <= (floor if half is None else np.maximum(half, floor))))

    def _guess(self, claim: Array, value: Array, free: bool) -> float | None:
        """Return k where the answer is k times a value at one point, a simple k where there is one."""
        exact = float(np.vdot(claim, value) / np.vdot(value, value))
        simple = self.simple
        if self.answer.half_unit is None:
            simple = tuple(k for k in simple if abs(exact - k) <= EQUAL * abs(k))
        believable = free and 1 / LARGEST < abs(exact) < LARGEST
        if self.answer.half_unit is not None and abs(exact - 1.0) < TYPED:
            believable = False  # numbers that are nearly right have wrong digits, and are no multiple
        for k in (*simple, exact) if believable else simple:
            if self.close(claim, value, k=k):
                return k
        return None

    def close(self, claim: Array, value: Array, noise: float = 0.0, k: float = 1.0) -> bool:
        """Tell whether the answer is k times a value, to the digits given or up to rounding."""
        wanted = k * value
        if not np.all(np.isfinite(wanted)):
            return False
        half = self.half_unit(claim)
        if half is None:
            return bool(np.all(np.abs(claim - wanted) <= max(EQUAL * largest(wanted), noise)))
        floor = max(EQUAL * largest(wanted), self.noise)
        return bool(np.all(np.abs(claim - wanted) <= np.minimum(half, TYPED * np.abs(wanted) + floor)))


def _digits(off: float, size: float, half: float, significant: float) -> int:
    """Return to how many digits one number is right: those that it has, or as far as it agrees."""
    if off <= half:
        return int(significant)
    return max(int(-np.log10(2 * off / size)), 6) if size else 7


def largest(value: Array) -> float:
    """Return the largest magnitude of the elements; 0 where there are none."""
    return float(np.max(np.abs(value), initial=0.0))
