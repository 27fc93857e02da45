"""The text of a lesson's file as TOML: read within limits, parsed, and what was meant where it is no TOML."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from tui_backprop.lessons.errors import LessonError, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

MAX_FILE_BYTES = 2 << 20
"""Bytes of one lesson file; the parser reads about a million a second."""
MAX_DOTTED = 16
"""Parts of one dotted key: the parser's time grows with the square of their number."""


def read_text(path: Path, sandbox: Sandbox) -> str:
    """Return the text of a lesson's file.

    Raises:
        LessonError: it cannot be read, is too large, or is not text.
    """
    if not sandbox.confined and not is_file(path):
        raise LessonError(
            tr("this is a folder; give a lesson's .toml file") if os.path.isdir(path)
            else tr("this is not a file; give a lesson's .toml file") if os.path.lexists(path)
            else tr("no such file")
        )  # fmt: skip
    try:
        with sandbox.open_file(path) as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise LessonError(tr("cannot be read: {reason}", reason=system_reason(error))) from None
    if len(raw) > MAX_FILE_BYTES:
        raise LessonError(
            tr("larger than {size} MiB; put the samples into a CSV file", size=MAX_FILE_BYTES >> 20)
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(tr("byte {place} is not UTF-8 text", place=error.start)) from None


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML text.

    Raises:
        LessonError: it is not TOML; the message says where, and what was probably meant.
    """
    check_keys(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(
            tr(
                "not valid TOML: {error}{hint}",
                error=printable(str(error), 160),
                hint=_quote_hint(text, str(error)),
            )
        ) from None
    except (RecursionError, ValueError) as error:
        reason = tr("nested too deeply") if isinstance(error, RecursionError) else printable(str(error))
        raise LessonError(tr("not valid TOML: {reason}", reason=reason)) from None


_AT_LINE = r"at line (\d+)(?:, column (\d+))?"
_UNESCAPED = ("Unescaped '\\' in a string", "Invalid hex value")
"""What is found of ``\\alpha`` and of ``\\usepackage`` in double quotes."""
_BARE_KEY = r"\s*([^\W\d]\w*)\s*="
_BARE_WORD = r"[^\W\d][\w.+-]*"
_SUM = r"[^=#]*=\s*([\d.]+\s*)(?=[-+*/@(])"
"""A key, and a number that a sign follows."""
_AS_TOML = {"True": "true", "False": "false"}


def _quote_hint(text: str, message: str) -> str:
    """Say how TOML wants a name in other letters than ASCII, or a word, where that is what is wrong."""
    if message.startswith(_UNESCAPED):
        return tr("; in double quotes a backslash begins an escape: write the text in single quotes, '…'")
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
        return tr('; a name in such letters stands in quotes: "{name}" = …', name=printable(key[1], 30))
    if number := _SHORT_NUMBER.search(STRINGS.sub(lambda found: " " * len(found[0]), line)):
        return tr(
            "; TOML has digits on both sides of the point: write {number}",
            number=_lengthened(number[0]),
        )
    return ""


def _lengthened(number: str) -> str:
    """Write a number such as ``.5`` or ``1.`` with the digit that TOML asks for."""
    whole, point, decimals = number.partition(".")
    return (whole if whole.strip("+-") else f"{whole}0") + point + (decimals or "0")


def _word_hint(word: str, rest: str) -> str:
    """Say what a word that stands where a value belongs should have been: a text, a formula, a truth."""
    if word == "None":
        return tr("; write nothing, or leave the line out")
    if word in _AS_TOML:
        return tr("; write {right}", right=_AS_TOML[word])
    if re.match(r"\s*[-+*/@(]", rest):
        formula = re.match(r"[^#,}]*", word + rest)
        assert formula is not None
        return tr(
            '; a formula stands in {{ formula = "{formula}" }}', formula=printable(formula[0].strip(), 40)
        )
    return tr('; a text stands in quotes: "{word}"', word=printable(word, 40))


# a run of dotted parts is looked for from the start of a word only, or the time would be quadratic
STRINGS = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|\#[^\n]*+''',
    re.DOTALL,
)
"""TOML's strings and comments."""
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_DOTTED}}}")


_SHORT_NUMBER = re.compile(r"(?<![\w.\])])[-+]?(?:\.\d+|\d+\.(?!\d))(?![\w.])")
"""A number with nothing before its point, or nothing behind it."""


def check_keys(text: str) -> None:
    """Refuse a key of very many parts before the parser meets it; its time grows with their square."""
    plain = STRINGS.sub(lambda found: "_" if found[0][0] != "#" else "", text)
    if _DOTTED.search(plain):
        raise LessonError(
            tr(
                "a key of more than {most} parts joined by dots; lessons need two",
                most=MAX_DOTTED,
            )
        )
