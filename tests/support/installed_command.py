"""The installed command, in a shell that has a screen."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

COMMAND = Path(sys.executable).with_name("tui-backprop")


ROWS, COLUMNS = 24, 80


PATIENCE = 90.0


class Terminal:
    """A shell in a pseudo-terminal with a screen that can be read."""

    def __init__(self, folder: Path) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "PS1": "READY> ",
            "LC_ALL": "C.UTF-8",
            "HOME": str(folder),
        }
        for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_DEVTOOLS", "PROMPT_COMMAND"):
            environment.pop(name, None)
        self.child = pexpect.spawn(
            "/bin/bash", ["--norc", "--noprofile", "--noediting"],
            env=environment, dimensions=(ROWS, COLUMNS), timeout=PATIENCE, cwd=str(folder),
        )  # fmt: skip
        self.child.delaybeforesend = None
        self.raw = b""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def send(self, text: str) -> None:
        self.raw += b"\0"  # what is waited for comes after this
        self.child.send(text)

    def until(self, happened: Callable[[], object], what: str = "") -> None:
        """Feed the screen what arrives, until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"{what} did not come:\n{self.screen}"
            try:
                chunk = self.child.read_nonblocking(65536, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
            self.raw += chunk
            for _ in range(chunk.count(b"\x1b[6n")):
                self.child.send("\x1b[9;1R")  # any place but where Shift+F3 is
            # pyte 0.8 takes a private CSI (a question to the terminal) for text
            self._stream.feed(re.sub(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p", b"", chunk))

    def shows(self, *texts: str) -> None:
        """Wait until the screen has all of these."""
        self.until(lambda: all(text in self.screen for text in texts), f"{texts}")

    def prompts(self) -> None:
        """Wait until the shell asks for the next command."""
        self.until(lambda: self.raw.endswith(b"READY> "), "the prompt")

    def mode(self, number: str) -> bool:
        """Tell whether a private mode was set last, or reset."""
        changes = re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.raw)
        states = [kind == b"h" for numbers, kind in changes if number.encode() in numbers.split(b";")]
        return bool(states) and states[-1]
