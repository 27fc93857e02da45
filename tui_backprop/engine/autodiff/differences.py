"""A claimed derivative against values of the loss alone: right, wrong, or not to be told here.

Central differences (f(t) - f(-t)) / 2t at several steps are extrapolated to t = 0 (Richardson; the table is
Neville's, the error estimate Ridders', 1982). The step follows the size of what is moved, shrinks at kinks,
poles and edges of the domain, and grows where rounding drowns the difference. There is no absolute floor.
"""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.ladder import Ladder
from tui_backprop.engine.autodiff.lines import Line
from tui_backprop.engine.autodiff.rounding import EPS

FIRST = 0.0073
"""First step, in units of the line's scale; no power of two, so that no wave is met at its zeros only."""
TOLERANCE = 1e-7
"""Relative error up to which a derivative is right."""
COARSE = 1e-3
"""Relative uncertainty up to which an agreement within it is worth the word."""
STRAIGHT = 0.9
"""Part of the gap between the slopes on either side that stays, from step to step, where they differ."""
SURE = 8.0
"""Uncertainties that a derivative must be off to be wrong."""
CONVERGED = 1e-3
"""Extrapolated values that differ by more, relative to the slopes on either side, say nothing."""
LARGEST = 1e4
"""Largest step, in units of the scale."""
TRIES = 24
FARTHER, NEARER = 7.3, 1 / 7.3
DESCENT = 1 / 31.0
DESCENTS = 6
"""Smaller steps at which a derivative that seems wrong is differenced again."""


class Verdict(Enum):
    """What a comparison says."""

    RIGHT = "right"
    WRONG = "wrong"
    UNTOLD = "untold"


class Reason(Enum):
    """Why a comparison can say nothing; NONE where it does."""

    NONE = ""
    KINK = "kink"
    NOT_FINITE = "not finite"
    ROUNDING = "rounding"
    ROUGH = "rough"


class Comparison(Struct, frozen=True):
    """A claimed derivative along a line, and what the differences make of it.

    Attributes:
        verdict, reason: what they say; why they say nothing.
        analytic, numeric: the derivative as claimed, and as extrapolated; NaN where there is none.
        uncertainty: how far the extrapolated one may be off.
        step: the step, in the units of what is moved.
        op: the operation whose kink is in the way.
    """

    verdict: Verdict
    reason: Reason
    analytic: float
    numeric: float = math.nan
    uncertainty: float = math.inf
    step: float = 0.0
    op: str = ""

    @property
    def relative_error(self) -> float | None:
        """|a − n| / max(|a|, |n|); None where it cannot be told."""
        return None if self.verdict is Verdict.UNTOLD else relative_error(self.analytic, self.numeric)


def relative_error(analytic: float, numeric: float) -> float:
    """Return |a - n| / max(|a|, |n|), 0 where both are 0; infinite where exactly one side is not finite."""
    if analytic == numeric or (math.isnan(analytic) and math.isnan(numeric)):
        return 0.0
    if not (math.isfinite(analytic) and math.isfinite(numeric)):
        return math.inf
    larger = max(abs(analytic), abs(numeric))
    return abs(analytic / larger - numeric / larger)


def compare(line: Line, analytic: float, tolerance: float = TOLERANCE, thorough: bool = True) -> Comparison:
    """Compare a claimed derivative along a line with values of the loss.

    Args:
        line: where the loss can be asked for.
        analytic: the derivative at t = 0, as claimed.
        tolerance: relative error that is still right.
        thorough: whether one that seems wrong is looked at with ever smaller steps, for structure too fine
            for the first ones.
    """
    return _Search(line, analytic, tolerance, thorough).run()


class _Search:
    """The way to a verdict: ladders of steps, larger and smaller."""

    def __init__(self, line: Line, analytic: float, tolerance: float, thorough: bool) -> None:
        self.line, self.analytic, self.tolerance, self.thorough = line, analytic, tolerance, thorough
        self.rounding, self._rounding_of = 0.0, math.nan
        self.best: Comparison | None = None
        self.drowned = False
        self.op = ""
        self.not_finite = False

    def run(self) -> Comparison:
        """Return the verdict."""
        line, a = self.line, self.analytic
        if not math.isfinite(line.centre.loss) or not (line.point.finite or math.isfinite(a)):
            return Comparison(Verdict.UNTOLD, Reason.NOT_FINITE, a)
        step, growing, shrunk = FIRST * line.scale, False, False
        for _ in range(TRIES):
            ladder = Ladder(line, step)
            if ladder.broken:
                blocked = self._blocked(ladder, step)
                if blocked is not None:
                    return blocked
                if growing:
                    break
                step, shrunk = min(step / 8, ladder.nearest * 0.5), True
                if step < line.least:
                    break
                continue
            told, better = self._judge(ladder)
            if told is not None:
                return self._unless_bent(told, ladder)
            if better == 0 or (better > 0 and shrunk) or (better < 0 and growing):
                break
            growing, shrunk = better > 0, better < 0
            step *= FARTHER if growing else NEARER
            if not line.least <= step <= LARGEST * line.scale:
                break
        return self._at_last()

    def _blocked(self, ladder: Ladder, step: float) -> Comparison | None:
        """Return the verdict where what is in the way is at the point itself; None where it is not."""
        if ladder.op:
            self.op = ladder.op
            if ladder.nearest <= self.line.least:
                return Comparison(Verdict.UNTOLD, Reason.KINK, self.analytic, op=self.op)
        elif not self.not_finite:
            self.not_finite = True
            _, right = self.line.at(2 * self.line.least)
            _, left = self.line.at(-2 * self.line.least)
            if not (math.isfinite(left.loss) and math.isfinite(right.loss)):
                return Comparison(Verdict.UNTOLD, Reason.NOT_FINITE, self.analytic)
        return None

    def _unless_bent(self, told: Comparison, ladder: Ladder) -> Comparison:
        """Return a verdict, but none on a claim between the two slopes of a bend at the point itself.

        A length at 0 is |t| along every line: central differences give 0 at any step, while the slopes on
        either side stay as far apart however small the step is. Of a smooth loss they come together.
        """
        off = abs(told.analytic - told.numeric)
        if told.verdict is Verdict.UNTOLD or off > ladder.gaps[1] / 2 or not self._is_bent(told, ladder):
            return told
        return Comparison(Verdict.UNTOLD, Reason.KINK, self.analytic, op=self.line.touching())

    def _is_bent(self, told: Comparison, ladder: Ladder) -> bool:
        """Tell whether the slopes on either side differ, down to steps that rounding leaves alone."""
        before, gap = ladder.gaps[:2]
        width, loss = ladder.widths[1], max(ladder.largest, abs(self.line.centre.loss))
        scale = max(abs(told.analytic), abs(told.numeric))
        if gap <= max(self.tolerance * scale, 64 * EPS * loss / width) or gap < STRAIGHT * before:
            return False
        rounding, confirmed = self._rounding(ladder), False
        for _ in range(2):
            width *= DESCENT
            if width < self.line.least or 60 * rounding / width > gap:
                break
            nearer = Ladder(self.line, width)
            if nearer.broken or not STRAIGHT * gap <= nearer.gaps[0] <= gap / STRAIGHT:
                return False
            confirmed = True
        return confirmed

    def _judge(self, ladder: Ladder) -> tuple[Comparison | None, int]:
        """Return a verdict; or else where to go on: 1 to larger steps, -1 to smaller ones, 0 nowhere."""
        a = self.analytic
        numeric, apart = ladder.quick()
        scale = max(abs(a), abs(numeric))
        if (
            scale
            and math.isfinite(scale)
            and abs(a - numeric) <= self.tolerance / 4 * scale
            and apart <= 1e-4 * scale
        ):
            return Comparison(Verdict.RIGHT, Reason.NONE, a, numeric, apart * 1e-3, ladder.step), 0
        if a == 0 and ladder.still:
            lost = self.line.rounded_off(ladder.step)
            if lost is None:
                return Comparison(Verdict.RIGHT, Reason.NONE, a, 0.0, 0.0, ladder.step), 0
            if not np.all(np.isfinite(lost)):
                return Comparison(Verdict.UNTOLD, Reason.NOT_FINITE, a), 0
            self.drowned = True
            return None, 1
        found = ladder.full()
        if found is None:
            return None, -1
        numeric, error, width = found
        rounding = self._rounding(ladder)
        noise = 3 * rounding / width + EPS * abs(numeric) * self.line.blur / width
        uncertainty = error + noise
        scale, off = max(abs(a), abs(numeric)), abs(a - numeric)
        here = Comparison(Verdict.UNTOLD, Reason.ROUNDING, a, numeric, uncertainty, ladder.step)
        if not (math.isfinite(numeric) and math.isfinite(uncertainty)):
            return None, -1
        steep = (
            ladder.largest > 100 * ladder.smallest
        )  # what rounding does at the largest step says little then
        if error > CONVERGED * max(abs(numeric), ladder.slope) and (steep or error > SURE * noise):
            return None, -1
        if self.best is None or uncertainty < self.best.uncertainty:
            self.best, self.drowned = here, noise > error
        if not math.isfinite(a):
            return self._with(here, Verdict.WRONG), 0
        if not scale:  # symmetric about the point: 0, unless rounding hides more than a trace of the slope
            if noise <= 1e-6 * ladder.slope:
                return self._with(here, Verdict.RIGHT), 0
            return None, 1
        if off > max(SURE * uncertainty, self.tolerance * scale):
            if off <= SURE * self.line.claim_rounding():  # the claim itself may be rounded as far as that
                self.drowned = True
                return None, 0
            if self._stays_wrong(here, rounding):
                return self._with(here, Verdict.WRONG), 0
            return None, -1
        if off <= self.tolerance * scale and uncertainty <= self.tolerance * scale:
            return self._with(here, Verdict.RIGHT), 0
        return None, 1 if noise > error else -1

    def _rounding(self, ladder: Ladder) -> float:
        """Return what rounding may do to the loss at the steps of a ladder; looked for where it is needed."""
        if not self._rounding_of / 10 <= ladder.largest <= 10 * self._rounding_of:
            self.rounding = self.line.jitter(ladder.step)
            self._rounding_of = ladder.largest
        return self.rounding

    def _stays_wrong(self, here: Comparison, rounding: float) -> bool:
        """Tell whether the differences contradict the claim down to where rounding drowns them."""
        off, step = abs(here.analytic - here.numeric), here.step
        for _ in range(DESCENTS if self.thorough else 1):
            step *= DESCENT
            if step < self.line.least or 60 * rounding / step > off:
                return True
            ladder = Ladder(self.line, step)
            if ladder.broken:
                return False
            numeric, apart = ladder.quick()
            if abs(self.analytic - numeric) < off / 2 or apart > off:
                return False
        return True

    @staticmethod
    def _with(found: Comparison, verdict: Verdict) -> Comparison:
        return Comparison(verdict, Reason.NONE, found.analytic, found.numeric, found.uncertainty, found.step)

    def _at_last(self) -> Comparison:
        """Return the verdict of the best that was found."""
        best = self.best
        if best is not None:
            scale = max(abs(best.analytic), abs(best.numeric))
            off = abs(best.analytic - best.numeric)
            known = max(
                best.uncertainty, self.line.claim_rounding() if off > SURE * best.uncertainty else 0.0
            )
            if off <= SURE * known and scale and known <= COARSE * scale:
                return self._with(best, Verdict.RIGHT)
        reason = Reason.ROUNDING if self.drowned else Reason.ROUGH
        if self.op:
            reason = Reason.KINK
        elif self.not_finite and not self.drowned:
            reason = Reason.NOT_FINITE
        if best is None:
            return Comparison(Verdict.UNTOLD, reason, self.analytic, op=self.op)
        return Comparison(
            Verdict.UNTOLD, reason, best.analytic, best.numeric, best.uncertainty, best.step, self.op
        )


def central_difference(line: Line, step: float) -> float:
    """Return one central difference; NaN where the step is too small to move anything."""
    above, right = line.at(step)
    below, left = line.at(-step)
    width = above - below
    with np.errstate(all="ignore"):
        return (right.loss - left.loss) / width if width > 0 else math.nan
