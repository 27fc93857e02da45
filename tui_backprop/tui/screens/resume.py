"""Whether to go on with the session that was saved last.

It comes up unasked, so a key that was on its way already is no answer: it does what it would have done, and
the session is still there to be resumed later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui_backprop.sessions.listing import question
from tui_backprop.sessions.store import SessionInfo
from tui_backprop.text.sentences import later
from tui_backprop.tui.keys import COMMAND_OF_KEY
from tui_backprop.tui.screens.overlay import Overlay

MOMENT = 0.4
"""Seconds from when it is seen in which nobody can have read it."""
POLL = 0.05
"""Seconds between two checks whether the terminal has shown it."""
LONGEST = 3.0
"""Seconds after which it is taken as seen, whatever the terminal says."""


class ResumeScreen(Overlay):
    """Asks once; whatever is no acceptance starts fresh, and the session stays.

    Args:
        info: the session.
        on_its_way: tells whether the terminal may not have shown yet what was drawn.
    """

    DEFAULT_CSS = """
    ResumeScreen {
        & .box { width: auto; max-width: 95%; max-height: 100%; }
        & #resume-question { width: auto; max-width: 100%; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", later("Resume")),
        Binding("n", "fresh", later("Start fresh")),
    ]
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"n", "enter"})

    _accepted = False

    class Decided(Message):
        """Somebody wants to resume the session, or not."""

        def __init__(self, info: SessionInfo, accepted: bool) -> None:
            super().__init__()
            self.info, self.accepted = info, accepted

    def __init__(self, info: SessionInfo, on_its_way: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self._info, self._on_its_way = info, on_its_way
        self._seen: float | None = None

    def compose(self) -> ComposeResult:
        """Ask, in one line."""
        with Vertical(id="resume-box", classes="box"):
            yield Static(question(self._info), id="resume-question", markup=False)

    def opened(self) -> None:
        """Watch for the moment when it is seen."""
        begun = time.monotonic()

        def check() -> None:
            now = time.monotonic()
            if not self._on_its_way() or now - begun > LONGEST:
                self._seen = now
                watch.stop()

        watch = self.set_interval(POLL, check)

    @property
    def ready(self) -> bool:
        """Whether a key may be an answer."""
        return self._seen is not None and time.monotonic() - self._seen >= MOMENT

    def action_accept(self) -> None:
        """Resume."""
        if self.ready:
            self._accepted = True
            self.leave()

    def action_close(self) -> None:
        """Start fresh."""
        if self.ready:
            self.leave()

    def action_fresh(self) -> None:
        """Start fresh; a key that was meant for what is below does its work there."""
        ready = self.ready
        self.leave()
        if not ready:
            self.app.post_message(self.KeyPressed(COMMAND_OF_KEY["n"], self.OPENED_BY))

    def leave(self) -> None:
        """Close, and tell what was decided."""
        if self.app.screen is self:
            self.app.post_message(self.Decided(self._info, self._accepted))
        super().leave()
