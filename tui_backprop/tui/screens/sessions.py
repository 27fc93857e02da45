"""The sessions that are saved: what is typed filters them, Enter resumes one."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.sessions.listing import as_lines
from tui_backprop.sessions.store import SessionInfo, list_sessions
from tui_backprop.text.searching import for_search
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList
from tui_backprop.tui.screens.resume import ResumeScreen


class SessionsScreen(AskScreen):
    """A list of the sessions; the one that is chosen is resumed."""

    OPENED_BY = "sessions"
    HEADING = later("Sessions · type to filter, ↓ to the list, Enter resumes, Esc closes")
    PLACEHOLDER = later("part of an id, a lesson or a day")

    def __init__(self, snapshot: Snapshot, initial: str = "") -> None:
        super().__init__(snapshot, initial)
        self._sessions = list_sessions()
        self._found: list[SessionInfo] = []

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the sessions that have what is typed in their line, the newest first."""
        words = for_search(self.line.value).split()
        lines = zip(self._sessions, as_lines(self._sessions)[1:], strict=False)
        found = [(info, line) for info, line in lines if all(word in for_search(line) for word in words)]
        self._found = [info for info, _ in found]
        return [line for _, line in found]

    def opened(self) -> None:
        """Say where there are none."""
        super().opened()
        if not self._sessions:
            self.say(tr("no session is saved yet"))

    def typed(self, text: str) -> None:
        """Narrow the list down."""
        self.update(self.snapshot)
        if self._found:
            self.query_one(ChoiceList).highlighted = 0
        self.say("" if self._found else tr("no session has that in its line"))

    def answered(self, text: str) -> None:
        """Resume the one highlighted."""
        if self._found:
            self.chosen(self.query_one(ChoiceList).highlighted or 0)

    def chosen(self, index: int) -> None:
        """Resume one, unless it is open."""
        info = self._found[index]
        if info.locked:
            self.say(tr("{id} is open, here or in another program", id=info.id), refused=True)
        elif info.problem:
            self.say(f"{info.id}: {info.problem}", refused=True)
        else:
            self.app.post_message(ResumeScreen.Decided(info, accepted=True))
            self.leave()
