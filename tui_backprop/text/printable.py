"""What may reach a terminal: text on one line, control and invisible characters spelt out."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def printable(text: str, limit: int = 80) -> str:
    """Return ``text`` on one line, safe for a terminal: control and invisible characters spelt out.

    Longer than ``limit`` it is cut; a quotation is closed all the same.
    """
    safe = text
    if not (text.isascii() and text.isprintable()):
        safe = "".join(c if is_safe(c) else c.encode("unicode_escape").decode("ascii") for c in text)
    if len(safe) <= limit:
        return safe
    end = f"…{safe[-1]}" if safe[0] in _QUOTES and safe[-1] == safe[0] else "…"
    return safe[: limit - len(end)] + end


@lru_cache(maxsize=1024)
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


_QUOTES = "'\""
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Hangul fillers, the grapheme joiner, Khmer's inherent vowels, Mongolian selectors, Braille's blank
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
