"""A lesson as the text of its file, and the arrays that stand in a file beside it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.frontends.draft import Tensor
from tui_backprop.lessons.errors import LessonError
from tui_backprop.text.sentences import tr

INLINE = 300
"""Numbers of an array that is written out where there is a file beside the lesson for larger ones."""
MOST_INLINE = 300_000
"""Numbers of a lesson without such a file."""


class NamedArray(Struct, frozen=True):
    """One entry of a table: what the lesson calls it, and what the array is called in the file beside it."""

    name: str
    source: str
    value: Array


class LessonText(Struct, frozen=True):
    """A lesson's file, and what stands beside it.

    Attributes:
        text: the TOML.
        formula: the lines of its formula.
        beside: arrays of the file beside it, by name.
        entries: the same, by the entry that takes them: ``parameters.W0``.
    """

    text: str
    formula: tuple[str, ...]
    beside: Mapping[str, Array]
    entries: Mapping[str, Array]

    def packed(self) -> bytes:
        """Return the arrays as an .npz file."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:  # as np.savez, which takes no array called "file"
            for name, array in self.beside.items():
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
        return buffer.getvalue()


class LessonWriter:
    """Writes a lesson's tables.

    Args:
        file: the name of the file beside the lesson; empty where all arrays stand in the text.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: list[str] = []
        self._formula: tuple[str, ...] = ()
        self._beside: dict[str, Array] = {}
        self._entries: dict[str, Array] = {}
        self._inline = 0

    def head(self, title: str, summary: Iterable[str], formula: Iterable[str]) -> None:
        """Write what stands above the tables."""
        said = " ".join(summary)
        self._lines += [f"title = {_quoted(title)}", f"summary = {_quoted(said)}"]
        self._formula = tuple(formula)
        self._lines += ['formula = """', *(line.replace("\\", "\\\\") for line in self._formula), '"""']

    def table(self, name: str, arrays: Iterable[NamedArray]) -> None:
        """Write [data] or [samples]."""
        entries = [
            f"{one.name} = {self._array(f'{name}.{one.name}', one.source, one.value)}" for one in arrays
        ]
        if entries:
            self._lines += ["", f"[{name}]", *entries]

    def zeros(self, table: str, name: str, shape: Shape) -> None:
        """Write a table of one array that is zero everywhere."""
        self._lines += ["", f"[{table}]", f'{name} = {{ formula = "zeros({list(shape)})" }}']

    def parameters(self, tensors: Iterable[Tensor]) -> None:
        """Write [parameters], each with the name that the other tool has for it."""
        entries = []
        for one in tensors:
            if one.value is not None:
                start = self._array(f"parameters.{one.name}", one.source, one.value)
            else:
                fan_in = f", fan_in = {one.fan_in}" if one.fan_in is not None else ""
                start = f'{{ init = "{one.start}", shape = {list(one.shape)}{fan_in} }}'
            entries.append(f"{one.name} = {start}  # {_plain(one.source)}")
        if entries:
            self._lines += ["", "[parameters]", *entries]

    def finished(self) -> LessonText:
        """Return what has been written.

        Raises:
            LessonError: there are more numbers than a text should hold.
        """
        if not self._file and self._inline > MOST_INLINE:
            raise LessonError(
                tr(
                    "it has {count:,} numbers, more than the {most:,} that a lesson's text "
                    "holds; write it with --output FILE.toml, which puts them into a file beside it",
                    count=self._inline,
                    most=MOST_INLINE,
                )
            )
        text = "\n".join(self._lines) + "\n"
        return LessonText(text, self._formula, self._beside, self._entries)

    def _array(self, entry: str, source: str, value: Array) -> str:
        if self._file and value.size > INLINE:
            name = entry if source in self._beside else source
            self._beside[name] = self._entries[entry] = value
            return f"{{ file = {_quoted(self._file)}, name = {_quoted(name)} }}"
        self._inline += value.size
        if self._inline > MOST_INLINE and not self._file:
            return "[]"  # which is refused at the end
        return json.dumps(value.astype(np.float64).tolist())


def _quoted(text: str) -> str:
    """Return a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Return a text for a comment, on one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
