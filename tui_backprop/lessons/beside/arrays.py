"""Files beside a lesson: where they are, and the arrays that entries take from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import MAX_BYTES, Array, frozen
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, found, found_form
from tui_backprop.lessons.format import ArrayTable, check_size
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


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
            raise LessonError(
                tr("{where}: {name} has no numbers", where=where, name=found(table.name))
                if not array.size
                else tr("{where}: {name} is not finite everywhere", where=where, name=found(table.name))
            )
        made = frozen(np.array(array, dtype=np.float64))
        check_total({**self.taken, where: made}, where)
        if not where.startswith("samples."):
            self.taken[where] = made
        return made

    def _read(self, table: ArrayTable, where: str) -> Array:
        if self.sandbox.confined:
            raise LessonError(tr("{where}: a restricted login reads no files of arrays", where=where))
        if table.file not in self._files:
            from tui_backprop.lessons.beside.array_files import read_arrays  # few lessons want it

            target = file_beside(self.path, table.file, f"{where}.file")
            try:
                self._files[table.file] = read_arrays(target, self.sandbox)
            except LessonError as error:
                raise LessonError(f"{where}: {error}") from None
        arrays = self._files[table.file]
        if table.name not in arrays:
            there = ", ".join(printable(name, 40) for name in list(arrays)[:8])
            hint = suggest(table.name, arrays) or tr("; there are {names}", names=there)
            raise LessonError(
                tr(
                    "{where}: found {found}{hint}",
                    where=f"{where}.name",
                    found=found(table.name, 60),
                    hint=hint,
                )
            )
        return arrays[table.name]


def file_beside(path: Path, file: object, where: str) -> Path:
    """Return the file of that name in the lesson's folder.

    Raises:
        LessonError: it is no name, or a file outside, by symbolic links as well.
    """
    if not isinstance(file, str) or not file:
        raise LessonError(
            tr("{where}: found {found}; it must be the name of a file", where=where, found=found(file))
        )
    try:
        folder = path.parent.resolve()
        target = (folder / file).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long, a NUL byte
        raise LessonError(
            tr("{where}: {file} is not the name of a file", where=where, file=printable(file))
        ) from None
    there = found_form(target).resolve()
    if target == folder or not (target.is_relative_to(folder) and there.is_relative_to(folder)):
        raise LessonError(tr("{where}: {file} is not beside the lesson", where=where, file=printable(file)))
    return there


def check_total(arrays: Mapping[str, Array], where: str) -> None:
    """Refuse an entry that takes its table past 1 GiB, before the next one is made."""
    if sum(array.nbytes for array in arrays.values()) > MAX_BYTES:
        raise LessonError(tr("{where}: with what stands above, it takes more than 1 GiB", where=where))
