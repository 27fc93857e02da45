"""What is told on the screen with the panels, and where: a note, beside a field, or a screen over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui_backprop.debugger.replies import Accepted, Note, Reply
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui import overlays
from tui_backprop.tui.messages import Refused, Replied, Warned
from tui_backprop.tui.panels.hyperparameters import HyperparametersPanel
from tui_backprop.tui.panels.status import TitleBar
from tui_backprop.tui.runner import Runner

if TYPE_CHECKING:
    from tui_backprop.tui.screens.overlay import Overlay

FINISHING = later("pausing after this iteration …")


class TellingScreen(Screen[None]):
    """A screen on which replies and refusals find their place.

    Args:
        runner: what does the commands.
    """

    def __init__(self, runner: Runner) -> None:
        super().__init__(id="_default")
        self.runner = runner

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a note until the next key."""
        self.query_one(TitleBar).set_note(printable(text, 400), severity)

    def forget_note(self) -> None:
        """Take the last note away, where there is one by now."""
        for bar in self.query(TitleBar):
            bar.clear_note()

    @on(Warned)
    def _warned(self, message: Warned) -> None:
        self.query_one(TitleBar).warn(printable(message.text, 400))

    def tell_finishing(self) -> None:
        """Say that a run is to end, while its last iteration goes on."""
        if self.runner.finishing:
            self.say(tr(FINISHING))

    @property
    def _overlay(self) -> Overlay | None:
        """The screen over this one, if one is open."""
        if len(self.app.screen_stack) <= 1:  # there is none when the app is closing
            return None
        from tui_backprop.tui.screens.overlay import Overlay

        return self.app.screen if isinstance(self.app.screen, Overlay) else None

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        overlay, panel = self._overlay, self.query_one(HyperparametersPanel)
        if overlay is not None and overlay.refuse(message.source, message.reason):
            return
        if message.source and any(field.spec.name == message.source for field in panel.fields):
            panel.refuse(message.source, message.reason)
        else:
            self.say(message.reason, "error")

    @on(Replied)
    def _replied(self, message: Replied) -> None:
        self.tell(message.reply, message.source)

    def tell(self, reply: Reply, source: str = "") -> None:
        """Show a reply: where it was asked for, as a note or on a screen of its own; panels show the rest."""
        overlay = self._overlay
        if isinstance(reply, Note):
            if overlay is not None and not source:  # such as that something takes long, or was interrupted
                overlay.take(source, reply)
            self.say(reply.text, "warning" if reply.warning else "information")
            return
        if overlay is not None and overlay.take(source, reply) and self.app.screen is overlay:
            return
        if isinstance(reply, Accepted):
            self.say(reply.text)
        elif type(reply) in overlays.OF_PAGE:
            self.query_one(TitleBar).clear_note()
            self.open_screen(overlays.overlay(overlays.OF_PAGE[type(reply)]).of_page(reply))

    def open_screen(self, screen: Screen[None]) -> None:
        """Open a screen, unless one is open that an earlier key of a fast succession has asked for."""
        if len(self.app.screen_stack) == 1:
            self.app.push_screen(screen)
