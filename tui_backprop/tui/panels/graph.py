"""The graph panel: the computation as a tree from the loss down, to walk with the arrow keys."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.tree.outline import Outline
from tui_backprop.explain.tree.progress import Progress, progress
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.panels.graph_lines import (
    CURRENT,
    CURRENT_INSIDE,
    SELECTED,
    Columns,
    Known,
    Written,
    branch_line,
    columns,
    detail_lines,
    name_width,
)
from tui_backprop.tui.widgets.lines import Line, LinesView

_DETAIL_LINES = 3
_LEAST_HEIGHT_WITH_DETAIL = 10
_MEASURED = 200  # so many names decide how wide the columns are


class GraphPanel(LinesView, SnapshotWidget):
    """A node a line, with value and gradient; where it is high enough, the selected one in full below."""

    DEFAULT_CSS = """
    GraphPanel > .lines--cursor { background: $primary-muted; color: $text; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Line up"), show=False),
        Binding("down", "move(1)", later("Line down"), show=False),
        Binding("pageup", "page(-1)", later("Page up"), show=False),
        Binding("pagedown", "page(1)", later("Page down"), show=False),
        Binding("home", "first", later("To the loss"), show=False),
        Binding("end", "last", later("To the last line"), show=False),
        Binding("right", "open", later("unfold"), tooltip=later("Unfold, or go to the first operand")),
        Binding("left", "close", later("fold"), tooltip=later("Fold, or go to the output")),
        Binding("enter", "choose", later("go there"), tooltip=later("Go to this factor")),
        Binding("P", "parameter", later("parameter"), tooltip=later("Select the next parameter")),
    ]

    class NodeMessage(Message):
        """Something about a line: its node, and the factor that it stands for."""

        def __init__(self, node: Node, factor: Factor | None) -> None:
            super().__init__()
            self.node, self.factor = node, factor

    class NodeSelected(NodeMessage):
        """The selection moved here."""

    class NodeChosen(NodeMessage):
        """Somebody wants to go to this factor; to this node where ``factor`` is None."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(heading=tr("Graph"), **widget)
        self._outline = Outline()
        self._known: Known | None = None
        self._current: int | None = None
        self._columns = Columns(0, 0, 0, 1)
        self._painted: dict[int, Line] = {}
        self._written = Written()

    # ------------------------------------------------------------------ what is shown

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show a snapshot's computation, and select the node that its current record is about."""
        if snapshot is None or snapshot.looks_like(before):
            return
        self.update(
            snapshot.graph,
            snapshot.values,
            snapshot.gradients,
            progress(snapshot.graph, snapshot.position),
            altered=snapshot.altered,
            put_in=snapshot.put_in,
            hidden=snapshot.prediction is not None,
        )
        if (node := snapshot.current_node) is not None:
            self.select(node.index)

    def update(
        self,
        graph: Graph,
        values: Sequence[Array | None],
        gradients: Sequence[Array | None],
        progress: Progress,
        *,
        altered: frozenset[int] = frozenset(),
        put_in: frozenset[int] = frozenset(),
        hidden: bool = False,
    ) -> None:
        """Show a computation; what is folded and selected stays so in the graph of another batch.

        Args:
            graph: the computation.
            values: by node index; None for what is not known.
            gradients: likewise.
            progress: what of them this iteration has computed, and its current record.
            altered: indices of nodes that depend on what was put in by hand.
            put_in: indices of nodes whose value was put in by hand.
            hidden: show ``?`` for what is to come.
        """
        before = self._known.graph if self._known is not None else None
        self._known = Known(graph, values, gradients, progress, altered, put_in, hidden)
        if graph is not before:
            same_lesson = before is not None and [*before.named] == [*graph.named]
            self._outline.take(graph, same_lesson=same_lesson)
        self._current = self._place_of_current(progress)
        if graph is not before:
            self._layout()
        self._repaint()

    def _place_of_current(self, progress: Progress) -> int | None:
        if progress.current is None:
            return None
        (at, index), tree = progress.current, self._outline.tree
        return tree.places[at] if index is None else tree.place_of((at, index))

    @property
    def selected(self) -> Node | None:
        """The selected line's node; None on the line above those that do not reach the loss."""
        return self._outline.branch.node if self._outline.rows else None

    def select(self, node_index: int) -> None:
        """Move the selection to a node, unfolding what hides it; nothing is posted."""
        self._go(self._outline.tree.places[node_index])

    # ------------------------------------------------------------------ lines

    @property
    def count(self) -> int:
        """How many lines there are, those of the selected node's details included."""
        return len(self._outline.rows) + self._details

    @property
    def _details(self) -> int:
        return _DETAIL_LINES if self._outline.rows and self.size.height >= _LEAST_HEIGHT_WITH_DETAIL else 0

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._details)

    def line_at(self, y: int) -> Line:
        """Lay out one line; done only for those that are looked at."""
        assert self._known is not None
        outline = self._outline
        if (detail := y - len(outline.rows)) >= 0:
            return detail_lines(
                self.charset, outline.tree, outline.selected, self._known, self._width, self._written
            )[detail]
        place = outline.rows[y]
        selected = place == outline.selected
        marks = (SELECTED if selected else " ") + self._mark(place)
        line = branch_line(
            self.charset, outline.tree, place, self._known, self._columns, outline.folded, marks
        )
        if not selected:
            return line
        return tuple((text, "cursor" if self.has_focus else "strong") for text, _ in line)

    def _mark(self, place: int) -> str:
        if self._current is None or not place <= self._current < self._outline.tree.branches[place].end:
            return " "
        if place == self._current:
            return CURRENT
        return CURRENT_INSIDE if place in self._outline.folded else " "

    def render_line(self, y: int) -> Strip:
        """Row ``y`` of what is visible."""
        line = self._painted[y] = self._row(y)
        return self.strip(line)

    def _row(self, y: int) -> Line:
        """Return a row of what is visible: the tree scrolls, the details stay at the bottom."""
        if y >= self._page:
            return self.line_at(len(self._outline.rows) + y - self._page)
        at = y + self.scroll_offset.y
        return self.line_at(at) if at < len(self._outline.rows) else ()

    def _repaint(self) -> None:
        """Have those rows painted that differ from what is on the screen."""
        changed = [y for y, line in self._painted.items() if y < self.size.height and line != self._row(y)]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _layout(self) -> None:
        """Share out the width among the visible lines, and paint them all."""
        if not self.size:
            return  # hidden: on_resize follows
        measured = self._outline.rows[:_MEASURED]
        longest = max((name_width(self.charset, self._outline.tree, place) for place in measured), default=0)
        self._columns = columns(self._width, longest)
        self._painted.clear()
        self._heading = (tr("Graph"), tr("Graph: value"), tr("Graph: value, gradient"))[self._columns.count]
        self.virtual_size = Size(self._width, self.count)
        self.refresh()
        self._reveal()
        self._mark_more()

    def on_resize(self) -> None:
        """Lay the tree out anew; whether there are details depends on the height."""
        self._layout()

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self._repaint()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._repaint()

    # ------------------------------------------------------------------ keys

    def _go(self, place: int) -> None:
        if self._outline.select(place):
            self._layout()
        else:
            self._reveal()
            self._repaint()

    def _reveal(self) -> None:
        row, top, page = self._outline.row, self.scroll_offset.y, self._page
        if self.size and not top <= row < top + page:
            self.scroll_to(y=row if row < top else row - page + 1, animate=False, force=True)

    def _tell(self, message: type[NodeMessage]) -> None:
        if (node := self.selected) is not None:
            self.post_message(message(node, self._outline.tree.factor_at(self._outline.selected)))

    def _move_to(self, row: int) -> None:
        if not self._outline.rows:
            return
        place = self._outline.rows[max(0, min(row, len(self._outline.rows) - 1))]
        if place != self._outline.selected:
            self._go(place)
            self._tell(self.NodeSelected)

    def action_move(self, lines: int) -> None:
        """Go some lines down, or up."""
        self._move_to(self._outline.row + lines)

    def action_page(self, pages: int) -> None:
        """Go a page down, or up."""
        self.action_move(pages * max(1, self._page - 1))

    def action_first(self) -> None:
        """Go to the loss."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._move_to(len(self._outline.rows) - 1)

    def action_open(self) -> None:
        """Unfold, or go to the first operand; from a reference, go to where the node stands in full."""
        outline = self._outline
        if not outline.rows or self._follow_reference():
            return
        if outline.selected in outline.folded:
            self._toggle_fold()
        elif outline.tree.folds(outline.selected):
            self.action_move(1)

    def action_close(self) -> None:
        """Fold, or go to the output."""
        outline = self._outline
        if not outline.rows:
            return
        if outline.tree.folds(outline.selected) and outline.selected not in outline.folded:
            self._toggle_fold()
        elif (parent := outline.branch.parent) is not None:
            self._move_to(bisect_left(outline.rows, parent))

    def action_parameter(self) -> None:
        """Select the next parameter."""
        place = self._outline.next(lambda node: node.kind is Kind.PARAMETER)
        if place is not None:
            self._go(place)
            self._tell(self.NodeSelected)

    def action_choose(self) -> None:
        """Ask to go to this factor; from a reference, go to where the node stands in full."""
        if not self._outline.rows or self._follow_reference():
            return
        if self.selected is None:
            self._toggle_fold()
        self._tell(self.NodeChosen)

    def _follow_reference(self) -> bool:
        branch = self._outline.branch
        if branch.node is None or not branch.is_reference:
            return False
        self._go(self._outline.tree.places[branch.node.index])
        self._tell(self.NodeSelected)
        return True

    def _toggle_fold(self) -> None:
        self._outline.toggle()
        self._layout()
