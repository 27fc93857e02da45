"""Bytes on their way to the terminal: writing never waits, what cannot be written yet is kept."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

PIECE = 512
"""Bytes written at once where a write could block."""


class Output:
    """A way of our own to the terminal that a descriptor is of.

    The terminal is opened anew: not to block is a property of an open file, and the one that standard output
    has is the shell's too.

    Args:
        fileno: a descriptor that is the terminal's.
        gone: called once, when the terminal turns out not to be there any more.
    """

    def __init__(self, fileno: int, gone: Callable[[], None] = lambda: None) -> None:
        self.fileno, self._blocking = _reopened(fileno)
        self._gone = gone
        self._buffer = bytearray()
        self._lock = threading.RLock()
        self._closed = False

    @property
    def pending(self) -> int:
        """How many bytes the terminal has not taken yet."""
        return len(self._buffer)

    def write(self, data: str) -> bool:
        """Write as much as goes without waiting, and tell whether that was all."""
        with self._lock:
            if self._closed:
                return True
            self._buffer += data.encode("utf-8", "replace")
            return self._push()

    def push(self) -> bool:
        """Write as much of what is pending as goes without waiting; tell whether nothing is left."""
        with self._lock:
            return self._closed or self._push()

    def drain(self, seconds: float) -> bool:
        """Wait until the terminal has taken everything, but not longer than that; tell whether it has."""
        end = time.monotonic() + seconds
        while not self.push():
            left = end - time.monotonic()
            if left <= 0:
                return False
            _writable(self.fileno, left)
        return True

    def finish(self, last: str, seconds: float) -> None:
        """Write what is pending and then this, for a bounded time, and nothing from then on; any thread."""
        if not self._lock.acquire(timeout=seconds):
            return
        try:
            if not self.drain(seconds):
                self._buffer.clear()
                last = f"\x18{last}"  # CAN: what was cut off in the middle is no sequence any more
            self.write(last)
            self.drain(seconds / 2)
            self._closed = True
        finally:
            self._lock.release()

    def close(self) -> None:
        """Give the terminal back."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self.fileno)

    def _push(self) -> bool:
        while self._buffer:
            if self._blocking and not _writable(self.fileno, 0):
                return False
            try:
                written = os.write(self.fileno, self._buffer[:PIECE] if self._blocking else self._buffer)
            except BlockingIOError:
                return False
            except OSError:  # EIO, EPIPE: nobody is there to read
                self._buffer.clear()
                self._closed = True
                self._gone()
                return True
            del self._buffer[:written]
        return True


def _reopened(fileno: int) -> tuple[int, bool]:
    """Return a descriptor of the same terminal, and whether writing to it can block."""
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(os.ttyname(fileno), flags), False
    except OSError:  # after su the terminal can be somebody else's file
        pass
    try:
        found = os.open("/dev/tty", flags)
    except OSError:
        return os.dup(fileno), True
    return found, False


def _writable(fileno: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(fileno, select.POLLOUT)
    return bool(poll.poll(seconds * 1000))
