"""Wrapping text to a number of terminal cells, where some characters take two and some take none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tui_backprop.explain.ascii import to_ascii

_ascii = False  # one screen, and one answer to what it can show


def write_ascii(on: bool) -> None:
    """Have all texts measured, cut and wrapped in ASCII from now on, or as they are."""
    global _ascii
    _ascii = on


def spelled(text: str) -> str:
    """Return a text as it is to be shown: in ASCII where nothing else can be."""
    return to_ascii(text) if _ascii else text


def sign(text: str, in_ascii: str) -> str:
    """Choose a sign where its usual spelling in ASCII would mean something else."""
    return in_ascii if _ascii else text


def cells(text: str) -> int:
    """Return how many terminal cells a text takes."""
    text = spelled(text)
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """Return a text with spaces up to a number of cells."""
    text = spelled(text)
    return text + " " * max(0, width - cells(text))


def fit(text: str, width: int) -> str:
    """Return a text in at most ``width`` cells; what is left out leaves a mark."""
    text = spelled(text)
    if cells(text) <= width:
        return text
    return _head(text, width - 1) + ("~" if _ascii else "…") if width > 0 else ""


def wrap(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Yield lines of at most ``width`` cells, broken at spaces; later lines start with ``indent``.

    A word longer than a line is broken, so that nothing is ever cut off.
    """
    text, width = spelled(text), max(width, 1)
    indent = indent if len(indent) < width // 2 else ""
    line, used = "", 0
    for word in text.split(" "):
        room = cells(word)
        if line and used + 1 + room > width:
            yield line
            line, used = indent, len(indent)
        elif line:
            line, used = line + " ", used + 1
        while used + room > width:
            head = _head(word, width - used)
            if not head and line.strip():
                yield line
                line, used = indent, len(indent)
                continue
            head = head or word[0]
            yield line + head
            word = word[len(head) :]
            line, used, room = indent, len(indent), cells(word)
        line, used = line + word, used + room
    yield line


def _head(word: str, width: int) -> str:
    """Return as much of a word as fits."""
    used = 0
    for place, character in enumerate(word):
        used += _width(character)
        if used > width:
            return word[:place]
    return word
