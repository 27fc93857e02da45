"""The entries of [data], [samples] and [parameters]: from plain TOML values to arrays and starting rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import MAX_BYTES, Array, frozen
from tui_backprop.engine.core.errors import FormulaError, suggest
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import check_name, parse_expression
from tui_backprop.lessons.array_files import read_arrays
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.datasets import WITH_CLASSES, make_dataset, read_csv
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import (
    ArrayTable,
    DatasetTable,
    FormulaTable,
    LessonFile,
    LinspaceTable,
    ParameterTable,
    check_made,
    check_number,
    check_size,
    to_array,
    unknown_keys,
)
from tui_backprop.lessons.lesson import ParameterSpec
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.specs.initializers import INITIALIZERS, called_here
from tui_backprop.lessons.text_samples import is_text, take_text
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable


def read_name(name: str, where: str) -> str:
    """Return a name in the form in which formulas use it; refuse what is none."""
    normal = unicodedata.normalize("NFKC", name)
    try:
        check_name(normal)
    except FormulaError as error:
        raise LessonError(f"{where}: {error.reason}") from None
    return normal


class ArraysBeside:
    """The arrays that entries take from files beside the lesson: ``{ file = "w.npz", name = "0.weight" }``.

    Args:
        path: where the lesson is.
        sandbox: what may be read, and how much of it.
        kept: arrays as they were, by entry, in place of what the files have now.

    Attributes:
        taken: what has been read but for samples, by entry: ``parameters.W``.
    """

    def __init__(self, path: Path, sandbox: Sandbox, kept: Mapping[str, Array] | None = None) -> None:
        self.path, self.sandbox, self._kept = path, sandbox, kept or {}
        self._files: dict[str, Mapping[str, Array]] = {}
        self.taken: dict[str, Array] = {}

    def take(self, value: Mapping[str, Any], where: str) -> Array:
        """Return the array of an entry.

        Raises:
            LessonError: the file is not beside the lesson or is refused, or has no such array of numbers.
        """
        table = convert(value, ArrayTable, where)
        array = self._kept[where] if where in self._kept else self._read(table, where)
        check_size(array.shape, where, self.sandbox)
        if not array.size or not np.all(np.isfinite(array)):
            what = "has no numbers" if not array.size else "is not finite everywhere"
            raise LessonError(f"{where}: {found(table.name)} {what}")
        made = frozen(np.array(array, dtype=np.float64))
        _check_total({**self.taken, where: made}, where)
        if not where.startswith("samples."):
            self.taken[where] = made
        return made

    def _read(self, table: ArrayTable, where: str) -> Array:
        if self.sandbox.confined:
            raise LessonError(f"{where}: a restricted login reads no files of arrays")
        if table.file not in self._files:
            target = _beside(self.path, table.file, f"{where}.file")
            try:
                self._files[table.file] = read_arrays(target, self.sandbox)
            except LessonError as error:
                raise LessonError(f"{where}: {error}") from None
        arrays = self._files[table.file]
        if table.name not in arrays:
            there = ", ".join(printable(name, 40) for name in list(arrays)[:8])
            hint = suggest(table.name, arrays) or f"; there are {there}"
            raise LessonError(f"{where}.name: found {found(table.name, 60)}{hint}")
        return arrays[table.name]


def read_data(table: Mapping[str, Any], sandbox: Sandbox, beside: ArraysBeside) -> dict[str, Array]:
    """Read [data]; a formula may use the entries above it."""
    data: dict[str, Array] = {}
    _check_linspaces(table, "data")
    for key, value in table.items():
        name = _new_name(key, "data", data)
        data[name] = _array(value, f"data.{name}", data, sandbox, beside)
        _check_total(data, f"data.{name}")
    return data


def _new_name(key: str, table: str, taken: Mapping[str, object]) -> str:
    name = read_name(key, table)
    if name in taken:  # TOML refuses a key given twice, but two keys may be one name, such as µ and μ
        raise LessonError(f"{table}.{name}: the name is given twice in [{table}]")
    return name


def _check_total(arrays: Mapping[str, Array], where: str) -> None:
    """Refuse an entry that takes its table past 1 GiB, before the next one is made."""
    if sum(array.nbytes for array in arrays.values()) > MAX_BYTES:
        raise LessonError(f"{where}: with what stands above, it takes more than 1 GiB")


def _check_linspaces(table: Mapping[str, Any], where: str) -> None:
    """Refuse a table whose linspaces would take more than 1 GiB together, before the first is made."""
    counts = [value.get("linspace") for value in table.values() if isinstance(value, Mapping)]
    ends = [count[-1] for count in counts if isinstance(count, list) and count]
    if 8 * sum(end for end in ends if isinstance(end, int) and end > 0) > MAX_BYTES and len(ends) > 1:
        raise LessonError(f"{where}: its linspaces take more than 1 GiB together")


def _array(
    value: Any, where: str, known: Mapping[str, Array], sandbox: Sandbox, beside: ArraysBeside
) -> Array:
    """Read an entry of [data] or [samples]: a number, a list, a linspace, a formula, a file's array."""
    if not isinstance(value, Mapping):
        return frozen(to_array(value, where, sandbox))
    unknown_keys(value, ("linspace", "formula", "file", "name"), where)
    if "file" in value or "name" in value:
        return beside.take(value, where)
    if len(value) != 1:
        raise LessonError(f"{where}: give linspace or formula, one of the two")
    if "linspace" in value:
        start, stop, count = convert(value, LinspaceTable, where).linspace
        span = check_number(stop, f"{where}.linspace") - check_number(start, f"{where}.linspace")
        check_number(span, f"{where}.linspace, stop minus start")
        check_made((count,), f"{where}.linspace", sandbox, sum(array.nbytes for array in known.values()))
        return frozen(np.linspace(start, stop, count))
    expression = convert(value, FormulaTable, where).formula
    try:
        result = evaluate(parse_expression(expression), known)
    except FormulaError as error:
        raise LessonError(f"{where}.formula: column {error.column}: {error.reason}") from None
    if not np.all(np.isfinite(result)):
        raise LessonError(f"{where}.formula: the result is not finite everywhere")
    return frozen(result)


def read_samples(
    file: LessonFile, data: Mapping[str, Array], beside: ArraysBeside, csv: str | None = None
) -> dict[str, Array]:
    """Read [samples]: from a dataset or a CSV file, and inline; all must count the same samples.

    Args:
        file: the lesson file.
        data: what its formulas may use.
        beside: the files beside the lesson.
        csv: another CSV file, in place of the one that is named.
    """
    path, sandbox = beside.path, beside.sandbox
    table = {**file.samples, "csv": csv} if csv is not None else dict(file.samples)
    samples: dict[str, Array] = {}
    _check_linspaces(table, "samples")
    if "dataset" in table and "csv" in table:
        raise LessonError("samples: found both dataset and csv; give one of them")
    if "dataset" in table:
        options = {key: table.pop(key) for key in list(table) if key in DatasetTable.__struct_fields__}
        samples.update(_dataset(convert(options, DatasetTable, "samples"), file.random.seed, sandbox))
    elif is_text(table):
        samples.update(take_text(table, sandbox))
    elif "csv" in table:
        samples.update(_csv(table, path, sandbox))
    for key, value in table.items():
        name = _new_name(key, "samples", samples)
        samples[name] = _array(value, f"samples.{name}", {**data, **samples}, sandbox, beside)
        _check_total(samples, f"samples.{name}")
    rows: int | None = None
    for name, array in samples.items():
        if array.ndim == 0:
            raise LessonError(
                f"samples.{name}: found one number; samples are lists (constants belong into [data])"
            )
        if rows is not None and len(array) != rows:
            first = next(iter(samples))
            count = f"{len(array)} {'sample' if len(array) == 1 else 'samples'}"
            turned = "; samples count along the first axis" if rows in array.shape else ""
            raise LessonError(f"samples.{name}: found {count}, but {first} has {rows}{turned}")
        rows = len(array)
    return samples


def _dataset(options: DatasetTable, seed: int, sandbox: Sandbox) -> dict[str, Array]:
    if options.classes != 2 and options.dataset not in WITH_CLASSES:
        raise LessonError(
            f"samples.classes: {printable(options.dataset)} has 2 classes; spiral and blobs have more"
        )
    if options.one_hot and options.dataset == "sine":
        raise LessonError("samples.one_hot: sine has no classes")
    check_made((options.size, max(2, options.classes) if options.one_hot else 2), "samples.size", sandbox)
    X, y = make_dataset(
        options.dataset, options.size, options.noise, seed if options.seed is None else options.seed,
        options.classes, options.one_hot,
    )  # fmt: skip
    return {"X": frozen(X), "y": frozen(y)}


def _csv(table: dict[str, Any], path: Path, sandbox: Sandbox) -> dict[str, Array]:
    file = table.pop("csv")
    if not isinstance(file, str) or not file:
        raise LessonError(f"samples.csv: found {found(file)}; it must be the name of a file")
    target = _beside(path, file, "samples.csv")
    wanted: dict[str, tuple[list[str], bool]] = {}
    for key in list(table):
        value = table[key]
        if isinstance(value, str):
            wanted[_new_name(key, "samples", wanted)] = [value], False
        elif isinstance(value, list) and value and all(isinstance(column, str) for column in value):
            wanted[_new_name(key, "samples", wanted)] = value, True
        else:
            continue
        del table[key]
    if not wanted:
        raise LessonError('samples: name the columns to use, such as X = ["x1", "x2"] and y = "label"')
    columns = list(dict.fromkeys(column for names, _ in wanted.values() for column in names))
    read = read_csv(target, columns, sandbox)
    return {
        name: frozen(np.column_stack([read[column] for column in names]) if matrix else read[names[0]])
        for name, (names, matrix) in wanted.items()
    }


def _beside(path: Path, file: str, where: str) -> Path:
    """Return the file of that name in the lesson's folder; refuse one outside, by symbolic links as well."""
    try:
        folder = path.parent.resolve()
        target = (folder / file).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long, a NUL byte
        raise LessonError(f"{where}: {printable(file)} is not the name of a file") from None
    if target == folder or not target.is_relative_to(folder):
        raise LessonError(f"{where}: {printable(file)} is not beside the lesson")
    return target


def read_parameters(
    table: Mapping[str, Any], sandbox: Sandbox, beside: ArraysBeside
) -> dict[str, ParameterSpec]:
    """Read [parameters], in file order."""
    parameters: dict[str, ParameterSpec] = {}
    for key, value in table.items():
        name = _new_name(key, "parameters", parameters)
        parameters[name] = _parameter(name, value, sandbox, beside)
    return parameters


def _has_fans(start: str) -> bool:
    return start in INITIALIZERS and INITIALIZERS[start].spread is not None


def _parameter(name: str, value: Any, sandbox: Sandbox, beside: ArraysBeside) -> ParameterSpec:
    where = f"parameters.{name}"
    if isinstance(value, Mapping) and "file" in value:
        unknown_keys(value, ("file", "name", "trainable"), where)
        array = beside.take({key: entry for key, entry in value.items() if key != "trainable"}, where)
        trainable = convert({"trainable": value.get("trainable", True)}, ParameterTable, where).trainable
        return ParameterSpec(name, array.shape, trainable, array)
    table = (
        convert(value, ParameterTable, where) if isinstance(value, Mapping) else ParameterTable(init=value)
    )
    if (table.init is None) == (table.value is None):
        raise LessonError(
            f"{where}: give init or value: a number, a nested list, or one of {', '.join(INITIALIZERS)}"
        )
    start = table.init if table.init is not None else table.value
    if table.fan_in is not None and (not isinstance(start, str) or not _has_fans(start)):
        raise LessonError(f"{where}.fan_in: found {table.fan_in}; only starts that depend on inputs have it")
    shape = (table.shape,) if isinstance(table.shape, int) else tuple(table.shape or ())
    check_made(shape, f"{where}.shape", sandbox)
    if not isinstance(start, str):
        array = to_array(start, where, sandbox)
        if table.shape is not None:
            if array.ndim and array.shape != shape:
                raise LessonError(
                    f"{where}.shape: found {shape_text(shape)}, but the value is {shape_text(array.shape)}"
                )
            array = np.broadcast_to(array, shape)
        with np.errstate(over="ignore"):
            array = table.scale * array
        if not np.all(np.isfinite(array)):
            raise LessonError(f"{where}.scale: {table.scale:g} times the value is not finite")
        return ParameterSpec(name, array.shape, table.trainable, frozen(array))
    if known := called_here(start):
        raise LessonError(f"{where}: found {found(start)}; it is called {known} here")
    if start not in INITIALIZERS:
        right = f"a number, a list, or one of {', '.join(INITIALIZERS)}{suggest(start, INITIALIZERS)}"
        raise LessonError(f"{where}: found {found(start)}; it must be {right}")
    if refusal := INITIALIZERS[start].refusal(shape):
        raise LessonError(f"{where}.shape: {refusal}")
    return ParameterSpec(name, shape, table.trainable, None, start, table.scale, table.fan_in)
