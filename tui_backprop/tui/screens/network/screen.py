"""Build a network: its dials, the shapes that follow from them, and at once what cannot work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.lessons.network.checking import DialProblem, check, layer_shapes, parameter_count
from tui_backprop.lessons.network.data import data_of
from tui_backprop.lessons.network.dials import PRESETS, Dials
from tui_backprop.lessons.network.lesson_text import formula_lines
from tui_backprop.lessons.network.reading import dials_of, written_out
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.sandbox import SandboxedApp
from tui_backprop.tui.screens.network.dial_list import DialList
from tui_backprop.tui.screens.overlay import TALL, Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

LITTLE = 30
"""Columns up to which shapes are told briefly."""


class NetworkScreen(Overlay):
    """The dials on the left, what they come to on the right, and what is wrong with them below.

    Args:
        snapshot: what the app shows.
        dials: what they begin at.
    """

    DEFAULT_CSS = """
    NetworkScreen {
        & .box { width: 96%; max-width: 120; height: 94%; max-height: 34; }
        & #network-dials { width: 34; height: 1fr; }
        & #network-shapes { width: 1fr; height: 1fr; padding-left: 1; }
        & #network-message { height: 2; color: $text-muted; }
        & #network-message.refused { color: $text-error; }
        &.-narrow #network-dials { width: 31; }
        &.-low .box { max-height: 100%; height: 100%; }
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (66, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = TALL
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", later("Close"), key_display="Esc")]
    OPENED_BY = "build"
    HEADING = later("Network · ↑ ↓ choose, ← → turn or type, Enter builds, Esc closes")

    def __init__(self, snapshot: Snapshot, dials: Dials) -> None:
        super().__init__()
        self._generation = snapshot.generation
        self._begun = dials
        self._said = ""

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self | None:
        """Return the screen at the dials that the lesson was built of, or at the first data set's."""
        if snapshot is None:
            return None
        built = dials_of(snapshot.lesson.text)
        return cls(snapshot, built if built is not None and not built.csv else next(iter(PRESETS.values())))

    def compose(self) -> ComposeResult:
        """Put the dials beside what they come to."""
        with Vertical(id="network-box", classes="box"):
            with Horizontal():
                yield DialList(self._begun, self._problems, id="network-dials")
                yield LinesView(id="network-shapes")
            yield Static("", id="network-message", markup=False)

    def opened(self) -> None:
        """Begin at the first dial."""
        self.query_one("#network-box").border_title = Content(self.charset.spelled(tr(self.HEADING)))
        self.list.focus()
        self._show()
        self.watch(self.app.screen_stack[0], "snapshot", self._follow, init=False)

    def _follow(self, snapshot: Snapshot | None) -> None:
        """Close once the network is open."""
        if snapshot is not None and snapshot.generation != self._generation:
            self.leave()

    @property
    def list(self) -> DialList:
        """The dials."""
        return self.query_one("#network-dials", DialList)

    def _problems(self, dials: Dials) -> Sequence[DialProblem]:
        assert isinstance(self.app, SandboxedApp)
        return check(dials, data_of(dials), self.app.sandbox)

    @on(DialList.DialTurned)
    def _turned(self, message: DialList.DialTurned) -> None:
        message.stop()
        self._said = ""
        self._show()

    def _show(self) -> None:
        self.query_one("#network-shapes", LinesView).show(self._shapes)
        dials = self.list
        refusal = dials.refusal or next((problem.line for problem in self._problems(dials.dials)), "")
        if self._said or refusal:
            self._tell(self._said or refusal, refused=True)
        else:
            self._tell(tr(dials.chosen.help))

    def _tell(self, text: str, *, refused: bool = False) -> None:
        message = self.query_one("#network-message", Static)
        message.set_class(refused, "refused")
        shown = printable(f"✗ {text}" if refused else text, 400)
        message.update(self.charset.spelled(shown))

    def _shapes(self, width: int) -> Sequence[Line]:
        """Lay out the layers with their shapes, the parameters and the formula."""
        dials = self.list.dials
        data = data_of(dials)
        trained, held = data.split(dials.validation)
        lines = paragraph(self.charset, _samples(trained, held), width, "label")
        for shape in layer_shapes(dials, data):
            if width < LITTLE:
                lines += paragraph(self.charset, shape.brief, width, "", "  ")
                continue
            lines += paragraph(self.charset, shape.text, width, "", "  ")
            of_it = tr("{count:,} parameters", count=shape.parameters)
            lines += paragraph(self.charset, f"  {of_it}", width, "label", "  ")
        together = tr("together {count:,} parameters", count=parameter_count(dials))
        lines += paragraph(self.charset, together, width, "strong")
        lines.append(())
        for text in formula_lines(dials, data):
            lines += paragraph(self.charset, text, width, "", "  ")
        return lines

    @on(DialList.Built)
    def _built(self, message: DialList.Built) -> None:
        message.stop()
        dials = self.list.dials
        if problems := self._problems(dials):
            self._said = tr("not built: {reason}", reason=problems[0].line)
            self._show()
            return
        self.post_message(Requested(request(BY_NAME[self.OPENED_BY], written_out(dials))))

    def refuse(self, source: str, reason: str) -> bool:
        """Say why the network was not built; the dials stay as they are."""
        if source != self.OPENED_BY:
            return False
        self._said = tr("not built: {reason}", reason=reason)
        self._show()
        return True

    def action_close(self) -> None:
        """Leave what is being typed; otherwise leave everything as it was."""
        if self.list.typing:
            self.list.forget_typing()
        else:
            super().action_close()


def _samples(trained: int, held: int) -> str:
    """Say how many samples there are to train on, and how many are held back."""
    if not held:
        return tr("{count:,} samples to train on", count=trained)
    return tr("{count:,} samples to train on, {held} held back", count=trained, held=held)
