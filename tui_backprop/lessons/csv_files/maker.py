"""From columns to samples: numbers or classes by entry, missing cells seen to, standardised where asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.lessons.csv_files.cells import is_label
from tui_backprop.lessons.csv_files.classes import classes_of, label_of, one_hot, told_classes
from tui_backprop.lessons.csv_files.columns import Column, CsvFile, mean_of
from tui_backprop.lessons.csv_files.facts import Fact, FileFacts
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.reading import ColumnScale, Reading
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import check_made
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

Held = Callable[[int], npt.NDArray[np.bool_]]
"""Tells of so many samples which are held back, and so not looked at for means and deviations."""


class ColumnEntry(Struct, frozen=True):
    """An entry of [samples]: the columns by name or position, and whether they make a matrix."""

    columns: Sequence[str | int]
    matrix: bool


class SampleMaker:
    """Makes samples of the columns of a file."""

    def __init__(
        self,
        file: CsvFile,
        options: CsvOptions,
        entries: Mapping[str, ColumnEntry],
        held: Held | None,
        known: Reading,
    ) -> None:
        self._file, self._options, self._entries, self._known = file, options, entries, known
        self._places = {
            name: [file.place(column) for column in entry.columns] for name, entry in entries.items()
        }
        self._columns = file.read(sorted({place for places in self._places.values() for place in places}))
        self._how = self._class_entries()
        self._classes = {
            name: file.layout.classes
            for name, places in self._places.items()
            if file.layout.classes and name not in self._how and places == [file.layout.width - 1]
        }
        self._kept = self._without_missing()
        rows = int(np.sum(self._kept))
        self._trained = ~held(rows) if held is not None else np.ones(rows, dtype=np.bool_)
        self._fills: dict[str, float] = {}

    def made(self, sandbox: Sandbox) -> tuple[dict[str, Array], Reading]:
        """Return the samples and how they came about."""
        arrays: dict[str, Array] = {}
        named: dict[str, tuple[str, ...]] = {}
        for name, entry in self._entries.items():
            columns = [self._columns[place] for place in self._places[name]]
            if name in self._how:
                arrays[name] = frozen(self._numbered(name, columns[0], sandbox))
            else:
                numbers = [self._numbers(column, entry.matrix) for column in columns]
                arrays[name] = frozen(np.column_stack(numbers) if entry.matrix else numbers[0])
                named[name] = tuple(column.name for column in columns)
        scales = self._scales(arrays)
        for name, listed in scales.items():
            means, deviations = (
                np.array([getattr(one, key) for one in listed]) for key in ("mean", "deviation")
            )
            shaped = arrays[name] if self._entries[name].matrix else arrays[name][:, None]
            scaled = (shaped - means) / deviations
            arrays[name] = frozen(scaled if self._entries[name].matrix else scaled[:, 0])
        return arrays, Reading((), self._classes, scales, self._fills, named, self._facts())

    def _class_entries(self) -> dict[str, str | list[str]]:
        """Return the entries that are classes: those that the lesson names, and those of text."""
        how = self._options.class_entries
        for name in how:
            if name not in self._entries:
                there = ", ".join(self._entries)
                raise LessonError(
                    tr(
                        "samples.classes: {name} is no entry; there are {names}",
                        name=found(name),
                        names=there,
                    )
                )
            if self._entries[name].matrix:
                raise LessonError(
                    tr(
                        "samples.classes: {name} is a list of columns; classes are of one, such as y = "
                        '"label"',
                        name=name,
                    )
                )
        for name, entry in self._entries.items():
            text = not entry.matrix and self._columns[self._places[name][0]].is_text
            if text or (name in self._known.classes and name not in how):
                how.setdefault(name, "numbers")
        return how

    def _without_missing(self) -> npt.NDArray[np.bool_]:
        """Return which rows are kept; refuse a missing cell where nothing else is said."""
        kept = np.ones(len(self._file.lines), dtype=np.bool_)
        listed = {self._places[name][0]: how for name, how in self._how.items() if not isinstance(how, str)}
        classes = {self._places[name][0] for name in self._how}
        missing = {}
        for place, column in self._columns.items():
            labels = listed.get(place, ())
            missing[place] = [row for row in column.missing if column.others[row].strip() not in labels]
        self._missing = {place: rows for place, rows in missing.items() if rows}
        if self._options.missing == "drop":
            for rows in self._missing.values():
                kept[rows] = False
            if not kept.any():
                raise LessonError(
                    tr("{file}: every row has a missing cell, and none is left", file=self._file.shown)
                )
            return kept
        refused = [place for place in self._missing if self._options.missing == "refuse" or place in classes]
        if refused:
            row, place = min((self._missing[place][0], place) for place in refused)
            raise LessonError(self._refusal(row, self._columns[place], place in classes))
        return kept

    def _refusal(self, row: int, column: Column, is_class: bool) -> str:
        cell = column.others[row].strip()
        what = tr("found {found}, a missing value", found=found(cell)) if cell else tr("the cell is empty")
        count = sum(map(len, self._missing.values()))
        more = tr(" (the first of {count} missing)", count=count) if count > 1 else ""
        cure = (
            tr('missing = "drop" leaves such rows out')
            if is_class
            else tr(
                'missing = "drop" leaves such rows out, missing = "mean" puts the mean of the column there'
            )
        )
        where = self._file.where(row, column)
        return tr("{where}: {what}{more}; {cure}", where=where, what=what, more=more, cure=cure)

    def _numbered(self, name: str, column: Column, sandbox: Sandbox) -> Array:
        """Return a column as class numbers, or as rows with a 1 at the class."""
        rows = np.flatnonzero(self._kept).tolist()
        how = self._how[name]
        told = self._known.classes.get(name) or (how if not isinstance(how, str) else None)
        gone = set(self._missing.get(self._places[name][0], ()))
        every = {row: self._label(column, row) for row in range(len(self._kept)) if row not in gone}
        labels = [every[row] for row in rows]
        classes = told_classes(told) if told is not None else classes_of(every.values())
        if len(classes) < 2 or len(classes) > 1000:
            raise LessonError(
                tr_count(
                    "{file}, column {name!r}: found {count:,} class; classes are 2 to 1,000",
                    "{file}, column {name!r}: found {count:,} different texts; classes are 2 to 1,000",
                    len(classes),
                    file=self._file.shown,
                    name=column.name,
                )
            )
        numbers = {label: float(number) for number, label in enumerate(classes)}
        for row, label in zip(rows, labels, strict=True):
            if label not in numbers:
                there = printable(", ".join(classes), 200)
                raise LessonError(
                    tr(
                        "{where}: found {found}; classes are {classes}",
                        where=self._file.where(row, column),
                        found=found(label),
                        classes=there,
                    )
                )
        self._classes[name] = classes
        values = np.array([numbers[label] for label in labels])
        if how != "one_hot":
            return values
        check_made((len(values), len(classes)), f"samples.{name}", sandbox)
        return one_hot(values, len(classes))

    def _label(self, column: Column, row: int) -> str:
        if row in column.others:
            label = label_of(column.others[row])
            if not label:
                raise LessonError(
                    tr(
                        "{where}: found {found}; a class has 1 to 100 characters that can be shown",
                        where=self._file.where(row, column),
                        found=found(column.others[row]),
                    )
                )
            return label
        number = float(column.numbers[row])
        if number != int(number):
            raise LessonError(
                tr(
                    "{where}: found {number!r}; classes are text or whole numbers",
                    where=self._file.where(row, column),
                    number=number,
                )
            )
        return str(int(number))

    def _numbers(self, column: Column, matrix: bool) -> Array:
        """Return a column's numbers, with the mean where cells are missing."""
        missing = set(column.missing)
        wrong = next((row for row in column.others if row not in missing), None)
        if wrong is not None:
            where = self._file.where(wrong, column)
            hint = ""
            if matrix and column.is_text:
                hint = tr(' (text becomes classes in an entry of its own: city = "city")')
            elif len(column.unlike_numbers) > 1 and all(map(is_label, column.unlike_numbers)):
                hint = tr(', or a class: say so with classes = "y"')
            elif self._file.decimal == ",":
                hint = tr(" with a decimal comma")
            raise LessonError(
                tr(
                    "{where}: found {found}; it must be a finite number{hint}",
                    where=where,
                    found=found(column.others[wrong], 40),
                    hint=hint,
                )
            )
        numbers = column.numbers[self._kept]
        gaps = np.isnan(numbers)
        if gaps.any():
            fill = self._known.fills.get(column.name, mean_of(numbers[self._trained]))
            if np.isnan(fill):
                raise LessonError(
                    tr(
                        "{file}, column {name!r}: all cells are missing",
                        file=self._file.shown,
                        name=column.name,
                    )
                )
            self._fills[column.name] = fill
            numbers = np.where(gaps, fill, numbers)
        return numbers

    def _scales(self, arrays: Mapping[str, Array]) -> dict[str, tuple[ColumnScale, ...]]:
        """Return means and deviations of the entries to standardise, of what is trained on."""
        if self._known.scales:
            return dict(self._known.scales)
        scales = {}
        for name in self._standardized():
            values = arrays[name].reshape(len(arrays[name]), -1)[self._trained]
            with np.errstate(over="ignore", invalid="ignore"):
                means, deviations = np.mean(values, axis=0), np.std(values, axis=0)
            columns = [self._columns[place].name for place in self._places[name]]
            means = np.array(
                [self._fills.get(column, mean) for column, mean in zip(columns, means, strict=True)]
            )
            for column, deviation in zip(columns, deviations, strict=True):
                if not np.isfinite(deviation):
                    raise LessonError(
                        tr(
                            "samples.standardize: the numbers of {column} are too large for it",
                            column=found(column),
                        )
                    )
            scales[name] = tuple(
                ColumnScale(column, float(mean), _divisor(float(mean), float(deviation)))
                for column, mean, deviation in zip(columns, means, deviations, strict=True)
            )
        return scales

    def _standardized(self) -> list[str]:
        asked = self._options.standardize
        if asked is False:
            return []
        numbers = [name for name in self._entries if name not in self._how]
        if asked is True:
            names = [name for name in numbers if self._entries[name].matrix]
            if not names:
                raise LessonError(
                    tr(
                        "samples.standardize: true stands for lists of columns, and there are none; "
                        'name an entry: standardize = "x"'
                    )
                )
            return names
        names = [asked] if isinstance(asked, str) else asked
        for name in names:
            if name not in numbers:
                raise LessonError(
                    tr("samples.standardize: {name} is classes", name=found(name))
                    if name in self._how
                    else tr("samples.standardize: {name} is no entry of columns", name=found(name))
                )
        return list(dict.fromkeys(names))

    def _facts(self) -> FileFacts:
        """Return what the file was found to be, and which rows were left out."""
        file, layout = self._file, self._file.layout
        comma = (Fact("comma"),) if file.decimal == "," else ()
        left_out = tuple(file.lines[row] for row in np.flatnonzero(~self._kept).tolist())
        return FileFacts(file.shown, len(file.lines), layout.width, (*layout.notes, *comma), left_out)


def _divisor(mean: float, deviation: float) -> float:
    """Return what to divide by: 1 for a column that does not vary, which becomes 0."""
    return deviation if deviation > 1e-13 * abs(mean) else 1.0
