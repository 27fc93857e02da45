"""What of a factor is in sight first: rule, numbers, shapes and why; what goes deeper comes below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tui_backprop.explain.rows import Part, Row
from tui_backprop.text.numbers import shape_text, span
from tui_backprop.text.sentences import tr

FACTOR = ("rule", "product")
"""Labels of the row that states a factor and its numbers; a record without one is no factor."""
FIRST = (*FACTOR, "local", "shapes", "why")
"""Labels of the rows that come first, in this order."""
LEAST_WHY = 3
"""Lines of the why that have to be in sight."""
WITH_NUMBERS = 2
"""So many of the shorter forms leave the factor in numbers, and are taken to have all of the why in sight."""
_HIGHEST = 4
"""Lines that numbers may take where there is no room for more; below stands all of them."""
_SUM_OF_LISTED = re.compile(r"(?<=\] )\([\d×]+\), .+$")
"""Shape and range, behind numbers that are listed in a line."""

Height = Callable[[Row], int]


def first_sight(rows: Sequence[Row], height: int, lines: Height) -> list[Row]:
    """Put first what says what a factor is and why; whatever was shortened for it comes whole below.

    Args:
        rows: an explanation's rows.
        height: lines that are in sight.
        lines: tells how many lines a row takes.
    """
    if not any(row.label in FACTOR for row in rows):
        return list(rows)
    first = sorted((row for row in rows if row.label in FIRST), key=lambda row: FIRST.index(row.label))
    rest = [row for row in rows if row.label not in FIRST]
    shorter = list(_shorter(first, lines))
    readable = (some for some in shorter[:WITH_NUMBERS] if _is_in_sight(some, height, lines, whole_why=True))
    enough = (some for some in shorter if _is_in_sight(some, height, lines))
    shown = next(readable, None) or next(enough, shorter[-1])
    whole = [row for row in first if row not in shown]
    return [*shown, *whole, *rest]


def _shorter(first: list[Row], lines: Height) -> Iterator[list[Row]]:
    """Yield the first rows whole, then with less and less in front of the why."""
    yield first
    local = [row for row in first if row.label == "local"]
    others = [row for row in first if row.label != "local"]
    why = next((at for at, row in enumerate(others) if row.label == "why"), len(others))
    yield sorted([*others, *_formulas(local)], key=lambda row: FIRST.index(row.label))
    brief = [_stated(row) if row.label in FACTOR else row for row in others[:why]]
    yield [*brief, *_formulas(local), *others[why:]]
    yield [*(_low(row, lines) for row in brief), *others[why:]]
    yield [*(_summed_up(row, lines) for row in brief), *others[why:]]


def _formulas(rows: list[Row]) -> list[Row]:
    """Return rows with their formula alone."""
    return [Row(row.label, row.parts[:1]) for row in rows]


def _stated(row: Row) -> Row:
    """Return a row with its formula and its result, without the formula in numbers between them."""
    last = row.parts[-1]
    kept: tuple[Part, ...] = (row.parts[0],) if len(row.parts) == 1 else (row.parts[0], last)
    if not isinstance(last, str):
        kept = (row.parts[0], "=", last)
    return Row(row.label, kept)


def _low(row: Row, lines: Height) -> Row:
    """Return a row whose matrix is cut after some rows, where it takes many lines."""
    last = row.parts[-1]
    if isinstance(last, str) or lines(row) <= _HIGHEST + 2:
        return row
    matrix = last.reshape(-1, last.shape[-1])[: _HIGHEST - 2]
    left_out = tr("… of {shape}, whole below", shape=shape_text(np.shape(last)))
    return Row(row.label, (*row.parts[:-1], matrix, left_out))


def _summed_up(row: Row, lines: Height) -> Row:
    """Return a row with shape and range in place of a matrix that takes many lines."""
    last = row.parts[-1]
    if lines(row) <= _HIGHEST:
        return row
    if isinstance(last, str):
        sum_of = _SUM_OF_LISTED.search(last)
        if sum_of is None:
            return row
        return Row(row.label, (row.parts[0], tr("= {summary}, whole below", summary=sum_of[0])))
    summary = f"{shape_text(np.shape(last))}, {span(last)}"
    return Row(row.label, (row.parts[0], tr("= {summary}, whole below", summary=summary)))


def _is_in_sight(rows: Sequence[Row], height: int, lines: Height, *, whole_why: bool = False) -> bool:
    """Tell whether the rows are in sight, and enough of the why, or all of it."""
    begin = 0
    for row in rows:
        taken = lines(row)
        needed = min(taken, LEAST_WHY) if row.label == "why" and not whole_why else taken
        if begin + needed > height:
            return False
        begin += taken
        if row.label == "why":
            return True
    return True
