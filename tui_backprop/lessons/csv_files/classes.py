"""Classes: texts or whole numbers as the numbers 0, 1, 2, … and as rows with one 1."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.csv_files.cells import is_label
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.sentences import tr


@lru_cache(1000)
def label_of(cell: str) -> str:
    """Return the class that a cell names, composed as names are compared; "" where it can name none."""
    label = unicodedata.normalize("NFC", cell.strip())
    return label if is_label(label) else ""


def classes_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the classes in their order: whole numbers by their size, then texts by the alphabet."""
    return tuple(sorted(set(labels), key=_key))


def told_classes(classes: Iterable[str]) -> tuple[str, ...]:
    """Return classes in the order in which a lesson gives them; refuse one that stands there twice."""
    told = tuple(unicodedata.normalize("NFC", one.strip()) for one in classes)
    for place, one in enumerate(told):
        if one in told[:place]:
            raise LessonError(tr("samples.classes: the class {found} stands there twice", found=found(one)))
    return told


def one_hot(numbers: Array, count: int) -> Array:
    """Return class numbers (n) as rows (n × count) with a 1 at the class."""
    rows: Array = np.eye(count)[numbers.astype(np.intp)]
    return rows


def _key(label: str) -> tuple[bool, int, str]:
    whole = label.removeprefix("-").isdecimal() and len(label) < 20
    return not whole, int(label) if whole else 0, label
