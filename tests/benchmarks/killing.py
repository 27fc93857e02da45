"""SIGKILL at random moments of a real run in a pseudo-terminal, then resume to the last bit.

``python -m tests.benchmarks.killing [MOMENTS]`` prints one line at the end.
"""

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


def drain(handle: int, over: threading.Event) -> None:
    """Read what the app writes, and nothing of it."""
    while not over.is_set():
        if select.select([handle], [], [], 0.05)[0]:
            try:
                os.read(handle, 65536)
            except OSError:
                return


def killed_run(state: Path, lesson: str, wait: float) -> float:
    """Run the app until ``wait`` seconds after its run began; return when it was killed."""
    process, handle = pty.fork()
    if process == 0:
        environment = {
            **os.environ, "XDG_STATE_HOME": str(state), "XDG_CONFIG_HOME": str(state / "c"),
            "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24",
        }  # fmt: skip
        settings = ["--set", "iterations=100000000", "--set", "optimizer=adam"]
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
        os.write(handle, b" ")
        time.sleep(wait)
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
    from tui_backprop.training.autosave import resume
    from tui_backprop.training.sessions import list_sessions
    from tui_backprop.training.trainer import Trainer

    (info,) = list_sessions()
    resumed = resume(info.id)
    resumed.autosave.close()
    found = resumed.trainer
    undisturbed = Trainer(load_lesson(lesson), iterations=100000000, optimizer="adam")
    undisturbed.run(found.iteration)
    for _ in range(2):
        undisturbed.seek(found.position)
        same = all(
            np.asarray(value).tobytes() == np.asarray(undisturbed.parameters[name]).tobytes()
            for name, value in found.parameters.items()
        )
        same = same and found.losses.tobytes() == undisturbed.losses.tobytes()
        iteration = found.iteration
        if not same:
            return False, killed - info.saved, iteration
        found.run(100)
        undisturbed.run(100)
    return True, killed - info.saved, iteration


def kill(moments: int, seed: int = 5, longest: float = 4.0) -> tuple[int, float, list[int]]:
    """Kill at that many moments; return how many were bit-identical, the most lost, and the iterations."""
    generator, good, lost, iterations = random.Random(seed), 0, 0.0, []
    lessons = ("linear", "logistic", "two-layer", "polynomial")
    before = os.environ.get("XDG_STATE_HOME")
    try:
        for number in range(moments):
            with tempfile.TemporaryDirectory() as folder:
                os.environ["XDG_STATE_HOME"] = folder
                lesson = lessons[number % len(lessons)]
                killed = killed_run(Path(folder), lesson, generator.uniform(0.0, longest))
                same, seconds, iteration = check(lesson, killed)
                good, lost = good + same, max(lost, seconds)
                iterations.append(iteration)
    finally:
        os.environ.pop("XDG_STATE_HOME", None)
        if before is not None:
            os.environ["XDG_STATE_HOME"] = before
    return good, lost, iterations


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    identical, most, reached = kill(count)
    sys.stdout.write(
        f"{identical} of {count} bit-identical, most work lost {most:.2f} s "
        f"(iterations {min(reached):,} to {max(reached):,})\n"
    )
