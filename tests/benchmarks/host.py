"""Many logins of a class on one host: what thirty that rest and ten that run take of it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.report import goal, heading, table

ROOT = Path(__file__).parents[2]
ROWS, COLUMNS = 24, 80
READY = b"at the start"
"""What the status line says when a lesson is open."""
LESSON = ("polynomial", "--fps", "4")
RESTING = 0.3
"""Seconds of processor time that all of them together take in one while they rest, at most."""


@dataclass(frozen=True)
class Measured:
    """What the sessions of a kind took, each.

    Attributes:
        cpu: percent of one processor, on average.
        most: percent of one processor, the session that took most.
        rss: MiB resident, on average, shared pages counted in each.
        bytes: bytes a second to the terminal, on average.
    """

    cpu: float
    most: float
    rss: float
    bytes: float


class Session:
    """A restricted login in a pseudo-terminal that is read all the time."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": str(home),
            "SSH_CONNECTION": "::1 1 ::1 22",
        }  # fmt: skip
        command = [sys.executable, "-m", "tui_backprop", "--restricted", "--lessons", str(folder)]
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [*command, *LESSON, "--set", "iterations=1000000000"],
            stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.seconds: float | None = None
        self.bytes = 0
        self._tail = b""

    def read(self) -> None:
        """Take what it has written."""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # it has ended
            data = b""
        self.bytes += len(data)
        if self.seconds is None:
            self._tail += data
            if READY in self._tail:
                self.seconds = time.monotonic() - self.begun

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def cpu(self) -> float:
        """Seconds of processor time used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def rss(self) -> float:
        """MiB resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


class Host:
    """Sessions that are all open at once."""

    def __init__(self, sessions: list[Session]) -> None:
        self.sessions = sessions
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        by_master = {session.master: session for session in self.sessions}
        while not self._over.is_set():
            for master in select.select(list(by_master), [], [], 0.1)[0]:
                by_master[master].read()
                if not by_master[master].alive:
                    del by_master[master]

    def close(self) -> None:
        """End them all."""
        for session in self.sessions:
            session.process.kill()
            session.process.wait()
        self._over.set()
        self._reader.join()
        for session in self.sessions:
            os.close(session.master)

    def wait(self, patience: float) -> float:
        """Wait until all show their lesson, and return the seconds that the slowest took."""
        deadline = time.monotonic() + patience
        while any(session.seconds is None for session in self.sessions):
            assert time.monotonic() < deadline, "the sessions did not open in time"
            assert all(session.alive for session in self.sessions), "a session ended while it opened"
            time.sleep(0.1)
        slowest = max(session.seconds or 0.0 for session in self.sessions)
        used, sent = self._used()
        while True:  # charts come later, and behind them what may be wanted next is imported
            assert time.monotonic() < deadline, "the sessions did not come to rest in time"
            time.sleep(1.0)
            before, already = used, sent
            used, sent = self._used()
            if sent == already and used - before < RESTING:
                return slowest

    def _used(self) -> tuple[float, int]:
        """Return the processor time and the bytes of all sessions together."""
        return sum(session.cpu for session in self.sessions), sum(session.bytes for session in self.sessions)

    def measure(self, running: int, seconds: float) -> tuple[Measured, Measured]:
        """Have that many run, and return what those take and what the others do."""
        for session in self.sessions[:running]:
            os.write(session.master, b" ")
        time.sleep(1.5)
        before = [(session.cpu, session.bytes) for session in self.sessions]
        begun = time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - begun
        shares = [100 * (s.cpu - cpu) / passed for s, (cpu, _) in zip(self.sessions, before, strict=True)]
        rates = [(s.bytes - sent) / passed for s, (_, sent) in zip(self.sessions, before, strict=True)]
        memory = [session.rss for session in self.sessions]
        assert all(session.alive for session in self.sessions), "a session ended"

        def summary(part: slice) -> Measured:
            cpu, rss, sent = shares[part], memory[part], rates[part]
            return Measured(sum(cpu) / len(cpu), max(cpu), sum(rss) / len(rss), sum(sent) / len(sent))

        return summary(slice(running)), summary(slice(running, None))


@contextmanager
def opened(count: int) -> Iterator[Host]:
    """Open that many sessions at the same moment."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "lessons"
        folder.mkdir()
        sessions = []
        for number in range(count):
            home = Path(place) / str(number)
            home.mkdir()
            sessions.append(Session(home, folder))
        host = Host(sessions)
        try:
            yield host
        finally:
            host.close()


def main(*, quick: bool) -> None:
    idle, running = (6, 2) if quick else (30, 10)
    heading(f"Host: {idle} restricted logins that rest and {running} that run, at once")
    with opened(idle + running) as host:
        start = host.wait(120)
        busy, rest = host.measure(running, 3 if quick else 20)
    processors = len(os.sched_getaffinity(0))
    rows = []
    for name, count, each in (("running", running, busy), ("idle", idle, rest)):
        totals = f"{count * each.cpu:.0f}", f"{each.most:.1f}", f"{count * each.rss:,.0f}"
        rows.append((f"{count} {name}", *totals, f"{each.bytes:,.0f}"))
    table((f"sessions, {processors} processors", "CPU %", "most, each", "RSS MiB", "bytes/s, each"), rows)
    goal("all forty open, started at one moment, seconds", start, most=40)
    goal("idle: percent of one processor, each", rest.cpu, most=1.0)
