"""Whether a long run stays as quick as a short one: a frame, the memory of the losses, and a step back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import tui_backprop as tb
from tests.benchmarks.report import goal, say, table
from tui_backprop.debugger.session import DebugSession
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.debugger.snapshots import SnapshotBuilder
from tui_backprop.tui.panels.chart.plot import plot

ROOT = Path(__file__).parents[2]
SHORT, LONG = 10**3, 10**6
CHART = 78, 12  # columns and rows, about as in the app
TIMES = 25
COLUMNS = {
    "running": "snapshot while running",
    "paused": "snapshot while paused",
    "chart": "chart",
    "back": "first back()",
    "middle": "rewind to the middle",
}


def show(*, quick: bool) -> None:
    """Measure in a process of its own, whose memory is nobody else's."""
    long = LONG // 10 if quick else LONG
    command = [sys.executable, "-m", "tests.benchmarks.frames", str(long)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    early, late = json.loads(done.stdout)
    rows = [
        (
            f"{at['iteration']:,}",
            *(f"{1e3 * at[what]:.2f}" for what in COLUMNS),
        )
        for at in (early, late)
    ]
    table(("linear, ms after iterations", *COLUMNS.values()), rows)
    for what in ("running", "paused", "chart"):
        ratio = late[what] / early[what]
        goal(f"{COLUMNS[what]}: after {late['iteration']:,} / after {early['iteration']:,}", ratio, most=1.5)
    grown = None if late["resident"] is None else late["resident"] - early["resident"]
    goal("bytes for each loss kept", grown and grown / (late["iteration"] - early["iteration"]), most=32)
    goal("back() after the long run, seconds", late["back"], most=0.1)
    say()


def main() -> None:
    trainer = tb.Trainer(tb.load_lesson("linear"), iterations=10**9)
    figures(trainer)  # imports what there is to import, which would count as memory
    measured = []
    for iteration in (SHORT, int(sys.argv[1])):
        trainer.run(iterations=iteration - trainer.iteration)
        measured.append({"iteration": iteration, "resident": resident(), **figures(trainer)})
    json.dump(measured, sys.stdout)


def figures(trainer: tb.Trainer) -> dict[str, float]:
    """Return the seconds of everything that must not depend on how long a run was."""
    builder = SnapshotBuilder(DebugSession(trainer))

    def frame(running: bool) -> Snapshot:
        trainer.run(iterations=1)  # or there would be nothing to compute
        return builder.take(running=running)

    def chart() -> None:
        plot(snapshot.envelope, snapshot.goal, "linear", False, *CHART)

    begun = time.perf_counter()
    trainer.back()
    back = time.perf_counter() - begun  # only the first one: it leaves checkpoints for the next
    trainer.next()
    snapshot = frame(running=True)
    middle = trainer.iteration // 2
    seconds = {
        "running": timed(lambda: frame(running=True)),
        "paused": timed(lambda: frame(running=False)),
        "chart": timed(chart),
        "back": back,
    }
    begun = time.perf_counter()
    trainer.rewind(middle)
    return {**seconds, "middle": time.perf_counter() - begun}


def timed(action: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def resident() -> int | None:
    """Return the bytes of this process that are in memory; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
