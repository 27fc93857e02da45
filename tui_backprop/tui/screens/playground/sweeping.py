"""A sweep from here, its results below the line that asks for it; and the search for a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual.binding import Binding, BindingType

from tui_backprop.debugger.changing import set_value
from tui_backprop.debugger.playground.sweeping import RangePage, SweepTablePage, open_row
from tui_backprop.debugger.replies import Reply
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.drawing.cells.figures import draw
from tui_backprop.drawing.cells.rows import NO_COLOURS, PLAIN_ASCII, text_of
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.lessons.specs.hyperparameter import value_text
from tui_backprop.sweeps.range_words import range_figure, range_lines
from tui_backprop.sweeps.rates import RangeTest
from tui_backprop.sweeps.rows import RowWriter
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import Request
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList
from tui_backprop.tui.screens.reading import PictureScreen
from tui_backprop.tui.widgets.lines import Line, paragraph

_LEAST = 24, 7
"""Columns and rows below which a curve says nothing."""


class SweepSettingsScreen(AskScreen):
    """Asks for what to sweep; below stands what came of it, the smallest loss first."""

    OPENED_BY = "sweep"
    HEADING = later("Sweep · Enter trains; ↓ and Enter open a setting · Esc closes")
    PLACEHOLDER = later("NAME=VALUE,VALUE …, such as learning_rate=0.01,0.1 seeds=3")
    HELP = later(
        "Every combination is trained, each to the iterations that are set here; Ctrl+C ends that, and what "
        "is done is listed. The best three stay pinned on the loss chart."
    )

    def __init__(self, snapshot: Snapshot, initial: str = "") -> None:
        super().__init__(snapshot, initial)
        self._page: SweepTablePage | None = None

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return rates around the one that is set."""
        rate = snapshot.hyperparameters.learning_rate
        rates = (value_text(float(f"{factor * rate:.3g}")) for factor in (0.1, 0.3, 1.0, 3.0))
        return f"learning_rate={','.join(rates)}" if rate else ""

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the rows under their heading."""
        if self._page is None:
            return ()
        writer = RowWriter("table", self._page.plan.names, self._page.plan.values)
        return [*writer.head(), *map(writer.line, self._page.rows)]

    def answered(self, text: str) -> None:
        """Have it trained; it is checked where the trainer is."""
        if text:
            self.ask(text)

    def take(self, source: str, reply: Reply) -> bool:
        """Show what came of it."""
        if source != self.OPENED_BY or not isinstance(reply, SweepTablePage):
            return super().take(source, reply)
        self._page = reply
        self.say(reply.summary)
        self.update(self.snapshot)
        self.query_one(ChoiceList).highlighted = 1  # the best, below the heading
        return True

    def chosen(self, index: int) -> None:
        """Go on with the training of a setting."""
        page = self._page
        if page is None or not index:
            return
        row = page.rows[index - 1]
        self.leave()
        self.app.post_message(Requested(Request(lambda session: open_row(session, page.plan, row))))


class RangeScreen(PictureScreen):
    """The losses over the rate, and below what is proposed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "set_rate", later("set it"))]
    OPENED_BY = "find-rate"
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"enter"})
    HIGHEST, LEAST_BELOW = 22, 6

    def __init__(self, test: RangeTest) -> None:
        proposal = test.proposal
        super().__init__(
            tr("Learning-rate range test")
            if proposal is None
            else tr("Learning-rate range test · Enter sets learning_rate {rate:g}", rate=proposal.rate)
        )
        self.test = test

    @classmethod
    def of_page(cls, page: RangePage) -> Self:
        """Return the screen that shows a test."""
        return cls(page.test)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out the curve, as high as there is room for, and the words."""
        height, lines = self.height(), list[Line]()
        if width >= _LEAST[0] and height >= _LEAST[1]:
            palette = PLAIN_ASCII if self.charset.ascii_only else NO_COLOURS
            drawn = draw(range_figure(self.test), width, height, palette)
            lines += [((text_of(row), ""),) for row in drawn]
        *before, last = range_lines(self.test)
        for text in before:
            lines += paragraph(self.charset, text, width, "", "  ")
        proposes = self.test.proposal is not None  # and that in the last of them
        lines += paragraph(self.charset, last, width, "strong" if proposes else "", "  ")
        return lines

    def action_set_rate(self) -> None:
        """Set what is proposed."""
        proposal = self.test.proposal
        if proposal is None:
            return
        self.leave()
        action = Request(lambda session: set_value(session, "learning_rate", proposal.rate), live=True)
        self.app.post_message(Requested(action))
