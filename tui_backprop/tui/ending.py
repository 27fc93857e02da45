"""How the app ends on a fault of its own or of what it is built on: one line, whatever it was and wherever.

Textual ends on an exception in three ways, two of which write a traceback with lines of source; what escapes
a callback of the loop or a thread ends nothing at all. Here all of them lead to one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import Any

from rich.console import RenderableType
from textual.app import App

from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.sentences import tr
from tui_backprop.tui.choices import crash_file

INTERNAL_ERROR = 70
"""The exit code behind a fault of the program: EX_SOFTWARE of sysexits.h."""
FULL = 71
"""The exit code where memory ran out: EX_OSERR of sysexits.h."""


class EndingApp(App[None]):
    """An app that ends with a line.

    Attributes:
        last_line: what is to be said when the terminal is the shell's again; empty where there is nothing.
    """

    sandbox: Sandbox
    last_line = ""

    def end_with(self, line: str, code: int) -> None:
        """Leave with a line; the first one holds, for what follows comes of it."""
        if not self.last_line:
            self.last_line = line
            self.exit(return_code=code)

    def failed(self, error: BaseException) -> None:
        """End on an error that nobody handles; on the loop's thread."""
        try:
            raise error
        except Exception as raised:
            self._handle_exception(raised)
        except BaseException:
            self._fatal_error()

    def failed_in_thread(self, failure: threading.ExceptHookArgs) -> None:
        """End on an error that nobody handles in another thread; in place of ``threading.excepthook``."""
        error = failure.exc_value
        if error is not None and self._loop is not None and not isinstance(error, SystemExit):
            with contextlib.suppress(RuntimeError):  # the loop has ended by now
                self._loop.call_soon_threadsafe(self.failed, error)

    def failed_in_callback(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End on an error of a callback; the loop's exception handler.

        What nobody has asked the result of is no fault, and is not written over the screen.
        """
        error = context.get("exception")
        if "handle" in context and isinstance(error, Exception):
            self.failed(error)

    def panic(self, *renderables: RenderableType) -> None:
        """End on what Textual would show: an error that has a look of its own, or a traceback."""
        self._fatal_error()

    def _handle_exception(self, error: Exception) -> None:
        """Keep the exit code that the first fault has set."""
        code = self._return_code
        super()._handle_exception(error)
        if self.last_line and code:
            self._return_code = code

    def _fatal_error(self) -> None:
        """End on the error being handled with one line; the traceback goes into a file."""
        if self.last_line:
            return
        if isinstance(sys.exc_info()[1], MemoryError):
            self.end_with(tr("there is not enough memory to go on"), FULL)
        else:
            path = crash_file(self.sandbox)
            self.end_with(tr("internal error, sorry; the details are in {path}", path=path), INTERNAL_ERROR)
