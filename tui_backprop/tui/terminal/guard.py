"""What happens when a session ends from outside: the work is saved, the terminal put right, the process ends.

A thread of its own waits for signals and for the terminal to go; it needs nothing of the app's loop, which
may be stuck. Python runs a signal's handler in the main thread only, but its number is in a pipe at once. The
system may interrupt another thread with it than the main one, which then sleeps on: it is woken from here.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tui_backprop.tui.terminal.output import Output

SAVING = 3.0
"""Seconds that saving gets."""
FLUSHING = 0.5
"""Seconds that the terminal gets to take what is left."""
RESTORE = (
    "\x1b[?2026l\x1b[m"
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[<u\x1b[?7h"  # paste, focus, size reports, kitty's keys, line wrap
    "\x1b[?1049l\x1b[?25h"
)
"""Leaves every mode that Textual enters."""
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_TERMINAL_GONE = signal.SIGHUP
_ASKED = (signal.SIGTERM, signal.SIGQUIT)
"""Signals by which somebody asks the program to end; its terminal is still there."""


class Guard:
    """Guards a session in the terminal of standard input and output while a ``with`` block runs.

    SIGTERM ends the process with exit code 143, SIGQUIT with 131; SIGHUP, or a terminal that has gone without
    one, with 129.

    Args:
        save: writes what must not be lost; it is given three seconds, in a thread.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self.output: Output | None = None
        self.settle: Callable[[float], None] | None = None
        self.wake: Callable[[], object] = lambda: None
        self._attributes: list[Any] | None = None
        self._in_application_mode = False
        self._handlers: dict[int, Any] = {}
        self._thread = threading.Thread(target=self._watch, name="session-guard", daemon=True)

    def entered(self, attributes: list[Any] | None) -> None:
        """Note that the app has the terminal now, and how the terminal was set before."""
        self._attributes, self._in_application_mode = attributes, True

    def left(self) -> None:
        """Note that the terminal is as it was."""
        self._in_application_mode = False

    def gone(self) -> None:
        """Note that the terminal cannot be written to; any thread."""
        with contextlib.suppress(OSError):
            os.write(self._writer, bytes([_TERMINAL_GONE]))

    def put_right(self) -> None:
        """Restore the terminal if the app has ended without doing so; in the main thread."""
        if self._in_application_mode:
            self._restore()
            self.left()

    # ------------------------------------------------------------------ while the block runs

    def __enter__(self) -> Guard:
        """Begin to watch; in the main thread."""
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        for number in (*_ASKED, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
                self._handlers[number] = signal.signal(number, lambda *_: None)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; if the terminal has gone meanwhile, leave as if that had been seen first."""
        os.write(self._writer, b"\0")
        self._thread.join()  # where it leaves, this never returns
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)
        if self.output is not None:
            self.output.close()

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        for stream in (sys.__stdin__, sys.__stdout__):
            if stream is not None:
                poll.register(stream.fileno(), 0)  # hanging up is always reported
        while True:
            ready = dict(poll.poll())
            numbers = os.read(self._reader, 64) if self._reader in ready else b""
            for number in _ASKED:
                if number in numbers:
                    self._leave(number)
            if signal.SIGHUP in numbers or any(events & _GONE for events in ready.values()):
                self._leave(signal.SIGHUP)
            if 0 in numbers:
                return
            if numbers:  # SIGCONT, SIGTSTP, SIGWINCH
                self.wake()

    def _leave(self, number: int) -> None:
        """Save, restore the terminal, and end the process."""
        try:
            saving = threading.Thread(target=self._save, daemon=True)
            try:
                saving.start()
                saving.join(SAVING)
            except RuntimeError:  # there is no memory for one thread more
                with contextlib.suppress(Exception):
                    self._save()
            if self._in_application_mode:
                if number in _ASKED and self.settle is not None:
                    self.settle(FLUSHING)
                self._restore()
        finally:
            os._exit(128 + number)

    def _restore(self) -> None:
        # a process in the background may set its terminal right too
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
        with contextlib.suppress(OSError, ValueError):
            output = self.output or Output(sys.__stdout__.fileno())  # type: ignore[union-attr]
            output.finish(RESTORE, FLUSHING)
        if self._attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcflush(sys.__stdin__.fileno(), termios.TCIFLUSH)  # type: ignore[union-attr]
                termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, self._attributes)  # type: ignore[union-attr]
