"""A lesson file's text for a traced run: formula, arrays in full, and the program's lines."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace
from tui_backprop.engine.frontends.numpy_tracing.run import Run

_DELETE = "\x7f"


def lesson_text(run: Run, title: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a lesson file.

    Args:
        run: what was traced.
        title: one line.
        tables: the arrays of ``data``, ``samples`` and ``parameters``, by name.
    """
    names = _file_names({place.file for place in run.formula.places} | {c.co_filename for c in run.codes})
    return "\n".join(
        (
            f"title = {_text(title)}",
            f"loss = {_text(run.formula.loss)}",
            "formula = '''",
            *run.formula.lines,
            "'''",
            *(line for table, arrays in tables.items() for line in _table(table, arrays)),
            "",
            "[source]",
            *_listed("lines", (_shown(place, names) for place in run.formula.places)),
            *_listed("notes", run.notes),
            *_parts(run.codes, names),
            "",
        )
    )


def _table(name: str, arrays: Mapping[str, Any]) -> Iterator[str]:
    if not arrays:
        return
    yield ""
    yield f"[{name}]"
    for key, array in arrays.items():
        word = key if key.isascii() else _text(key)
        yield f"{word} = {_numbers(np.asarray(array))}"


def _numbers(array: Any) -> str:
    if array.ndim == 0:
        return repr(array.item() if array.dtype != bool else int(array))
    inner = ", ".join(map(_numbers, array))
    return f"[{inner}]" if array.ndim == 1 else "[\n" + ",\n".join(map(_numbers, array)) + ",\n]"


def _listed(key: str, entries: Iterable[str]) -> Iterator[str]:
    yield f"{key} = ["
    yield from (f"  {_text(entry)}," for entry in entries)
    yield "]"


def _parts(codes: Iterable[CodeType], names: Mapping[str, str]) -> Iterator[str]:
    """Write the functions that ran; one inside of another stands there already."""
    found: dict[str, list[tuple[int, list[str]]]] = {}
    for code in codes:
        try:
            lines, first = inspect.getsourcelines(code)
        except (OSError, TypeError):
            continue
        found.setdefault(code.co_filename, []).append((first, [line.rstrip("\n") for line in lines]))
    for file, parts in found.items():
        covered = 0
        for first, lines in sorted(parts, key=lambda part: (part[0], -len(part[1]))):
            if first + len(lines) - 1 <= covered:
                continue
            covered = first + len(lines) - 1
            yield ""
            yield "[[source.part]]"
            yield f"file = {_text(names[file])}"
            yield f"first = {first}"
            yield f'text = """\n{_block(lines)}"""'


def _text(text: str) -> str:
    """Write a text in TOML's double quotes, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")


def _block(lines: Iterable[str]) -> str:
    """Write what stands in TOML's quotes of several lines, in which tabs stand as they are."""
    return "\n".join("\t".join(_text(part)[1:-1] for part in line.split("\t")) for line in lines)


def _file_names(files: Iterable[str]) -> dict[str, str]:
    """Return the names that files are shown by: short, and different where the files are."""
    files = sorted(files)
    names = {file: Path(file).name for file in files}
    for file in files:
        if list(names.values()).count(names[file]) > 1:
            names[file] = os.path.join(*Path(file).parts[-2:])
    return names


def _shown(place: SourcePlace, names: Mapping[str, str]) -> str:
    return f"{names[place.file]}:{place.line}"
