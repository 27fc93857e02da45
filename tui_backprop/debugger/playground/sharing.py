"""Handing a set-up and a place to somebody else, as one short string."""

from __future__ import annotations

from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.replies import Replies, SeenPage
from tui_backprop.debugger.session import DebugSession
from tui_backprop.text.sentences import later


class SharedPage(SeenPage, frozen=True):
    """The string, the line that opens it, and what is not in it."""

    string: str
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What is typed into a shell to open it."""
        return f"tui-backprop open {self.string}"


def share(session: DebugSession, argument: str = "") -> Replies:
    """Say the string of this set-up and place.

    Raises:
        LessonError: the lesson reads files, or is too long for a string.
    """
    from tui_backprop.sessions.sharing import shared

    made = shared(session.trainer)
    yield SharedPage(made.string, made.notes)


COMMANDS = (
    typed(
        "share Y", share, later("Share: this set-up and place as one short string"), "share",
        changes=False, more=later("tui-backprop open STRING opens it, and so does open STRING here."),
        key=Key("Y", later("share"), help=later("Share: this set-up and place as one short string, copied")),
    ),
)  # fmt: skip
