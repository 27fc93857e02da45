"""Facts that travel up, in the past tense."""

from __future__ import annotations

from textual.message import Message
from textual.notifications import SeverityLevel

from tui_backprop.training.check import GradientReport
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
