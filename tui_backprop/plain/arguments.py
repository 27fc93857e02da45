"""What follows a command: a count, or a word that must not be missing."""

from __future__ import annotations

from tui_backprop.engine.errors import BackpropError, printable


def needed(argument: str, what: str) -> str:
    """Return an argument; refuse to go on without one."""
    if not argument:
        raise BackpropError(f"found nothing; give {what}")
    return argument


def count(argument: str, most: int, default: int = 1) -> int:
    """Read how often, once where nothing is said."""
    return whole_number(argument, most) if argument else default


def whole_number(argument: str, most: int) -> int:
    """Read a whole number from 1 on."""
    word = argument.replace(",", "").replace("_", "")
    if not (word.isascii() and word.isdecimal()) or len(word) > 12 or not 1 <= int(word) <= most:
        found = printable(argument, 30) or "nothing"
        raise BackpropError(f"found {found}; it must be a whole number from 1 to {most:,}")
    return int(word)
