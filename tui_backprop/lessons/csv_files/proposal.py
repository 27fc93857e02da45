"""A lesson to start from: what is predicted from a table's other columns, by a network that fits the task."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.survey import ColumnSurvey, Survey
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.text.printable import printable

Task = Literal["regression", "two classes", "classes"]
ENOUGH = 50
"""Rows from which on some are held back, and there is a hidden layer."""
WHOLE = 200
"""Rows up to which a batch is all of them."""
BATCH = 32
MOST_TEXTS = 10
"""Different texts of a column up to which it is an input, a 1 in a row of zeros."""
MOST_MISSING = 0.3
"""The share of missing cells up to which a column is an input."""
_PAIRS = ([0, 1], [1, 2], [-1, 1])
"""Two whole numbers that are classes in any table; others are in one of many rows."""
_MANY = 20
_FEW_LOST = 0.05
"""The share of rows with a missing cell up to which these are left out."""


class Proposal(Struct, frozen=True):
    """A lesson's text, and lines that say what it does."""

    text: str
    notes: tuple[str, ...]


class _Inputs(Struct, frozen=True):
    """What is predicted from: columns of numbers, columns of text, and what is left out and why."""

    numbers: tuple[ColumnSurvey, ...]
    texts: tuple[ColumnSurvey, ...]
    left_out: tuple[str, ...]

    @property
    def width(self) -> int:
        """Numbers of a sample."""
        return len(self.numbers) + sum(len(column.counts) for column in self.texts)


def propose(survey: Survey, target: str, options: CsvOptions, csv: str) -> Proposal:
    """Write a lesson that predicts a column.

    Args:
        survey: the table's columns.
        target: the column to predict, by name or place.
        options: how the file is to be read.
        csv: the file, as the lesson names it.

    Raises:
        LessonError: there is no such column, nothing to predict or nothing to predict it from.
    """
    column = survey.column(target)
    task = _task(column, survey)
    inputs = _inputs(survey, column)
    missing = _missing(survey, column, inputs)
    lost = _rows_missing((column, *inputs.numbers, *inputs.texts)) if missing == "drop" else frozenset()
    rows = survey.rows - len(lost)
    outputs = len(column.told or column.counts) if task == "classes" else 1
    held = rows >= ENOUGH
    hidden = (8 if inputs.width <= 8 else 16) if rows >= ENOUGH else 0
    trained = rows - math.floor(0.2 * rows + 0.5) if held else rows
    formula, loss = _formula(task, inputs, hidden)
    parts = [
        _head(survey, column, inputs, formula),
        _samples(csv, options, column, task, inputs, missing),
        f'[validation]\nshare = 0.2\nmetrics = ["{_metric(task)}"]\n' if held else "",
        _parameters(task, inputs.width, hidden, outputs),
        _hyperparameters(task, inputs.width, hidden, trained),
    ]
    kind = f"{len(column.told or column.counts)} classes" if task != "regression" else "a number"
    gap = {
        "drop": f"rows with a missing cell: {len(lost)}, left out",
        "mean": "missing cells get the mean of their column",
    }
    layer = f"a hidden layer of {hidden} tanh units" if hidden else "one layer"
    notes = [
        f"to predict: {printable(column.name, 40)}, {kind}",
        f"from: {_names((*inputs.numbers, *inputs.texts))}, standardised" if inputs.numbers
        else f"from: {_names(inputs.texts)}",
        *inputs.left_out,
        *([gap[missing]] if missing != "refuse" else []),
        f"network: {layer}, {loss}",
        f"samples: {trained} to train on" + (f", {rows - trained} held back" if held else ""),
    ]  # fmt: skip
    return Proposal("\n".join(part for part in parts if part), tuple(notes))


def _task(column: ColumnSurvey, survey: Survey) -> Task:
    """Tell what is to be predicted: text and a few whole numbers are classes."""
    name = found(column.name)
    if column.kind in ("empty", "unclear"):
        what = "is empty" if column.kind == "empty" else f"has cells that are no numbers ({column.odd})"
        raise LessonError(f"{survey.shown}: the column {name} {what}, so it cannot be predicted")
    if not column.is_usable:
        raise LessonError(f"{survey.shown}: the column {name} has a name that a lesson cannot have")
    if column.kind == "text":
        count = len(column.counts)
        if count < 2 or count > min(1000, max(2, survey.rows - 1)):
            raise LessonError(
                f"{survey.shown}: the column {name} has {count:,} different "
                f"text{'' if count == 1 else 's'} in {survey.rows:,} rows; classes are 2 or more, "
                "and some of them are there twice"
            )
        return "two classes" if count == 2 else "classes"
    if column.told:
        return "two classes" if len(column.told) == 2 else "classes"
    if column.low == column.high:
        raise LessonError(f"{survey.shown}: the column {name} does not vary, so there is nothing to predict")
    labels = list(map(int, column.counts)) if column.counts else []
    if len(labels) == 2 and (labels in _PAIRS or survey.rows >= _MANY):
        return "two classes"
    follow = labels and labels[0] in (0, 1) and labels == list(range(labels[0], labels[0] + len(labels)))
    return "classes" if follow and 2 * len(labels) <= survey.rows else "regression"


def _inputs(survey: Survey, target: ColumnSurvey) -> _Inputs:
    numbers: list[ColumnSurvey] = []
    texts: list[ColumnSurvey] = []
    left_out: list[str] = []
    names = [column.name for column in survey.columns]
    others = [column for column in survey.columns if column is not target]
    fitting = [column for column in others if not _why_not(column, survey, names)]
    for column in others:
        if column.numbered and any(not one.numbered for one in fitting):
            left_out.append(f"left out: {printable(column.name, 40)}, which counts the rows")
        elif why := _why_not(column, survey, names):
            left_out.append(f"left out: {printable(column.name, 40)}, {why}")
        else:
            (numbers if column.kind == "numbers" else texts).append(column)
    if not numbers and not texts:
        raise LessonError(
            f"{survey.shown}: there is no column to predict {found(target.name)} from"
            + (f" ({'; '.join(left_out)})" if left_out else "")
        )
    return _Inputs(tuple(numbers), tuple(texts), tuple(left_out))


def _why_not(column: ColumnSurvey, survey: Survey, names: Sequence[str]) -> str:
    """Say why a column is no input; "" where it is one."""
    if column.kind in ("empty", "unclear"):
        return "which is empty" if column.kind == "empty" else f"which has {column.odd}"
    if len(column.missing) > MOST_MISSING * survey.rows:
        return f"which is missing in {len(column.missing)} rows"
    if not column.is_usable or names.count(column.name) > 1:
        return "whose name a lesson cannot have"
    if column.kind == "numbers":
        return "which does not vary" if column.low == column.high else ""
    count = len(column.counts)
    return "" if 2 <= count <= min(MOST_TEXTS, survey.rows // 2) else f"which has {count} different texts"


def _rows_missing(columns: Sequence[ColumnSurvey]) -> frozenset[int]:
    return frozenset().union(*(column.missing for column in columns))


def _missing(survey: Survey, target: ColumnSurvey, inputs: _Inputs) -> Literal["refuse", "drop", "mean"]:
    """Choose what becomes of missing cells: rows are left out where they are few, or have to be."""
    rows = _rows_missing((target, *inputs.numbers, *inputs.texts))
    if not rows:
        return "refuse"
    no_mean = _rows_missing((target, *inputs.texts))
    return "drop" if no_mean or len(rows) <= _FEW_LOST * survey.rows else "mean"


def _formula(task: Task, inputs: _Inputs, hidden: int) -> tuple[str, str]:
    """Return the formula's lines, and what the loss is, in words."""
    names = [*(["X"] if inputs.numbers else []), *(f"C{place}" for place in range(len(inputs.texts)))]
    lines = [] if len(names) == 1 else [f"F = hstack({', '.join(names)})"]
    features = names[0] if len(names) == 1 else "F"
    weights = ("W2", "b2") if hidden else ("W", "b")
    if hidden:
        lines.append(f"h = tanh({features} @ W1 + b1)")
        features = "h"
    output = "y_hat" if task == "regression" else "z"
    lines.append(f"{output} = {features} @ {weights[0]} + {weights[1]}")
    losses = {
        "regression": ("mse", "mean squared error"),
        "two classes": ("bce_with_logits", "sigmoid and cross-entropy"),
        "classes": ("cross_entropy", "softmax and cross-entropy"),
    }
    function, words = losses[task]
    return "\n".join([*lines, f"L = {function}({output}, y)"]), words


def _metric(task: Task) -> str:
    return "r2" if task == "regression" else "accuracy"


def _head(survey: Survey, column: ColumnSurvey, inputs: _Inputs, formula: str) -> str:
    title = f"{printable(column.name, 40)} from {survey.shown}"
    summary = f"Predicts {printable(column.name, 40)} from {_names((*inputs.numbers, *inputs.texts))}."
    return (
        f'title = {_quoted(title)}\nsummary = {_quoted(summary)}\nformula = """\n{formula}\n"""\nloss = "L"\n'
    )


def _samples(
    csv: str, options: CsvOptions, column: ColumnSurvey, task: Task, inputs: _Inputs, missing: str
) -> str:
    lines = ["[samples]", f"csv = {_quoted(csv)}"]
    given = (("separator", options.separator), ("decimal", options.decimal))
    lines += (f"{key} = {_quoted(value)}" for key, value in given if value is not None)
    if options.header is not None:
        lines.append(f"header = {str(options.header).lower()}")
    if inputs.numbers:
        lines.append(f"X = [{', '.join(_at(one) for one in inputs.numbers)}]")
    lines += (f"C{place} = {_at(one)}" for place, one in enumerate(inputs.texts))
    lines.append(f"y = {_at(column)}")
    classes = [f'C{place} = "one_hot"' for place in range(len(inputs.texts))]
    if task != "regression" and not column.told:
        classes.append('y = "numbers"')
    if classes:
        lines.append(f"classes = {{ {', '.join(classes)} }}")
    if missing != "refuse":
        lines.append(f'missing = "{missing}"')
    scaled = [*(['"X"'] if inputs.numbers else []), *(['"y"'] if task == "regression" else [])]
    if scaled:
        lines.append(f"standardize = [{', '.join(scaled)}]")
    return "\n".join(lines) + "\n"


def _parameters(task: Task, width: int, hidden: int, outputs: int) -> str:
    last = f"[{hidden or width}, {outputs}]" if task == "classes" else str(hidden or width)
    bias = f'{{ init = "zeros", shape = {outputs} }}' if task == "classes" else "0.0"
    if hidden:
        fan = "" if task == "classes" else ", scale = 0.5"
        start = "xavier" if task == "classes" else "normal"
        lines = [
            f'W1 = {{ init = "xavier", shape = [{width}, {hidden}] }}',
            f'b1 = {{ init = "zeros", shape = {hidden} }}',
            f'W2 = {{ init = "{start}", shape = {last}{fan} }}', f"b2 = {bias}",
        ]  # fmt: skip
    else:
        lines = [f'W = {{ init = "normal", shape = {last}, scale = 0.1 }}', f"b = {bias}"]
    return "\n".join(["[parameters]", *lines]) + "\n"


def _hyperparameters(task: Task, width: int, hidden: int, trained: int) -> str:
    """Choose a rate at which the loss falls: its curvature is at most about the inputs' width."""
    lines = ["[hyperparameters]"]
    if width > 8:
        lines += ['optimizer = "adam"', "learning_rate = 0.01"]
    else:
        lines.append(f"learning_rate = {0.1 if task == 'regression' else 0.3 if hidden else 0.5}")
    lines.append("batch_size = " + ('"all"' if trained <= WHOLE else str(BATCH)))
    lines.append(f"iterations = {500 if trained <= WHOLE else min(5000, max(500, 20 * trained // BATCH))}")
    return "\n".join(lines) + "\n"


def _at(column: ColumnSurvey) -> str:
    return str(column.at) if isinstance(column.at, int) else _quoted(column.at)


def _quoted(text: str) -> str:
    """Write a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _names(columns: Sequence[ColumnSurvey]) -> str:
    shown = ", ".join(printable(column.name, 40) for column in columns[:6])
    return shown + (f" and {len(columns) - 6} more" if len(columns) > 6 else "")
