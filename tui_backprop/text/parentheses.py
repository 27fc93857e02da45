"""What of formula text stands outside parentheses, and when the text needs some around it."""

from __future__ import annotations

import re

_GROUP = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def outside(text: str) -> str:
    """Return what of a text stands outside parentheses and brackets."""
    while (rest := _GROUP.sub("", text)) != text:
        text = rest
    return text


def bare(text: str) -> str:
    """Return formula text without parentheses around the whole of it."""
    while text.startswith("(") and not outside(text) and ")" not in outside(text[1:-1]):
        text = text[1:-1]
    return text
