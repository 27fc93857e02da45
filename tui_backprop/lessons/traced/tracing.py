"""A user's NumPy function to a lesson whose records point at the function's own lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.frontends.numpy_tracing.places import TraceError
from tui_backprop.engine.frontends.numpy_tracing.run import Run, run_traced
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.traced.lesson_text import lesson_text
from tui_backprop.text.sentences import tr

_SAME = 1e-9
"""How far a value of the lesson may be from the program's, relative to the largest: their roundings."""


def trace(
    function: Callable[..., Any],
    parameters: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    samples: Mapping[str, Any] | None = None,
    *,
    sandbox: Sandbox = OPEN,
) -> Lesson:
    """Run a NumPy function once and return a lesson that computes what it did.

    Args:
        function: takes arrays by name and returns the loss, one number, alone or first of several results.
            Loops, conditions and the functions that it calls are followed for the path taken.
        parameters: what is trained, by the names of the function's arguments: arrays or numbers, or a
            dictionary of them where the function takes one.
        data: arrays and numbers that are not.
        samples: arrays whose first axis counts samples.
        sandbox: what confines; where anything does, no program is run.

    Raises:
        TraceError: something cannot be traced; the message begins with file and line.
        LessonError: the arrays cannot be a lesson's.
    """
    if sandbox.confined:
        raise TraceError(tr("a restricted login runs no programs; open a lesson of the folder"))
    tables = {"data": dict(data or {}), "samples": dict(samples or {}), "parameters": dict(parameters)}
    arguments: dict[str, Any] = {}
    for name, table in tables.items():
        for key in table.keys() & arguments.keys():
            raise TraceError(
                tr("{name} is given twice; it is in {table} and in another table", name=key, table=name)
            )
        arguments |= table
    run = run_traced(function, arguments)
    tables = {name: _given(run, table) for name, table in tables.items()}
    tables["data"] |= run.constants
    name = getattr(function, "__name__", "traced")
    place = run.codes[0] if run.codes else function.__code__
    title = f"{name} of {Path(place.co_filename).name}"
    try:
        lesson = lesson_of_text(
            lesson_text(run, title, tables), Path(f"{name.strip('<>')}.toml"), sandbox=sandbox
        )
    except FormulaError as error:
        where = run.formula.places[error.line - 1] if 0 < error.line <= len(run.formula.places) else title
        line = run.formula.lines[error.line - 1] if error.line else ""
        raise TraceError(
            tr("{where}: {reason} (traced as {line})", where=where, reason=error.reason, line=line)
        ) from None
    _check(lesson, run)
    return lesson


def _given(run: Run, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays of a table, those inside of dictionaries too, as the run had them."""
    names: list[str] = []
    left = list(table.items())
    while left:
        key, value = left.pop(0)
        if isinstance(value, dict):
            left = [*value.items(), *left]
        else:
            names.append(str(key))
    return {name: run.given[name] for name in names}


def _check(lesson: Lesson, run: Run) -> None:
    """Refuse a lesson that does not compute what the program has computed."""
    graph = lesson.graph()
    start = lesson.start(lesson.hyperparameters.seed)
    tape = Tape(graph, {**lesson.data, **lesson.samples, **start})
    tape.forward()
    versions: dict[str, int] = {}
    of_name = [line.partition(" = ")[0].partition("[")[0] for line in run.formula.lines]
    for name, step, place in zip(of_name, run.formula.steps, run.formula.places, strict=True):
        versions[name] = versions.get(name, 0) + 1
        label = name if versions[name] == of_name.count(name) else f"{name}.{versions[name]}"
        node = graph.named.get(label)
        if node is None:
            continue
        ours, theirs = np.asarray(tape.value(node)), np.asarray(step.value, np.float64)
        scale = max(1.0, float(np.max(np.abs(theirs), where=np.isfinite(theirs), initial=0.0)))
        if ours.shape != theirs.shape or not np.allclose(ours, theirs, 0.0, _SAME * scale, equal_nan=True):
            raise TraceError(
                tr(
                    "{place}: {name} cannot be traced: NumPy's value is another than that of its formula",
                    place=place,
                    name=name,
                )
            )
