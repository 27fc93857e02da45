"""The columns of a CSV file that are asked for: numbers, and beside them what is none."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.csv_files.cells import (
    as_number,
    has_decimal_comma,
    is_missing,
    is_worded,
    may_be_thousands,
    same_text,
)
from tui_backprop.lessons.csv_files.layout import find_layout, records
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.text import read_lines
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_NUMBERED = re.compile(r"column (\d+)")
"""What a column without a name is called; sessions keep that."""
MAX_CSV_ROWS = 100_000
"""Rows that are read: with them, every command answers within about two seconds."""
MAX_CSV_NUMBERS = 1_000_000
"""Numbers that are read, of all columns that the lesson names."""


class Column:
    """One column as it was read.

    Attributes:
        name: the name, or "column 3" where it has none.
        numbers: a number for each row; NaN where the cell is none.
        others: the cells that are no numbers, by row.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: Array = np.empty(0)
        self.others: dict[int, str] = {}

    @property
    def missing(self) -> list[int]:
        """The rows whose cell stands for a value that is not known."""
        return [row for row, cell in self.others.items() if is_missing(cell)]

    @property
    def is_text(self) -> bool:
        """Whether no cell is a number, and those that are not missing are two words or more."""
        told = self.unlike_numbers
        return len(told) > 1 and all(map(is_worded, told))

    @property
    def unlike_numbers(self) -> set[str]:
        """The different cells that are not missing, where none is a number; else none."""
        if len(self.others) < len(self.numbers):
            return set()
        return {cell.strip() for cell in self.others.values() if not is_missing(cell)}


class CsvFile:
    """A CSV file whose layout is known.

    Attributes:
        shown: its name, for messages.
        layout: how its lines are rows.
        decimal: the decimal sign; None until one is looked for.
        lines: the number of each row's line, once columns are read.
    """

    def __init__(self, path: Path, options: CsvOptions, wanted: Sequence[str], sandbox: Sandbox) -> None:
        """Read the lines and find the layout.

        Raises:
            LessonError: it is not certain how the file is to be read.
        """
        self.shown = printable(path.name)
        self._text = read_lines(path, sandbox)
        self._options, self._sandbox = options, sandbox
        try:
            self.layout = find_layout(self._text, options, wanted)
        except LessonError as error:
            raise self._at(error) from None
        self.decimal: str | None = options.decimal
        self.lines: Sequence[int] = ()

    def _at(self, error: LessonError) -> LessonError:
        between = ", " if str(error).startswith("line ") else ": "
        return error if str(error).startswith("samples.") else LessonError(f"{self.shown}{between}{error}")

    def where(self, row: int, column: Column) -> str:
        """Return where a cell is, for messages."""
        place = _NUMBERED.fullmatch(column.name)
        named = tr("column {place}", place=place[1]) if place else tr("column {name!r}", name=column.name)
        where = tr("{file}, line {line}, {column}", file=self.shown, line=self.lines[row], column=named)
        return printable(where, 120)

    def place(self, column: str | int) -> int:
        """Return the place of a column that is named, or counted from 0 (from the last where negative).

        Raises:
            LessonError: there is none, or several.
        """
        width, names = self.layout.width, self.layout.names
        if isinstance(column, int):
            if not -width <= column < width:
                raise LessonError(
                    tr(
                        "{file}: no column {column}; there are 0 to {last}",
                        file=self.shown,
                        column=column,
                        last=width - 1,
                    )
                )
            return column % width
        assert names is not None  # else the layout was refused
        where = self.shown
        if self._options.columns is None:
            where = tr("{file}, line {line}", file=self.shown, line=self.layout.named_in)
        same = [place for place, name in enumerate(names) if name == column.strip()]
        same = same or [place for place, name in enumerate(names) if same_text(name) == same_text(column)]
        if not same:
            there = tr("; there are {names}", names=printable(", ".join(names)))
            raise LessonError(
                tr(
                    "{where}: no column {name}{hint}",
                    where=where,
                    name=found(column, 80),
                    hint=suggest(column, names) or there,
                )
            )
        if len(same) > 1:
            raise LessonError(
                tr(
                    "{where}: the column {name} stands there twice",
                    where=where,
                    name=found(column, 80),
                )
            )
        return same[0]

    def name(self, place: int) -> str:
        """Return a column's name, or which one it is."""
        names = self.layout.names
        return names[place] if names is not None and names[place] else f"column {place}"

    def read(self, places: Sequence[int]) -> dict[int, Column]:
        """Read columns by their places.

        Raises:
            LessonError: too many rows, rows of too many cells, none, or both decimal signs.
        """
        try:
            columns = self._read(places, self.decimal or ".")
            if self.decimal is None:
                self.decimal = self._found_decimal(columns.values())
                if self.decimal == ",":
                    columns = self._read(places, ",")
        except LessonError as error:
            raise self._at(error) from None
        return columns

    def _read(self, places: Sequence[int], decimal: str) -> dict[int, Column]:
        layout = self.layout
        most = min(MAX_CSV_ROWS, MAX_CSV_NUMBERS // max(1, len(places)))
        allowed = self._sandbox.at_most("rows", most)
        numbers = [array("d") for _ in places]  # eight bytes a number, where a list takes 32
        columns = [Column(self.name(place)) for place in places]
        steps = [
            (place + layout.row_names, values.append, column.others)
            for place, values, column in zip(places, numbers, columns, strict=True)
        ]
        lines = array("q")
        full = layout.row_names + layout.width
        for line, cells in records(self._text, layout.begin, layout.separator):
            if len(cells) > full and (len(cells) > full + layout.closed or cells[-1].strip()):
                raise LessonError(
                    tr(
                        "line {line}: found {count} cells, but the header has {width} columns",
                        line=line,
                        count=len(cells),
                        width=layout.width,
                    )
                    if layout.named_in
                    else tr(
                        "line {line}: found {count} cells, but the others have {width} columns",
                        line=line,
                        count=len(cells),
                        width=layout.width,
                    )
                )
            row = len(lines)
            if row >= allowed:
                raise LessonError(
                    tr("line {line}: {reason}", line=line, reason=_too_many(allowed, most, len(places)))
                )
            lines.append(line)
            for place, append, others in steps:
                cell = cells[place] if place < len(cells) else ""
                number = as_number(cell, decimal)
                if number != number:
                    others[row] = cell
                append(number)
        if not lines:
            raise LessonError(
                tr("found no rows below the header") if layout.named_in else tr("found no rows")
            )
        self.lines = lines
        for column, values in zip(columns, numbers, strict=True):
            column.numbers = np.array(values)
        return dict(zip(places, columns, strict=True))

    def _found_decimal(self, columns: Iterable[Column]) -> str:
        """Return the decimal sign of columns read with points; refuse what may be thousands."""
        with_comma: list[str] = []
        for column in columns:
            told = [cell for cell in column.others.values() if not is_missing(cell)]
            if told and all(map(has_decimal_comma, told)):
                if np.any(column.numbers % 1 > 0):
                    raise LessonError(
                        tr(
                            "column {name!r}: found both {cell!r} and numbers with a point; write one "
                            "decimal sign",
                            name=column.name,
                            cell=told[0].strip(),
                        )
                    )
                with_comma += told
        if not with_comma:
            return "."
        if all(map(may_be_thousands, with_comma)):
            raise LessonError(
                tr(
                    "found {cell!r}, where the comma may stand for decimals or thousands; say decimal = "
                    '"," or leave it out',
                    cell=with_comma[0].strip(),
                )
            )
        return ","


def _too_many(allowed: int, most: int, columns: int) -> str:
    if allowed < most:
        return tr("more than {allowed:,} rows, which is the limit of this login", allowed=allowed)
    if most < MAX_CSV_ROWS:
        return tr(
            "more than {most:,} rows of {columns:,} columns; give a sample of them",
            most=most,
            columns=columns,
        )
    return tr("more than {most:,} rows; give a sample of them", most=most)


def mean_of(numbers: Array) -> float:
    """Return the mean of the numbers that are there; NaN where there are none."""
    told = numbers[~np.isnan(numbers)]
    return float(np.mean(told)) if len(told) else math.nan
