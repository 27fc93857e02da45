"""What a table's columns are for: which is predicted and as what, and which it is predicted from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.survey import ColumnSurvey, Survey
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

Task = Literal["regression", "two classes", "classes"]
MOST_TEXTS = 10
"""Different texts of a column up to which it is an input, a 1 in a row of zeros."""
MOST_MISSING = 0.3
"""The share of missing cells up to which a column is an input."""
_PAIRS = ([0, 1], [1, 2], [-1, 1])
"""Two whole numbers that are classes in any table; others are in one of many rows."""
_MANY = 20
_FEW_LOST = 0.05
"""The share of rows with a missing cell up to which these are left out."""


class ChosenInputs(Struct, frozen=True):
    """What is predicted from: columns of numbers, columns of text, and what is left out and why."""

    numbers: tuple[ColumnSurvey, ...]
    texts: tuple[ColumnSurvey, ...]
    left_out: tuple[str, ...]

    @property
    def width(self) -> int:
        """Numbers of a sample."""
        return len(self.numbers) + sum(len(column.counts) for column in self.texts)

    @property
    def source(self) -> str:
        """What the formula calls them together."""
        return self._entries[0] if len(self._entries) == 1 else "F"

    @property
    def lines(self) -> list[str]:
        """The formula's lines that put them together."""
        return [] if len(self._entries) == 1 else [f"F = hstack({', '.join(self._entries)})"]

    @property
    def _entries(self) -> list[str]:
        texts = (f"C{place}" for place in range(len(self.texts)))
        return [*(["X"] if self.numbers else []), *texts]


class ChosenColumns(Struct, frozen=True):
    """What a lesson takes of a table.

    Attributes:
        column: what is predicted.
        task: as what.
        inputs: what it is predicted from.
        missing: what becomes of missing cells.
        lost: the rows that are left out.
    """

    column: ColumnSurvey
    task: Task
    inputs: ChosenInputs
    missing: Literal["refuse", "drop", "mean"]
    lost: frozenset[int]

    @property
    def classes(self) -> int:
        """How many classes are predicted; 0 for a number."""
        return 0 if self.task == "regression" else len(self.column.told or self.column.counts)


def choose(survey: Survey, target: str) -> ChosenColumns:
    """Return what a column is predicted as and from.

    Raises:
        LessonError: there is no such column, nothing to predict or nothing to predict it from.
    """
    column = survey.column(target)
    task = _task(column, survey)
    inputs = _inputs(survey, column)
    missing = _missing(survey, column, inputs)
    lost = _rows_missing((column, *inputs.numbers, *inputs.texts)) if missing == "drop" else frozenset()
    return ChosenColumns(column, task, inputs, missing, lost)


def _task(column: ColumnSurvey, survey: Survey) -> Task:
    """Tell what is to be predicted: text and a few whole numbers are classes."""
    name = found(column.name)
    if column.kind in ("empty", "unclear"):
        where = survey.shown
        raise LessonError(
            tr("{file}: the column {name} is empty, so it cannot be predicted", file=where, name=name)
            if column.kind == "empty"
            else tr(
                "{file}: the column {name} has cells that are no numbers ({cell}), so it cannot be predicted",
                file=where,
                name=name,
                cell=column.odd,
            )
        )
    if not column.is_usable:
        raise LessonError(
            tr("{file}: the column {name} has a name that a lesson cannot have", file=survey.shown, name=name)
        )
    if column.kind == "text":
        count = len(column.counts)
        if count < 2 or count > min(1000, max(2, survey.rows - 1)):
            raise LessonError(
                tr_count(
                    "{file}: the column {name} has {count:,} different text in {rows:,} rows; classes are 2 "
                    "or more, and some of them are there twice",
                    "{file}: the column {name} has {count:,} different texts in {rows:,} rows; classes are 2 "
                    "or more, and some of them are there twice",
                    count,
                    file=survey.shown,
                    name=name,
                    rows=survey.rows,
                )
            )
        return "two classes" if count == 2 else "classes"
    if column.told:
        return "two classes" if len(column.told) == 2 else "classes"
    if column.low == column.high:
        raise LessonError(
            tr(
                "{file}: the column {name} does not vary, so there is nothing to predict",
                file=survey.shown,
                name=name,
            )
        )
    labels = list(map(int, column.counts)) if column.counts else []
    if len(labels) == 2 and (labels in _PAIRS or survey.rows >= _MANY):
        return "two classes"
    follow = labels and labels[0] in (0, 1) and labels == list(range(labels[0], labels[0] + len(labels)))
    return "classes" if follow and 2 * len(labels) <= survey.rows else "regression"


def _inputs(survey: Survey, target: ColumnSurvey) -> ChosenInputs:
    numbers: list[ColumnSurvey] = []
    texts: list[ColumnSurvey] = []
    left_out: list[str] = []
    names = [column.name for column in survey.columns]
    others = [column for column in survey.columns if column is not target]
    fitting = [column for column in others if not _why_not(column, survey, names)]
    for column in others:
        if column.numbered and any(not one.numbered for one in fitting):
            left_out.append(tr("left out: {name}, which counts the rows", name=printable(column.name, 40)))
        elif why := _why_not(column, survey, names):
            left_out.append(why)
        else:
            (numbers if column.kind == "numbers" else texts).append(column)
    if not numbers and not texts:
        raise LessonError(
            tr(
                "{file}: there is no column to predict {name} from",
                file=survey.shown,
                name=found(target.name),
            )
            + (f" ({'; '.join(left_out)})" if left_out else "")
        )
    return ChosenInputs(tuple(numbers), tuple(texts), tuple(left_out))


def _why_not(column: ColumnSurvey, survey: Survey, names: Sequence[str]) -> str:
    """Say that a column is left out and why; "" where it is an input."""
    name = printable(column.name, 40)
    if column.kind == "empty":
        return tr("left out: {name}, which is empty", name=name)
    if column.kind == "unclear":
        return tr("left out: {name}, which has {cell}", name=name, cell=column.odd)
    if len(column.missing) > MOST_MISSING * survey.rows:
        return tr("left out: {name}, which is missing in {count} rows", name=name, count=len(column.missing))
    if not column.is_usable or names.count(column.name) > 1:
        return tr("left out: {name}, whose name a lesson cannot have", name=name)
    if column.kind == "numbers":
        return tr("left out: {name}, which does not vary", name=name) if column.low == column.high else ""
    count = len(column.counts)
    if 2 <= count <= min(MOST_TEXTS, survey.rows // 2):
        return ""
    return tr("left out: {name}, which has {count} different texts", name=name, count=count)


def _rows_missing(columns: Sequence[ColumnSurvey]) -> frozenset[int]:
    return frozenset().union(*(column.missing for column in columns))


def _missing(survey: Survey, target: ColumnSurvey, inputs: ChosenInputs) -> Literal["refuse", "drop", "mean"]:
    """Choose what becomes of missing cells: rows are left out where they are few, or have to be."""
    rows = _rows_missing((target, *inputs.numbers, *inputs.texts))
    if not rows:
        return "refuse"
    no_mean = _rows_missing((target, *inputs.texts))
    return "drop" if no_mean or len(rows) <= _FEW_LOST * survey.rows else "mean"


def samples_lines(csv: str, options: CsvOptions, chosen: ChosenColumns, *, standardize: bool) -> list[str]:
    """Return the lines of [samples] below its title.

    Args:
        csv: the file, as the lesson names it.
        options: how the file is to be read.
        chosen: the columns.
        standardize: whether numbers are brought to a mean of 0 and a deviation of 1.
    """
    column, inputs = chosen.column, chosen.inputs
    lines = [f"csv = {quoted(csv)}"]
    given = (("separator", options.separator), ("decimal", options.decimal))
    lines += (f"{key} = {quoted(value)}" for key, value in given if value is not None)
    if options.header is not None:
        lines.append(f"header = {str(options.header).lower()}")
    if inputs.numbers:
        lines.append(f"X = [{', '.join(_at(one) for one in inputs.numbers)}]")
    lines += (f"C{place} = {_at(one)}" for place, one in enumerate(inputs.texts))
    lines.append(f"y = {_at(column)}")
    classes = [f'C{place} = "one_hot"' for place in range(len(inputs.texts))]
    if chosen.task != "regression" and not column.told:
        classes.append('y = "numbers"')
    if classes:
        lines.append(f"classes = {{ {', '.join(classes)} }}")
    if chosen.missing != "refuse":
        lines.append(f'missing = "{chosen.missing}"')
    scaled = [*(['"X"'] if inputs.numbers else []), *(['"y"'] if chosen.task == "regression" else [])]
    if standardize and scaled:
        lines.append(f"standardize = [{', '.join(scaled)}]")
    return lines


def _at(column: ColumnSurvey) -> str:
    return str(column.at) if isinstance(column.at, int) else quoted(column.at)


def quoted(text: str) -> str:
    """Write a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
