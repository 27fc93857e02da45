"""The app; what Textual writes, and for which size, is recorded: ``recorded_app.py FILE ARGUMENT …``."""

from __future__ import annotations

import json
import sys

from tui_backprop.cli.main import main
from tui_backprop.tui.terminal.driver import DiffDriver

RECORD = open(sys.argv[1], "w", buffering=1)  # noqa: SIM115 - as long as the app is there
_write = DiffDriver.write


def write(self: DiffDriver, data: str) -> None:
    RECORD.write(json.dumps([*self._app.size, data]) + "\n")
    _write(self, data)


DiffDriver.write = write
sys.argv[:2] = ["tui-backprop"]
main()
