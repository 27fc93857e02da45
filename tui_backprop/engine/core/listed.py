"""Several things as a list for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_backprop.text.sentences import tr, tr_in


def all_of(things: Iterable[str]) -> str:
    """Return things joined by *and*."""
    return tr_in("list", " and ").join(things)


def any_of(things: Iterable[str]) -> str:
    """Return things joined by *or*."""
    return tr_in("list", " or ").join(things)


def one_of(things: Sequence[str]) -> str:
    """Return two things or more joined by commas, and by *or* before the last."""
    return tr("{things} or {last}", things=", ".join(things[:-1]), last=things[-1])
