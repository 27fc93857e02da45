"""The lesson file as typed structs, with ranges; every error names file, key and rule."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Sized
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, Struct

from tui_backprop.engine.core.arrays import MAX_BYTES, MAX_DIMENSIONS, Array, Shape, size_of
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found, is_file
from tui_backprop.lessons.hyperparameters import MAX_SEED
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.specs.source import SourceTable
from tui_backprop.lessons.specs.teaching import (
    DrawnTable,
    DrawRule,
    QuestionTable,
    SlipTable,
    TaskTable,
    WhyTable,
)
from tui_backprop.lessons.texts import check_texts
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable

FORMAT = 1
MAX_FILE_BYTES = 2 << 20
"""Bytes of one lesson file; the parser reads about a million a second."""
MAX_DOTTED = 16
"""Parts of one dotted key: the parser's time grows with the square of their number."""
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
    draw: dict[str, DrawRule] = {}
    drawn: DrawnTable | None = None
    source: SourceTable | None = None


def read_lesson_file(path: Path, sandbox: Sandbox) -> tuple[LessonFile, str]:
    """Read and check a lesson file; return it with its text.

    Raises:
        LessonError: the file cannot be read, is not TOML, or breaks a rule of the format.
    """
    if not sandbox.confined and not is_file(path):
        raise LessonError(
            "this is a folder; give a lesson's .toml file" if os.path.isdir(path)
            else "this is not a file; give a lesson's .toml file" if os.path.lexists(path)
            else "no such file"
        )  # fmt: skip
    try:
        with sandbox.open_file(path) as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise LessonError(f"cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE_BYTES:
        raise LessonError(f"larger than {MAX_FILE_BYTES >> 20} MiB; put the samples into a CSV file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"byte {error.start} is not UTF-8 text") from None
    return parse_lesson(text, check_texts), text


_AT_LINE = r"at line (\d+)(?:, column (\d+))?"
_UNESCAPED = ("Unescaped '\\' in a string", "Invalid hex value")
"""What is found of ``\\alpha`` and of ``\\usepackage`` in double quotes."""
_BARE_KEY = r"\s*([^\W\d]\w*)\s*="
_BARE_WORD = r"[^\W\d][\w.+-]*"
_SUM = r"[^=#]*=\s*([\d.]+\s*)(?=[-+*/@(])"
"""A key, and a number that a sign follows."""
_AS_TOML = {"True": "true", "False": "false", "None": "nothing, or leave the line out"}


def _quote_hint(text: str, message: str) -> str:
    """Say how TOML wants a name in other letters than ASCII, or a word, where that is what is wrong."""
    if message.startswith(_UNESCAPED):
        return "; in double quotes a backslash begins an escape: write the text in single quotes, '…'"
    place, lines = re.search(_AT_LINE, message), text.split("\n")
    if place is None or int(place[1]) > len(lines):
        return ""
    line = lines[int(place[1]) - 1]
    column = int(place[2] or 1) - 1
    if message.startswith("Invalid value") and (word := re.compile(_BARE_WORD).match(line, column)):
        return _word_hint(word[0], line[word.end() :])
    if (number := re.match(_SUM, line)) and number.end() == column:
        return _word_hint(number[1], line[column:])
    key = re.match(_BARE_KEY, line)
    if key is not None and not key[1].isascii():
        return f'; a name in such letters stands in quotes: "{printable(key[1], 30)}" = …'
    if number := _SHORT_NUMBER.search(_STRINGS.sub(lambda found: " " * len(found[0]), line)):
        return f"; TOML has digits on both sides of the point: write {_lengthened(number[0])}"
    return ""


def _lengthened(number: str) -> str:
    """Write a number such as ``.5`` or ``1.`` with the digit that TOML asks for."""
    whole, point, decimals = number.partition(".")
    return (whole if whole.strip("+-") else f"{whole}0") + point + (decimals or "0")


def _word_hint(word: str, rest: str) -> str:
    """Say what a word that stands where a value belongs should have been: a text, a formula, a truth."""
    if word in _AS_TOML:
        return f"; write {_AS_TOML[word]}"
    if re.match(r"\s*[-+*/@(]", rest):
        formula = re.match(r"[^#,}]*", word + rest)
        assert formula is not None
        return f'; a formula stands in {{ formula = "{printable(formula[0].strip(), 40)}" }}'
    return f'; a text stands in quotes: "{printable(word, 40)}"'


# a run of dotted parts is looked for from the start of a word only, or the time would be quadratic
_STRINGS = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|\#[^\n]*+''',
    re.DOTALL,
)
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_DOTTED}}}")


_SHORT_NUMBER = re.compile(r"(?<![\w.\])])[-+]?(?:\.\d+|\d+\.(?!\d))(?![\w.])")
"""A number with nothing before its point, or nothing behind it."""


def check_keys(text: str) -> None:
    """Refuse a key of very many parts before the parser meets it; its time grows with their square."""
    plain = _STRINGS.sub(lambda found: "_" if found[0][0] != "#" else "", text)
    if _DOTTED.search(plain):
        raise LessonError(f"a key of more than {MAX_DOTTED} parts joined by dots; lessons need two")


def parse_lesson(text: str, check: Callable[..., None] | None = None) -> LessonFile:
    """Parse the text of a lesson file into its struct; ``check`` may refuse what its texts have in them."""
    check_keys(text)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(
            f"not valid TOML: {printable(str(error), 160)}{_quote_hint(text, str(error))}"
        ) from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else printable(str(error))
        raise LessonError(f"not valid TOML: {reason}") from None
    if check is not None:
        check(text, document, _STRINGS)
    version = document.get("format", FORMAT)
    if type(version) is not int or version < 1:
        raise LessonError(f"format: found {found(version)}; it must be {FORMAT}")
    if version > FORMAT:
        raise LessonError(
            f"format: found {found(version)}; this version of tui-backprop reads format {FORMAT}"
        )
    file = convert(document, LessonFile, "")
    tables: dict[str, Sized] = {
        "why": file.why, "slip": file.slip, "task": file.task, "question": file.question, "draw": file.draw,
    }  # fmt: skip
    for key, notes in tables.items():
        if len(notes) > MAX_NOTES:
            raise LessonError(f"{key}: found {len(notes):,} entries; at most {MAX_NOTES:,} are read")
    return file


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
                f"{where}: more than {MAX_DIMENSIONS} levels of lists; "
                f"arrays have at most {MAX_DIMENSIONS} axes"
            )
        lengths = [len(item) if isinstance(item, list) else None for item in level]
        if len(set(lengths)) > 1:
            odd = next(i for i, length in enumerate(lengths) if length != lengths[0])
            raise LessonError(
                f"{where}: the lists are ragged: {_entry(lengths[odd], odd)}, but {_entry(lengths[0], 0)}"
            )
        shape.append(lengths[0] or 0)
        level = [number for item in level for number in item]
    if not level:
        raise LessonError(f"{where}: found an empty list; write at least one number")
    for number in level:
        check_number(number, where)
    return np.array(level, dtype=np.float64).reshape(shape)


def _entry(length: int | None, index: int) -> str:
    what = "is one number" if length is None else f"has {length} number{'' if length == 1 else 's'}"
    return f"entry {index + 1} {what}"


def check_number(value: Any, where: str) -> float:
    """Return a finite number as a float; refuse everything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if np.isfinite(number):
            return number
    raise LessonError(f"{where}: found {found(value)}; it must be a finite number")


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
            f"{where}: {shape_text(shape)} takes more than 512 MiB, and with its gradient or a result of the "
            "same shape more than 1 GiB"
        )
    if held + 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(f"{where}: with what stands above, it takes more than 1 GiB")
    return shape


def check_size(shape: Shape, where: str, sandbox: Sandbox) -> Shape:
    """Refuse a shape of more than six axes or more than 1 GiB."""
    if len(shape) > MAX_DIMENSIONS:
        raise LessonError(f"{where}: found {len(shape)} axes; arrays have at most {MAX_DIMENSIONS}")
    if 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(f"{where}: {shape_text(shape)} takes more than 1 GiB")
    if size_of(shape) > (most := sandbox.at_most("values", MAX_BYTES)):
        raise LessonError(
            f"{where}: {shape_text(shape)} is more than the {most:,} numbers of this login's limit"
        )
    return shape


def unknown_keys(keys: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse the first key that is not known, with the nearest known one."""
    known = list(known)
    for key in keys:
        if key not in known:
            hint = suggest(key, known) or f"; there are {', '.join(known)}"
            raise LessonError(f"{where}: unknown key {found(key, 80)}{hint}")
