"""The screen with the panels: what its keys do, and how the panels follow each other.

Its snapshot is the one thing that the panels are bound to; the thread that trains makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.course.following import looked
from tui_backprop.debugger.folding import fold_at
from tui_backprop.debugger.looking import aim
from tui_backprop.debugger.moving import go_to_node, go_to_record
from tui_backprop.debugger.playground.by_hand import turn_element
from tui_backprop.debugger.playground.pictures import PicturePage, look, turn
from tui_backprop.debugger.practising import answer
from tui_backprop.debugger.replies import Reply
from tui_backprop.debugger.seat.view import TasksPage
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.titles import shown
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui import overlays
from tui_backprop.tui.choices import ALL_FACTORS, Choices
from tui_backprop.tui.keys import BINDINGS, REVEAL, call
from tui_backprop.tui.messages import ChoiceMade, SnapshotTaken
from tui_backprop.tui.panels.body import SIDES, Body, size_classes
from tui_backprop.tui.panels.chain.answer_field import AnswerField
from tui_backprop.tui.panels.chain.explanation import ExplanationView, said_of_aim
from tui_backprop.tui.panels.chain.records import RecordList
from tui_backprop.tui.panels.graph import GraphPanel
from tui_backprop.tui.panels.hyperparameters import (
    HyperparameterField,
    HyperparameterSet,
    HyperparametersPanel,
)
from tui_backprop.tui.panels.loss_chart import LossChart
from tui_backprop.tui.panels.model import ParametersPanel
from tui_backprop.tui.panels.picture import PicturePanel
from tui_backprop.tui.panels.status import StatusBar, TitleBar
from tui_backprop.tui.request import request
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.telling import FINISHING, TellingScreen
from tui_backprop.tui.widgets.footer import KeyFooter


class MainScreen(TellingScreen):
    """The panels on one snapshot; they paint themselves when the focus moves, and nothing else has to.

    Args:
        runner: what does the commands.
        choices: how the panels were laid out last.
    """

    AUTO_FOCUS = "#explanation"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for binding in BINDINGS if not binding.priority),
        Binding("escape", "leave", later("Leave the field"), show=False),
        Binding(REVEAL, "command('reveal')", later("Reveal"), show=False),
    ]
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    snapshot: Reactive[Snapshot | None] = Reactive(None, repaint=False)

    class FirstShown(Message):
        """The first snapshot is on the screen."""

    _first = True

    def __init__(self, runner: Runner, choices: Choices) -> None:
        super().__init__(runner)
        self.choices = choices

    # ------------------------------------------------------------------ layout

    def compose(self) -> ComposeResult:
        """Ask where we are, and put the panels between title and status meanwhile."""
        self.runner.show()
        self._arrange(self.app.size)  # before there are panels that would have to be styled anew
        for side in ("graph", "picture"):
            self.set_class(self.choices.side == side, f"{side}-open")
        yield TitleBar().data_bind(MainScreen.snapshot)
        yield Body(self.choices).data_bind(MainScreen.snapshot)
        yield StatusBar().data_bind(MainScreen.snapshot)
        yield KeyFooter()

    def update_node_styles(self, animate: bool = True) -> None:
        """Style all panels anew; before they are laid out for the first time they have just been styled."""
        if self.size:
            super().update_node_styles(animate)

    def on_mount(self) -> None:
        """Begin at the chain rule; numbers that are there by now need not wait for the second frame."""
        self.query_one(ExplanationView).focus()
        self.snapshot = self.runner.latest

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        for name, applies in size_classes(*size).items():
            self.set_class(applies, name)
        if not self.has_class("compact"):
            self.remove_class("side-open")

    # ------------------------------------------------------------------ the snapshot

    @on(SnapshotTaken)
    def _taken(self, message: SnapshotTaken) -> None:
        self.snapshot = message.snapshot

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Offer the keys that apply now."""
        if snapshot is None:
            return
        if not self.runner.finishing:
            self.query_one(TitleBar).clear_note(tr(FINISHING))
        if before is not None and before.all_factors != snapshot.all_factors:
            self.post_message(ChoiceMade("factors", ALL_FACTORS if snapshot.all_factors else "leading"))
        if before is None or before.available != snapshot.available:
            self.refresh_bindings()
        self.call_after_refresh(self._shown)

    def _shown(self) -> None:
        self.query_one(HyperparametersPanel).show_fields()
        self.runner.drawn()
        if self._first:
            self._first = False
            self.post_message(self.FirstShown())

    # ------------------------------------------------------------------ commands by key

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what has nothing to act on, such as the ways back at the start and before it."""
        if action != "command":
            return True
        need = BY_NAME[str(parameters[0])].needs
        if need is None or (self.snapshot is not None and need in self.snapshot.available):
            return True
        return None

    def action_command(self, name: str) -> None:
        """Do a command as its key does; none behind the key that leaves."""
        if not self.runner.closes_within(0):
            self.perform(name)

    def perform(self, name: str, behind: str = "") -> None:
        """Do what is the screen's own, open the screen that asks for more, or have the command done.

        Args:
            name: the command.
            behind: the command whose screen was closed for it.
        """
        if name in _OWN:
            _OWN[name](self)
        elif name in overlays.OF_COMMAND:
            self._open_for(name, behind)
        else:
            self.runner.ask(request(BY_NAME[name]))

    def _open_for(self, command: str, behind: str) -> None:
        if len(self.app.screen_stack) > 1:
            return
        node = self.query_one(Body).selected_node
        try:
            screen = overlays.overlay(overlays.OF_COMMAND[command]).on_snapshot(self.snapshot, node)
        except BackpropError as error:
            self.say(str(error))
        else:
            if screen is not None:
                if command in ("examine", "values"):  # which the trainer's thread has no part in
                    self.runner.do(lambda session: looked(session, command, node), live=True)
                screen.behind = behind or (self.focused.id if self.focused is not None else None) or ""
                self.open_screen(screen)

    def _step(self) -> None:
        """Go one record on; in the compact layout this brings the chain rule back."""
        if self.has_class("side-open"):
            self.remove_class("side-open")
            self.query_one(ExplanationView).focus()
        self.runner.ask(request(BY_NAME["step"]))

    def _run_or_pause(self) -> None:
        self.runner.toggle()

    def _fold(self) -> None:
        """Fold or unfold the line of the record that is selected, or else of the current one."""
        place = self.query_one(RecordList).chosen_place
        self.runner.do(lambda session: fold_at(session, place), source="fold")

    def _edit_hyperparameters(self) -> None:
        self.show_side("hyperparameters")
        self.query_one(HyperparametersPanel).focus_first()

    def show_side(self, which: str) -> None:
        """Show one of the side panels where there is room for one only, and go there to scroll."""
        self.query_one(Body).choose_side(which)
        self.set_class(self.has_class("compact"), "side-open")
        self.set_focus(self.query_one(Body).panel_to_scroll(which))
        if which != "tasks":  # which not every lesson has
            self.post_message(ChoiceMade("side", which))

    def _go_to_tasks(self) -> None:
        if self.has_class("course"):
            self.show_side("tasks")
        else:
            self.runner.ask(request(BY_NAME["tasks"]))  # or that there are none

    def _zoom(self) -> None:
        """Give the panel with the focus the whole screen, or show all panels again."""
        if self.query_one(Body).toggle_zoom():
            self.say(tr("{zoom} or Esc shows all panels again", zoom=call("zoom")))

    def _present(self) -> None:
        """Show the current record alone, large, or all panels again."""
        self.set_focus(self.query_one(Body).toggle_presenter())

    def _change_scale(self) -> None:
        """Switch the loss axis between linear and log."""
        chart = self.query_one(LossChart)
        reason = chart.toggle_scale()
        if reason:
            self.say(reason, "warning")
        self.post_message(ChoiceMade("scale", chart.scale))

    def _copy(self) -> None:
        """Copy the explanation to the terminal's clipboard."""
        if self.snapshot is None or self.snapshot.explanation is None:
            keys = {name: call(name) for name in ("step", "copy")}
            self.say(tr("{step} steps to a record first; {copy} then copies it", **keys))
            return
        self.app.copy_to_clipboard(self.query_one(ExplanationView).plain)
        self.say(tr("sent to the terminal's clipboard"))

    def action_leave(self) -> None:
        """Leave a field: back to the chain rule."""
        if isinstance(self.focused, HyperparameterField):
            self.query_one(HyperparametersPanel).restore(self.focused)
        if isinstance(self.focused, AnswerField):
            self.say(tr("{reveal} reveals the factor; Tab goes back to the answer", reveal=call("reveal")))
        if self.has_class("zoomed"):
            self.query_one(Body).zoom("")
            return
        self.remove_class("side-open")
        self.query_one(ExplanationView).focus()

    # ------------------------------------------------------------------ asked by the panels

    @on(HyperparameterSet)
    def _hyperparameter_set(self, message: HyperparameterSet) -> None:
        self.runner.set(message.name, message.value)

    @on(LossChart.ScaleRefused)
    def _scale_refused(self, message: LossChart.ScaleRefused) -> None:
        self.say(message.reason, "warning")

    @on(LossChart.IterationChosen)
    def _iteration_chosen(self, message: LossChart.IterationChosen) -> None:
        self.runner.run_to(message.iteration)

    @on(RecordList.RecordChosen)
    def _record_chosen(self, message: RecordList.RecordChosen) -> None:
        self.runner.do(lambda session: go_to_record(session, message.place))

    @on(GraphPanel.NodeChosen)
    def _node_chosen(self, message: GraphPanel.NodeChosen) -> None:
        self.runner.do(lambda session: go_to_node(session, message.node.index))

    @on(ParametersPanel.ParameterChosen)
    def _parameter_chosen(self, message: ParametersPanel.ParameterChosen) -> None:
        node = self.snapshot.graph.named.get(message.name) if self.snapshot is not None else None
        if node is None or self.snapshot is None:
            return
        self.query_one(Body).selected = node.index
        again = self.snapshot.target == message.name
        self.runner.do(lambda session: aim(session, None if again else message.name), live=True)
        self.say(said_of_aim(None if again else shown(node)))

    @on(PicturePanel.Looked)
    def _looked(self, message: PicturePanel.Looked) -> None:
        self.runner.do(lambda session: look(session, message.choice), live=True)

    @on(PicturePanel.Turned)
    def _turned(self, message: PicturePanel.Turned) -> None:
        self.runner.do(lambda session: turn(session, message.by), live=True)

    def show_picture(self, kind: str) -> None:
        """Show a kind of picture in its panel."""
        self.query_one(PicturePanel).choose(kind)
        self.show_side("picture")

    def tell(self, reply: Reply, source: str = "") -> None:
        """Show a reply; a picture has a panel."""
        if isinstance(reply, PicturePage):
            self.show_picture(reply.kind)
        elif isinstance(reply, TasksPage):
            self.add_class("course")
            self.show_side("tasks")
        else:
            super().tell(reply, source)

    @on(ParametersPanel.WeightTurned)
    def _weight_turned(self, message: ParametersPanel.WeightTurned) -> None:
        self.runner.do(lambda session: turn_element(session, message.name, message.element, message.times))

    @on(AnswerField.Answered)
    def _answered(self, message: AnswerField.Answered) -> None:
        self.runner.do(lambda session: answer(session, message.text))


def _side(which: str) -> Callable[[MainScreen], None]:
    return lambda screen: screen.show_side(which)


_OWN: Mapping[str, Callable[[MainScreen], None]] = {
    "step": MainScreen._step,
    "continue": MainScreen._run_or_pause,
    "fold": MainScreen._fold,
    "set": MainScreen._edit_hyperparameters,
    "scale": MainScreen._change_scale,
    "zoom": MainScreen._zoom,
    "present": MainScreen._present,
    "copy": MainScreen._copy,
    "quit": lambda screen: screen.app.exit(),
    "palette": lambda screen: screen.app.action_command_palette(),
    **{which: _side(which) for which in SIDES if which not in ("picture", "tasks")},
    "tasks": MainScreen._go_to_tasks,
    "plot": _side("picture"),
}
"""Commands whose key does it on the screen, alone or to begin with."""
