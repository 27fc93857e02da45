"""What a restricted login may read and how large a lesson may be: set once for the process, never lifted.

Nothing is confined unless :func:`confine` was called. Afterwards every lesson and CSV file is opened through
:func:`open_file`, which walks from a descriptor of the lesson folder down, one name at a time and never
through a link, so that no trick with a path and no link changed in between leads out of the folder. What is
outside and what does not exist are refused with the same words.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from tui_backprop.engine.errors import is_safe, printable
from tui_backprop.lessons.errors import LessonError

BUILTIN_FOLDER = Path(__file__).parent
MOST_LISTED, DEEPEST = 200, 4
"""Lessons that are listed, and levels of folders that are searched for them."""
NO_SUCH = "no such file in the lesson folder"
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Limits(Struct, frozen=True):
    """How much one restricted login may take.

    Attributes:
        rows: samples of a lesson.
        nodes: nodes of a lesson's graph.
        values: numbers in all nodes of the graph together.
        losses: iterations whose losses are kept, where a run stops.
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


class Confinement(Struct, frozen=True):
    """The lesson folder, without links in its path, and the limits."""

    folder: Path
    limits: Limits


_confinement: Confinement | None = None


def confine(folder: Path, limits: Limits | None = None) -> None:
    """Confine this process to the lessons of a folder and to these limits.

    Raises:
        LessonError: this is not a folder that can be read.
        RuntimeError: the process is confined already.
    """
    global _confinement
    if _confinement is not None:
        raise RuntimeError("this process is confined already")
    shown = printable(str(folder), 200)
    try:
        resolved = folder.resolve(strict=True)
        os.close(os.open(resolved, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    except (OSError, RuntimeError, ValueError) as error:
        reason = {errno.ENOENT: "there is no such folder", errno.ENOTDIR: "this is not a folder"}.get(
            getattr(error, "errno", None) or 0, "this folder cannot be read"
        )
        raise LessonError(f"--lessons {shown}: {reason}") from None
    _confinement = Confinement(resolved, limits or Limits())


def confinement() -> Confinement | None:
    """Return what this process is confined to; None where it is not."""
    return _confinement


def at_most(limit: str, usual: int) -> int:
    """Return a limit by its name where this process is confined, at most the usual one."""
    return usual if _confinement is None else min(usual, int(getattr(_confinement.limits, limit)))


def locate(name: str) -> Path:
    """Return the path of a lesson of the folder by its name there: ``xor``, ``week1/xor.toml``.

    Raises:
        LessonError: this is no name of a lesson in the folder, or there is none.
    """
    assert _confinement is not None
    parts = name.split("/")
    if not all(map(_is_plain, parts)) or len(name) > 400:
        raise LessonError(
            f"found {printable(repr(name), 80)}; a lesson is a built-in name, or a name in the lesson folder"
        )
    path = _confinement.folder.joinpath(*parts)
    return path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")


def _is_plain(part: str) -> bool:
    """Tell whether this names something in a folder, nothing hidden, above, or with control characters."""
    return bool(part) and part[0] not in ".~-" and "\\" not in part and all(map(is_safe, part))


def shown_path(path: Path) -> str:
    """Return a path as messages show it: within the lesson folder where this process is confined."""
    if _confinement is not None:
        if path.is_relative_to(_confinement.folder):
            return str(path.relative_to(_confinement.folder))
        return path.name
    return str(path)


def open_file(path: Path) -> BinaryIO:
    """Open a file to be read; where this process is confined, a plain one in the lesson folder.

    Raises:
        LessonError: this process is confined, and the file is outside, missing, no plain file, or too large.
        OSError: it cannot be opened.
    """
    if _confinement is None or _is_builtin(path):
        return path.open("rb")
    try:
        resolved = path.resolve()
        parts = resolved.relative_to(_confinement.folder).parts
    except (OSError, RuntimeError, ValueError):
        raise LessonError(NO_SUCH) from None
    descriptor = _walk(_confinement.folder, parts)
    try:
        _check(os.fstat(descriptor), _confinement.limits)
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _is_builtin(path: Path) -> bool:
    return path.parent == BUILTIN_FOLDER and path.suffix == ".toml" and _is_plain(path.name)


def _walk(folder: Path, parts: tuple[str, ...]) -> int:
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
            raise LessonError("this file of the lesson folder may not be read") from None
        raise LessonError(NO_SUCH) from None
    return descriptor


def _check(status: os.stat_result, limits: Limits) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise LessonError("this is not a plain file")
    if status.st_nlink > 1:  # it may be a file from outside, under a name in here as well
        raise LessonError(
            "this file has another name elsewhere (a hard link), which a restricted login does not follow"
        )
    if status.st_size > limits.file << 20:
        raise LessonError(f"larger than {limits.file} MiB, which is the limit of this login")


def lesson_names() -> list[str]:
    """Return the folder's lessons by name, without ``.toml``; none where this process is not confined."""
    if _confinement is None:
        return []
    names = []
    for name in _search(_confinement.folder, "", DEEPEST):
        names.append(name)
        if len(names) == MOST_LISTED:
            break
    return sorted(names)


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


def check_rows(rows: int | None) -> None:
    """Refuse more samples than a restricted login may have."""
    _check_count("rows", rows or 0, "samples")


def check_graph(nodes: int, values: int) -> None:
    """Refuse a graph with more nodes, or more numbers in them, than a restricted login may have."""
    _check_count("nodes", nodes, "nodes")
    _check_count("values", values, "numbers in all nodes together")


def _check_count(limit: str, count: int, what: str) -> None:
    most = at_most(limit, count)
    if count > most:
        raise LessonError(f"found {count:,} {what}; the limit of this login is {most:,}")
