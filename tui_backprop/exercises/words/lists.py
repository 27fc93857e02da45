"""Several things in one sentence: all of them, or one of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from tui_backprop.text.sentences import tr


def joined(things: Iterable[str]) -> str:
    """Return ``a and b``; nothing of nothing."""
    things = list(things)
    return reduce(lambda a, b: tr("{first} and {second}", first=a, second=b), things) if things else ""


def either(things: Iterable[str]) -> str:
    """Return ``a or b``; nothing of nothing."""
    things = list(things)
    return reduce(lambda a, b: tr("{first} or {second}", first=a, second=b), things) if things else ""
