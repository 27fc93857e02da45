"""Facts that travel up, in the past tense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.notifications import SeverityLevel

if TYPE_CHECKING:
    from tui_backprop.explain.elements import ElementExplanation
    from tui_backprop.explain.listing import ProgramPage
    from tui_backprop.training.check import GradientReport
    from tui_backprop.training.sessions import SessionInfo
    from tui_backprop.tui.snapshot import Snapshot


class StateChanged(Message):
    """The trainer is somewhere else, or somebody asked to see where it is."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class CommandRefused(Message):
    """A command could not be done; nothing has changed."""

    def __init__(self, reason: str, source: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.source = source


class Noted(Message):
    """Something happened that the user should read."""

    def __init__(self, text: str, severity: SeverityLevel = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity


class GradientsChecked(Message):
    """A gradient check is done."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__()
        self.report = report


class Accepted(Message):
    """What a screen asked for is done."""

    def __init__(self, source: str, text: str) -> None:
        super().__init__()
        self.source = source
        self.text = text


class ElementExamined(Message):
    """An element's gradient was worked out term by term."""

    def __init__(self, explanation: ElementExplanation) -> None:
        super().__init__()
        self.explanation = explanation


class ProgramWritten(Message):
    """The program that runs are compiled to is written."""

    def __init__(self, page: ProgramPage) -> None:
        super().__init__()
        self.page = page


class SessionOffered(Message):
    """There is a session that can be resumed."""

    def __init__(self, info: SessionInfo) -> None:
        super().__init__()
        self.info = info
