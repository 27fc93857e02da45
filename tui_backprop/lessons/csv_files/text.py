"""A CSV file's lines, read within limits; a file that is something else is said to be that, with the cure."""

from __future__ import annotations

import io
from pathlib import Path

from tui_backprop.lessons.errors import LessonError, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.system import system_reason

MAX_CSV_BYTES = 16 << 20
"""Bytes of one CSV file; reading them takes about two seconds."""
MAX_CSV_LINE = 1 << 20
"""Characters of one line of it."""

_OTHERS = (
    (b"version https://git-lfs", later("this is a Git LFS pointer, not the data; git lfs pull fetches that")),
    (b"PK\x03\x04", later("this is a workbook or a zip archive; save the sheet as CSV, or unpack it")),
    (b"\x1f\x8b", later("this is compressed; unpack it first: gunzip {name}")),
    (b"PAR1", later("this is a Parquet file; save the table as CSV")),
    (b"SQLite format 3", later("this is an SQLite database; save the table as CSV")),
    (b"%PDF-", later("this is a PDF; save the table as CSV")),
)
"""How files begin that are no tables, and what to do about each."""
_PAGES = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<!--")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 1 << 16


def read_lines(path: Path, sandbox: Sandbox) -> list[str]:
    """Return the lines of a CSV file with their ends, without a byte order mark.

    Raises:
        LessonError: the file cannot be read, is too large, or is no UTF-8 text.
    """
    shown = printable(path.name)
    if not sandbox.confined and not is_file(path):
        raise LessonError(tr("{file}: no such file beside the lesson", file=shown))
    try:
        with sandbox.open_file(path) as file:
            raw = file.read(MAX_CSV_BYTES + 1)
    except OSError as error:
        raise LessonError(
            tr("{file}: cannot be read: {reason}", file=shown, reason=printable(system_reason(error)))
        ) from None
    except LessonError as error:
        raise LessonError(f"{shown}: {error}") from None
    if other := _something_else(raw, path.name):
        raise LessonError(f"{shown}: {other}")
    if len(raw) > MAX_CSV_BYTES:
        raise LessonError(
            tr(
                "{file}: larger than {size} MiB; give fewer rows or columns",
                file=shown,
                size=MAX_CSV_BYTES >> 20,
            )
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise LessonError(
            tr(
                "{file}, line {line}: {reason}",
                file=shown,
                line=line,
                reason=_converted(_encoding(raw, error.start), path),
            )
        ) from None
    lines = list(io.StringIO(text, newline=""))
    for number, content in enumerate(lines, 1):
        if len(content) > MAX_CSV_LINE:
            raise LessonError(
                tr(
                    "{file}, line {line}: more than {most:,} characters in one line",
                    file=shown,
                    line=number,
                    most=MAX_CSV_LINE,
                )
            )
    return lines


def _something_else(raw: bytes, name: str) -> str:
    """Say what a file is that is no table, and what to do; "" where nothing says so."""
    for beginning, what in _OTHERS:
        if raw.startswith(beginning):
            return tr(what, name=printable(name))
    begin = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith(_PAGES):
        return tr("this is a web page, not a table; download the file itself (on GitHub the button Raw)")
    return ""


def _encoding(raw: bytes, start: int) -> str:
    """Guess the encoding of text that is not UTF-8."""
    if raw.startswith(_UTF_16) or raw[1:40:2].count(0) > 10 or raw[0:40:2].count(0) > 10:
        return "UTF-16"
    near = raw[start : start + _SAMPLE].partition(b"\n")[0]
    try:
        letters = [character for character in near.decode("cp949") if character > "\x7f"]
    except UnicodeDecodeError:
        letters = []
    return (
        "CP949" if letters and all("\uac00" <= letter <= "\ud7a3" for letter in letters) else "WINDOWS-1252"
    )


def _converted(encoding: str, path: Path) -> str:
    name = printable(path.name)
    new = printable(f"{path.stem}-utf8{path.suffix}")
    which = encoding if encoding == "UTF-16" else tr("perhaps {encoding}", encoding=encoding)
    return tr(
        "it is not UTF-8 text ({which}); convert it: iconv -f {encoding} -t UTF-8 {name} > {new}",
        which=which,
        encoding=encoding,
        name=name,
        new=new,
    )
