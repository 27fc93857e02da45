"""A visitor's program in a pseudo-terminal of its own, which ends with the descriptor that we hold of it.

The app sees a terminal as it does over ssh, and so sends cells that changed, as fast as they are shown. When
the server ends, however it does, the kernel hangs the terminal up: the program then saves and leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

PIECE = 1 << 16
"""Bytes read at once."""
MOST_TYPED = 1 << 20
"""Bytes that wait for a program to read them; what is more than that is nobody's typing, and is dropped."""
LOOKING = 0.02
"""Seconds between two looks whether a program has ended."""
_RESET = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)
"""Signals that do their usual to the program, whatever the server has been told to do with them."""


class TerminalProgram:
    """A program that has been started in a pseudo-terminal.

    Args:
        words: the command; no shell sees it.
        environment: all of the program's environment.
        size: columns and rows of its terminal.

    Raises:
        OSError: it cannot be started, or there is no pseudo-terminal left.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self._master, slave = os.openpty()
        try:
            os.set_blocking(self._master, False)
            self.resize(*size)
            name = os.ttyname(slave)
            self.pid = os.posix_spawn(
                words[0],
                list(words),
                dict(environment),
                # the first terminal that the leader of a session opens becomes the session's
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                    (os.POSIX_SPAWN_DUP2, 0, 1),
                    (os.POSIX_SPAWN_DUP2, 0, 2),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=_RESET,
            )
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self._typed = bytearray()
        self._open, self._writing = True, False
        self._ready = asyncio.Event()
        self.code: int | None = None

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size, which the kernel tells it."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def read(self) -> bytes:
        """Return what it has written since; nothing when it has ended."""
        loop = asyncio.get_running_loop()
        while self._open:
            try:
                return os.read(self._master, PIECE)
            except BlockingIOError:
                self._ready.clear()
                loop.add_reader(self._master, self._ready.set)
                try:
                    await self._ready.wait()
                finally:
                    if self._open:  # else the number may be another descriptor's by now
                        loop.remove_reader(self._master)
            except OSError:  # EIO: nobody has the other end open any more
                break
        return b""

    def type(self, data: bytes) -> None:
        """Hand on what somebody types, as soon as the program takes it."""
        if self._open and len(self._typed) + len(data) <= MOST_TYPED:
            self._typed += data
            self._push()

    def _push(self) -> None:
        while self._typed:
            try:
                del self._typed[: os.write(self._master, self._typed)]
            except BlockingIOError:
                if not self._writing:
                    self._writing = True
                    asyncio.get_running_loop().add_writer(self._master, self._push)
                return
            except OSError:
                self._typed.clear()
        self._rest()

    def _rest(self) -> None:
        if self._writing:
            self._writing = False
            asyncio.get_running_loop().remove_writer(self._master)

    def hang_up(self) -> None:
        """Take its terminal away, as a broken line does: it saves and leaves."""
        if self._open:
            self._open = False
            self._rest()
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._ready.set()

    async def end(self, seconds: float) -> int:
        """Have it end, by force after so many seconds; return its exit code, or a signal's number below 0."""
        self._signal(os.kill, signal.SIGHUP)  # it may have the terminal's end open and look at nothing
        self.hang_up()
        deadline = time.monotonic() + seconds
        while not self._has_ended():
            if time.monotonic() >= deadline:
                self._signal(os.killpg, signal.SIGKILL)
                deadline = float("inf")
            await asyncio.sleep(LOOKING)
        assert self.code is not None
        return self.code

    async def ended(self, seconds: float) -> int:
        """Wait for a program that is ending by itself, but not longer than so many seconds; then end it."""
        deadline = time.monotonic() + seconds
        while not self._has_ended() and time.monotonic() < deadline:
            await asyncio.sleep(LOOKING)
        return await self.end(seconds)

    def _has_ended(self) -> bool:
        if self.code is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def _signal(self, send: Callable[[int, int], None], number: int) -> None:
        if not self._has_ended():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                send(self.pid, number)
