"""The one family of errors a user may cause; each message is a single plain line."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable


class BackpropError(ValueError):
    """Something the user gave cannot be used; the message says what was found and what would be right."""


class Interrupted(BackpropError):  # noqa: N818
    """Something long was stopped from outside; nothing has changed."""


def never() -> bool:
    """Return False: what a long computation asks where nobody may stop it."""
    return False


class FormulaError(BackpropError):
    """A formula is refused. ``line`` and ``column`` count from 1; 0 where no place applies."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        self.line = line
        self.column = column
        self.reason = message
        super().__init__(f"line {line}, column {column}: {message}" if line else message)

    @property
    def of_one_line(self) -> str:
        """The message for a text of one line only."""
        return f"column {self.column}: {self.reason}" if self.line == 1 else str(self)


class ShapeError(BackpropError):
    """Two shapes do not fit the operation between them."""


class FormulaShapeError(FormulaError, ShapeError):
    """A formula that can be read, in which two shapes do not fit."""


def printable(text: str, limit: int = 80) -> str:
    """Return ``text`` on one line, safe for a terminal: control and invisible characters spelt out."""
    safe = text
    if not (text.isascii() and text.isprintable()):
        safe = "".join(c if is_safe(c) else c.encode("unicode_escape").decode("ascii") for c in text)
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def is_safe(character: str) -> bool:
    """Tell whether a character may reach a terminal: not control, bidi, surrogate, invisible, unassigned."""
    return character == " " or (
        unicodedata.category(character) not in _UNSAFE_CATEGORIES and not is_invisible(character)
    )


def is_invisible(character: str) -> bool:
    """Tell whether a letter or mark shows nothing, so that two texts with and without it look the same."""
    return (
        character in _INVISIBLE
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Hangul fillers, the grapheme joiner, Khmer's inherent vowels, Mongolian selectors, Braille's blank
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


MAX_TYPO = 60
"""Longer words get no suggestion: comparing them takes time that grows with the square of their length."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean ...?"`` for the nearest known word, or an empty string."""
    if len(word) > MAX_TYPO:
        return ""
    nearest = difflib.get_close_matches(word, [k for k in known if len(k) <= MAX_TYPO], n=1, cutoff=0.6)
    return f"; did you mean {printable(nearest[0])}?" if nearest else ""
