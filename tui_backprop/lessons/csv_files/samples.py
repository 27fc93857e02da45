"""From [samples] to its CSV file: which columns are asked for, and where the file is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.beside.arrays import file_beside
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.csv_files.columns import CsvFile
from tui_backprop.lessons.csv_files.maker import ColumnEntry, Held, SampleMaker
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.reading import NOTHING_READ, Reading
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.sentences import tr


def take_csv(
    table: dict[str, Any],
    path: Path,
    sandbox: Sandbox,
    read_name: Callable[[str], str],
    held: Held | None = None,
    known: Reading | None = None,
) -> tuple[dict[str, Array], Reading]:
    """Take what a CSV file gives out of [samples].

    Args:
        table: [samples]; what is read from the file is taken out.
        path: the lesson's.
        sandbox: what may be read, and how much of it.
        read_name: makes a name of a key, and refuses what is none.
        held: tells which samples are held back.
        known: what was made of another file's cells, whose classes and scales this one's are to have.

    Returns:
        Arrays by name, and how they came about.

    Raises:
        LessonError: file, line and column of what cannot be used.
    """
    target = file_beside(path, table.pop("csv"), "samples.csv")
    options = _options(table)
    entries = _entries(table, read_name)
    wanted = [column for entry in entries.values() for column in entry.columns if isinstance(column, str)]
    file = CsvFile(target, options, wanted, sandbox)
    if not file.layout.named_in:
        entries |= _positions(table, read_name)
    if not entries:
        raise LessonError(tr('samples: name the columns to use, such as X = ["x1", "x2"] and y = "label"'))
    keys = [key for key in table if read_name(key) in entries]
    entries = {read_name(key): entries[read_name(key)] for key in keys}  # in the lesson's order
    for key in keys:
        del table[key]
    return SampleMaker(file, options, entries, held, known or NOTHING_READ).made(sandbox)


def _options(table: dict[str, Any]) -> CsvOptions:
    if "split" in table:
        raise LessonError(tr("samples.split: samples are held back by [validation], with share = 0.2"))
    if "one_hot" in table:
        raise LessonError(tr('samples.one_hot: of a CSV file, that is classes = { y = "one_hot" }'))
    known = {key: table.pop(key) for key in CsvOptions.__struct_fields__ if key in table}
    return convert(known, CsvOptions, "samples")


def _entries(table: Mapping[str, Any], read_name: Callable[[str], str]) -> dict[str, ColumnEntry]:
    """Return the entries that are columns in any file: by name, or one position."""
    entries: dict[str, ColumnEntry] = {}
    for key, value in table.items():
        if isinstance(value, str) or type(value) is int:
            entry = ColumnEntry([value], False)
        elif isinstance(value, list) and any(isinstance(column, str) for column in value):
            for column in value:
                if not isinstance(column, str) and type(column) is not int:
                    raise LessonError(
                        tr(
                            "samples.{key}: found {found}; it must be a column's name",
                            key=key,
                            found=found(column),
                        )
                    )
            entry = ColumnEntry(value, True)
        else:
            continue
        name = read_name(key)
        if name in entries:
            raise LessonError(tr("samples.{name}: the name is given twice in [samples]", name=name))
        entries[name] = entry
    return entries


def _positions(table: Mapping[str, Any], read_name: Callable[[str], str]) -> dict[str, ColumnEntry]:
    """Return the lists of whole numbers, which are positions where columns have no names."""
    return {
        read_name(key): ColumnEntry(value, True)
        for key, value in table.items()
        if isinstance(value, list) and value and all(type(column) is int for column in value)
    }
