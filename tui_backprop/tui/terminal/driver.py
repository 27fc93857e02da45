"""Textual's driver, but it sends only changed cells, no faster than they are shown, and never waits to write.

Textual writes whole regions. They are read into a grid; what the terminal was sent is another. A frame is the
difference, and while the line is busy drawing goes on into the grid: what is sent next is the newest state.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_backprop.host.jobs import can_be_woken
from tui_backprop.host.recording import Recording
from tui_backprop.host.terminal import escape_delay
from tui_backprop.tui.terminal.cells import Grid
from tui_backprop.tui.terminal.difference import Screen
from tui_backprop.tui.terminal.guard import Guard
from tui_backprop.tui.terminal.output import Output
from tui_backprop.tui.terminal.pacing import Pacing
from tui_backprop.tui.terminal.typed import Typed

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
ASK = "\x1b[6n"
ANSWERED = (
    events.Key,
    events.Paste,
    events.MouseDown,
    events.MouseUp,
    events.MouseScrollUp,
    events.MouseScrollDown,
)
"""What somebody does and waits for the answer to."""
MOUSE = 1000, 1002, 1006
"""Presses, moves with a button held, and coordinates without a limit."""
RESIZING = 0.3
"""Seconds that a changed size is waited for to reach what the app draws, at most."""
PARTING = 1.0
"""Seconds that a terminal gets to take the last bytes when the app leaves it."""
LOOKING = 0.1
"""Seconds after which the thread that reads looks whether it is to end."""


class GuardedDriver(LinuxDriver):
    """Textual's own driver, whose terminal the app's guard can put right.

    It writes to the terminal that standard output is, so standard error may go anywhere.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        self.guard: Guard | None = app.guard
        self._recording: Recording | None = app.recording
        self._failed: Callable[[Exception], object] = app.failed
        super().__init__(app, **options)
        self._active = False
        self._file = self._open()

    def _open(self) -> Any:
        return open(os.dup(sys.__stdout__.fileno()), "w", encoding="utf-8")  # type: ignore[union-attr]

    def write(self, data: str) -> None:
        """Send what Textual writes."""
        self._record(data)
        super().write(data)

    def _record(self, data: str) -> None:
        if self._recording is not None:
            self._recording.resized(*self._app.size)
            self._recording.wrote(data)

    def _enable_mouse_support(self) -> None:
        """Ask for clicks, the wheel and dragging: moves without a button cost kilobytes and do little."""
        self._mouse_modes("h")

    def _disable_mouse_support(self) -> None:
        self._mouse_modes("l")

    def _mouse_modes(self, on_or_off: str) -> None:
        if self._mouse:
            self.write("".join(f"\x1b[?{mode}{on_or_off}" for mode in MOUSE))
            self.flush()

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        if self.guard is not None:  # first: a signal may come while it is being taken over
            with contextlib.suppress(termios.error):
                self.guard.entered(termios.tcgetattr(self.fileno))
            self.guard.wake = partial(self._soon, lambda: None)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._active = True

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        super().stop_application_mode()
        self._active = False
        if self.guard is not None:
            self.guard.left()

    @property
    def can_suspend(self) -> bool:
        """Whether somebody is there to go on with the program once it has stopped."""
        return can_be_woken()

    def run_input_thread(self) -> None:
        """Read what comes from the terminal until told to end; what goes wrong here ends the app."""
        try:
            self._read_input()
        except Exception as error:
            self._soon(partial(self._failed, error))

    def _read_input(self) -> None:
        parser = XTermParser(self._debug)
        typed = Typed(parser.feed, escape_delay(os.environ))
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        ending = False
        while not ending:
            ending = self.exit_event.is_set()  # what is there by then is taken all the same
            due = typed.due()
            wait = LOOKING if due is None else min(LOOKING, max(0.0, due - time.monotonic()))
            if select.select([self.fileno], [], [], 0 if ending else wait)[0]:
                try:
                    data = os.read(self.fileno, 4096)
                except OSError:
                    return  # the terminal has gone, which is the guard's to see
                if not data:
                    time.sleep(LOOKING)
                for message in typed.feed(decode(data), time.monotonic()):
                    self.process_message(message)
            for message in typed.tick(time.monotonic()):
                self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
        with contextlib.suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _sigtstp_application(self, *_: object) -> None:
        """Suspend, but not in the middle of anything, and not where nobody could end it."""
        if can_be_woken() and not self._soon(super()._sigtstp_application):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        """Come back, also from a stop that nobody announced."""
        self._soon(self._continue)

    def _soon(self, what: Callable[[], object]) -> bool:
        """Have the loop do something; tell whether there still is one."""
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            return False
        return True

    def _continue(self) -> None:
        if self._auto_restart:
            if self._active:  # SIGSTOP: what the shell has done with the terminal since is not known
                self.suspend_application_mode()
            self.resume_application_mode()
            self.redraw()

    def redraw(self) -> None:
        """Draw everything anew, whatever the terminal shows."""
        for screen in self._app.screen_stack:
            screen.refresh()


class DiffDriver(GuardedDriver):
    """Sends what changed on the screen, at the rate at which the terminal shows it."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._grid = Grid(0, 0)
        self._screen = Screen(0, 0)
        self._pacing = Pacing()
        self._timer: asyncio.TimerHandle | None = None
        self._synchronized = self._updating = self._waiting = self._drawn = self._parting = False
        self._resized = float("-inf")
        self._reader: int | None = None  # the thread that reads

    def _open(self) -> Any:
        guard = self.guard
        self._output = Output(sys.__stdout__.fileno(), guard.gone if guard else lambda: None)  # type: ignore[union-attr]
        if guard is not None:
            guard.output, guard.settle = self._output, self.settle
        return io.StringIO()  # Textual's thread for writing has nothing to do

    # ------------------------------------------------------------------ what Textual calls

    def write(self, data: str) -> None:
        """Take what Textual draws or asks of the terminal; cells are sent by the next flush."""
        if threading.get_ident() == self._reader:  # it asks for size reports
            self._soon(partial(self.write, data))
            return
        if data == SYNC_START:
            self._synchronized = self._updating = True
            return
        if data == SYNC_END:
            self._updating = False
            return
        width, height = self._app.size
        if (width, height) != (self._grid.width, self._grid.height):
            self._grid = Grid(width, height)
        rest = "".join(self._grid.feed(data))
        if rest:
            self._send(rest)
        self._drawn = True

    def flush(self) -> None:
        """Send the frame that was drawn, now or as soon as the line is free."""
        if self._drawn and not self._updating:
            self._offer()

    @property
    def on_its_way(self) -> bool:
        """Whether the terminal may not have shown yet what was drawn."""
        return self._drawn or self._pacing.expects(time.monotonic())

    def start_application_mode(self) -> None:
        """Take the terminal over; nothing is known of what it shows."""
        self._screen.forget()
        self._pacing.restart()
        self._parting = False
        super().start_application_mode()
        resized = signal.getsignal(signal.SIGWINCH)

        def on_resize(number: int, frame: FrameType | None) -> None:
            self._invalidate()
            if callable(resized):
                resized(number, frame)

        signal.signal(signal.SIGWINCH, on_resize)
        self._drawn = True
        self._offer()

    def disable_input(self) -> None:
        """Read no more, once nothing is under way that the shell would take for typed."""
        self.settle(PARTING)
        super().disable_input()

    def settle(self, seconds: float) -> None:
        """Ask nothing more, and wait for the answers that are due, but not longer than that; any thread."""
        self._parting = True
        end = time.monotonic() + seconds
        while self._pacing.expects(time.monotonic()) and time.monotonic() < end:
            time.sleep(0.002)

    def stop_application_mode(self) -> None:
        """Give the terminal back, at once or when it takes what is left, but do not wait for long."""
        self._cancel()
        super().stop_application_mode()
        self._output.drain(PARTING)

    def process_message(self, message: Message) -> None:
        """Keep the answers to our questions from the app; called by the thread that reads."""
        self._reader = threading.get_ident()
        if isinstance(message, events.CursorPosition) and self._pacing.answered(
            time.monotonic(), message.y, message.x
        ):
            self._soon(self._offer)
            return
        if self._pacing.heard():  # the line is there after all
            self._soon(self._offer)
        if isinstance(message, events.Resize):
            self._invalidate()
        super().process_message(message)
        if isinstance(message, ANSWERED):
            self._soon(self._pressed)  # the app has it before

    def _pressed(self) -> None:
        self._pacing.pressed(time.monotonic())
        self._offer()

    def redraw(self) -> None:
        """Draw everything anew, whatever the terminal shows."""
        self._screen.forget()
        super().redraw()
        self._drawn = True
        self._offer()

    # ------------------------------------------------------------------ frames

    def _invalidate(self) -> None:
        self._resized = time.monotonic()
        self._screen.forget()

    def _offer(self) -> None:
        """Send what has been drawn if the line is free; else this is called again when it is."""
        if not self._drawn or self._updating or not self._active or self._waiting or self._parting:
            return
        self._cancel()
        now = time.monotonic()
        delay = self._pacing.delay(now)
        if now - self._resized < RESIZING and self._outdated():
            delay = max(delay, self._resized + RESIZING - now)
        if delay:
            self._timer = self._loop.call_later(delay, self._offer)
            return
        self._drawn = False
        update = self._screen.update(self._grid)
        cursor = self._grid.row, self._grid.column
        if cursor != (0, 0):  # the corner is where Textual leaves a cursor that nobody needs
            update += self._screen.move(*cursor)
        if update:
            if self._synchronized:
                update = f"{SYNC_START}{update}{SYNC_END}"
            self._pacing.asked(now, len(update), not self._screen.row)
            self._send(update + ASK)

    def _outdated(self) -> bool:
        """Tell whether the app has yet to draw for the size that the terminal has."""
        try:
            size = os.get_terminal_size(self._output.fileno)
        except OSError:
            return False
        return 0 not in size and tuple(size) != (self._grid.width, self._grid.height)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self, data: str) -> None:
        self._record(data)
        if not self._output.write(data) and not self._waiting:
            self._waiting = True
            self._loop.add_writer(self._output.fileno, self._writable)

    def _writable(self) -> None:
        if self._output.push():
            self._loop.remove_writer(self._output.fileno)
            self._waiting = False
            self._offer()
