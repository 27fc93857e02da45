"""How wide text is: terminal cells, of which some characters take two and some take none."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def cells(text: str) -> int:
    """Return how many terminal cells a text takes as it is."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def head(text: str, width: int) -> str:
    """Return as much of a text as fits into ``width`` cells."""
    used = 0
    for place, character in enumerate(text):
        used += _width(character)
        if used > width:
            return text[:place]
    return text


def words(text: str, width: int) -> str:
    """Return as many whole words of a text as fit into ``width`` cells, with … where some are left out."""
    if cells(text) <= width:
        return text
    begun = head(text, width - 1)
    whole = begun if text[len(begun)] == " " else begun.rpartition(" ")[0]
    return f"{whole.rstrip() or begun}…"


def tail(text: str, width: int) -> str:
    """Return as much of a text's end as fits into ``width`` cells."""
    used, start = 0, len(text)
    for place in range(len(text) - 1, -1, -1):
        taken = _width(text[place])
        used += taken
        if used > width:
            break
        if taken:  # a mark belongs to the character before it
            start = place
    return text[start:]


@lru_cache(maxsize=1024)
def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me") or _is_joined(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _is_joined(character: str) -> bool:
    """Tell whether a character is a Hangul vowel or final consonant that joins the jamo before it."""
    return 0x1160 <= ord(character) <= 0x11FF or 0xD7B0 <= ord(character) <= 0xD7FF
