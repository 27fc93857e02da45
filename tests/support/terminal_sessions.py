"""The app in a pseudo-terminal of its own: its screen, its answers if any, and how it ends."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pexpect
import pyte

APP = (sys.executable, "-m", "tui_backprop")
SUPPORT = Path(__file__).parent
ROOT = SUPPORT.parents[1]
PATIENCE = 90.0
ASK = b"\x1b[6n"
ODD = re.compile(rb"\x1b\[[<>=?][\d;:]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x1b\\|\x07)")
"""Private sequences and hyperlinks, which pyte 0.8 takes for text."""
_UNFINISHED = re.compile(rb"\x1b(?:\[[\d;:<>=?]*[ -/]*|\][^\x07\x1b]*\x1b?)?$")


def environment(home: Path, **more: str) -> dict[str, str]:
    found = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "STATE", "DATA", "CACHE")},
        **more,
    }
    for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_DEVTOOLS", "SSH_CONNECTION"):
        if name not in more:
            found.pop(name, None)
    return found


def _default_signals() -> None:
    """End at signals, as what a terminal starts does: under nohup, say, tests ignore them."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Session:
    """A program in a pseudo-terminal.

    Attributes:
        answers: whether the terminal says where its cursor is when it is asked.
        raw: everything that the program has written.
        asked: how often it has asked.
    """

    def __init__(
        self,
        command: Sequence[str],
        home: Path,
        *,
        size: tuple[int, int] = (80, 24),
        answers: bool = True,
        **more: str,
    ) -> None:
        columns, rows = size
        self.child = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=environment(home, **more),
            dimensions=(rows, columns),
            cwd=str(home),
            preexec_fn=_default_signals,
        )
        self.child.ptyproc.delayafterclose = self.child.ptyproc.delayafterterminate = 0.02
        self.answers, self.raw, self.asked = answers, b"", 0
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""

    @property
    def fd(self) -> int:
        return int(self.child.child_fd)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def cells(self) -> list[list[Any]]:
        """Every cell with its attributes."""
        return [
            [self.screen.buffer[y][x] for x in range(self.screen.columns)] for y in range(self.screen.lines)
        ]

    def send(self, keys: str) -> float:
        os.write(self.fd, keys.encode())
        return time.monotonic()

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def read(self, seconds: float) -> bytes:
        """Wait that long for output and take what there is; empty if nothing came, or the program ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.raw += data
        fed = self._rest + data
        cut = _UNFINISHED.search(fed)
        fed, self._rest = (fed[: cut.start()], fed[cut.start() :]) if cut else (fed, b"")
        for place, part in enumerate(ODD.sub(b"", fed).split(ASK)):
            if place:
                self.asked += 1
                if self.answers:
                    self.answer()
            self._stream.feed(part)
        return data

    def answer(self) -> None:
        cursor = self.screen.cursor
        os.write(self.fd, b"\x1b[%d;%dR" % (cursor.y + 1, min(cursor.x, self.screen.columns - 1) + 1))

    def look(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.read(left) and not self.child.isalive():
                return

    def quiet(self, seconds: float = 0.3) -> None:
        """Read until nothing has come for so long."""
        while self.read(seconds):
            pass

    def until(self, happened: Callable[[], object], patience: float = PATIENCE) -> float:
        """Read until something is so, and return when it was."""
        deadline = time.monotonic() + patience
        while not happened():
            assert time.monotonic() < deadline, f"this did not come:\n{self.text}"
            self.read(0.02)
        return time.monotonic()

    def shows(self, *texts: str) -> float:
        return self.until(lambda: all(text in self.text for text in texts))

    def mode(self, number: str) -> bool:
        """Tell whether a private mode was set last, or reset."""
        changes = re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.raw)
        states = [kind == b"h" for numbers, kind in changes if number.encode() in numbers.split(b";")]
        return bool(states) and states[-1]

    def ends(self, patience: float = PATIENCE, *, reading: bool = True) -> int:
        """Wait for the end and return the exit code; without reading, as behind a line that is stuck."""
        deadline = time.monotonic() + patience
        while self.child.isalive():
            assert time.monotonic() < deadline, f"it is still there:\n{self.text}"
            if reading:
                self.read(0.02)
            else:
                time.sleep(0.02)
        while reading and self.read(0):
            pass
        assert self.child.exitstatus is not None, f"killed by signal {self.child.signalstatus}"
        return int(self.child.exitstatus)

    def close(self) -> None:
        with suppress(OSError, pexpect.ExceptionPexpect):
            self.child.close(force=True)


@contextmanager
def sessions(home: Path) -> Iterator[Callable[..., Session]]:
    """Give a function that opens the app, and close what was opened with it."""
    opened: list[Session] = []

    def open_session(*arguments: str, **options: Any) -> Session:
        opened.append(Session((*APP, *arguments), home, **options))
        return opened[-1]

    try:
        yield open_session
    finally:
        for session in opened:
            session.close()
