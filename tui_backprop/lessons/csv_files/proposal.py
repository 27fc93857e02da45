"""A lesson to start from: what is predicted from a table's other columns, by a network that fits the task."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from tui_backprop.lessons.csv_files.choosing import ChosenInputs, Task, choose, quoted, samples_lines
from tui_backprop.lessons.csv_files.options import CsvOptions
from tui_backprop.lessons.csv_files.survey import ColumnSurvey, Survey
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

ENOUGH = 50
"""Rows from which on some are held back, and there is a hidden layer."""
WHOLE = 200
"""Rows up to which a batch is all of them."""
BATCH = 32


class Proposal(Struct, frozen=True):
    """A lesson's text, and lines that say what it does."""

    text: str
    notes: tuple[str, ...]


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
    chosen = choose(survey, target)
    column, task, inputs, missing = chosen.column, chosen.task, chosen.inputs, chosen.missing
    rows = survey.rows - len(chosen.lost)
    outputs = chosen.classes if task == "classes" else 1
    held = rows >= ENOUGH
    hidden = (8 if inputs.width <= 8 else 16) if rows >= ENOUGH else 0
    trained = rows - math.floor(0.2 * rows + 0.5) if held else rows
    formula, loss = _formula(task, inputs, hidden)
    parts = [
        _head(survey, column, inputs, formula),
        "\n".join(["[samples]", *samples_lines(csv, options, chosen, standardize=True), ""]),
        f'[validation]\nshare = 0.2\nmetrics = ["{_metric(task)}"]\n' if held else "",
        _parameters(task, inputs.width, hidden, outputs),
        _hyperparameters(task, inputs.width, hidden, trained),
    ]
    kind = tr("{classes} classes", classes=chosen.classes) if task != "regression" else tr("a number")
    gap = {
        "drop": tr("rows with a missing cell: {count}, left out", count=len(chosen.lost)),
        "mean": tr("missing cells get the mean of their column"),
    }
    layer = tr("a hidden layer of {hidden} tanh units", hidden=hidden) if hidden else tr("one layer")
    notes = [
        tr("to predict: {name}, {kind}", name=printable(column.name, 40), kind=kind),
        tr("from: {names}, standardised", names=_names((*inputs.numbers, *inputs.texts))) if inputs.numbers
        else tr("from: {names}", names=_names(inputs.texts)),
        *inputs.left_out,
        *([gap[missing]] if missing != "refuse" else []),
        tr("network: {layer}, {loss}", layer=layer, loss=loss),
        tr("samples: {trained} to train on, {held} held back", trained=trained, held=rows - trained) if held
        else tr("samples: {trained} to train on", trained=trained),
    ]  # fmt: skip
    return Proposal("\n".join(part for part in parts if part), tuple(notes))


def _formula(task: Task, inputs: ChosenInputs, hidden: int) -> tuple[str, str]:
    """Return the formula's lines, and what the loss is, in words."""
    lines, features = inputs.lines, inputs.source
    weights = ("W2", "b2") if hidden else ("W", "b")
    if hidden:
        lines.append(f"h = tanh({features} @ W1 + b1)")
        features = "h"
    output = "y_hat" if task == "regression" else "z"
    lines.append(f"{output} = {features} @ {weights[0]} + {weights[1]}")
    losses = {
        "regression": ("mse", tr("mean squared error")),
        "two classes": ("bce_with_logits", tr("sigmoid and cross-entropy")),
        "classes": ("cross_entropy", tr("softmax and cross-entropy")),
    }
    function, words = losses[task]
    return "\n".join([*lines, f"L = {function}({output}, y)"]), words


def _metric(task: Task) -> str:
    return "r2" if task == "regression" else "accuracy"


def _head(survey: Survey, column: ColumnSurvey, inputs: ChosenInputs, formula: str) -> str:
    title = tr("{name} from {file}", name=printable(column.name, 40), file=survey.shown)
    summary = tr(
        "Predicts {name} from {names}.",
        name=printable(column.name, 40),
        names=_names((*inputs.numbers, *inputs.texts)),
    )
    return (
        f'title = {quoted(title)}\nsummary = {quoted(summary)}\nformula = """\n{formula}\n"""\nloss = "L"\n'
    )


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


def _names(columns: Sequence[ColumnSurvey]) -> str:
    shown = ", ".join(printable(column.name, 40) for column in columns[:6])
    return shown if len(columns) <= 6 else tr("{names} and {count} more", names=shown, count=len(columns) - 6)
