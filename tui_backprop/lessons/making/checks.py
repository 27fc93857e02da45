"""What a lesson as a whole is checked for: its names, its hyperparameters, its batches, its validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.syntax import assigned
from tui_backprop.lessons.errors import HyperparameterError, LessonError, found
from tui_backprop.lessons.evaluation.metrics import check_metrics
from tui_backprop.lessons.format import LessonFile
from tui_backprop.lessons.hyperparameters import (
    HYPERPARAMETERS,
    Hyperparameters,
    called_here,
    check_batch_size,
    check_dtype,
)
from tui_backprop.lessons.lesson import Lesson, count_rows
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty


def check_names(*groups: Any) -> None:
    """Refuse a name that is given twice, and two that look the same.

    Args:
        groups: data, samples and parameters by name, and the formula's lines.
    """
    data, samples, parameters, lines = groups
    seen: dict[str, str] = {}
    shown: dict[str, str] = {}
    for kind, names in (("data", data), ("samples", samples), ("parameters", parameters)):
        for name in names:
            if name in seen:
                raise LessonError(
                    tr(
                        "{kind}.{name}: the name is given in [{table}] already",
                        kind=kind,
                        name=name,
                        table=seen[name],
                    )
                )
            seen[name] = kind
    for name in (*seen, *dict.fromkeys(assigned(lines))):
        twin = shown.setdefault(pretty(name), name)
        if twin != name:
            raise LessonError(
                tr(
                    "{twin} and {name} look the same on screen ({shown}); rename one of them",
                    twin=twin,
                    name=name,
                    shown=pretty(name),
                )
            )


def own_hyperparameters(file: LessonFile, samples: Mapping[str, Array]) -> Hyperparameters:
    """Return the hyperparameters that a file sets, checked against its samples."""
    where = "hyperparameters"
    if "seed" in file.hyperparameters:
        raise LessonError(tr("{where}.seed: the seed stands in [random]", where=where))
    for key in file.hyperparameters:
        if key not in HYPERPARAMETERS:
            raise LessonError(
                tr(
                    "{where}: unknown key {key}{hint}",
                    where=where,
                    key=found(key, 80),
                    hint=called_here(key),
                )
            )
    given = dict(file.hyperparameters)
    if file.dtype is not None and given.setdefault("dtype", file.dtype) != file.dtype:
        raise LessonError(
            tr(
                "{where}.dtype: found {found}, but above the tables {dtype}",
                where=where,
                found=found(given["dtype"]),
                dtype=file.dtype,
            )
        )
    try:
        hyperparameters = Hyperparameters().replace(**given, seed=file.random.seed)
        check_batch_size(hyperparameters, count_rows(samples))
        check_dtype(hyperparameters)
    except HyperparameterError as error:
        raise LessonError(f"{where}.{error}") from None
    return hyperparameters


def check_batches(lesson: Lesson) -> None:
    """Refuse a formula that does not fit the batches of the lesson's own hyperparameters."""
    for rows in lesson.batch_rows(lesson.hyperparameters.batch_size):
        try:
            lesson.graph(rows)
        except FormulaError as error:
            raise FormulaError(
                tr("in a batch of {rows}: {reason}", rows=rows, reason=error.reason), error.line, error.column
            ) from None


def check_validation(lesson: Lesson) -> None:
    """Refuse a formula that does not fit the samples held back, and metrics that do not apply."""
    validation = lesson.validation
    if validation is None:
        return
    lesson.sandbox.check_rows((lesson.rows or 0) + validation.rows)
    try:
        graph = lesson.graph(validation.rows, Mode.EVALUATION)
    except FormulaError as error:
        where = tr("for the {rows} samples of [validation]", rows=validation.rows)
        raise FormulaError(f"{where}: {error.reason}", error.line, error.column) from None
    if not validation.metrics:
        return
    start = {node.name: np.zeros(node.shape) for node in graph.parameters} | graph.running()
    tape = Tape(graph, {**lesson.data, **validation.samples, **start})
    tape.forward()  # a target may be worked out of the data
    check_metrics(validation.metrics, tape)
