"""What of a translation may stand for a sentence: files of users' own languages may hold anything."""

from __future__ import annotations

import unicodedata
from string import Formatter

_PARSE = Formatter().parse


def fitting(text: str, sentence: str) -> str:
    """Return a translation without control characters; "" where it does not fit the sentence.

    It fits where its values are the sentence's, by their names alone and in the same format, or with a choice
    of particles. A part of a value is never asked for, and no format makes a page of a word.
    """
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if "{" not in text and "}" not in text:
        return text
    wanted = _fields(sentence)
    found = _fields(text)
    if wanted is None or not all(
        name.isidentifier() for name, _ in wanted
    ):  # the English one has braces of its own, and is never filled in
        return text
    formats = {(name, spec) for name, spec in wanted} | {(name, "") for name, _ in wanted}
    names = {name for name, _ in wanted}
    fits = found is not None and all(
        field in formats or (field[0] in names and "/" in field[1] and "{" not in field[1]) for field in found
    )
    return text if fits else ""


def _fields(text: str) -> set[tuple[str, str]] | None:
    """Return the values in a sentence, each with its format; None where its braces are not values'."""
    try:
        return {(name, spec or "") for _, name, spec, _ in _PARSE(text) if name is not None}
    except ValueError:
        return None
