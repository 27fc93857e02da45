"""The server in a process of its own, and what its visitors have left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.installed_command import PATIENCE
from tests.support.terminal_sessions import environment


class Served:
    """A server that listens on a free port of this machine.

    Attributes:
        link: the address that it tells its host.
        lines: what else it has told.
    """

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui_backprop", "serve", "--port", "0", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home,
            env=environment(home, PYTHONUNBUFFERED="1"),
        )  # fmt: skip
        assert self.process.stdout is not None
        self.lines: list[str] = []
        self.link = ""
        while not self.link:
            line = self.process.stdout.readline()
            assert line, "\n".join(self.lines)
            self.lines.append(line)
            if found := re.search(r"http\S+", line):
                self.link = found[0]

    def visits(self) -> list[int]:
        """Return the processes of its visitors."""
        return [pid for pid in _descendants(self.process.pid) if b"--restricted" in _words(pid)]

    def has(self, visits: int) -> None:
        """Wait until it has so many visitors' processes."""
        wait_until(lambda: len(self.visits()) == visits, lambda: f"{self.visits()} and not {visits}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def served(home: Path) -> Iterator[Callable[..., Served]]:
    """Give a function that starts a server, and end what was started with it."""
    started: list[Served] = []

    def start(*words: str) -> Served:
        started.append(Served(home, *words))
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()
            assert one.process.stdout is not None
            one.process.stdout.close()


def wait_until(happened: Callable[[], object], what: Callable[[], object] = lambda: "it") -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"this did not come: {what()}"
        time.sleep(0.02)


def is_there(pid: int) -> bool:
    """Tell whether a process is there, and not only to be asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _descendants(parent: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and is_there(int(name)):
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(name))
    found, left = [], [parent]
    while left:
        for pid in children.get(left.pop(), []):
            found.append(pid)
            left.append(pid)
    return found


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
