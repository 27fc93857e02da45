"""The gradient check's report, and a picture of how the error of a central difference depends on its step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual.binding import Binding, BindingType

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.practising import ALL, SWEEP
from tui_backprop.debugger.replies import CheckPage, SweepPage
from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
from tui_backprop.exercises.check import GradientReport
from tui_backprop.exercises.words import curves
from tui_backprop.exercises.words.check import as_lines, at_a_glance, is_bad
from tui_backprop.lessons.remarks.remark import Remark
from tui_backprop.text.log_plot import log_plot
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.reading import PictureScreen, ReadingScreen
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

GOOD = later("ok"), later("passed"), later("caught")
"""What lines begin with that tell of something right."""


class CheckScreen(ReadingScreen):
    """The gradient check's report."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "sweep", later("error over h")),
        Binding("a", "all", later("every element")),
    ]
    OPENED_BY = "check"
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"u", "a"})

    def __init__(self, report: GradientReport, remarks: Sequence[Remark] = ()) -> None:
        partly = any(check.checked < check.size for check in report.checks.values())
        super().__init__(
            tr("Gradient check · u: error over h · a: every element")
            if partly
            else tr("Gradient check · u: error over h")
        )
        self.report, self.remarks = report, remarks

    @classmethod
    def of_page(cls, page: CheckPage) -> Self:
        """Return the screen that shows a report."""
        return cls(page.report, page.remarks)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out the report; failures stand out by their words, and in colour."""
        lines: list[Line] = []
        glance = at_a_glance(self.report)
        for text in (*glance, "", *as_lines(self.report)):
            part = ""
            if is_bad(text):
                part = "bad"
            elif text.startswith(tuple(map(tr, GOOD))):
                part = "good"
            lines += paragraph(self.charset, text.rstrip(), width, part, "  ") if text else [()]
        for remark in self.remarks:
            lines += [(), *paragraph(self.charset, remark.text, width, "bad", "  ")]
        return lines

    def action_sweep(self) -> None:
        """Ask for the error over h, which has a screen of its own."""
        self._instead(SWEEP)

    def action_all(self) -> None:
        """Ask for a check of every element."""
        self._instead(ALL)

    def _instead(self, argument: str) -> None:
        self.leave()
        self.app.post_message(Requested(request(BY_NAME["check"], argument)))


class SweepScreen(PictureScreen):
    """The error over h: a picture, and the numbers below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab", "turn(1)", later("next parameter")),
        Binding("left,shift+tab", "turn(-1)", later("parameter before")),
    ]
    OPENED_BY = "check"
    HIGHEST, LEAST_BELOW = 24, 4  # the best step, and the first of the table

    def __init__(self, found: Sequence[ErrorCurve]) -> None:
        several = len(found) > 1
        super().__init__(tr("Error over h · ← → other parameters") if several else tr("Error over h"))
        self.curves, self.place = found, 0

    @classmethod
    def of_page(cls, page: SweepPage) -> Self:
        """Return the screen that shows curves."""
        return cls(page.curves)

    def action_turn(self, by: int) -> None:
        """Show another parameter's curve."""
        if self.curves:
            self.place = (self.place + by) % len(self.curves)
            self.query_one(LinesView).show(self.lay_out, keep_place=False)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out the picture, as high as there is room for, and the table."""
        if not self.curves:
            return paragraph(self.charset, tr("there is nothing to move"), width)
        curve = self.curves[self.place]
        head = paragraph(self.charset, curves.title(curve), width, "strong")
        points = [(point.step, point.relative_error) for point in curve.points]
        picture = log_plot(points, min(width, 90), self.height(len(head)), self.charset.ascii_only)
        lines = [*head, *(((line, ""),) for line in picture)]
        told = tr("{best}. Across: h; upwards: the error", best=curves.best(curve))
        lines += paragraph(self.charset, told, width, "note")
        lines += paragraph(self.charset, f"{tr(curves.ABOUT)}.", width)
        lines.append(())
        table = curves.as_lines(curve)[1:-2]
        return [*lines, *(((self.charset.spelled(line), ""),) for line in table)]
