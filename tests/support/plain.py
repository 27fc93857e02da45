"""Running plain mode in this process, as through a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

from tui_backprop import Trainer, load_lesson
from tui_backprop.debugger.seat.seat import Seat
from tui_backprop.plain import run_plain
from tui_backprop.sessions.autosave import Autosave


class Noting(Autosave):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def changed(self, trainer: Trainer) -> None:
        self.told.append("changed")

    def running(self, trainer: Trainer) -> None:
        self.told.append("running")

    def close(self) -> None:
        self.told.append("closed")


@dataclass(frozen=True)
class Said:
    """What was said, without the two lines at the start, and how it ended."""

    code: int
    text: str
    told: list[str]

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()[2:]


def plain(
    *commands: str, lesson: str = "logistic", autosave: Noting | None = None, **hyperparameters: object
) -> Said:
    """Do these commands in a new session."""
    return typed_into(Trainer(load_lesson(lesson), **hyperparameters), commands, autosave)


def typed_into(
    trainer: Trainer, commands: Sequence[str], autosave: Noting | None = None, seat: Seat | None = None
) -> Said:
    """Do these commands in a session on a trainer, at a seat in a course."""
    out, autosave = io.StringIO(), autosave or Noting()
    typed = io.StringIO("".join(f"{command}\n" for command in commands))
    with patch.object(sys, "stdin", typed), patch.object(sys, "stdout", out):
        code = run_plain(trainer, autosave, seat=seat)
    return Said(code, out.getvalue(), autosave.told)
