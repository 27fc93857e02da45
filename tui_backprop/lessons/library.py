"""List, find and load lessons: built-in ones by name, a user's own by the path of a .toml file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.errors import BackpropError, FormulaError, printable, suggest
from tui_backprop.engine.formula import Line, parse_formula
from tui_backprop.engine.names import pretty
from tui_backprop.lessons.confinement import check_graph, check_rows, confinement, locate, shown_path
from tui_backprop.lessons.entries import read_data, read_name, read_parameters, read_samples
from tui_backprop.lessons.errors import HyperparameterError, LessonError, found, is_file
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameters, check_batch_size
from tui_backprop.lessons.lesson import Lesson, count_rows
from tui_backprop.lessons.notes import Places, clean, make_slip, make_why
from tui_backprop.lessons.schema import LessonFile, parse_lesson, read_lesson_file, unknown_keys

MAX_SLIP_NODES = 100_000
"""Slips times nodes: every slip builds the graph once more, at about 12 µs a node."""
FOLDER = Path(__file__).parent
BUILTIN = (
    "linear", "square", "chain", "neuron", "relu-net", "guess", "nodes", "theta", "polynomial",
    "logistic", "logistic-ce", "two-layer",
)  # fmt: skip
"""Built-in lessons in the order in which a beginner would take them."""


def load_lesson(name: str | os.PathLike[str]) -> Lesson:
    """Load a built-in lesson by name, or any lesson by the path of its .toml file.

    Raises:
        LessonError: no such lesson, or the file is refused; the message names file, key and rule.
    """
    text = name if isinstance(name, str) else os.fspath(name) if isinstance(name, os.PathLike) else None
    if not isinstance(text, str):
        raise LessonError(f"found {found(name)}; a lesson is a built-in name or the path of a .toml file")
    if text in BUILTIN:
        return load_file(FOLDER / f"{text}.toml", text)
    if confinement() is not None:
        return load_file(locate(text))
    path = Path(text)
    looks_like_path = path.suffix == ".toml" or os.sep in text or (os.altsep or os.sep) in text
    if not looks_like_path:
        hint = suggest(text, BUILTIN) or f"; there are {', '.join(BUILTIN)}"
        if is_file(Path(f"{text}.toml")):
            hint = f"; did you mean {printable(text)}.toml?"
        raise LessonError(
            f"unknown lesson {found(text, 80)}{hint}; a lesson of your own is a path ending in .toml"
        )
    return load_file(path)


def load_file(path: Path, builtin: str | None = None) -> Lesson:
    """Load one lesson file; every error starts with the file's name."""
    if builtin is not None and confinement() is not None:
        path = FOLDER / f"{builtin}.toml"  # whatever a saved session says
    shown = printable(shown_path(path), 200)
    try:
        struct, text = read_lesson_file(path)
        return _make(struct, text, path, builtin)
    except FormulaError as error:
        place = f"formula line {error.line}, column {error.column}: " if error.line else "formula: "
        raise LessonError(f"{shown}: {place}{error.reason}") from None
    except BackpropError as error:
        raise LessonError(f"{shown}: {error}") from None


def describe(name: str) -> tuple[str, str]:
    """Return title and summary of a lesson of the folder, or why it cannot be read; nothing is computed."""
    try:
        struct, _ = read_lesson_file(locate(name))
        return clean(struct.title, "title"), clean(struct.summary, "summary")
    except BackpropError as error:
        return "(cannot be opened)", f"{name}.toml: {error}"


def lesson_of_text(
    text: str, path: Path, builtin: str | None = None, samples: Mapping[str, Array] | None = None
) -> Lesson:
    """Make a lesson of a file's text as it once was; the file itself is not read.

    Args:
        text: the text.
        path: the file that it came from.
        builtin: the name of a built-in lesson.
        samples: the arrays that [samples] stood for then, in place of what would be read now.

    Raises:
        BackpropError: the text is refused.
    """
    return _make(parse_lesson(text), text, path, builtin, samples)


def _make(
    file: LessonFile,
    text: str,
    path: Path,
    builtin: str | None,
    known: Mapping[str, Array] | None = None,
) -> Lesson:
    lines = parse_formula(file.formula)
    data = read_data(file.data)
    samples = read_samples(file, path, data) if known is None else dict(known)
    parameters = read_parameters(file.parameters)
    _check_names(data, samples, parameters, lines)
    name = clean(path.stem if builtin is None else builtin, "file name")
    lesson = Lesson(
        name=name,
        title=clean(file.title, "title") or name,
        summary=clean(file.summary, "summary"),
        path=path,
        text=text,
        formula=file.formula,
        lines=lines,
        loss=read_name(file.loss, "loss") if file.loss is not None else None,
        data=data,
        samples=samples,
        parameters=parameters,
        hyperparameters=_hyperparameters(file, samples),
        generator=file.random.generator,
        builtin=builtin is not None,
        recipes=_recipes(file),
    )
    check_rows(lesson.rows)
    graph = lesson.graph()
    check_graph(len(graph.nodes), sum(size_of(node.shape) for node in graph.nodes))
    _check_batches(lesson)
    places = Places(graph)
    whys = tuple(make_why(table, number, places) for number, table in enumerate(file.why, 1))
    by_name = {line.name: line for line in lines}
    slips = tuple(make_slip(table, number, places, by_name) for number, table in enumerate(file.slip, 1))
    object.__setattr__(lesson, "whys", whys)
    object.__setattr__(lesson, "slips", slips)
    if len(slips) * len(graph.nodes) > MAX_SLIP_NODES:
        raise LessonError(
            f"slip: {len(slips)} slips in a graph of {len(graph.nodes):,} nodes; "
            f"slips times nodes may be {MAX_SLIP_NODES:,}, since each builds the graph again"
        )
    for number, slip in enumerate(slips, 1):
        try:
            lesson.build(replaced_lines(lines, slip.lines), lesson.rows)
        except FormulaError as error:
            raise LessonError(f"slip {number}.formula: {error.reason}") from None
    return lesson


def _recipes(file: LessonFile) -> dict[str, Mapping[str, Any]]:
    """Return the entries of [data] and [samples] that are made rather than listed."""
    tables = [*file.data.items(), *file.samples.items()]
    return {read_name(name, ""): table for name, table in tables if isinstance(table, Mapping)}


def _check_batches(lesson: Lesson) -> None:
    """Refuse a formula that does not fit the batches of the lesson's own hyperparameters."""
    for rows in lesson.batch_rows(lesson.hyperparameters.batch_size):
        try:
            lesson.graph(rows)
        except FormulaError as error:
            raise FormulaError(f"in a batch of {rows}: {error.reason}", error.line, error.column) from None


def replaced_lines(lines: tuple[Line, ...], changes: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines with some expressions replaced."""
    return tuple(
        Line(line.name, changes[line.name], line.number, line.column) if line.name in changes else line
        for line in lines
    )


def _check_names(*groups: Any) -> None:
    data, samples, parameters, lines = groups
    seen: dict[str, str] = {}
    shown: dict[str, str] = {}
    for kind, names in (("data", data), ("samples", samples), ("parameters", parameters)):
        for name in names:
            if name in seen:
                raise LessonError(f"{kind}.{name}: the name is given in [{seen[name]}] already")
            seen[name] = kind
    for name in (*seen, *(line.name for line in lines)):
        twin = shown.setdefault(pretty(name), name)
        if twin != name:
            raise LessonError(
                f"{twin} and {name} look the same on screen ({pretty(name)}); rename one of them"
            )


def _hyperparameters(file: LessonFile, samples: Mapping[str, Array]) -> Hyperparameters:
    where = "hyperparameters"
    if "seed" in file.hyperparameters:
        raise LessonError(f"{where}.seed: the seed stands in [random]")
    unknown_keys(file.hyperparameters, HYPERPARAMETERS, where)
    try:
        dials = Hyperparameters().replace(**file.hyperparameters, seed=file.random.seed)
        check_batch_size(dials, count_rows(samples))
    except HyperparameterError as error:
        raise LessonError(f"{where}.{error}") from None
    return dials
