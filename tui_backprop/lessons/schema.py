"""The lesson file as typed structs, with ranges; every error names file, key and rule."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, Struct

from tui_backprop.engine.arrays import MAX_BYTES, MAX_DIMENSIONS, Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import printable, suggest
from tui_backprop.lessons.confinement import at_most, confinement, open_file
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found, is_file
from tui_backprop.lessons.hyperparameters import MAX_SEED

FORMAT = 1
MAX_FILE_BYTES = 2 << 20
"""Bytes of one lesson file; the parser reads about a million a second."""
MAX_DOTTED = 16
"""Parts of one dotted key: the parser's time grows with the square of their number."""
MAX_NOTES = 1000
"""Entries of [[why]], and of [[slip]]."""

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


INITIALIZERS = ("normal", "uniform", "zeros", "ones", "xavier", "he")


class ParameterTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``{ init = "he", shape = [2, 8], scale = 0.5, trainable = false }``, or ``value`` for ``init``."""

    init: Any = None
    value: Any = None
    shape: Count | list[Count] | None = None
    scale: Annotated[float, Meta(ge=0, le=1e6)] = 1.0
    trainable: bool = True


class DatasetTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``dataset = "moons"`` in ``[samples]``, with its options."""

    dataset: str
    size: Annotated[int, Meta(ge=1, le=10**7)] = 200
    noise: Annotated[float, Meta(ge=0, le=1e6)] = 0.1
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None
    classes: Annotated[int, Meta(ge=2, le=100)] = 2
    one_hot: bool = False


class WhyTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[why]]``: a note at an edge of the graph."""

    at: str
    text: str
    when: str | None = None


class SlipTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[slip]]``: a mistake made by hand, as gradients or as another line of the formula."""

    title: str
    gradient: dict[str, str] = {}
    formula: dict[str, str] = {}
    note: str = ""


class LessonFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole lesson file."""

    formula: str
    format: int = FORMAT
    title: str = ""
    summary: str = ""
    loss: str | None = None
    random: RandomTable = RandomTable()
    data: dict[str, Any] = {}
    samples: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    hyperparameters: dict[str, Any] = {}
    why: list[WhyTable] = []
    slip: list[SlipTable] = []


def read_lesson_file(path: Path) -> tuple[LessonFile, str]:
    """Read and check a lesson file; return it with its text.

    Raises:
        LessonError: the file cannot be read, is not TOML, or breaks a rule of the format.
    """
    if confinement() is None and not is_file(path):
        raise LessonError(
            "this is a folder; give a lesson's .toml file" if os.path.isdir(path)
            else "this is not a file; give a lesson's .toml file" if os.path.lexists(path)
            else "no such file"
        )  # fmt: skip
    try:
        with open_file(path) as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise LessonError(f"cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE_BYTES:
        raise LessonError(f"larger than {MAX_FILE_BYTES >> 20} MiB; put the samples into a CSV file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"byte {error.start} is not UTF-8 text") from None
    return parse_lesson(text), text


_AT_LINE = re.compile(r"at line (\d+)")
_BARE_KEY = re.compile(r"\s*([^\W\d]\w*)\s*=")


def _quote_hint(text: str, message: str) -> str:
    """Say how TOML wants a name in other letters than ASCII, where that is what is wrong."""
    place = _AT_LINE.search(message)
    lines = text.split("\n")
    key = _BARE_KEY.match(lines[int(place[1]) - 1]) if place and int(place[1]) <= len(lines) else None
    if key is None or key[1].isascii():
        return ""
    return f'; a name in such letters stands in quotes: "{printable(key[1], 30)}" = …'


# a run of dotted parts is looked for from the start of a word only, or the time would be quadratic
_STRINGS = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|\#[^\n]*+''',
    re.DOTALL,
)
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_DOTTED}}}")


def _check_keys(text: str) -> None:
    """Refuse a key of very many parts before the parser meets it."""
    plain = _STRINGS.sub(lambda found: "_" if found[0][0] != "#" else "", text)
    if _DOTTED.search(plain):
        raise LessonError(f"a key of more than {MAX_DOTTED} parts joined by dots; lessons need two")


def parse_lesson(text: str) -> LessonFile:
    """Parse the text of a lesson file into its struct."""
    _check_keys(text)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(
            f"not valid TOML: {printable(str(error), 160)}{_quote_hint(text, str(error))}"
        ) from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else printable(str(error))
        raise LessonError(f"not valid TOML: {reason}") from None
    version = document.get("format", FORMAT)
    if type(version) is not int or version < 1:
        raise LessonError(f"format: found {found(version)}; it must be {FORMAT}")
    if version > FORMAT:
        raise LessonError(
            f"format: found {found(version)}; this version of tui-backprop reads format {FORMAT}"
        )
    file = convert(document, LessonFile, "")
    for key, notes in (("why", file.why), ("slip", file.slip)):
        if len(notes) > MAX_NOTES:
            raise LessonError(f"{key}: found {len(notes):,} entries; at most {MAX_NOTES:,} are read")
    return file


def to_array(value: Any, where: str) -> Array:
    """Turn a number or nested list into a float64 array of 0 to 3 dimensions.

    Raises:
        LessonError: ragged or empty lists, anything but finite numbers, more than three dimensions.
    """
    shape: list[int] = []
    level: list[Any] = [value]
    while any(isinstance(item, list) for item in level):
        if len(shape) == MAX_DIMENSIONS:
            raise LessonError(
                f"{where}: more than {MAX_DIMENSIONS} levels of lists; arrays have at most 3 axes"
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


def check_size(shape: Shape, where: str) -> Shape:
    """Refuse a shape of more than three axes or more than 1 GiB."""
    if len(shape) > MAX_DIMENSIONS:
        raise LessonError(f"{where}: found {len(shape)} axes; arrays have at most {MAX_DIMENSIONS}")
    if 8 * size_of(shape) > MAX_BYTES:
        raise LessonError(f"{where}: {shape_text(shape)} takes more than 1 GiB")
    if size_of(shape) > (most := at_most("values", MAX_BYTES)):
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
