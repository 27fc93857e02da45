"""What a restricted login may read and how large a lesson may be: an object that lessons are loaded with.

A lesson carries the sandbox that it was loaded with, and what is loaded in its place is loaded with the same
one. Where a sandbox confines, every lesson and CSV file is opened by :meth:`Sandbox.open_file`, which walks
from a descriptor of the lesson folder down, one name at a time and never through a link, so that no trick
with a path and no link changed in between leads out of the folder. What is outside and what does not exist
are refused with the same words.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from tui_backprop.lessons.errors import LessonError, MissingFileError
from tui_backprop.lessons.overlay_names import without_overlays
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import later, tr

BUILTIN_FOLDER = Path(__file__).parent / "builtin"
MOST_LISTED, DEEPEST = 200, 4
"""Lessons that are listed, and levels of folders that are searched for them."""
NO_SUCH = later("no such file in the lesson folder")
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Limits(Struct, frozen=True):
    """How much one restricted login may take.

    Attributes:
        rows: samples of a lesson.
        nodes: nodes of a lesson's graph.
        values: numbers in all nodes of the graph together.
        losses: iterations after which a run stops.
        sessions: saved sessions that are kept.
        file: size of a lesson or CSV file, MiB.
        memory: address space, MiB.
        written: size of a file that is written, MiB.
        cpu: processor time of one login, minutes.
    """

    rows: int = 20_000
    nodes: int = 2_000
    values: int = 4_000_000
    losses: int = 10_000_000
    sessions: int = 20
    file: int = 10
    memory: int = 1024
    written: int = 256
    cpu: int = 120


class Sandbox(Struct, frozen=True):
    """Where lessons may be read from, and how much they may take.

    Attributes:
        folder: the lesson folder, without links in its path; None where nothing is confined.
        limits: the limits; None where there are none but the usual ones.
    """

    folder: Path | None = None
    limits: Limits | None = None

    @classmethod
    def of_folder(cls, folder: Path, limits: Limits | None = None) -> Sandbox:
        """Return what confines to the lessons of a folder and to these limits.

        Raises:
            LessonError: this is not a folder that can be read.
        """
        shown = printable(str(folder), 200)
        try:
            resolved = folder.resolve(strict=True)
            os.close(os.open(resolved, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        except (OSError, RuntimeError, ValueError) as error:
            reason = {
                errno.ENOENT: tr("there is no such folder"),
                errno.ENOTDIR: tr("this is not a folder"),
            }.get(getattr(error, "errno", None) or 0, tr("this folder cannot be read"))
            raise LessonError(f"--lessons {shown}: {reason}") from None
        return cls(resolved, limits or Limits())

    @property
    def confined(self) -> bool:
        """Whether this is a restricted login's."""
        return self.folder is not None

    def at_most(self, limit: str, usual: int) -> int:
        """Return a limit by its name, at most the usual one."""
        return usual if self.limits is None else min(usual, int(getattr(self.limits, limit)))

    def locate(self, name: str) -> Path:
        """Return the path of a lesson of the folder by its name there: ``xor``, ``week1/xor.toml``.

        Raises:
            LessonError: this is no name of a lesson in the folder, or there is none.
        """
        assert self.folder is not None
        parts = name.split("/")
        if not all(map(_is_plain, parts)) or len(name) > 400:
            raise LessonError(
                tr(
                    "found {name}; a lesson is a built-in name, or a name in the lesson folder",
                    name=printable(repr(name), 80),
                )
            )
        path = self.folder.joinpath(*parts)
        if not name.isascii():
            path = self._stored(path, name)
        return path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")

    def _stored(self, path: Path, name: str) -> Path:
        """Return the path of a lesson whose name may be stored in another Unicode form."""
        assert self.folder is not None
        wanted = unicodedata.normalize("NFKC", name.removesuffix(".toml"))
        same = [one for one in self.lesson_names() if unicodedata.normalize("NFKC", one) == wanted]
        return self.folder / f"{same[0]}.toml" if len(same) == 1 else path

    def shown_path(self, path: Path) -> str:
        """Return a path as messages show it: within the lesson folder where there is one."""
        if self.folder is None:
            return str(path)
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name

    def open_file(self, path: Path) -> BinaryIO:
        """Open a file to be read; where this confines, a plain one in the lesson folder.

        Raises:
            LessonError: the file is outside, missing, no plain file, or too large.
            OSError: it cannot be opened.
        """
        if self.folder is None or _is_builtin(path):
            return path.open("rb")
        try:
            resolved = path.resolve()
            parts = resolved.relative_to(self.folder).parts
        except (OSError, RuntimeError, ValueError):
            raise MissingFileError(tr(NO_SUCH)) from None
        descriptor = _open_below(self.folder, parts)
        try:
            _check(os.fstat(descriptor), self.limits or Limits())
            os.set_blocking(descriptor, True)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise

    def lesson_names(self) -> list[str]:
        """Return the folder's lessons by name, without ``.toml``; none where nothing is confined."""
        if self.folder is None:
            return []
        names = (f"{name}.toml" for name in _search(self.folder, "", DEEPEST))
        lessons = without_overlays(itertools.islice(names, 2 * MOST_LISTED))
        return sorted(name.removesuffix(".toml") for name in lessons)[:MOST_LISTED]

    def check_rows(self, rows: int | None) -> None:
        """Refuse more samples than a login may have."""
        if (rows or 0) > (most := self.at_most("rows", rows or 0)):
            raise LessonError(
                tr("found {count:,} samples; the limit of this login is {most:,}", count=rows, most=most)
            )

    def check_graph(self, nodes: int, values: int) -> None:
        """Refuse a graph with more nodes, or more numbers in them, than a login may have."""
        if nodes > (most := self.at_most("nodes", nodes)):
            raise LessonError(
                tr("found {count:,} nodes; the limit of this login is {most:,}", count=nodes, most=most)
            )
        if values > (most := self.at_most("values", values)):
            raise LessonError(
                tr(
                    "found {count:,} numbers in all nodes together; the limit of this login is {most:,}",
                    count=values,
                    most=most,
                )
            )


OPEN = Sandbox()
"""Confines nothing: somebody's own login."""


def _is_plain(part: str) -> bool:
    """Tell whether this names something in a folder, nothing hidden, above, or with control characters."""
    return bool(part) and part[0] not in ".~-" and "\\" not in part and all(map(is_safe, part))


def _is_builtin(path: Path) -> bool:
    return path.parent == BUILTIN_FOLDER and path.suffix == ".toml" and _is_plain(path.name)


def _open_below(folder: Path, parts: tuple[str, ...]) -> int:
    """Open what is down there, one name after the other, through no link."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for place, part in enumerate(parts, 1):
            flags = _READ | (os.O_DIRECTORY if place < len(parts) else 0)
            try:
                deeper = os.open(part, flags, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = deeper
    except OSError as error:
        if error.errno == errno.EACCES:
            raise LessonError(tr("this file of the lesson folder may not be read")) from None
        raise MissingFileError(tr(NO_SUCH)) from None
    return descriptor


def _check(status: os.stat_result, limits: Limits) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise LessonError(tr("this is not a plain file"))
    if status.st_nlink > 1:  # it may be a file from outside, under a name in here as well
        raise LessonError(
            tr("this file has another name elsewhere (a hard link), which a restricted login does not follow")
        )
    if status.st_size > limits.file << 20:
        raise LessonError(tr("larger than {size} MiB, which is the limit of this login", size=limits.file))


def _search(folder: Path, prefix: str, levels: int) -> Iterator[str]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not _is_plain(entry.name):
            continue
        try:
            deeper = entry.is_dir(follow_symlinks=False)
        except OSError:
            continue
        if deeper and levels > 1:
            yield from _search(folder / entry.name, f"{prefix}{entry.name}/", levels - 1)
        elif not deeper and entry.name.endswith(".toml"):
            yield prefix + entry.name.removesuffix(".toml")
