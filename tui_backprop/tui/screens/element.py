"""One element under the microscope: choose it with the arrows, and see what its gradient is the sum of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message

from tui_backprop.engine.graph import Node
from tui_backprop.explain.element_page import table_lines
from tui_backprop.explain.elements import ElementExplanation
from tui_backprop.explain.records import Row
from tui_backprop.explain.text import spelled
from tui_backprop.explain.titles import gradient_name
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled, paragraph
from tui_backprop.tui.widgets.matrix import MatrixView

BESIDE = 2
"""Arrays beside the gradient: what meets there."""


class ElementScreen(Overlay[None]):
    """The gradient of a node as a grid to walk in, and the terms of the element that the cursor is on.

    Args:
        snapshot: what the app shows.
        node: the node to look at.
        edge: the factor to begin with, where several lead to the node: output's index, operand's place.
    """

    DEFAULT_CSS = """
    ElementScreen {
        & .box { width: 96%; max-width: 130; height: 94%; }
        & #element-matrices { height: 2fr; }
        & #element-terms { height: 3fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fold", "all terms, or the ends of a long sum"),
        Binding("p", "path", "next path"),
    ]
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"p"})

    class Asked(Message):
        """An element is to be worked out."""

        def __init__(self, node: int, element: tuple[int, ...]) -> None:
            super().__init__()
            self.node = node
            self.element = element

    def __init__(self, snapshot: Snapshot, node: Node, edge: tuple[int, int] | None = None) -> None:
        super().__init__("examine")
        self._graph, self._tape, self._node = snapshot.graph, snapshot.tape, node
        self._explanation: ElementExplanation | None = None
        self._folded = True
        factors = [(o.index, i) for o, i in snapshot.graph.factors if o.operands[i] is node]
        self._path = factors.index(edge) if edge in factors else 0

    def compose(self) -> ComposeResult:
        """Put the gradient and what meets there above the terms."""
        with Vertical(id="element-box", classes="box"):
            with Horizontal(id="element-matrices"):
                yield MatrixView(id="element-gradient", classes="panel")
                for number in range(BESIDE):
                    yield MatrixView(still=True, id=f"element-beside-{number}", classes="panel")
            yield LinesView(id="element-terms", classes="panel")

    def on_mount(self) -> None:
        """Show the gradient, the cursor on its first element."""
        box = self.query_one("#element-box")
        box.border_title = Content(
            spelled("One element · arrows choose it, Enter unfolds, Tab scrolls, Esc closes")
        )
        assert self._tape is not None
        gradient = np.broadcast_to(self._tape.gradient(self._node), self._node.shape)
        grid = self.query_one("#element-gradient", MatrixView)
        grid.show_array(gradient_name(self._graph, self._node), gradient)
        grid.focus()
        self._ask(grid.cursor)

    def _ask(self, element: tuple[int, ...]) -> None:
        self.post_message(self.Asked(self._node.index, element))

    @on(MatrixView.ElementMoved)
    def _moved(self, message: MatrixView.ElementMoved) -> None:
        message.stop()
        self._ask(message.element)

    def show(self, explanation: ElementExplanation) -> None:
        """Show an element that was worked out."""
        self._explanation = explanation
        if self._path >= len(explanation.paths):
            self._path = 0
        self._draw()

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
        terms.heading = f"path {self._path + 1} of {len(explanation.paths)}, p: next" if several else "Terms"
        terms.show(self._lay_out)

    def _lay_out(self, width: int) -> Sequence[Line]:
        explanation = self._explanation
        assert explanation is not None
        lines = paragraph(explanation.title, width, "strong", "  ")
        if explanation.note:
            lines += paragraph(explanation.note, width, "note")
        for number, path in enumerate(explanation.paths):
            if number != self._path:
                continue
            lines += paragraph(path.symbolic, width, "", "  ")
            lines += paragraph(path.numbers(self._folded), width, "", "  ")
            table = enumerate(table_lines(path.rows, self._folded))
            lines += [((line, "" if at else "label"),) for at, line in table]
            lines += labelled(Row("why", (path.why,)), width, 5)
        if total := explanation.sum_line(self._folded):
            lines += labelled(Row("sum over the paths", (total,)), width, 20)
        return lines

    def action_fold(self) -> None:
        """Show all terms of a long sum, or its ends."""
        self._folded = not self._folded
        self._draw()

    def action_path(self) -> None:
        """Show the next path of a fork."""
        if self._explanation is not None and self._explanation.paths:
            self._path = (self._path + 1) % len(self._explanation.paths)
            self._draw()
