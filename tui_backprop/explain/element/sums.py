"""Sums of many terms on one line: written out, or folded in the middle."""

from __future__ import annotations

from collections.abc import Callable

from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr

HEAD, TAIL = 3, 2
"""Terms that a folded sum shows at its start and at its end."""
FULL = 8
"""Sums of up to that many terms are never folded."""


def shown_terms(count: int, folded: bool) -> tuple[range, int, range]:
    """Return which terms are shown first, how many are left out then, and which are shown last."""
    if not folded or count <= FULL:
        return range(count), 0, range(0)
    return range(HEAD), count - HEAD - TAIL, range(count - TAIL, count)


def more(count: int) -> str:
    """Return what stands for terms left out."""
    return tr("… ({count} more) …", count=count)


def factor_text(value: float) -> str:
    """Write a number as part of a product or a sum: a negative one in parentheses."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def sum_text(count: int, term: Callable[[int], str], folded: bool) -> str:
    """Write a sum of ``count`` terms; only those shown are asked for."""
    first, hidden, last = shown_terms(count, folded)
    parts = [*map(term, first), *([more(hidden)] if hidden else []), *map(term, last)]
    return " + ".join(parts)
