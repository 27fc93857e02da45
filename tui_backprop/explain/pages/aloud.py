"""Rows to be read aloud: each row of a matrix says whose it is and which, and no sign stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.rows import Part, Row
from tui_backprop.text.numbers import inline, is_shown_in_full
from tui_backprop.text.sentences import tr

_ARRAY = r"\[…\](?=\()"
_TO_COME = r"(?<=[=·⊙@] )\?"
_NOTHING = r"= \?(?: [·⊙@] \?)*"


def row_name(name: str, index: tuple[int, ...]) -> str:
    """Name a row of a matrix, or of one of several: ``W, row 0``; counted from 0, as elements are."""
    if len(index) > 2:
        name = f"{name}[{', '.join(map(str, index[:-1]))}]"
    elif len(index) == 2:
        return tr("{name}, matrix {matrix}, row {row}", name=name, matrix=index[0], row=index[1])
    return tr("{name}, row {row}", name=name, row=index[-1])


def matrix_rows(name: str, value: Array) -> Iterator[str]:
    """Yield an array of at least two axes, a line for each row of the last one."""
    array = np.asarray(value)
    for index in np.ndindex(array.shape[:-1]):
        yield f"{row_name(name, index)} = {inline(array[index])}"


def aloud(row: Row) -> Row:
    """Return a row as it is read aloud."""
    return Row(row.label, tuple(_parts(row)))


def _parts(row: Row) -> Iterator[Part]:
    first = row.parts[0]
    name = re.split(" =| ←", first)[0] if isinstance(first, str) else row.said
    for part, after in pairwise((*row.parts, "")):
        if not isinstance(part, str):
            yield from matrix_rows(name, part) if _has_rows(part) else (f"= {inline(part)}",)
        elif part.endswith("=") and not isinstance(after, str) and _has_rows(after):
            if part != f"{name} =" and part != "=":
                yield part.removesuffix(" =")
        elif not re.fullmatch(_NOTHING, part):
            yield re.sub(_TO_COME, tr("(to come)"), re.sub(_ARRAY, tr("array "), part))


def _has_rows(value: Array) -> bool:
    """Tell whether an array is written row by row."""
    return np.ndim(value) > 1 and is_shown_in_full(value)
