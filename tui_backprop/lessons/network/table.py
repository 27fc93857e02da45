"""A CSV file as what a network learns from: its columns as they are, neither scaled nor centred."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from tui_backprop.lessons.csv_files.choosing import ChosenColumns, choose, samples_lines
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.survey import survey
from tui_backprop.lessons.errors import LessonError, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.network.data import NetworkData
from tui_backprop.lessons.network.dials import Dials
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

HIDDEN = 8
"""Units of the one hidden layer of a network whose layers are not given."""


def data_of_table(dials: Dials, called: str, sandbox: Sandbox) -> tuple[Dials, NetworkData]:
    """Return what a table gives, and the dials with layers that fit where none are given.

    Args:
        dials: the dials, with ``csv`` and ``target``.
        called: the file, as the lesson names it.
        sandbox: what may be read.

    Raises:
        LessonError: no such file, no such column, or nothing to predict from.
    """
    file = Path(dials.csv)
    shown = printable(dials.csv, 200)
    if not sandbox.confined and not is_file(file):
        raise LessonError(tr("csv: {file}: no such file", file=shown))
    table = survey(file, CsvOptions(), sandbox)
    if not dials.target:
        names = printable(", ".join(column.name for column in table.columns), 300)
        raise LessonError(tr("target: there is none; give --target COLUMN, one of {names}", names=names))
    chosen = choose(table, dials.target)
    data = NetworkData(
        shown=printable(file.name, 60), inputs=_names(chosen), rows=table.rows - len(chosen.lost),
        classes=chosen.classes, source=chosen.inputs.source, lines=tuple(chosen.inputs.lines),
        table=tuple(samples_lines(called, CsvOptions(), chosen, standardize=False)), made=False,
    )  # fmt: skip
    if not dials.layers:
        outputs = chosen.classes if chosen.classes > 2 else 1
        dials = structs.replace(dials, layers=(len(data.inputs), HIDDEN, outputs))
    return dials, data


def _names(chosen: ChosenColumns) -> tuple[str, ...]:
    """Name the inputs: a column of numbers is one, one of text as many as it has different texts."""
    numbers = (column.name for column in chosen.inputs.numbers)
    texts = (f"{column.name}={text}" for column in chosen.inputs.texts for text in column.counts)
    return (*numbers, *texts)
