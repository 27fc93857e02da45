"""What the app does with news: those of the runner about what was asked, and those of the panels."""

from __future__ import annotations

from textual import on

from tui_backprop.explain.titles import shown
from tui_backprop.tui.actions import Actions
from tui_backprop.tui.messages import (
    Accepted,
    CommandRefused,
    ElementExamined,
    GradientsChecked,
    Noted,
    ProgramWritten,
    SessionOffered,
)
from tui_backprop.tui.widgets.chain_rule import AnswerField, RecordList
from tui_backprop.tui.widgets.graph import GraphPanel
from tui_backprop.tui.widgets.hyperparameters import DialSet, HyperparametersPanel
from tui_backprop.tui.widgets.loss_chart import LossChart
from tui_backprop.tui.widgets.panels import ParametersPanel
from tui_backprop.tui.widgets.status import TitleBar


class News(Actions):
    """The handlers of messages that need nothing of how the app is laid out."""

    @on(CommandRefused)
    def _refused(self, message: CommandRefused) -> None:
        panel = self.main.query_one(HyperparametersPanel)
        asking = self.asking
        if asking is not None and message.source == asking.OPENED_BY:
            asking.refuse(message.reason)
        elif message.source and any(field.spec.name == message.source for field in panel.fields):
            panel.refuse(message.source, message.reason)
        else:
            self.say(message.reason, "error")

    @on(Accepted)
    def _accepted(self, message: Accepted) -> None:
        asking = self.asking
        if asking is not None and message.source == asking.OPENED_BY:
            asking.accept(message.text)
        if asking is None or self.screen is not asking:  # else it is said there
            self.say(message.text)

    @on(Noted)
    def _noted(self, message: Noted) -> None:
        self.say(message.text, message.severity)

    @on(GradientsChecked)
    def _checked(self, message: GradientsChecked) -> None:
        from tui_backprop.tui.screens.reading import CheckScreen

        self.main.query_one(TitleBar).clear_note()
        self.open_screen(CheckScreen(message.report))

    @on(ElementExamined)
    def _examined(self, message: ElementExamined) -> None:
        from tui_backprop.tui.screens.element import ElementScreen

        if isinstance(self.screen, ElementScreen):
            self.screen.show(message.explanation)

    @on(SessionOffered)
    def _offered(self, message: SessionOffered) -> None:
        self.offer_session(message.info)

    @on(ProgramWritten)
    def _written(self, message: ProgramWritten) -> None:
        from tui_backprop.tui.screens.program import ProgramScreen  # nothing that the first screen needs

        self.open_screen(ProgramScreen(message.page))

    # ------------------------------------------------------------------ news from the panels

    @on(DialSet)
    def _dial_set(self, message: DialSet) -> None:
        self.runner.set(message.name, message.value)

    @on(LossChart.ScaleRefused)
    def _scale_refused(self, message: LossChart.ScaleRefused) -> None:
        self.say(message.reason, "warning")

    @on(LossChart.IterationChosen)
    def _iteration_chosen(self, message: LossChart.IterationChosen) -> None:
        self.runner.run_to(message.iteration)

    @on(GraphPanel.NodeSelected)
    def _node_selected(self, message: GraphPanel.NodeSelected) -> None:
        self.selected = message.node.index
        if self.snapshot is not None:
            place = self.snapshot.records_of.places.get(message.node.index)
            self.main.query_one(RecordList).select(place)

    @on(RecordList.RecordSelected)
    def _record_selected(self, message: RecordList.RecordSelected) -> None:
        if self.snapshot is not None:
            self.selected = self.snapshot.records_of.nodes[message.place].index
            self.main.query_one(GraphPanel).select(self.selected)

    @on(RecordList.RecordChosen)
    def _record_chosen(self, message: RecordList.RecordChosen) -> None:
        self.runner.do(lambda ops: ops.go_to_record(message.place))

    @on(GraphPanel.NodeChosen)
    def _node_chosen(self, message: GraphPanel.NodeChosen) -> None:
        self.go_to(message.node)

    @on(ParametersPanel.ParameterChosen)
    def _parameter_chosen(self, message: ParametersPanel.ParameterChosen) -> None:
        node = self.snapshot.graph.named.get(message.name) if self.snapshot is not None else None
        if node is None or self.snapshot is None:
            return
        self.selected = node.index
        again = self.snapshot.target == message.name
        self.runner.do(lambda ops: ops.aim(None if again else message.name), live=True)
        self.say(
            "each factor is shown in the chain to its first parameter again"
            if again
            else f"factors are shown in the chain to {shown(node)}; Enter again ends that, o moves it"
        )

    @on(AnswerField.Answered)
    def _answered(self, message: AnswerField.Answered) -> None:
        self.runner.do(lambda ops: ops.answer(message.text))
