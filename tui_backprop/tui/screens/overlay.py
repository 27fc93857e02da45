"""What the screens over the main one have in common: Esc closes them, and the app's keys go on working."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui_backprop.tui.keys import ACTION_OF_KEY

T = TypeVar("T")
LOW = [(0, "-low"), (16, "-high")]
"""Rows from which on a screen has the one class or the other."""


class Overlay(ModalScreen[T | None], Generic[T]):
    """A screen that one of the app's actions opened.

    Args:
        opened_by: the action; its key closes the screen again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", key_display="Esc")]
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
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset()
    """Keys of the app's that mean something else here."""

    def __init__(self, opened_by: str) -> None:
        super().__init__()
        self._opened_by = opened_by

    def on_key(self, event: events.Key) -> None:
        """Close on a key of the app's, and do what it says; fields of text have taken theirs before."""
        action = ACTION_OF_KEY.get(event.key)
        if action is None or event.key in ("left", "right") or event.key in self.OWN_KEYS:
            return
        event.stop()
        self.leave()
        if action != self._opened_by:
            self.app.call_later(self.app.run_action, action)

    def action_close(self) -> None:
        """Go back to the main screen."""
        self.leave()

    def leave(self, result: T | None = None) -> None:
        """Close, unless an earlier key of a fast succession has done so, or has opened another screen.

        Textual closes the screen on top, whichever is asked to, and counts those below as current too.
        """
        if self.app.screen is self:
            self.dismiss(result)
