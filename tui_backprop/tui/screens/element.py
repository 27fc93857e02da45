"""One element under the microscope: choose it with the arrows, and see what its gradient is the sum of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tui_backprop.debugger.looking import examine_element, still_secret
from tui_backprop.debugger.replies import ElementPage, Reply
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.element.elements import ElementExplanation
from tui_backprop.explain.element.sums import FULL
from tui_backprop.explain.pages.element import table_lines
from tui_backprop.explain.rows import Row
from tui_backprop.explain.titles import gradient_name
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import call
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import Request
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, label_column, labelled, paragraph
from tui_backprop.tui.widgets.matrix import MatrixView

BESIDE = 2
"""Arrays beside the gradient: what meets there."""


class ElementScreen(Overlay):
    """The gradient of a node as a grid to walk in, and the terms of the element that the cursor is on.

    Args:
        snapshot: what the app shows.
        node: the node to look at.
        at: the factor to begin with, where several lead to the node.
    """

    DEFAULT_CSS = """
    ElementScreen {
        & .box { width: 96%; max-width: 130; height: 94%; }
        & #element-matrices { height: 2fr; }
        & #element-terms { height: 3fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fold", later("all terms, or the ends of a long sum")),
        Binding("p", "path", later("next path")),
    ]
    OPENED_BY = "examine"
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"p"})

    def __init__(self, snapshot: Snapshot, node: Node, at: Factor | None = None) -> None:
        super().__init__()
        self._graph, self._tape, self._node = snapshot.graph, snapshot.tape, node
        self._explanation: ElementExplanation | None = None
        self._folded = True
        factors = snapshot.graph.factors_to(node)
        self._path = factors.index(at) if at in factors else 0

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self:
        """Return the screen on the node that is selected."""
        if selected is None or snapshot is None or snapshot.tape is None:
            raise BackpropError(
                tr(
                    "{step} steps to a record first; {examine} then examines its elements",
                    step=call("step"),
                    examine=call("examine"),
                )
            )
        if snapshot.is_hidden(selected):
            raise BackpropError(still_secret(tr("this gradient"), call))
        return cls(snapshot, selected, snapshot.current_factor)

    def compose(self) -> ComposeResult:
        """Put the gradient and what meets there above the terms."""
        with Vertical(id="element-box", classes="box"):
            with Horizontal(id="element-matrices"):
                yield MatrixView(id="element-gradient", classes="panel")
                for number in range(BESIDE):
                    yield MatrixView(still=True, id=f"element-beside-{number}", classes="panel")
            yield LinesView(id="element-terms", classes="panel")

    def opened(self) -> None:
        """Show the gradient, the cursor on its first element."""
        box = self.query_one("#element-box")
        title = tr("One element · arrows choose it, Enter unfolds, Tab scrolls, Esc closes")
        box.border_title = Content(self.charset.spelled(title))
        assert self._tape is not None
        gradient = np.broadcast_to(self._tape.gradient(self._node), self._node.shape)
        grid = self.query_one("#element-gradient", MatrixView)
        grid.show_array(gradient_name(self._graph, self._node), gradient)
        grid.focus()
        self._ask(grid.cursor)

    def _ask(self, element: tuple[int, ...]) -> None:
        node = self._node.index
        self.post_message(
            Requested(Request(lambda session: examine_element(session, node, element), shows=False))
        )

    @on(MatrixView.ElementMoved)
    def _moved(self, message: MatrixView.ElementMoved) -> None:
        message.stop()
        self._say("")
        self._ask(message.element)

    @on(MatrixView.Stuck)
    def _stuck(self, message: MatrixView.Stuck) -> None:
        message.stop()
        self._say(message.reason)

    def _say(self, text: str) -> None:
        """Write below the frame why a key did nothing, until the next that does something."""
        self.query_one("#element-box").border_subtitle = Content(self.charset.spelled(text))

    def take(self, source: str, reply: Reply) -> bool:
        """Show an element that was worked out."""
        if not isinstance(reply, ElementPage):
            return False
        self._explanation = reply.explanation
        if self._path >= len(self._explanation.paths):
            self._path = 0
        self._draw()
        return True

    def _draw(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        beside = explanation.paths[self._path].meeting if explanation.paths else ()
        for number in range(BESIDE):
            view = self.query_one(f"#element-beside-{number}", MatrixView)
            view.display = number < len(beside)
            if view.display:
                view.show_array(beside[number].label, beside[number].array, beside[number].mask)
        terms = self.query_one("#element-terms", LinesView)
        several = len(explanation.paths) > 1
        terms.heading = (
            tr("path {path} of {count}, p: next", path=self._path + 1, count=len(explanation.paths))
            if several
            else tr("Terms")
        )
        terms.show(self._lay_out)

    def _lay_out(self, width: int) -> Sequence[Line]:
        explanation = self._explanation
        assert explanation is not None
        lines = paragraph(self.charset, explanation.title, width, "strong", "  ")
        if explanation.note:
            lines += paragraph(self.charset, explanation.note, width, "note")
        for number, path in enumerate(explanation.paths):
            if number != self._path:
                continue
            lines += paragraph(self.charset, path.symbolic, width, "", "  ")
            lines += paragraph(self.charset, path.numbers(self._folded), width, "", "  ")
            table = enumerate(table_lines(path.rows, self._folded))
            lines += [((line, "" if at else "label"),) for at, line in table]
            why = Row("why", (path.why,))
            lines += labelled(self.charset, why, width, label_column(self.charset, [why]))
        if total := explanation.sum_line(self._folded):
            summed = Row(later("sum over the paths"), (total,))
            lines += labelled(self.charset, summed, width, label_column(self.charset, [summed]))
        return lines

    def action_fold(self) -> None:
        """Show all terms of a long sum, or its ends."""
        rows = (
            self._explanation.paths[self._path].rows if self._explanation and self._explanation.paths else ()
        )
        if len(rows) <= FULL:
            self._say(
                tr(
                    "all {count} terms are shown; sums of more than {most} are folded",
                    count=len(rows),
                    most=FULL,
                )
            )
            return
        self._say("")
        self._folded = not self._folded
        self._draw()

    def action_path(self) -> None:
        """Show the next path of a fork."""
        if self._explanation is not None and len(self._explanation.paths) < 2:
            self._say(tr("one path leads here: there is no other"))
        elif self._explanation is not None:
            self._path = (self._path + 1) % len(self._explanation.paths)
            self._draw()
