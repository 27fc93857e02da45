"""Results files found for a report: below a class's folders, whatever is in the way, and what is wrong."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from tui_backprop.courses.results.events import AnyEvent, CourseBegun, Mended, decode
from tui_backprop.courses.results.lines import MOST_BYTES, Flaw, Problem, read_lines
from tui_backprop.courses.results.place import ENDING, results_folder, student_name
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.text.system import system_reason

BELOW = (
    "", "results", "tui-backprop/results", ".local/state/tui-backprop/results", "state/tui-backprop/results",
    "STATE/tui-backprop/results", "Library/Application Support/tui-backprop/results",
)  # fmt: skip
"""Where results are below a folder that is named: a results folder, a state folder, a home folder."""
MOST_FILES = 10_000
MOST_TOLD = 5
"""Lines of one file that are told of one by one."""
SAID = {
    Flaw.FRONT: later("line {line}: the first line of results is missing or damaged"),
    Flaw.MARK: later("line {line}: the mark of how many lines there are is damaged"),
    Flaw.DAMAGED: later("line {line}: damaged, or changed by hand; it is not counted"),
    Flaw.TORN: later("line {line}: cut off while it was written; it is not counted"),
    Flaw.GAP: later("line {line}: lines before it are missing, or stand elsewhere"),
    Flaw.REPEATED: later("line {line}: it stands there twice; it is counted once"),
    Flaw.SHORT: later("line {line}: lines behind it are missing"),
    Flaw.STRANGE: later("line {line}: it holds nothing that a course writes; it is not counted"),
}


class Numbered(Struct, frozen=True):
    """An event and the line that it stands on."""

    line: int
    event: AnyEvent


class FoundFile(Struct, frozen=True):
    """A results file as it was read.

    Attributes:
        path: the file.
        begun: what it says last that the student has begun.
        events: what is to be counted.
        problems: what is wrong with its lines.
    """

    path: Path
    begun: CourseBegun
    events: Sequence[Numbered]
    problems: Sequence[Problem] = ()

    @property
    def complaints(self) -> Iterator[str]:
        """What is wrong with it, a line each; many of a kind are counted."""
        shown = printable(str(self.path), 300)
        for problem in self.problems[:MOST_TOLD]:
            what = tr(SAID[problem.flaw], line=problem.line)
            yield f"{shown}, {what}"
        if (more := len(self.problems) - MOST_TOLD) > 0:
            yield tr_count("{file}: and {count} more line like these",
                           "{file}: and {count} more lines like these", more, file=shown)  # fmt: skip


class FoundPlace(Struct, frozen=True):
    """A folder, or a file, that results were asked of.

    Attributes:
        path: as it was named.
        files: the results in it.
        refusal: why it, or something in it, could not be read; a line each.
        exists: whether there is such a folder.
    """

    path: Path
    files: Sequence[FoundFile] = ()
    refusals: Sequence[str] = ()
    exists: bool = True

    @property
    def name(self) -> str:
        """What a student is called whose results are missing: the folder's name."""
        resolved = self.path if self.path.name else self.path.absolute()
        return printable(resolved.name or str(resolved), 60)


def look_below(path: Path) -> FoundPlace:
    """Read all results in a folder, a home folder's state folder included, or a file."""
    refusals: list[str] = []
    try:
        paths = list(_paths(path))
    except OSError as error:
        reason = system_reason(error)
        exists = error.errno not in (errno.ENOENT, errno.ENOTDIR)
        return FoundPlace(path, (), (f"{printable(str(path), 300)}: {reason}",), exists)
    except ValueError:  # a NUL in a name
        return FoundPlace(path, (), (f"{printable(str(path), 300)}: {os.strerror(errno.EINVAL)}",), False)
    files = []
    for one in paths:
        try:
            found = read_file(one)
        except OSError as error:
            refusals.append(f"{printable(str(one), 300)}: {system_reason(error)}")
        else:
            if found is None:
                what = tr("it holds no results of a course")
                refusals.append(f"{printable(str(one), 300)}: {what}")
            else:
                files.append(found)
    return FoundPlace(path, files, refusals)


def own_place() -> FoundPlace:
    """Read the results of whoever asks; none where there is no home folder."""
    try:
        found = look_below(results_folder())
    except OSError as error:
        return FoundPlace(Path(student_name(None)), (), (system_reason(error),))
    # that nothing was ever written is no complaint
    return found if found.exists else FoundPlace(Path(student_name(None)))


def _paths(path: Path) -> Iterator[Path]:
    """Yield the results files below a folder; a folder on the way that may not be read is an error."""
    if not stat.S_ISDIR(os.stat(path).st_mode):
        yield path
        return
    seen: set[tuple[int, int]] = set()
    count = 0
    for below in BELOW:
        folder = path / below
        try:
            status = os.stat(folder)
            names = sorted(os.listdir(folder)) if stat.S_ISDIR(status.st_mode) else []
        except (FileNotFoundError, NotADirectoryError):
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for name in names:
            if name.endswith(ENDING) and (count := count + 1) <= MOST_FILES:
                yield folder / name


def read_file(path: Path) -> FoundFile | None:
    """Read a results file; None where nothing in it says whose it is.

    Raises:
        OSError: it cannot be read, or is no plain file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, tr("it is no plain file"))
        if status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        with os.fdopen(os.dup(handle), "rb") as file:
            data = file.read(MOST_BYTES)
    finally:
        os.close(handle)
    lines = read_lines(data)
    numbered = [Numbered(*one) for one in decode(lines.entries)[0]]
    begun = [one.event for one in numbered if isinstance(one.event, CourseBegun)]
    if not begun:
        return None
    strange = [Problem(line, Flaw.STRANGE) for line in decode(lines.entries)[1]]
    mended = {one.line for one in numbered if isinstance(one.event, Mended)}
    problems = [
        Problem(line, Flaw.TORN) if flaw is Flaw.DAMAGED and line + 1 in mended else Problem(line, flaw)
        for line, flaw in (*lines.problems, *strange)
    ]
    return FoundFile(path, begun[-1], numbered, sorted(problems, key=lambda one: one.line))
