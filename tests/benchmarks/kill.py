"""SIGKILL at random moments of the app in a pseudo-terminal, then resume to the last bit."""

from __future__ import annotations

import os
import pty
import random
import select
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.benchmarks.report import goal, heading, say, table

KEYS = "ssssnnbp"
"""What somebody presses who steps back and forth."""
LESSONS = ("linear", "logistic", "two-layer", "polynomial")
ENDLESS = 100_000_000


def main(*, quick: bool) -> None:
    moments = 6 if quick else 50
    heading(f"Kill: SIGKILL at {moments} moments of the app, then resume")
    good, lost, iterations = kill(moments)
    rows = [(f"{min(iterations):,} to {max(iterations):,}", f"{good} of {moments}", f"{lost:.2f}")]
    table(("killed at iterations", "bit-identical", "most work lost, s"), rows)
    say(f"{good} of {moments} bit-identical, most work lost {lost:.2f} s")
    goal("bit-identical / kills", good / moments, least=1)
    goal("most work lost, s", lost, most=1.0)
    say()


def drain(handle: int, over: threading.Event) -> None:
    """Read what the app writes, and nothing of it."""
    while not over.is_set():
        if select.select([handle], [], [], 0.05)[0]:
            try:
                os.read(handle, 65536)
            except OSError:
                return


def killed_run(state: Path, lesson: str, wait: float, keys: random.Random | None) -> float:
    """Run the app, or press random keys, and kill it after ``wait`` seconds; return when that was."""
    process, handle = pty.fork()
    if process == 0:
        environment = {
            **os.environ, "XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(state / "c"),
            "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24",
        }  # fmt: skip
        settings = ["--backend", "numpy", "--set", f"iterations={ENDLESS}", "--set", "optimizer=adam"]
        command = [sys.executable, "-m", "tui_backprop", lesson, *settings]
        os.execve(sys.executable, command, environment)
    over = threading.Event()
    reader = threading.Thread(target=drain, args=(handle, over), daemon=True)
    reader.start()
    folder = state / "tui-backprop" / "sessions"
    try:
        deadline = time.monotonic() + 30
        while not list(folder.glob("*.session")):
            os.write(handle, b"s")  # the first thing done begins the session
            time.sleep(0.2)
            assert time.monotonic() < deadline, "the app did not come up"
        end = time.monotonic() + wait
        if keys is None:
            os.write(handle, b" ")
        while keys is not None and time.monotonic() < end:
            os.write(handle, keys.choice(KEYS).encode())
            time.sleep(keys.uniform(0.0, 0.05))
        time.sleep(max(0.0, end - time.monotonic()))
    finally:
        os.kill(process, signal.SIGKILL)
        killed = time.time()
        os.waitpid(process, 0)
        over.set()
        reader.join()
        os.close(handle)
    return killed


def check(lesson: str, killed: float) -> tuple[bool, float, int]:
    """Resume; return whether all is as in an undisturbed run, the seconds lost, and the iteration."""
    import numpy as np

    from tui_backprop.lessons.library import load_lesson
    from tui_backprop.sessions.autosave import resume
    from tui_backprop.sessions.store import list_sessions
    from tui_backprop.training.trainer import Trainer

    (info,) = list_sessions()
    resumed = resume(info.id)
    resumed.autosave.close()
    found = resumed.trainer
    undisturbed = Trainer(load_lesson(lesson), iterations=ENDLESS, optimizer="adam", backend="numpy")
    undisturbed.run(found.iteration)
    undisturbed.seek(found.position)
    iteration, identical = found.iteration, True
    for _ in range(2):
        identical = identical and (found.iteration, found.position) == (
            undisturbed.iteration, undisturbed.position
        )  # fmt: skip
        identical = identical and all(
            found.losses[start : start + (1 << 20)].tobytes()
            == undisturbed.losses[start : start + (1 << 20)].tobytes()
            for start in range(0, found.iteration, 1 << 20)
        )
        identical = identical and all(
            np.asarray(value).tobytes() == np.asarray(undisturbed.parameters[name]).tobytes()
            for name, value in found.parameters.items()
        )
        found.run(100)
        undisturbed.run(100)
    return identical, killed - info.saved, iteration


def kill(moments: int, seed: int = 5, longest: float = 4.0) -> tuple[int, float, list[int]]:
    """Kill at that many moments, in every third case among keys pressed and else during a run.

    Returns:
        How many were bit-identical, the most seconds of work lost, and the iterations.
    """
    generator, good, lost, iterations = random.Random(seed), 0, 0.0, []
    before = os.environ.get("XDG_STATE_HOME")
    try:
        for number in range(moments):
            with tempfile.TemporaryDirectory() as folder:
                os.environ["XDG_STATE_HOME"] = folder
                lesson = LESSONS[number % len(LESSONS)]
                keys = generator if number % 3 == 2 else None
                killed = killed_run(Path(folder), lesson, generator.uniform(0.0, longest), keys)
                same, seconds, iteration = check(lesson, killed)
                good, lost = good + same, max(lost, seconds)
                iterations.append(iteration)
    finally:
        os.environ.pop("XDG_STATE_HOME", None)
        if before is not None:
            os.environ["XDG_STATE_HOME"] = before
    return good, lost, iterations
