"""A results file that is open: events go behind what is there, and are on disk when ``add`` is back.

Several programs of one student may have it open: each takes a lock for as long as it writes, and reads first
what others have added. What the disk does not take is kept and tried again, which is said once.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_backprop.courses.results import events as event_types
from tui_backprop.courses.results.events import AnyEvent, decode, encode
from tui_backprop.courses.results.lines import (
    FRONT_LINES,
    MOST_BYTES,
    Lines,
    front,
    line_of,
    mark_of,
    mark_place,
    read_lines,
)
from tui_backprop.sessions.place import NoPlaceError, no_place
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

PATIENCE = 2.0
"""Seconds that another program's lock is waited for."""
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class ResultsFile:
    """The results of a student in a course.

    Args:
        path: the file; it and its folder are made with the first event.
        tell: takes a line for the user: that something cannot be saved, once.
        discreet: whether no place of the host's is told.

    Attributes:
        events: all events, those of other programs included as of the last time it was looked at.
        lines: what the file was read as last.
    """

    def __init__(
        self, path: Path, tell: Callable[[str], object] | None = None, *, discreet: bool = False
    ) -> None:
        self.path, self.tell, self._discreet = path, tell, discreet
        self.events: tuple[AnyEvent, ...] = ()
        self.lines = Lines((), ())
        self._pending: list[AnyEvent] = []
        self._handle = -1
        self._size = -1
        self._reason, self._said = "", False
        with contextlib.suppress(OSError):
            if path.exists():
                self._locked(lambda: None)

    @property
    def unsaved(self) -> Sequence[str]:
        """What is lost by leaving now, as a line; nothing where all is on disk."""
        if not self._pending:
            return ()
        return (tr("{count} results of the course are not saved: {reason}",
                   count=len(self._pending), reason=self._reason),)  # fmt: skip

    @property
    def all_events(self) -> tuple[AnyEvent, ...]:
        """The events on disk, and those that are still to be written."""
        return (*self.events, *self._pending)

    def add(self, *events: AnyEvent) -> None:
        """Write events, and those that could not be written before; a disk that refuses them is told of."""
        self._pending += events
        if not self._pending:
            return
        try:
            self._locked(self._write)
        except OSError as error:
            reason = system_reason(error)
            if isinstance(error, NoPlaceError):
                reason = error.reason if self._discreet else str(error)
            if not self._said and self.tell is not None:
                self._said = True
                self.tell(
                    tr(
                        "the results of the course cannot be saved: {reason}; it is tried again",
                        reason=reason,
                    )
                )
            self._reason = reason
        else:
            self._reason, self._said = "", False

    def look(self) -> None:
        """Read what other programs have added."""
        with contextlib.suppress(OSError):
            self._locked(lambda: None)

    def close(self) -> None:
        """Write what could not be written before, and let the file go."""
        self.add()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    # ------------------------------------------------------------------ under the lock

    def _locked(self, do: Callable[[], None]) -> None:
        """Do something while no other program writes, with what is there read."""
        self._open()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
        try:
            self._read()
            do()
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _open(self) -> None:
        """Open the file, anew where it has been removed."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(self._handle), os.stat(self.path)):
                    return
            os.close(self._handle)
            self._handle, self._size = -1, -1
            self._pending, self.events = [*self.events, *self._pending], ()
        folder = self.path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, _OPEN, 0o600)
        except OSError as error:
            if isinstance(error, FileExistsError):
                error = NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            raise no_place(error, folder) from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, tr("it is no plain file"))
        self._handle = handle

    def _read(self) -> None:
        size = os.fstat(self._handle).st_size
        if size == self._size:
            return
        if size > MOST_BYTES:
            raise OSError(errno.EFBIG, tr("the file is too large"))
        data = os.pread(self._handle, size, 0)
        if size < len(front()) and front().startswith(data):  # new, or cut when it was
            os.ftruncate(self._handle, 0)
            self._put(front(), 0)
            os.fsync(self._handle)
            _keep_name(self.path.parent)
            data = front()
        self.lines = read_lines(data)
        self.events = tuple(event for _, event in decode(self.lines.entries)[0])
        self._size = len(data)

    def _write(self) -> None:
        size, last = self._size, self.lines.last
        events = tuple(event for event in self._pending if event not in self.events)  # half done before
        if self.lines.torn:  # what is left of it is told apart from what somebody has changed
            events = (event_types.Mended(time=event_types.now()), *events)
        data = b"\n" if self.lines.torn else b""
        for event in events:
            line, last = line_of(last, encode(event))
            data += line
        try:
            self._put(data, size)
            os.fsync(self._handle)
        except OSError:
            self._size = -1
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, size)
            raise
        self._pending.clear()
        self._size = -1
        self._read()
        if any(problem.line <= FRONT_LINES for problem in self.lines.problems):
            return  # where the marks would be, something else may stand
        with contextlib.suppress(OSError):  # an older mark is no false one
            count = self.lines.count
            self._put(mark_of(count, self.lines.last), mark_place(count))
            os.fsync(self._handle)

    def _put(self, data: bytes, place: int) -> None:
        while data:
            written = os.pwrite(self._handle, data, place)
            data, place = data[written:], place + written


def _keep_name(folder: Path) -> None:
    """Have the file's name in its folder on disk as well."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
