"""Several things as a list for people."""

from __future__ import annotations

from collections.abc import Iterable

from tui_backprop.text.sentences import tr_in


def all_of(things: Iterable[str]) -> str:
    """Return things joined by *and*."""
    return tr_in("list", " and ").join(things)


def any_of(things: Iterable[str]) -> str:
    """Return things joined by *or*."""
    return tr_in("list", " or ").join(things)
