"""The entries of [data], [samples] and [parameters]: from plain TOML values to arrays and starting rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.engine.core.arrays import MAX_BYTES, Array, frozen
from tui_backprop.engine.core.errors import FormulaError, suggest
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import check_name, parse_expression
from tui_backprop.lessons.beside.arrays import ArraysBeside, check_total
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.csv_files.reading import Reading
from tui_backprop.lessons.datasets import WITH_CLASSES, make_dataset
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import (
    DatasetTable,
    FormulaTable,
    LessonFile,
    LinspaceTable,
    ParameterTable,
    check_made,
    check_number,
    to_array,
    unknown_keys,
)
from tui_backprop.lessons.lesson import ParameterSpec
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.specs.initializers import INITIALIZERS, called_here
from tui_backprop.lessons.text_samples import is_text, take_text
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.lessons.csv_files.maker import Held


def read_name(name: str, where: str) -> str:
    """Return a name in the form in which formulas use it; refuse what is none."""
    normal = unicodedata.normalize("NFKC", name)
    try:
        check_name(normal)
    except FormulaError as error:
        raise LessonError(f"{where}: {error.reason}") from None
    return normal


def read_data(table: Mapping[str, Any], sandbox: Sandbox, beside: ArraysBeside) -> dict[str, Array]:
    """Read [data]; a formula may use the entries above it."""
    data: dict[str, Array] = {}
    _check_linspaces(table, "data")
    for key, value in table.items():
        name = _new_name(key, "data", data)
        data[name] = _array(value, f"data.{name}", data, sandbox, beside)
        check_total(data, f"data.{name}")
    return data


def _new_name(key: str, table: str, taken: Mapping[str, object]) -> str:
    name = read_name(key, table)
    if name in taken:  # TOML refuses a key given twice, but two keys may be one name, such as µ and μ
        raise LessonError(tr("{table}.{name}: the name is given twice in [{table}]", table=table, name=name))
    return name


def _check_linspaces(table: Mapping[str, Any], where: str) -> None:
    """Refuse a table whose linspaces would take more than 1 GiB together, before the first is made."""
    counts = [value.get("linspace") for value in table.values() if isinstance(value, Mapping)]
    ends = [count[-1] for count in counts if isinstance(count, list) and count]
    if 8 * sum(end for end in ends if isinstance(end, int) and end > 0) > MAX_BYTES and len(ends) > 1:
        raise LessonError(tr("{where}: its linspaces take more than 1 GiB together", where=where))


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
        raise LessonError(tr("{where}: give linspace or formula, one of the two", where=where))
    if "linspace" in value:
        start, stop, count = convert(value, LinspaceTable, where).linspace
        span = check_number(stop, f"{where}.linspace") - check_number(start, f"{where}.linspace")
        check_number(span, tr("{where}.linspace, stop minus start", where=where))
        check_made((count,), f"{where}.linspace", sandbox, sum(array.nbytes for array in known.values()))
        return frozen(np.linspace(start, stop, count))
    expression = convert(value, FormulaTable, where).formula
    try:
        result = evaluate(parse_expression(expression), known)
    except FormulaError as error:
        raise LessonError(
            tr(
                "{where}: column {column}: {reason}",
                where=f"{where}.formula",
                column=error.column,
                reason=error.reason,
            )
        ) from None
    if not np.all(np.isfinite(result)):
        raise LessonError(tr("{where}.formula: the result is not finite everywhere", where=where))
    return frozen(result)


def read_samples(
    file: LessonFile,
    data: Mapping[str, Array],
    beside: ArraysBeside,
    *,
    held: Held | None = None,
    csv: str | None = None,
    known: Reading | None = None,
) -> tuple[dict[str, Array], Reading]:
    """Read [samples]: from a dataset or a CSV file, and inline; all must count the same samples.

    Args:
        file: the lesson file.
        data: what its formulas may use.
        beside: the files beside the lesson.
        held: tells which samples are held back, and so have no part in means and deviations.
        csv: another CSV file, in place of the one that is named.
        known: what was made of the cells of that one, whose classes and scales hold for the other as well.

    Returns:
        Arrays by name, and how those of a CSV file came about.
    """
    sandbox = beside.sandbox
    table = {**file.samples, "csv": csv} if csv is not None else dict(file.samples)
    samples: dict[str, Array] = {}
    reading = Reading()
    _check_linspaces(table, "samples")
    if "dataset" in table and "csv" in table:
        raise LessonError(tr("samples: found both dataset and csv; give one of them"))
    if "dataset" in table:
        options = {key: table.pop(key) for key in list(table) if key in DatasetTable.__struct_fields__}
        samples.update(_dataset(convert(options, DatasetTable, "samples"), file.random.seed, sandbox))
    elif is_text(table):
        samples.update(take_text(table, sandbox))
    elif "csv" in table:
        from tui_backprop.lessons.csv_files.samples import take_csv  # few lessons want it

        read, reading = take_csv(
            table, beside.path, sandbox, lambda key: read_name(key, "samples"), held, known
        )
        samples.update(read)
    for key, value in table.items():
        name = _new_name(key, "samples", samples)
        samples[name] = _array(value, f"samples.{name}", {**data, **samples}, sandbox, beside)
        check_total(samples, f"samples.{name}")
    rows: int | None = None
    for name, array in samples.items():
        if array.ndim == 0:
            raise LessonError(
                tr(
                    "samples.{name}: found one number; samples are lists (constants belong into [data])",
                    name=name,
                )
            )
        if rows is not None and len(array) != rows:
            first = next(iter(samples))
            turned = tr("; samples count along the first axis") if rows in array.shape else ""
            raise LessonError(
                tr_count(
                    "samples.{name}: found {count} sample, but {first} has {rows}{turned}",
                    "samples.{name}: found {count} samples, but {first} has {rows}{turned}",
                    len(array),
                    name=name,
                    first=first,
                    rows=rows,
                    turned=turned,
                )
            )
        rows = len(array)
    return samples, reading


def _dataset(options: DatasetTable, seed: int, sandbox: Sandbox) -> dict[str, Array]:
    if options.classes != 2 and options.dataset not in WITH_CLASSES:
        raise LessonError(
            tr(
                "samples.classes: {dataset} has 2 classes; spiral and blobs have more",
                dataset=printable(options.dataset),
            )
        )
    if options.one_hot and options.dataset == "sine":
        raise LessonError(tr("samples.one_hot: sine has no classes"))
    check_made((options.size, max(2, options.classes) if options.one_hot else 2), "samples.size", sandbox)
    X, y = make_dataset(
        options.dataset, options.size, options.noise, seed if options.seed is None else options.seed,
        options.classes, options.one_hot,
    )  # fmt: skip
    return {"X": frozen(X), "y": frozen(y)}


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
            tr(
                "{where}: give init or value: a number, a nested list, or one of {names}",
                where=where,
                names=", ".join(INITIALIZERS),
            )
        )
    start = table.init if table.init is not None else table.value
    if table.fan_in is not None and (not isinstance(start, str) or not _has_fans(start)):
        raise LessonError(
            tr(
                "{where}.fan_in: found {fan_in}; only starts that depend on inputs have it",
                where=where,
                fan_in=table.fan_in,
            )
        )
    shape = (table.shape,) if isinstance(table.shape, int) else tuple(table.shape or ())
    check_made(shape, f"{where}.shape", sandbox)
    if not isinstance(start, str):
        array = to_array(start, where, sandbox)
        if table.shape is not None:
            if array.ndim and array.shape != shape:
                raise LessonError(
                    tr(
                        "{where}.shape: found {shape}, but the value is {value_shape}",
                        where=where,
                        shape=shape_text(shape),
                        value_shape=shape_text(array.shape),
                    )
                )
            array = np.broadcast_to(array, shape)
        with np.errstate(over="ignore"):
            array = table.scale * array
        if not np.all(np.isfinite(array)):
            raise LessonError(
                tr("{where}.scale: {scale:g} times the value is not finite", where=where, scale=table.scale)
            )
        return ParameterSpec(name, array.shape, table.trainable, frozen(array))
    if known := called_here(start):
        raise LessonError(
            tr(
                "{where}: found {found}; it is called {known} here",
                where=where,
                found=found(start),
                known=known,
            )
        )
    if start not in INITIALIZERS:
        raise LessonError(
            tr(
                "{where}: found {found}; it must be a number, a list, or one of {names}{hint}",
                where=where,
                found=found(start),
                names=", ".join(INITIALIZERS),
                hint=suggest(start, INITIALIZERS),
            )
        )
    if refusal := INITIALIZERS[start].refusal(shape):
        raise LessonError(f"{where}.shape: {refusal}")
    return ParameterSpec(name, shape, table.trainable, None, start, table.scale, table.fan_in)
