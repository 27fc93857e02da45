"""How the lines of a CSV file are rows: separator, header, row names, where these are certain."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from tui_backprop.lessons.csv_files.cells import is_missing, looks_like_number, same_text
from tui_backprop.lessons.csv_files.facts import Fact
from tui_backprop.lessons.csv_files.options import SEPARATORS, SHOWN, CsvOptions
from tui_backprop.lessons.errors import LessonError, found, joined_or
from tui_backprop.text.sentences import later, tr

_HEAD = 200
"""Rows that are looked at; those below have to be like them."""
_EXCEL = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
_SAY_HEADER = later("say header = true or header = false")
_SAY_POSITIONS = later('write positions, such as x = 0, or columns = ["a", "b"]')
Row = tuple[int, list[str]]
"""The number of a row's last line, and its cells."""


class CsvLayout(Struct, frozen=True):
    """How lines are rows.

    Attributes:
        separator: what stands between cells.
        begin: lines above the first row.
        names: the columns' names; None where there are none.
        named_in: the line that has them.
        width: columns of a row, those aside that are passed over.
        row_names: 1 where each row begins with a name that no column has, else 0.
        closed: 1 where a separator stands behind each row's last cell, else 0.
        classes: the classes that a first line names, of the numbers in the last column.
        notes: what was found.
    """

    separator: str
    begin: int
    names: tuple[str, ...] | None
    named_in: int
    width: int
    row_names: int = 0
    closed: int = 0
    classes: tuple[str, ...] = ()
    notes: tuple[Fact, ...] = ()


def records(lines: Sequence[str], begin: int, separator: str) -> Iterator[Row]:
    """Yield the rows from a line on; those without anything in them are passed over.

    Raises:
        LessonError: a row that the csv module refuses.
    """
    source: Iterable[str] = lines[begin:]
    if separator == " ":
        source = (line.strip().replace("\t", " ") for line in source)
    reader = csv.reader(source, delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cells):
                yield begin + reader.line_num, cells
    except csv.Error as error:
        raise LessonError(
            tr("line {line}: cannot be read: {error}", line=begin + reader.line_num, error=error)
        ) from None


def find_layout(lines: Sequence[str], options: CsvOptions, wanted: Sequence[str]) -> CsvLayout:
    """Find out how the lines are rows.

    Args:
        lines: the file's.
        options: what is said about it; the rest is looked for.
        wanted: names of columns that are asked for.

    Raises:
        LessonError: the lines have no rows, or it is not certain how; the message says what to add.
    """
    begin = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    separator = options.between
    if begin < len(lines) and (excel := _EXCEL.fullmatch(lines[begin])) and excel[1] in SHOWN:
        separator = separator or excel[1]
        begin += 1
    comments = begin
    while begin < len(lines) and lines[begin].lstrip().startswith("#"):
        begin += 1
    comment = lines[begin - 1].lstrip()[1:] if begin > comments else ""
    if separator is None:
        separator = _separator(lines, begin, comment, wanted)
    rows = list(islice(records(lines, begin, separator), _HEAD))
    if not rows:
        raise LessonError(tr("found no rows") if any(map(str.strip, lines)) else tr("the file is empty"))
    return _with_header(rows, options, wanted, separator, begin, comment)


def _separator(lines: Sequence[str], begin: int, comment: str, wanted: Sequence[str]) -> str:
    """Return the one separator that makes the names that are wanted, or rows of equally many cells."""
    heads = {
        one: [cells for _, cells in islice(records(lines, begin, one), _HEAD)]
        for one in dict.fromkeys(SEPARATORS.values())
    }
    named = [
        one
        for one, rows in heads.items()
        if _has_names(rows[0] if rows else (), wanted)
        or _has_names(next((cells for _, cells in records([comment], 0, one)), ()), wanted)
    ]
    if len(named) == 1:
        return named[0]
    blanks = heads.pop(" ")
    scores = {one: score for one, rows in heads.items() if (score := _score(rows)) is not None}
    if scores:
        best = max(scores.values())
        fitting = [one for one, score in scores.items() if score == best]
        if len(fitting) > 1:
            both = joined_or(SHOWN[one] for one in fitting)
            raise LessonError(tr("the separator may be {both}; say separator = …", both=both))
        return fitting[0]
    score = _score(blanks)
    if score is not None and (score[1] == 1 or (score[0] and score[1] > 0)):
        return " "
    widest = max(heads, key=lambda one: len(heads[one][0]) if heads[one] else 0)
    return widest if heads[widest] and len(heads[widest][0]) > 1 else ","


def _score(rows: Sequence[list[str]]) -> tuple[bool, float] | None:
    """Return whether the first row agrees with the others, and the share of columns of numbers.

    None where rows differ in length, or have one cell.
    """
    body = rows[1:] or rows
    widths = {len(cells) for cells in body}
    if len(widths) != 1 or (width := widths.pop()) < 2:
        return None
    agrees = len(rows[0]) == width or 1 < len(rows[0]) == width - 1
    return agrees, sum(_is_of_numbers(column) for column in zip(*body, strict=True)) / width


def _has_names(cells: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether all names that are wanted stand here, and some are wanted."""
    return bool(wanted) and set(map(same_text, wanted)) <= set(map(same_text, cells))


def _is_of_numbers(column: Iterable[str]) -> bool:
    cells = [cell for cell in column if not is_missing(cell)]
    return bool(cells) and all(map(looks_like_number, cells))


def _with_header(
    rows: list[Row], options: CsvOptions, wanted: Sequence[str], separator: str, begin: int, comment: str
) -> CsvLayout:
    line, first = rows[0]
    body = [cells for _, cells in rows[1:]]
    classes = () if options.header else _counted(first, body)
    names: tuple[str, ...] | None = None
    named_in = 0
    notes = [Fact("separated", {"separator": SHOWN[separator]})]
    if classes:
        begin = line
        notes.append(Fact("counting", {"line": line, "rows": first[0].strip()}))
        names = None
    elif commented := _commented(comment, separator, first, body, options, wanted):
        names, named_in, body = commented, begin, [first, *body]
    elif options.header or (options.header is None and _is_header(first, body, options, wanted)):
        names, named_in, begin = tuple(cell.strip() for cell in first), line, line
    else:
        body = [first, *body]
    layout = _measured(names, named_in, body, separator, begin, options)
    if options.columns is not None:
        if len(options.columns) != layout.width:
            raise LessonError(
                tr(
                    "samples.columns has {count} names, but rows have {width} cells",
                    count=len(options.columns),
                    width=layout.width,
                )
            )
        names = tuple(options.columns)
    else:
        names = layout.names
    if names is None and wanted:
        raise LessonError(_nameless(line, first, classes))
    if layout.row_names:
        notes.append(Fact("row names"))
    if layout.closed:
        notes.append(Fact("closed", {"separator": SHOWN[separator]}))
    notes.append(Fact("named", {"line": named_in}) if named_in else Fact("nameless"))
    return CsvLayout(
        separator, begin, names, named_in, layout.width, layout.row_names, layout.closed, classes,
        tuple(notes),
    )  # fmt: skip


def _nameless(line: int, first: Sequence[str], classes: Sequence[str]) -> str:
    """Say that names were asked for, and there are none."""
    if classes:
        return tr(
            "line {line} counts rows and names classes, so columns have no names; {advice}",
            line=line,
            advice=tr(_SAY_POSITIONS),
        )
    if any(map(looks_like_number, first)):
        return tr(
            "line {line} has numbers, not names: {found}; this file has no header, so {advice}",
            line=line,
            found=found(", ".join(first)),
            advice=tr(_SAY_POSITIONS),
        )
    return tr("there is no header, so columns have no names; {advice}", advice=tr(_SAY_POSITIONS))


def _counted(first: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the classes that a first line such as ``150,4,setosa,versicolor,virginica`` names."""
    cells = [cell.strip() for cell in first]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < 4 or not (cells[0].isdecimal() and cells[1].isdecimal()) or not body:
        return ()
    labels = tuple(cells[2:])
    last = [row[-1].strip() for row in body]
    fits = (
        not any(map(looks_like_number, labels))
        and len(set(labels)) == len(labels)
        and all(str(len(row) - 1) == cells[1] for row in body)
        and all(cell in map(str, range(len(labels))) for cell in last)
    )
    return labels if fits else ()


def _commented(
    comment: str,
    separator: str,
    first: Sequence[str],
    body: Sequence[Sequence[str]],
    options: CsvOptions,
    wanted: Sequence[str],
) -> tuple[str, ...] | None:
    """Return the names in a line ``# x,y`` above the rows, where it has them."""
    if not comment.strip() or options.header is False:
        return None
    cells = next((cells for _, cells in records([comment], 0, separator)), [])
    names = tuple(cell.strip() for cell in cells)
    if len(names) != len(first) or any(map(looks_like_number, names)):
        return None
    if wanted:
        return names if _has_names(names, wanted) else None
    return names if len(names) > 1 and any(map(looks_like_number, first)) else None


def _is_header(
    first: Sequence[str], body: Sequence[Sequence[str]], options: CsvOptions, wanted: Sequence[str]
) -> bool:
    if _has_names(first, wanted):
        return True
    if any(map(looks_like_number, first)):
        return False
    second = body[0] if body else ()
    filled = sum(bool(cell.strip()) for cell in first)
    if filled == 1 < len(second) and not any(map(looks_like_number, second)):
        raise LessonError(tr("the first line has one cell; take out what stands above the columns' names"))
    width = min((len(row) for row in body), default=0)
    if not body or any(_is_of_numbers(row[place] for row in body) for place in range(width)):
        return True
    if wanted:
        return True  # which then names those that there are
    raise LessonError(
        tr(
            "the first line may have names or values, all cells are text; {advice}",
            advice=tr(_SAY_HEADER),
        )
    )


def _measured(
    names: tuple[str, ...] | None,
    named_in: int,
    body: Sequence[Sequence[str]],
    separator: str,
    begin: int,
    options: CsvOptions,
) -> CsvLayout:
    """Count the columns, without an empty cell behind the last one and a row's name before the first."""
    usual = Counter(map(len, body)).most_common(1)[0][0] if body else len(names or ())
    alike = all(len(row) == usual for row in body)
    empty = bool(body) and alike and usual > 1 and not any(row[-1].strip() for row in body)
    if names is None:
        return CsvLayout(separator, begin, None, 0, usual - empty, closed=int(empty))
    if len(names) > 1 and not names[-1] and (empty or not body or usual == len(names) - 1):
        names = names[:-1]
    width = len(names)
    if empty and usual == width + 1:
        return CsvLayout(separator, begin, names, named_in, width, closed=1)
    if body and alike and usual == width + 1:
        if width > 1 and _are_row_names([row[0].strip() for row in body]):
            return CsvLayout(separator, begin, names, named_in, width, row_names=1)
        if width == 1 and usual == 2 and separator == ",":
            raise LessonError(
                tr(
                    "line {line} has one name and the rows two cells; a decimal comma wants "
                    'separator = ";" and decimal = ","',
                    line=named_in,
                )
            )
    return CsvLayout(separator, begin, names, named_in, width)


def _are_row_names(cells: list[str]) -> bool:
    """Tell whether these are texts, or count the rows: three at least, or it may be chance."""
    if not any(map(looks_like_number, cells)):
        return True
    counts = [[str(start + place) for place in range(len(cells))] for start in (0, 1)]
    return len(cells) > 2 and cells in counts
