"""Whether to go on with the session that was saved last."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_backprop.training.sessions import SessionInfo, question
from tui_backprop.tui.screens.overlay import Overlay


class ResumeScreen(Overlay[bool]):
    """Returns True to resume; anything else starts fresh, and the session stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Resume"),
        Binding("n", "close", "Start fresh"),
    ]
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"n", "enter"})

    def __init__(self, info: SessionInfo) -> None:
        super().__init__("resume")
        self._info = info

    def compose(self) -> ComposeResult:
        """Ask, in one line."""
        with Vertical(id="resume-box"):
            yield Static(question(self._info), id="resume-question", markup=False)

    def action_accept(self) -> None:
        """Resume."""
        self.leave(True)
