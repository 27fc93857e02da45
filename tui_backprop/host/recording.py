"""A recording of what a terminal was sent, as an asciicast (version 2) that players and pages know.

A file has a line for each piece: when it was sent, and its text. Questions to the terminal are left out,
which a player's terminal would answer. https://docs.asciinema.org/manual/asciicast/v2/
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from pathlib import Path
from typing import IO

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

ASKED = re.compile(r"\x1b\[(6n|>?c|>q|1[468]t|\?u|\?\d+\$p)")
"""Questions: where the cursor is, and what the terminal can do."""
IDLE = 2.0
"""Seconds that a player waits at most where nothing happened."""


class Recording:
    """A recording that is being made.

    Args:
        path: the file; it must not exist yet.
        size: columns and rows of the terminal.
        title: what players show.

    Raises:
        BackpropError: there is such a file, or it cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], title: str) -> None:
        self._shown = printable(str(path), 200)
        self._size = size
        self.problem: str | None = None
        """Why nothing more is recorded, in one line; None while all is well."""
        try:
            self._file: IO[str] | None = path.open("x", encoding="utf-8", newline="\n")
        except FileExistsError:
            raise BackpropError(
                tr("--record {file}: there is such a file already; give a new name", file=self._shown)
            ) from None
        except OSError as error:
            raise BackpropError(
                tr(
                    "--record {file}: cannot be written: {reason}",
                    file=self._shown,
                    reason=system_reason(error),
                )
            ) from None
        self._begun = time.monotonic()
        columns, rows = size
        self._line(
            {"version": 2, "width": columns, "height": rows, "timestamp": int(time.time()),
             "idle_time_limit": IDLE, "title": title, "env": {"TERM": "xterm-256color"}}
        )  # fmt: skip

    def wrote(self, text: str) -> None:
        """Record what the terminal was sent."""
        if text := ASKED.sub("", text):
            self._event("o", text)

    def resized(self, columns: int, rows: int) -> None:
        """Record that the terminal has another size."""
        if (columns, rows) != self._size:
            self._size = columns, rows
            self._event("r", f"{columns}x{rows}")

    def close(self) -> None:
        """End the recording; what was recorded is in the file already."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()

    def _event(self, kind: str, text: str) -> None:
        self._line([round(time.monotonic() - self._begun, 6), kind, text])

    def _line(self, value: object) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(value, ensure_ascii=False) + "\n")
            self._file.flush()  # a session that is killed leaves what was seen
        except OSError as error:
            self._failed(error)
            with contextlib.suppress(OSError):  # what is in its buffer cannot be written either
                self.close()

    def _failed(self, error: OSError) -> None:
        self.problem = tr(
            "--record {file}: the recording ends early: {reason}",
            file=self._shown,
            reason=system_reason(error),
        )
