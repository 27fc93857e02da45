"""A program in a pseudo-terminal: its output is read at once, and looked at on an emulated screen afterwards.

Emulating is slow beside reading. So chunks are kept with the moment they came, and what was on the screen
when is found by feeding them one by one: the time it takes to look is not counted as the program's.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
APP = ("-m", "tui_backprop")
COLUMNS, ROWS = 120, 36
PATIENCE = 30.0
LULL = 0.008
"""Seconds without output after which a frame is taken to be complete."""

# pyte 0.8 takes a private CSI (a question to the terminal) for text
_QUESTION = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p")
_UNFINISHED = re.compile(rb"\x1b(\[[<>=?]?[\d;]*\$?)?$")


class Terminal:
    """A program that runs, and its screen as of what has been looked at.

    Attributes:
        begun: the moment when the program was loaded.
        received: the bytes that it has written so far.
    """

    def __init__(
        self, arguments: Sequence[str], home: Path, tree: Path = ROOT, size: tuple[int, int] = (COLUMNS, ROWS)
    ) -> None:
        columns, rows = size
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "DATA", "CACHE")},
        }
        for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_DEVTOOLS", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._rest = b""
        self._child = pexpect.spawn(  # returns when the program has been loaded
            sys.executable, list(arguments), env=environment, dimensions=(rows, columns), cwd=str(tree)
        )
        self.begun = time.perf_counter()
        self.received = 0
        self.pid: int = self._child.pid

    @property
    def screen(self) -> str:
        return "\n".join(self._screen.display)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """What stands in each cell, and how it looks."""
        lines, columns = range(self._screen.lines), range(self._screen.columns)
        return [[self._screen.buffer[y][x] for x in columns] for y in lines]

    def send(self, text: str) -> float:
        """Write keys, and return the moment of it."""
        moment = time.perf_counter()
        os.write(self._child.child_fd, text.encode())
        return moment

    def collect(self, seconds: float, *, lull: float = float("inf")) -> None:
        """Read for that long, or until nothing has come for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self._child.child_fd], [], [], min(left, lull))[0]:
                if lull <= left:
                    return
                continue
            try:
                data = os.read(self._child.child_fd, 1 << 16)
            except OSError:  # the program has ended
                data = b""
            if not data:
                for _ in self.replay():
                    pass
                raise AssertionError(f"the program ended:\n{self.screen}")
            for _ in range(data.count(b"\x1b[6n")):  # as a terminal does; any place but where Shift+F3 is
                os.write(self._child.child_fd, b"\x1b[9;1R")
            self._chunks.append((time.perf_counter(), data))
            self.received += len(data)

    def replay(self, frames: bool = False) -> Iterator[float]:
        """Put on the screen what was read, and give the moment after each chunk, or each whole frame."""
        while self._chunks:
            moment, data = self._chunks.popleft()
            data = self._rest + data
            cut = _UNFINISHED.search(data)
            data, self._rest = (data[: cut.start()], data[cut.start() :]) if cut else (data, b"")
            self._stream.feed(_QUESTION.sub(b"", data))
            if not frames or not self._chunks or self._chunks[0][0] - moment > LULL:
                yield moment

    def look(self, seconds: float) -> None:
        """Read for that long, and bring the screen up to date."""
        self.collect(seconds)
        for _ in self.replay():
            pass

    def until(self, happened: Callable[[str], object]) -> float:
        """Read until the screen is so, and return the moment when that was read."""
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            self.collect(0.25, lull=LULL)
            for moment in self.replay():
                if happened(self.screen):
                    return moment
        raise AssertionError(f"this did not come in {PATIENCE} seconds; the screen is\n{self.screen}")

    def shows(self, *texts: str) -> float:
        return self.until(lambda screen: all(text in screen for text in texts))

    def close(self) -> None:
        self._child.close(force=True)


@contextmanager
def opened(*arguments: str, tree: Path = ROOT, size: tuple[int, int] = (COLUMNS, ROWS)) -> Iterator[Terminal]:
    """Run Python with these arguments in a terminal and in a home of its own, with a tree's package."""
    with TemporaryDirectory() as home:
        terminal = Terminal(arguments, Path(home), tree, size)
        try:
            yield terminal
        finally:
            terminal.close()


def processor_seconds(pid: int) -> float | None:
    """Return the processor time that a process has used; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
