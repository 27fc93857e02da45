"""The app with one fault put in: ``stuck_app.py FAULT FOLDER ARGUMENT …``; the key x sets it off."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from tui_backprop.cli.main import main
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.main_screen import MainScreen
from tui_backprop.tui.terminal.driver import GuardedDriver

FAULT, FOLDER = sys.argv[1], Path(sys.argv[2])


def stuck(*_: Any) -> None:
    """Keep the app's loop, and the main thread in it, from everything else."""
    (FOLDER / "stuck").touch()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        pass


def crash(*_: Any) -> NoReturn:
    raise ZeroDivisionError("put in")


class LooksLikeSomethingError(Exception):
    """Textual shows an error that has a look of its own by that look."""

    def __rich__(self) -> str:
        return f"a look of several lines\nwith a path {__file__}"


def crash_with_a_look(*_: Any) -> NoReturn:
    raise LooksLikeSomethingError(__file__)


def crash_in_the_thread_that_reads(self: GuardedDriver, message: Any) -> None:
    if getattr(message, "key", "") == "x":
        raise IndexError(f"put in {__file__}")
    read(self, message)


def crash_in_another_thread(*_: Any) -> None:
    threading.Thread(target=crash).start()


def crash_in_a_callback(self: MainScreen, *_: Any) -> None:
    self.app._loop.call_soon(crash)  # type: ignore[union-attr]


def crash_behind_the_end(self: BackpropApp) -> NoReturn:
    raise OSError(2, "no such thing", __file__)


def save_slowly(_: Any) -> None:
    time.sleep(1)
    (FOLDER / "saved").touch()


def save_for_ever(_: Any) -> None:
    time.sleep(120)


HANDLERS = {
    "crash": crash,
    "look": crash_with_a_look,
    "thread": crash_in_another_thread,
    "callback": crash_in_a_callback,
}

if FAULT == "stuck":
    MainScreen.action_command = stuck
elif FAULT in HANDLERS:
    MainScreen.action_command = HANDLERS[FAULT]
elif FAULT == "reader":
    read = GuardedDriver.process_message
    GuardedDriver.process_message = crash_in_the_thread_that_reads
elif FAULT == "end":
    MainScreen.action_command = lambda self, _: self.app.exit()
    BackpropApp.on_unmount = crash_behind_the_end
else:
    BackpropApp.save_now = save_slowly if FAULT == "slow" else save_for_ever
sys.argv[:3] = ["tui-backprop"]
main()
