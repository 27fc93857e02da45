"""List, find and load lessons: built-in ones by name, a user's own by the path of a .toml file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_backprop.engine.arrays import Array, frozen, shape_text
from tui_backprop.engine.build import evaluate
from tui_backprop.engine.errors import BackpropError, FormulaError, printable, suggest
from tui_backprop.engine.formula import Line, check_name, parse_expression, parse_formula
from tui_backprop.engine.names import pretty
from tui_backprop.lessons.datasets import WITH_CLASSES, make_dataset, read_csv
from tui_backprop.lessons.errors import HyperparameterError, LessonError
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson, ParameterSpec
from tui_backprop.lessons.notes import clean, make_slip, make_why
from tui_backprop.lessons.schema import (
    INITIALIZERS,
    DatasetTable,
    FormulaTable,
    LessonFile,
    LinspaceTable,
    ParameterTable,
    check_number,
    check_size,
    convert,
    read_lesson_file,
    to_array,
    unknown_keys,
)

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
    text = os.fspath(name)
    if text in BUILTIN:
        return load_file(FOLDER / f"{text}.toml", text)
    path = Path(text)
    looks_like_path = path.suffix == ".toml" or os.sep in text or (os.altsep or os.sep) in text
    if not looks_like_path:
        hint = suggest(text, BUILTIN) or f"; there are {', '.join(BUILTIN)}"
        file = f", or {path.name}.toml" if Path(f"{text}.toml").is_file() else ""
        raise LessonError(
            f"unknown lesson {printable(text)!r}{hint}{file}; a lesson of your own is a path ending in .toml"
        )
    return load_file(path)


def load_file(path: Path, builtin: str | None = None) -> Lesson:
    """Load one lesson file; every error starts with the file's name."""
    try:
        struct, text = read_lesson_file(path)
        return _make(struct, text, path, builtin)
    except FormulaError as error:
        place = f"formula line {error.line}, column {error.column}: " if error.line else "formula: "
        raise LessonError(f"{printable(str(path), 200)}: {place}{error.reason}") from None
    except BackpropError as error:
        raise LessonError(f"{printable(str(path), 200)}: {error}") from None


def _make(file: LessonFile, text: str, path: Path, builtin: str | None) -> Lesson:
    lines = parse_formula(file.formula)
    data = _data(file.data)
    samples = _samples(file, path, data)
    parameters = {
        pretty_key: spec for pretty_key, spec in (_parameter(k, v) for k, v in file.parameters.items())
    }
    _check_names(data, samples, parameters, lines)
    name = builtin or clean(path.stem, "file name")
    lesson = Lesson(
        name=name,
        title=clean(file.title, "title") or name,
        summary=clean(file.summary, "summary"),
        path=path,
        text=text,
        formula=file.formula,
        lines=lines,
        loss=_name(file.loss, "loss") if file.loss is not None else None,
        data=data,
        samples=samples,
        parameters=parameters,
        hyperparameters=_hyperparameters(file, samples),
        generator=file.random.generator,
        builtin=builtin is not None,
    )
    graph = lesson.graph()
    whys = tuple(make_why(table, number, graph) for number, table in enumerate(file.why, 1))
    by_name = {line.name: line for line in lines}
    slips = tuple(make_slip(table, number, graph, by_name) for number, table in enumerate(file.slip, 1))
    object.__setattr__(lesson, "whys", whys)
    object.__setattr__(lesson, "slips", slips)
    for number, slip in enumerate(slips, 1):
        try:
            lesson.build(replaced_lines(lines, slip.lines), lesson.rows)
        except FormulaError as error:
            raise LessonError(f"slip {number}.formula: {error.reason}") from None
    return lesson


def replaced_lines(lines: tuple[Line, ...], changes: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines with some expressions replaced."""
    return tuple(
        Line(line.name, changes[line.name], line.number, line.column) if line.name in changes else line
        for line in lines
    )


def _name(name: str, where: str) -> str:
    import unicodedata

    normal = unicodedata.normalize("NFKC", name)
    try:
        check_name(normal)
    except FormulaError as error:
        raise LessonError(f"{where}: {error.reason}") from None
    return normal


def _data(table: Mapping[str, Any]) -> dict[str, Array]:
    data: dict[str, Array] = {}
    for key, value in table.items():
        name = _name(key, "data")
        data[name] = _array(value, f"data.{name}", data)
    return data


def _array(value: Any, where: str, known: Mapping[str, Array]) -> Array:
    """Read one entry of [data] or [samples]: a number, a nested list, a linspace or a formula."""
    if not isinstance(value, Mapping):
        return frozen(to_array(value, where))
    unknown_keys(value, ("linspace", "formula"), where)
    if "linspace" in value:
        start, stop, count = convert(value, LinspaceTable, where).linspace
        check_number(start, f"{where}.linspace"), check_number(stop, f"{where}.linspace")
        check_size((count,), f"{where}.linspace")
        return frozen(np.linspace(start, stop, count))
    expression = convert(value, FormulaTable, where).formula
    try:
        result = evaluate(parse_expression(expression), known)
    except FormulaError as error:
        raise LessonError(f"{where}.formula: column {error.column}: {error.reason}") from None
    if not np.all(np.isfinite(result)):
        raise LessonError(f"{where}.formula: the result is not finite everywhere")
    return frozen(result)


def _samples(file: LessonFile, path: Path, data: Mapping[str, Array]) -> dict[str, Array]:
    table = dict(file.samples)
    samples: dict[str, Array] = {}
    if "dataset" in table and "csv" in table:
        raise LessonError("samples: found both dataset and csv; give one of them")
    if "dataset" in table:
        options = {key: table.pop(key) for key in list(table) if key in DatasetTable.__struct_fields__}
        samples.update(_dataset(convert(options, DatasetTable, "samples"), file.random.seed))
    elif "csv" in table:
        samples.update(_csv(table, path))
    for key, value in table.items():
        name = _name(key, "samples")
        if name in samples:
            raise LessonError(f"samples.{name}: the dataset gives {name} already; use another name")
        samples[name] = _array(value, f"samples.{name}", {**data, **samples})
    rows: int | None = None
    for name, array in samples.items():
        if array.ndim == 0:
            raise LessonError(
                f"samples.{name}: found one number; samples are lists (constants belong into [data])"
            )
        if rows is not None and len(array) != rows:
            first = next(iter(samples))
            raise LessonError(f"samples.{name}: found {len(array)} samples, but {first} has {rows}")
        rows = len(array)
    return samples


def _dataset(options: DatasetTable, seed: int) -> dict[str, Array]:
    if options.classes != 2 and options.dataset not in WITH_CLASSES:
        raise LessonError(
            f"samples.classes: {printable(options.dataset)} has 2 classes; spiral and blobs have more"
        )
    if options.one_hot and options.dataset == "sine":
        raise LessonError("samples.one_hot: sine has no classes")
    X, y = make_dataset(
        options.dataset, options.size, options.noise, seed if options.seed is None else options.seed,
        options.classes, options.one_hot,
    )  # fmt: skip
    return {"X": frozen(X), "y": frozen(y)}


def _csv(table: dict[str, Any], path: Path) -> dict[str, Array]:
    file = table.pop("csv")
    if not isinstance(file, str) or not file:
        raise LessonError(f"samples.csv: found {printable(repr(file), 30)}; it must be the name of a file")
    folder = path.parent.resolve()
    target = (folder / file).resolve() if "\0" not in file else folder
    if target == folder or not target.is_relative_to(folder):
        raise LessonError(f"samples.csv: {printable(file)} is not beside the lesson")
    wanted: dict[str, tuple[list[str], bool]] = {}
    for key in list(table):
        value = table[key]
        if isinstance(value, str):
            wanted[_name(key, "samples")] = [value], False
        elif isinstance(value, list) and value and all(isinstance(column, str) for column in value):
            wanted[_name(key, "samples")] = value, True
        else:
            continue
        del table[key]
    if not wanted:
        raise LessonError('samples: name the columns to use, such as X = ["x1", "x2"] and y = "label"')
    columns = list(dict.fromkeys(column for names, _ in wanted.values() for column in names))
    read = read_csv(target, columns)
    return {
        name: frozen(np.column_stack([read[column] for column in names]) if matrix else read[names[0]])
        for name, (names, matrix) in wanted.items()
    }


def _parameter(key: str, value: Any) -> tuple[str, ParameterSpec]:
    name = _name(key, "parameters")
    where = f"parameters.{name}"
    table = (
        convert(value, ParameterTable, where) if isinstance(value, Mapping) else ParameterTable(init=value)
    )
    if (table.init is None) == (table.value is None):
        raise LessonError(
            f"{where}: give init or value: a number, a nested list, or one of {', '.join(INITIALIZERS)}"
        )
    start = table.init if table.init is not None else table.value
    shape = (table.shape,) if isinstance(table.shape, int) else tuple(table.shape or ())
    check_size(shape, f"{where}.shape")
    if not isinstance(start, str):
        array = to_array(start, where)
        if table.shape is not None:
            if array.ndim and array.shape != shape:
                raise LessonError(
                    f"{where}.shape: found {shape_text(shape)}, but the value is {shape_text(array.shape)}"
                )
            array = np.broadcast_to(array, shape)
        return name, ParameterSpec(name, array.shape, table.trainable, frozen(table.scale * array))
    if start not in INITIALIZERS:
        hint = suggest(start, INITIALIZERS)
        raise LessonError(
            f"{where}: found {printable(start)!r}; it must be a number, a list, or one of {', '.join(INITIALIZERS)}{hint}"
        )
    return name, ParameterSpec(name, shape, table.trainable, None, start, table.scale)


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
    try:
        dials = Hyperparameters().replace(**file.hyperparameters, seed=file.random.seed)
    except HyperparameterError as error:
        raise LessonError(f"{where}.{error}") from None
    rows = next((len(array) for array in samples.values()), None)
    try:
        check_batch_size(dials, rows)
    except HyperparameterError as error:
        raise LessonError(f"{where}.{error}") from None
    return dials


def check_batch_size(dials: Hyperparameters, rows: int | None) -> None:
    """Refuse a batch larger than the samples, or batches of a lesson that has none."""
    if dials.batch_size == "all":
        return
    if rows is None:
        raise HyperparameterError(
            f"batch_size: found {dials.batch_size}; it must be all, for there are no [samples]"
        )
    if dials.batch_size > rows:
        raise HyperparameterError(
            f"batch_size: found {dials.batch_size}; it must be all, or from 1 to {rows}"
        )
