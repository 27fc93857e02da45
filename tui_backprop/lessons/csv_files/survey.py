"""What the columns of a CSV file are: numbers or text, and what is missing; for people to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.csv_files.cells import is_label, is_missing, is_worded, same_text
from tui_backprop.lessons.csv_files.classes import classes_of
from tui_backprop.lessons.csv_files.columns import Column, CsvFile
from tui_backprop.lessons.csv_files.facts import Fact
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.numbers import number
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import later, later_in, tr, tr_count, tr_in
from tui_backprop.text.width import cells as width_of

Kind = Literal["numbers", "text", "unclear", "empty"]
MOST_CLASSES = 20
"""Different whole numbers or texts that may be classes without being said to be."""


_KINDS = {
    "numbers": later_in("column", "numbers"),
    "text": later_in("column", "text"),
    "empty": later("empty"),
    "unclear": later("unclear"),
}


class ColumnSurvey(Struct, frozen=True):
    """One column.

    Attributes:
        name: its name; "column 0" where it has none.
        at: how a lesson refers to it: the name, or the place where columns have none.
        kind: what its cells are; "unclear" where they are neither numbers nor words throughout.
        odd: of what is unclear, the first cell that is no number, and its line.
        missing: the rows whose cell is missing.
        counts: how often each text, or each of a few whole numbers, is there, in the order of classes.
        low, high, mean: of numbers.
        numbered: whether it counts the rows.
        told: the classes that a first line names, of the numbers in the last column.
        first: its first cells as they were read.
    """

    name: str
    at: str | int
    kind: Kind
    odd: str
    missing: frozenset[int]
    counts: dict[str, int]
    low: float
    high: float
    mean: float
    numbered: bool
    told: tuple[str, ...]
    first: tuple[str, ...]

    @property
    def is_usable(self) -> bool:
        """Whether a lesson can name it."""
        return isinstance(self.at, int) or (bool(self.at) and all(map(is_safe, self.at)))

    @property
    def values(self) -> str:
        """What is in it, for people."""
        if self.kind == "empty":
            return tr("nothing")
        if self.kind == "unclear":
            return tr("no number: {cell}", cell=self.odd)
        if self.kind == "numbers":
            return tr(
                "{low} to {high}, mean {mean}",
                low=number(self.low),
                high=number(self.high),
                mean=number(self.mean),
            )
        shown = ", ".join(f"{printable(name, 20)} {count}" for name, count in list(self.counts.items())[:4])
        return shown + (", …" if len(self.counts) > 4 else "")


class Survey(Struct, frozen=True):
    """A file and its columns.

    Attributes:
        shown: the file's name, for people.
        rows: how many there are.
        notes: how the file was read.
        columns: in the order of the file.
    """

    shown: str
    rows: int
    notes: tuple[str, ...]
    columns: tuple[ColumnSurvey, ...]

    def column(self, name: str) -> ColumnSurvey:
        """Return a column by its name, or its place counted from 0 (from the last where negative).

        Raises:
            LessonError: there is none of that name, or several.
        """
        same = [column for column in self.columns if same_text(column.name) == same_text(name)]
        if not same and name.lstrip("-").isdecimal() and -len(self.columns) <= int(name) < len(self.columns):
            same = [self.columns[int(name)]]
        if len(same) != 1:
            names = [column.name for column in self.columns]
            there = suggest(name, names) or tr("; there are {names}", names=printable(", ".join(names), 300))
            raise LessonError(
                tr("{where}: the column {name} stands there twice", where=self.shown, name=found(name))
                if same
                else tr("{where}: no column {name}{hint}", where=self.shown, name=found(name), hint=there)
            )
        return same[0]

    def table(self) -> list[str]:
        """Return the columns as a table, a line each."""
        rows = [
            (
                tr_in("heading", "column"),
                tr_in("heading", "is"),
                tr_in("heading", "missing"),
                tr_in("heading", "values"),
                tr_in("heading", "first"),
            )
        ]
        for column in self.columns:
            kind = tr("row numbers") if column.numbered else tr(_KINDS[column.kind])
            first = ", ".join(printable(cell, 12) for cell in column.first)
            rows.append((printable(column.name, 24), kind, str(len(column.missing)), column.values, first))
        widths = [max(width_of(row[place]) for row in rows) for place in range(4)]
        counted = tr_count("{count:,} row", "{count:,} rows", self.rows)
        head = f"{self.shown}: {', '.join((counted, *self.notes))}"
        body = [
            "  ".join(text + " " * (width - width_of(text)) for text, width in zip(row, widths, strict=False))
            for row in rows
        ]
        return [head, "", *(f"{line}  {row[4]}".rstrip() for line, row in zip(body, rows, strict=True))]


def survey(path: Path, options: CsvOptions, sandbox: Sandbox) -> Survey:
    """Read all columns of a CSV file and say what they are.

    Raises:
        LessonError: it is not certain how the file is to be read, or it is too large.
    """
    file = CsvFile(path, options, (), sandbox)
    columns = file.read(range(file.layout.width))
    comma = (Fact("comma"),) if file.decimal == "," else ()
    return Survey(
        file.shown, len(file.lines), tuple(fact.said for fact in (*file.layout.notes, *comma)),
        tuple(_surveyed(file, place, column) for place, column in columns.items()),
    )  # fmt: skip


def _surveyed(file: CsvFile, place: int, column: Column) -> ColumnSurvey:
    names = file.layout.names
    told = column.numbers[~np.isnan(column.numbers)]
    texts = [cell.strip() for cell in column.others.values() if not is_missing(cell)]
    odd = next((row for row, cell in column.others.items() if not is_missing(cell)), None)
    kind: Kind = "numbers" if len(told) else "empty"
    if texts:
        kind = "text" if not len(told) and all(map(_is_word, texts)) else "unclear"
    whole = bool(len(told)) and bool(np.all(told == np.floor(told))) and float(np.max(np.abs(told))) < 1e15
    counts: Counter[str] = Counter(texts)
    if kind == "numbers" and whole and len(np.unique(told)) <= MOST_CLASSES:
        counts = Counter(str(int(value)) for value in told)
    classes = file.layout.classes if place == file.layout.width - 1 else ()
    running = (
        not classes
        and len(told) == len(column.numbers) > 2
        and np.array_equal(np.diff(told), np.ones(len(told) - 1))
    )
    low, high, mean = (float(of(told)) for of in (np.min, np.max, _mean)) if len(told) else (0.0, 0.0, 0.0)
    return ColumnSurvey(
        file.name(place), names[place] if names is not None else place, kind,
        "" if odd is None
        else tr("{cell} in line {line}", cell=found(column.others[odd].strip(), 24), line=file.lines[odd]),
        frozenset(column.missing),
        {label: counts[label] for label in classes_of(counts)}, low, high, mean,
        running and low in (0, 1), classes, tuple(_first(column)),
    )  # fmt: skip


def _is_word(cell: str) -> bool:
    """Tell whether a cell may name a class: a word, or signs without digits such as + and -."""
    return is_worded(cell) or (is_label(cell) and not any(map(str.isdigit, cell)))


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    with np.errstate(over="ignore"):
        return float(np.mean(values))


def _first(column: Column) -> Sequence[str]:
    rows = range(min(3, len(column.numbers)))
    return [
        column.others[row].strip() if row in column.others else number(column.numbers[row]) for row in rows
    ]
