"""The lesson file as typed structs, with ranges; every error names file, key and rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, Struct

from tui_backprop.engine.core.arrays import MAX_BYTES, MAX_DIMENSIONS, Array, Shape, size_of
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found, nearest
from tui_backprop.lessons.hyperparameters import MAX_SEED
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.specs.source import SourceTable
from tui_backprop.lessons.specs.teaching import (
    DrawnTable,
    QuestionTable,
    SlipTable,
    TaskTable,
    WhyTable,
)
from tui_backprop.lessons.toml_text.escapes import check_texts
from tui_backprop.lessons.toml_text.parsing import parse_toml, read_text
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr, tr_count

FORMAT = 1
MAX_NOTES = 1000
"""Entries of [[why]], of [[slip]], and of the others."""

Count = Annotated[int, Meta(ge=1, le=10**9)]


class RandomTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[random]``: where the parameters' random numbers come from."""

    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] = 0
    generator: Literal["pcg64", "legacy"] = "pcg64"


class LinspaceTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``{ linspace = [start, stop, count] }``."""

    linspace: tuple[float, float, Annotated[int, Meta(ge=1)]]


class FormulaTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``{ formula = "sin(x)" }`` over data given before."""

    formula: str


class ArrayTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``{ file = "weights.npz", name = "0.weight" }``: an array of a file beside the lesson."""

    file: str
    name: str


class ParameterTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``{ init = "he", shape = [2, 8], scale = 0.5, trainable = false }``, or ``value`` for ``init``.

    ``fan_in`` stands for the number of inputs that the shape says, such as for a bias.
    """

    init: Any = None
    value: Any = None
    shape: Count | list[Count] | None = None
    scale: Annotated[float, Meta(ge=0, le=1e6)] = 1.0
    fan_in: Count | None = None
    trainable: bool = True


class DatasetTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``dataset = "moons"`` in ``[samples]``, with its options."""

    dataset: str
    size: Annotated[int, Meta(ge=1, le=10**7)] = 200
    noise: Annotated[float, Meta(ge=0, le=1e6)] = 0.1
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None
    classes: Annotated[int, Meta(ge=2, le=100)] = 2
    one_hot: bool = False


class TextTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``text = ["ava", "al"]`` in ``[samples]``: what is guessed, and from how much before it."""

    text: list[str]
    context: Annotated[int, Meta(ge=1, le=100)] = 3
    tokens: Literal["characters", "words"] = "characters"


class ValidationTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[validation]``: samples that are not trained on, what is measured on them, and when a run stops."""

    share: float | None = None
    rows: list[Annotated[int, Meta(ge=0)]] | str | None = None
    csv: str | None = None
    metrics: list[str] = []
    early_stop: Count | None = None


class LessonFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole lesson file."""

    formula: str
    format: int = FORMAT
    title: str = ""
    summary: str = ""
    loss: str | None = None
    quiet: list[str] = []
    dtype: Literal["float64", "float32"] | None = None
    random: RandomTable = RandomTable()
    data: dict[str, Any] = {}
    samples: dict[str, Any] = {}
    validation: ValidationTable | None = None
    parameters: dict[str, Any] = {}
    hyperparameters: dict[str, Any] = {}
    why: list[WhyTable] = []
    slip: list[SlipTable] = []
    task: list[TaskTable] = []
    question: list[QuestionTable] = []
    draw: dict[str, Any] = {}
    drawn: DrawnTable | None = None
    source: SourceTable | None = None


def read_lesson_file(path: Path, sandbox: Sandbox) -> tuple[LessonFile, str]:
    """Read and check a lesson file; return it with its text.

    Raises:
        LessonError: the file cannot be read, is not TOML, or breaks a rule of the format.
    """
    text = read_text(path, sandbox)
    return parse_lesson(text, check_texts), text


def parse_lesson(text: str, check: Callable[..., None] | None = None) -> LessonFile:
    """Parse the text of a lesson file into its struct; ``check`` may refuse what its texts have in them."""
    document = parse_toml(text)
    if check is not None:
        check(text, document)
    version = document.get("format", FORMAT)
    if type(version) is not int or version < 1:
        raise LessonError(tr("format: found {found}; it must be {right}", found=found(version), right=FORMAT))
    if version > FORMAT:
        raise LessonError(
            tr(
                "format: found {found}; this version of tui-backprop reads format {right}",
                found=found(version),
                right=FORMAT,
            )
        )
    file = convert(document, LessonFile, "")
    tables: dict[str, Sized] = {
        "why": file.why, "slip": file.slip, "task": file.task, "question": file.question, "draw": file.draw,
    }  # fmt: skip
    for key, entries in tables.items():
        check_entries(key, len(entries))
    return file


def check_entries(key: str, count: int) -> None:
    """Refuse more entries of [[why]], or of another table, than are read."""
    if count > MAX_NOTES:
        raise LessonError(
            tr(
                "{key}: found {count:,} entries; at most {most:,} are read",
                key=key,
                count=count,
                most=MAX_NOTES,
            )
        )


def to_array(value: Any, where: str, sandbox: Sandbox) -> Array:
    """Turn a number or nested list into a float64 array of 0 to 3 dimensions.

    Raises:
        LessonError: ragged or empty lists, anything but finite numbers, more than six axes.
    """
    shape: list[int] = []
    level: list[Any] = [value]
    while any(isinstance(item, list) for item in level):
        if len(shape) == MAX_DIMENSIONS:
            raise LessonError(
                tr(
                    "{where}: more than {most} levels of lists; arrays have at most {most} axes",
                    where=where,
                    most=MAX_DIMENSIONS,
                )
            )
        lengths = [len(item) if isinstance(item, list) else None for item in level]
        if len(set(lengths)) > 1:
            odd = next(i for i, length in enumerate(lengths) if length != lengths[0])
            raise LessonError(
                tr(
                    "{where}: the lists are ragged: {one}, but {other}",
                    where=where,
                    one=_entry(lengths[odd], odd),
                    other=_entry(lengths[0], 0),
                )
            )
        shape.append(lengths[0] or 0)
        level = [number for item in level for number in item]
    if not level:
        raise LessonError(tr("{where}: found an empty list; write at least one number", where=where))
    for number in level:
        check_number(number, where)
    return np.array(level, dtype=np.float64).reshape(shape)


def _entry(length: int | None, index: int) -> str:
    number = index + 1
    if length is None:
        return tr("entry {number} is one number", number=number)
    return tr_count(
        "entry {number} has {count} number", "entry {number} has {count} numbers", length, number=number
    )


def check_number(value: Any, where: str) -> float:
    """Return a finite number as a float; refuse everything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if np.isfinite(number):
            return number
    raise LessonError(
        tr("{where}: found {found}; it must be a finite number", where=where, found=found(value))
    )


def check_made(shape: Shape, where: str, sandbox: Sandbox, held: int = 0) -> Shape:
    """Refuse what a lesson has made, such as a linspace or drawn parameters, before any memory is taken.

    Args:
        shape: the shape of what is to be made.
        where: the entry, for the message.
        sandbox: what the lesson is read with.
        held: bytes that the table's entries above it take.
    """
    check_size(shape, where, sandbox)
    if 2 * 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(
            tr(
                "{where}: {shape} takes more than 512 MiB, and with its gradient or a result of the "
                "same shape more than 1 GiB",
                where=where,
                shape=shape_text(shape),
            )
        )
    if held + 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(tr("{where}: with what stands above, it takes more than 1 GiB", where=where))
    return shape


def check_size(shape: Shape, where: str, sandbox: Sandbox) -> Shape:
    """Refuse a shape of more than six axes or more than 1 GiB."""
    if len(shape) > MAX_DIMENSIONS:
        raise LessonError(
            tr(
                "{where}: found {count} axes; arrays have at most {most}",
                where=where,
                count=len(shape),
                most=MAX_DIMENSIONS,
            )
        )
    if 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(tr("{where}: {shape} takes more than 1 GiB", where=where, shape=shape_text(shape)))
    if size_of(shape) > (most := sandbox.at_most("values", MAX_BYTES)):
        raise LessonError(
            tr(
                "{where}: {shape} is more than the {most:,} numbers of this login's limit",
                where=where,
                shape=shape_text(shape),
                most=most,
            )
        )
    return shape


def unknown_keys(keys: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse the first key that is not known, with the nearest known one."""
    known = list(known)
    for key in keys:
        if key not in known:
            hint = nearest(key, known)
            raise LessonError(
                tr("{where}: unknown key {found}{hint}", where=where, found=found(key, 80), hint=hint)
            )
