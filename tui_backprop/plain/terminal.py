"""The terminal below plain mode: its modes, which have to be put back, and readline."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

TELLING_KEYS = (r"\e&", r"\e~", r"\e\C-j", r"\e\C-m")
"""Keys by which readline writes out ~NAME, any account's home folder, or takes vi's keys, where & does."""


def modes() -> list[Any] | None:
    """Return the modes of the terminal that lines are read from; None where it is none."""
    try:
        import termios

        return termios.tcgetattr(sys.stdin.fileno())
    except (ImportError, OSError, ValueError):
        return None
    except Exception:  # termios.error is no OSError
        return None


def start_readline(complete: Callable[[str], Iterator[str]], *, confined: bool) -> None:
    """Have lines edited and remembered, as on a terminal that knows no escape sequences.

    Args:
        complete: yields what a word may become.
        confined: whether this is a restricted login, whose keys must tell nothing of the host.
    """
    os.environ["TERM"] = "dumb"  # readline asks once, when it starts
    if confined:
        os.environ["INPUTRC"] = os.devnull  # settings from the home folder can bind keys to anything
    try:
        import readline
    except ImportError:
        return

    def completer(text: str, state: int) -> str | None:
        return next((word for place, word in enumerate(complete(text)) if place == state), None)

    readline.set_completer(completer)
    if "libedit" not in (readline.__doc__ or ""):
        for setting in ("set enable-bracketed-paste off", "set bell-style none", "tab: complete"):
            readline.parse_and_bind(setting)
        for key in TELLING_KEYS if confined else ():
            readline.parse_and_bind(f'"{key}": redraw-current-line')
