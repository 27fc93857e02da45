"""Seeded toy data, and samples from a CSV file."""

from __future__ import annotations

import csv
import itertools
import math
import os
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.errors import LessonError, found, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable

MAX_CSV_BYTES = 16 << 20
"""Bytes of one CSV file; reading them takes about two seconds."""
MAX_CSV_LINE = 1 << 20
"""Characters of one line of it."""
MAX_CSV_ROWS = 100_000
"""Rows that are read: with them, every command answers within about two seconds."""
MAX_CSV_NUMBERS = 1_000_000
"""Numbers that are read, of all columns that the lesson names."""

_STREAM = 0x64617461
"""Keeps the data's random numbers apart from the parameters', which start from the same seed."""


def _halves(size: int) -> tuple[int, int]:
    return size - size // 2, size // 2


def moons(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two half circles that grip each other; labels 0 and 1."""
    first, second = _halves(size)
    a, b = np.linspace(0, math.pi, first), np.linspace(0, math.pi, second)
    upper = np.column_stack([np.cos(a), np.sin(a)])
    lower = np.column_stack([1 - np.cos(b), 0.5 - np.sin(b)])
    return np.vstack([upper, lower]), np.repeat([0.0, 1.0], [first, second])


def circles(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Circle of radius 1 (label 0) around one of radius 0.5 (label 1)."""
    counts = _halves(size)
    rings = []
    for radius, count in zip((1.0, 0.5), counts, strict=True):
        angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
        rings.append(radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    return np.vstack(rings), np.repeat([0.0, 1.0], counts)


def spiral(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One spiral arm for each class, wound once around the origin."""
    labels = np.sort(np.arange(size) % classes)
    arms = []
    for label, count in enumerate(np.bincount(labels, minlength=classes).tolist()):
        radius = np.linspace(0.1, 1, count)
        angle = 2 * math.pi * (radius + label / classes)
        arms.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return np.vstack(arms), labels.astype(np.float64)


def xor(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Corners of the square [0, 1]²; label 1 where exactly one coordinate is 1."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    points = corners[np.arange(size) % 4]
    return points, np.abs(points[:, 0] - points[:, 1])


def blobs(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Centres spaced evenly on a circle of radius 2, one for each class; noise spreads them."""
    labels = np.sort(np.arange(size) % classes)
    angle = 2 * math.pi * labels / classes
    return 2 * np.column_stack([np.cos(angle), np.sin(angle)]), labels.astype(np.float64)


def sine(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Y = sin(x) for x from -π to π; X is one column."""
    x = np.linspace(-math.pi, math.pi, size)
    return x[:, None], np.sin(x)


DATASETS: Mapping[str, Callable[[int, int, np.random.Generator], tuple[Array, Array]]] = {
    function.__name__: function for function in (moons, circles, spiral, xor, blobs, sine)
}
WITH_CLASSES = frozenset({"spiral", "blobs"})


def make_dataset(
    name: str, size: int, noise: float, seed: int, classes: int = 2, one_hot: bool = False
) -> tuple[Array, Array]:
    """Return X of shape (size, 2), or (size, 1) for ``sine``, and y of shape (size,) or (size, classes).

    ``noise`` is the standard deviation added to the points (for ``sine``, to y).

    Raises:
        LessonError: an unknown dataset.
    """
    if name not in DATASETS:
        hint = suggest(name, DATASETS) or f"; there are {', '.join(DATASETS)}"
        raise LessonError(f"samples.dataset: unknown dataset {found(name, 80)}{hint}")
    rng = np.random.default_rng([seed, _STREAM])
    X, y = DATASETS[name](size, classes, rng)
    if name == "sine":
        return X, y + noise * rng.standard_normal(y.shape)
    X = X + noise * rng.standard_normal(X.shape)
    return X, np.eye(classes)[y.astype(int)] if one_hot else y


def read_csv(path: Path, columns: Sequence[str], sandbox: Sandbox) -> dict[str, Array]:
    """Read named columns of numbers from a CSV file with a header line.

    Raises:
        LessonError: file, line and column of what cannot be used.
    """
    shown = printable(path.name)
    if not sandbox.confined and not is_file(path):
        raise LessonError(f"{shown}: no such file beside the lesson")
    try:
        with TextIOWrapper(_open(path, shown, sandbox), encoding="utf-8-sig", newline="") as file:
            if os.fstat(file.fileno()).st_size > MAX_CSV_BYTES:
                raise LessonError(
                    f"{shown}: larger than {MAX_CSV_BYTES >> 20} MiB; give fewer rows or columns"
                )
            return _read_rows(csv.reader(_limited(file, shown)), shown, columns, sandbox)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else printable(str(error))
        raise LessonError(f"{shown}: cannot be read: {reason}") from None


def _open(path: Path, shown: str, sandbox: Sandbox) -> BinaryIO:
    try:
        return sandbox.open_file(path)
    except LessonError as error:
        raise LessonError(f"{shown}: {error}") from None


def _limited(file: TextIOWrapper, shown: str) -> Iterator[str]:
    """Yield the lines; a file that tells no size, such as one in /proc, or that grows, is refused as well."""
    total = 0
    for number in itertools.count(1):
        line = file.readline(MAX_CSV_LINE + 1)
        if not line:
            return
        if len(line) > MAX_CSV_LINE:
            raise LessonError(f"{shown}, line {number}: more than {MAX_CSV_LINE:,} characters in one line")
        total += len(line)
        if total > MAX_CSV_BYTES:
            raise LessonError(f"{shown}: larger than {MAX_CSV_BYTES >> 20} MiB; give fewer rows or columns")
        yield line


def _read_rows(
    reader: Iterator[list[str]], shown: str, columns: Sequence[str], sandbox: Sandbox
) -> dict[str, Array]:
    header = [cell.strip() for cell in next(reader, [])]
    if not header:
        raise LessonError(f"{shown}, line 1: found no header; write the columns' names there")
    places = []
    for column in columns:
        if column not in header:
            hint = suggest(column, header) or f"; there are {printable(', '.join(header))}"
            raise LessonError(f"{shown}, line 1: no column {found(column, 80)}{hint}")
        if header.count(column) > 1:
            raise LessonError(f"{shown}, line 1: the column {found(column, 80)} stands there twice")
        places.append(header.index(column))
    most = min(MAX_CSV_ROWS, MAX_CSV_NUMBERS // max(1, len(columns)))
    allowed = sandbox.at_most("rows", most)
    values = [array("d") for _ in columns]  # eight bytes a number, where a list takes 32
    for row in reader:
        line = reader.line_num  # type: ignore[attr-defined]
        if not row:
            continue
        if len(row) > len(header):
            raise LessonError(
                f"{shown}, line {line}: found {len(row)} cells, but the header has {len(header)} columns"
            )
        if len(values[0]) >= allowed < most:
            raise LessonError(
                f"{shown}, line {line}: more than {allowed:,} rows, which is the limit of this login"
            )
        if len(values[0]) >= most:
            wide = f" of {len(columns):,} columns" if most < MAX_CSV_ROWS else ""
            raise LessonError(f"{shown}, line {line}: more than {most:,} rows{wide}; give a sample of them")
        for place, column, numbers in zip(places, columns, values, strict=True):
            numbers.append(
                _cell(row[place] if place < len(row) else "", f"{shown}, line {line}, column {column!r}")
            )
    if not values[0]:
        raise LessonError(f"{shown}: found no rows below the header")
    return {column: np.array(numbers) for column, numbers in zip(columns, values, strict=True)}


def _cell(text: str, where: str) -> float:
    try:
        number = float(text) if "_" not in text else math.nan  # Python would read 1_0 as 10
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise LessonError(f"{printable(where, 120)}: found {found(text, 40)}; it must be a finite number")
    return number
