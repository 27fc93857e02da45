"""Central differences of the loss along a line at a few steps, extrapolated to 0 (Richardson, Ridders)."""

from __future__ import annotations

import math

from tui_backprop.engine.autodiff.lines import Line, Sample

RATIO = 1.7
"""From one step of a ladder to the next, smaller one."""
LEVELS = 4


class Ladder:
    """Central differences at a few steps, the largest first."""

    def __init__(self, line: Line, step: float) -> None:
        self.line, self.step = line, step
        self.widths: list[float] = []
        self.found: list[float] = []
        self.gaps: list[float] = []  # how far the slopes on either side are apart
        self.slope = 0.0
        self.largest, self.smallest = 0.0, math.inf
        self.op = ""
        self.nearest = math.inf
        self.still = True
        self.broken = not self._climb(2)

    def _climb(self, levels: int) -> bool:
        """Take differences until there are so many; False where something is in the way."""
        centre = self.line.centre.loss
        while len(self.found) < levels:
            t = self.step / RATIO ** len(self.found)
            above, right = self.line.at(t)
            below, left = self.line.at(-t)
            if (kink := self.line.nearest_kink(left, right, t)) is not None:
                self.nearest, self.op = kink
                return False
            width = above - below
            if not self._usable(left, right) or width <= 0:
                return False
            self.widths.append(width / 2)
            self.found.append((right.loss - left.loss) / width)
            self.gaps.append(abs((right.loss - centre) / above + (left.loss - centre) / -below))
            self.slope = max(abs(right.loss - centre), abs(left.loss - centre)) / t
            size = max(abs(right.loss), abs(left.loss))
            self.largest, self.smallest = max(self.largest, size), min(self.smallest, size)
            self.still &= right.loss == left.loss == centre
        return True

    @staticmethod
    def _usable(left: Sample, right: Sample) -> bool:
        return math.isfinite(left.loss) and math.isfinite(right.loss)

    def quick(self) -> tuple[float, float]:
        """Return the value extrapolated from two steps, and how far the two are apart."""
        first, second = self.found[:2]
        ratio = (self.widths[0] / self.widths[1]) ** 2
        return second + (second - first) / (ratio - 1), abs(second - first)

    def full(self) -> tuple[float, float, float] | None:
        """Return the value extrapolated from all steps, its error as Ridders estimates it, and its step."""
        if not self._climb(LEVELS):
            self.broken = True
            return None
        best = (self.found[0], math.inf, self.widths[0])
        previous = [self.found[0]]
        for level in range(1, LEVELS):
            row = [self.found[level]]
            for order in range(1, level + 1):
                ratio = (self.widths[level - order] / self.widths[level]) ** 2
                row.append(row[-1] + (row[-1] - previous[order - 1]) / (ratio - 1))
                error = max(abs(row[-1] - row[-2]), abs(row[-1] - previous[order - 1]))
                if error < best[1]:
                    best = (row[-1], error, self.widths[level])
            previous = row
        return best
