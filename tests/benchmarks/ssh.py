"""The app through a real sshd on loopback and a slow line: how long a key waits for its answer."""

from __future__ import annotations

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.report import goal, heading, say, table
from tests.support.slow_lines import Line, Sshd, sshd
from tests.support.ssh_sessions import answers, remote
from tests.support.terminal_sessions import Session

DELAY = 0.1
"""Seconds one way."""
LINES = ((8000, 0.4, 0.8), (2000, None, 1.5))
"""Bytes a second, and the seconds that are allowed in the median and at worst."""


def main(*, quick: bool) -> None:
    seconds = 10.0 if quick else 60.0
    heading(f"Over ssh: polynomial runs at 80×24, 200 ms there and back, {seconds:.0f} s")
    rows = []
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, sshd(Path(folder) / "server") as server:
        for rate, _, _ in LINES:
            waits, flow = measured(server, Path(folder), rate, seconds)
            half = len(waits) // 2
            middle = [statistics.median(part) for part in (waits, waits[:half], waits[half:])]
            rows.append((rate, len(waits), flow, *middle, max(waits)))
    names = ("line, B/s", "keys", "app, B/s", "median, s", "first half", "second half", "worst")
    table(names, [(*(f"{one:,.0f}" for one in row[:3]), *(f"{one:.2f}" for one in row[3:])) for row in rows])
    for (rate, median, worst), row in zip(LINES, rows, strict=True):
        if median is not None:
            goal(f"median at {rate} B/s, s", row[3], most=median)
        goal(f"worst at {rate} B/s, s", row[6], most=worst)
    say()


def measured(server: Sshd, home: Path, rate: int, seconds: float) -> tuple[list[float], float]:
    """Return how long each key waited, and the bytes a second that the app wrote."""
    line = Line(server.port)
    command = remote(home, "polynomial", "--set", "iterations=1000000000")
    session = Session(server.client(command, line.port), home)
    try:
        session.shows("Start of iteration 0", "┤")
        session.send(" ")
        session.shows("running")
        session.look(1)
        line.rate, line.delay = rate, DELAY
        before = len(session.raw)
        waits = answers(session, seconds)
        return waits, (len(session.raw) - before) / (seconds + 3)
    finally:
        session.close()
        line.close()
