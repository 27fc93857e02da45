"""All panels between title and status, each bound to the snapshot: what is shown of them, and selected."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.tui.choices import Choices
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.panels.chain.records import RecordList
from tui_backprop.tui.panels.chain_rule import ChainRule
from tui_backprop.tui.panels.graph import GraphPanel
from tui_backprop.tui.panels.hyperparameters import HyperparametersPanel
from tui_backprop.tui.panels.loss_chart import LossChart
from tui_backprop.tui.panels.model import ModelPanel, ParametersPanel
from tui_backprop.tui.panels.picture import PicturePanel
from tui_backprop.tui.panels.tasks import TasksPanel

ZOOMABLE = (
    "records",
    "explanation",
    "loss",
    "graph",
    "model",
    "hyperparameters",
    "parameters",
    "picture",
    "presenter",
    "tasks",
)
"""Ids of the panels that can have the whole screen."""
SIDES = ("model", "hyperparameters", "parameters", "graph", "picture", "tasks")
"""Panels that share a place where there is room for one only."""
BESIDE = ("hyperparameters", "parameters")
"""Those of them that a picture leaves in sight where there is room for more."""


WIDE, TALL, ROOMY, HIGH = 120, 36, 96, 48
COMPACT_WIDTH, COMPACT_HEIGHT = 60, 16
ONE_LINE = 2
"""Rows that have room for the status alone."""


def size_classes(width: int, height: int) -> Mapping[str, bool]:
    """Return the screen's classes that say how much room there is, and which of them apply."""
    return {
        "wide": width >= WIDE and height >= TALL,
        "tall": ROOMY <= width < WIDE and height >= HIGH,
        "high": width < ROOMY and height >= TALL,
        "deep": height >= HIGH,
        "compact": width < COMPACT_WIDTH or height < COMPACT_HEIGHT,
        "one-line": height <= ONE_LINE,
    }


class Body(Container, SnapshotWidget):
    """The panels; app.tcss arranges them by the screen's classes.

    Args:
        choices: how they were laid out last.

    Attributes:
        selected: the node selected, by index.
    """

    def __init__(self, choices: Choices) -> None:
        super().__init__(id="body")
        self._choices = choices
        self.selected: int | None = None
        self._presenter: SnapshotWidget | None = None

    def compose(self) -> ComposeResult:
        """Put the panels in, bound to the snapshot."""
        scale, snapshot = self._choices.scale, Body.snapshot
        yield PicturePanel(self._choices.picture, id="picture", classes="panel").data_bind(snapshot)
        chart = LossChart(id="loss", classes="panel", scale="log" if scale == "log" else "linear")
        yield chart.data_bind(snapshot)
        yield GraphPanel(id="graph", classes="panel").data_bind(snapshot)
        side = self._choices.side if self._choices.side in SIDES else "model"
        side = "model" if side == "tasks" else side  # the next lesson may have none
        with Container(id="side", classes=f"show-{side}"):
            yield TasksPanel(id="tasks", classes="panel").data_bind(snapshot)
            yield ModelPanel(id="model", classes="panel").data_bind(snapshot)
            yield HyperparametersPanel(id="hyperparameters", classes="panel").data_bind(snapshot)
            yield ParametersPanel(id="parameters", classes="panel").data_bind(snapshot)
        yield ChainRule(id="chain").data_bind(snapshot)

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Select the node that the current record is about."""
        if snapshot is None:
            return
        self._make_room_for_tasks(snapshot)
        if self._presenter is not None:
            self._presenter.snapshot = snapshot
        asked = snapshot.prediction is not None and snapshot.prediction.question is not None
        if asked and self.zoomed not in ("", "explanation"):
            self.zoom("explanation")  # where the field for the answer is
        if (node := snapshot.current_node) is not None:
            self.selected = node.index
        elif self.selected is not None and self.selected >= len(snapshot.graph.nodes):
            self.selected = None

    def _make_room_for_tasks(self, snapshot: Snapshot) -> None:
        """Show the tasks of a lesson that has some, also where there is room for one side panel only."""
        there = snapshot.course is not None and bool(snapshot.course.tasks or snapshot.course.questions)
        if self.screen.has_class("course") != there:
            self.screen.set_class(there, "course")
            self.choose_side("tasks" if there else self._choices.side)

    @property
    def selected_node(self) -> Node | None:
        """The node that is selected in the graph, or that the record selected is about."""
        if self.snapshot is None or self.selected is None:
            return None
        return self.snapshot.graph.nodes[self.selected]

    @on(GraphPanel.NodeSelected)
    def _node_selected(self, message: GraphPanel.NodeSelected) -> None:
        self.selected = message.node.index
        if self.snapshot is not None:
            place = self.snapshot.record_index.places.get(message.node.index)
            self.query_one(RecordList).select(place)

    @on(RecordList.RecordSelected)
    def _record_selected(self, message: RecordList.RecordSelected) -> None:
        if self.snapshot is not None:
            self.selected = self.snapshot.record_index.nodes[message.place].index
            self.query_one(GraphPanel).select(self.selected)

    # ------------------------------------------------------------------ one panel alone

    @property
    def zoomed(self) -> str:
        """The id of the panel that has the whole screen, or an empty string."""
        return next((name for name in ZOOMABLE if self.screen.has_class(f"zoom-{name}")), "")

    def zoom(self, which: str) -> None:
        """Give a panel, by its id, the whole screen; an empty one has all shown again."""
        screen = self.screen
        for name in ZOOMABLE:
            screen.set_class(name == which, f"zoom-{name}", update=False)
        screen.set_class(bool(which), "zoomed", update=False)
        self.app.stylesheet.update_nodes([self, *self.walk_children()])

    def toggle_zoom(self) -> bool:
        """Give the panel with the focus the whole screen, or show all again; tell which of both it was."""
        focused = self.screen.focused
        ids = () if focused is None else [node.id for node in focused.ancestors_with_self]
        self.zoom("" if self.zoomed else next((name for name in ZOOMABLE if name in ids), "explanation"))
        return bool(self.zoomed)

    def toggle_presenter(self) -> Widget:
        """Show the presenter's view alone, or all panels again; return what has the focus then."""
        if self.zoomed == "presenter":
            self.zoom("")
            return self.query_one("#explanation")
        if self._presenter is None:
            from tui_backprop.tui.panels.presenter import PresenterPanel  # few starts want it

            self._presenter = PresenterPanel(id="presenter", classes="panel")
            self._presenter.snapshot = self.snapshot
            self.mount(self._presenter)
        self.zoom("presenter")
        return self._presenter

    def panel_to_scroll(self, which: str) -> Widget | None:
        """Return what has the focus once a side panel was chosen; None where a zoom leaves only fields.

        A field that has the focus takes the letter keys, so to the hyperparameters one goes by their key.
        """
        if which != "hyperparameters":
            return self.query_one(f"#{which}")
        return None if self.zoomed else self.query_one("#explanation")

    def choose_side(self, which: str) -> None:
        """Show one of the side panels; graph and picture take the chart's place where they need the room.

        Only those widgets are styled anew that the classes are about; where all panels are shown, none.
        """
        screen, side = self.screen, self.query_one("#side")
        classes = side.classes | screen.classes
        roomy = any(map(screen.has_class, ("wide", "tall", "high")))
        stays = roomy and which in BESIDE and screen.has_class("picture-open")
        for name in SIDES:
            side.set_class(name == which, f"show-{name}", update=False)
        screen.set_class(which == "graph", "graph-open", update=False)
        screen.set_class(which == "picture" or stays, "picture-open", update=False)
        if self.zoomed:
            self.zoom(which)
        elif (changed := (side.classes | screen.classes) ^ classes) and (
            not screen.has_class("wide") or "picture-open" in changed
        ):
            self.app.stylesheet.update_nodes([self, *self.children, *side.children])
