"""Facts that travel up, in the past tense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui_backprop.debugger.replies import Reply
    from tui_backprop.debugger.snapshot import Snapshot
    from tui_backprop.sessions.store import SessionInfo
    from tui_backprop.tui.request import Request


class SnapshotTaken(Message, bubble=False):
    """The trainer is somewhere else, or somebody asked to see where it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Refused(Message, bubble=False):
    """What was asked for could not be done; nothing has changed."""

    def __init__(self, reason: str, source: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.source = source


class Replied(Message, bubble=False):
    """What was asked for has this to tell."""

    def __init__(self, reply: Reply, source: str = "") -> None:
        super().__init__()
        self.reply = reply
        self.source = source


class Warned(Message, bubble=False):
    """Something is wrong until another warning lifts it; an empty one does."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Requested(Message):
    """A screen over the panels wants something to be done."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class IterationWanted(Message):
    """Somebody wants to be at an iteration."""

    def __init__(self, iteration: int) -> None:
        super().__init__()
        self.iteration = iteration


class ChoiceMade(Message):
    """A choice about the screen was made, which is to be remembered."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.name = name
        self.value = value


class SessionOffered(Message, bubble=False):
    """There is a session that can be resumed."""

    def __init__(self, info: SessionInfo) -> None:
        super().__init__()
        self.info = info
