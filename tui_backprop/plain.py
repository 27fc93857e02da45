"""The debugger as lines of text, for pipes, dumb terminals and screen readers."""

from __future__ import annotations

from tui_backprop.training.autosave import Autosave
from tui_backprop.training.trainer import Trainer


def run_plain(trainer: Trainer, autosave: Autosave) -> int:
    """Read commands from standard input until it ends or quits, and return the exit code."""
    raise NotImplementedError
