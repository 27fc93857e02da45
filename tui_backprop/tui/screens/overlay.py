"""What the screens over the main one have in common: Esc closes them, and the app's keys go on working."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Self

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from tui_backprop.debugger.replies import Reply
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.text.charset import Charset
from tui_backprop.text.sentences import later
from tui_backprop.tui.keys import COMMAND_OF_KEY
from tui_backprop.tui.terminal.appearance import charset_of

LOW = [(0, "-low"), (16, "-high")]
"""Rows from which on a screen has the one class or the other."""
TALL = [*LOW, (34, "-tall")]
"""The same, and a third one where long lists have room."""


class Overlay(ModalScreen[None]):
    """A screen that a command opened; the command's key closes it again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", later("Close"), key_display="Esc")]
    VERTICAL_BREAKPOINTS = LOW
    DEFAULT_CSS = """
    Overlay {
        align: center middle;
        &:ansi { background: $background 60%; }
        & .box {
            width: 92%;
            height: auto;
            max-height: 95%;
            border: round $accent;
            padding: 0 1;
            background: $surface;
        }
    }
    """
    OPENED_BY: ClassVar[str] = ""
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset()
    """Keys of the app's that mean something else here."""

    TYPES: ClassVar[bool] = False
    """Whether what is typed here is text, in whatever script."""

    behind = ""
    """The id of what has the focus behind this, or the command of a screen that was closed for it."""

    class KeyPressed(Message):
        """A key was pressed that means a command to the app."""

        def __init__(self, command: str, source: str) -> None:
            super().__init__()
            self.command, self.source = command, source

    @cached_property
    def charset(self) -> Charset:
        """The characters that the app can show."""
        return charset_of(self)

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self | None:
        """Return the screen for what is shown and selected; None where nothing is shown yet.

        Raises:
            BackpropError: there is nothing that it could be about; the message says what to do.
        """
        raise NotImplementedError

    @classmethod
    def of_page(cls, page: Any) -> Self:
        """Return the screen that shows a page."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Open, unless a key of a fast succession has closed the screen while it was being made."""
        if self in self.app.screen_stack:
            self.opened()

    def opened(self) -> None:
        """Arrange what is there now: titles, contents, and what has the focus."""

    def take(self, source: str, reply: Reply) -> bool:
        """Show a reply to what was asked for here, and tell whether it was."""
        return False

    def refuse(self, source: str, reason: str) -> bool:
        """Show why what was asked for here was refused, and tell whether it was asked for here."""
        return False

    def on_key(self, event: events.Key) -> None:
        """Close on a key of the app's, and do what it says; fields of text have taken theirs before."""
        command = COMMAND_OF_KEY.get(event.key)
        if command is None or event.key in ("left", "right") or event.key in self.OWN_KEYS:
            return
        event.stop()
        self.leave()
        if command != self.OPENED_BY:
            self.app.post_message(self.KeyPressed(command, self.OPENED_BY))

    def action_close(self) -> None:
        """Go back to the main screen."""
        self.leave()

    def leave(self) -> None:
        """Close, unless an earlier key of a fast succession has done so, or has opened another screen.

        Textual closes the screen on top, whichever is asked to, and counts those below as current too.
        """
        if self.app.screen is self:
            self.dismiss()
