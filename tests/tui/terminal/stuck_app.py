"""The app with one fault put in: ``stuck_app.py FAULT FOLDER ARGUMENT …``; the key x sets it off."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from tui_backprop.cli import main
from tui_backprop.tui.app import BackpropApp

FAULT, FOLDER = sys.argv[1], Path(sys.argv[2])


def stuck(_: Any) -> None:
    """Keep the app's loop, and the main thread in it, from everything else."""
    (FOLDER / "stuck").touch()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        pass


def crash(_: Any) -> NoReturn:
    raise ZeroDivisionError("put in")


def save_slowly(_: Any) -> None:
    time.sleep(1)
    (FOLDER / "saved").touch()


def save_for_ever(_: Any) -> None:
    time.sleep(120)


if FAULT == "stuck":
    BackpropApp.action_examine = stuck
elif FAULT == "crash":
    BackpropApp.action_examine = crash
else:
    BackpropApp.save_now = save_slowly if FAULT == "slow" else save_for_ever
sys.argv[:3] = ["tui-backprop"]
main()
