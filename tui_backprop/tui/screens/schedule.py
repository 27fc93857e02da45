"""The learning rate over the iterations: a picture of the schedule, and its numbers below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from tui_backprop.debugger.replies import SchedulePage
from tui_backprop.explain.rates import RateCurve
from tui_backprop.text.sentences import tr
from tui_backprop.training.history import Envelope
from tui_backprop.tui.panels.chart.plot import LEAST_HEIGHT, LEAST_WIDTH, plot
from tui_backprop.tui.screens.reading import PictureScreen
from tui_backprop.tui.widgets.lines import Line, paragraph

_PARTS = {"line": "", "ahead": "", "axis": "label", "cursor": "strong", "nonfinite": "bad"}
"""Parts of lines for those of a plot."""


class ScheduleScreen(PictureScreen):
    """The rate of every iteration as the schedule has it, with a mark where the training stands."""

    OPENED_BY = "schedule"
    HIGHEST, LEAST_BELOW = 16, 5

    def __init__(self, curve: RateCurve) -> None:
        super().__init__(tr("Learning rate by iteration"))
        self.curve = curve

    @classmethod
    def of_page(cls, page: SchedulePage) -> Self:
        """Return the screen that shows a schedule."""
        return cls(page.curve)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out the picture, as high as there is room for, and the words."""
        height = self.height()
        lines: list[Line] = []
        if self.curve.finite and width >= LEAST_WIDTH and height >= LEAST_HEIGHT:
            drawn = plot(envelope(self.curve), None, "linear", self.charset.ascii_only, width, height)
            lines += (
                tuple((self.charset.spelled(text), _PARTS[part]) for part, text in row)
                for row in drawn.with_cursor(self.curve.now)
            )
        for text in self.curve.about:
            lines += paragraph(self.charset, text, width, "", "  ")
        lines.append(())
        for text in self.curve.rates:
            lines += paragraph(self.charset, text, width)
        return lines


def envelope(curve: RateCurve) -> Envelope:
    """Return a curve's points as the loss chart draws losses."""
    iterations, rates = (np.array(column) for column in zip(*curve.points, strict=True))
    finite = np.isfinite(rates)
    shown = np.where(finite, rates, np.nan)
    return Envelope(
        start=0, stop=int(iterations[-1]) + 1, iterations=iterations, low=shown, high=shown,
        nonfinite=~finite, first_nonfinite=None if finite.all() else int(iterations[int(np.argmin(finite))]),
        last=float(rates[-1]), smallest=float(np.nanmin(shown)), largest=float(np.nanmax(shown)),
    )  # fmt: skip
