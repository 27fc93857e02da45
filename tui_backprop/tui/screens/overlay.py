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
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset()
    """Keys of the app's that mean something else here."""

    def __init__(self, opened_by: str) -> None:
        super().__init__()
        self._opened_by = opened_by
        self._held: list[events.Key] | None = []

    def on_mount(self) -> None:
        """Take keys once there is something that they are for."""
        self.call_after_refresh(self._take_keys)

    def holds(self, event: events.Key) -> bool:
        """Keep a key that was typed before the fields and lists of this screen are there; tell whether."""
        if self._held is None:
            return False
        self._held.append(event)
        return True

    def _take_keys(self) -> None:
        held, self._held = self._held or [], None
        for event in held:
            (self.focused or self)._forward_event(event)

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
