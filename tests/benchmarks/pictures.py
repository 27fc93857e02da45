"""What a picture costs while a run goes on: bytes to the terminal, beside the least there could be; rate."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pyte

from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.terminal import APP, LULL, Terminal, opened

LESSON = """
title = "Circles: 2-8-8-1"
formula = \"\"\"
H = tanh(X @ W1 + b1)
G = tanh(H @ W2 + b2)
z = sum(G * W3, axis=1) + b3
L = binary_cross_entropy_with_logits(z, y)
\"\"\"

[samples]
dataset = "circles"
size = 200
noise = 0.1

[parameters]
W1 = { init = "xavier_uniform", shape = [2, 8] }
b1 = { init = "zeros", shape = [8] }
W2 = { init = "xavier_uniform", shape = [8, 8] }
b2 = { init = "zeros", shape = [8] }
W3 = { init = "normal", shape = [8] }
b3 = 0.0

[hyperparameters]
learning_rate = 0.01
iterations = 1000000000
"""
SMALL, LARGE = (80, 24), (120, 36)
GAP = 6
"""Cells that did not change, up to which they are sent again rather than passed over."""
Cells = list[list[pyte.screens.Char]]


def main(*, quick: bool) -> None:
    heading("Pictures: the boundary of a net 2-8-8-1 in the app, while a run goes on")
    seconds = 3.0 if quick else 10.0
    with TemporaryDirectory() as folder:
        lesson = Path(folder) / "circles.toml"
        lesson.write_text(LESSON, encoding="utf-8")
        command = (*APP, str(lesson))
        rows = []
        for fps, most in ((10, 6000), (4, 2500)):
            sent, least = bytes_a_second(command, fps, seconds)
            rows.append((fps, most, sent, least))
        table(
            ("80×24, boundary on", "bytes/s", "the least", "ratio"),
            [(f"{fps} frames a second", f"{sent:,.0f}", f"{least:,.0f}", f"{sent / least:.2f}")
             for fps, _, sent, least in rows],
        )  # fmt: skip
        for fps, most, sent, least in rows:
            goal(f"bytes a second at {fps} frames", sent, most=most)
            goal(f"beside the least at {fps} frames", sent / least, most=1.5)
        pairs = [
            (rate(command, "5", seconds / 2), rate(command, "", seconds / 2))
            for _ in range(1 if quick else 3)
        ]
        table(
            ("120×36, iterations a second: boundary on", "loss alone", "ratio"),
            [(f"{on:,.0f}", f"{off:,.0f}", f"{on / off:.3f}") for on, off in pairs],
        )
        goal("rate with the boundary on / without", median(on / off for on, off in pairs), least=0.8)
    say()


def started(terminal: Terminal, keys: str, shown: Callable[[str], object]) -> None:
    """Wait for the lesson, press keys, and let it run."""
    terminal.shows("paused  iteration 0", "q quit", "┤")  # the chart is drawn behind the first screen
    for key in keys:
        terminal.send(key)
        terminal.until(shown)
    terminal.send(" ")
    terminal.until(lambda screen: re.search(r"running  iteration [1-9]", screen))


def bytes_a_second(command: tuple[str, ...], fps: int, seconds: float) -> tuple[float, float]:
    """Return the bytes that were written each second, and those of the cells that differ between frames."""
    with opened(*command, "--fps", str(fps), size=SMALL) as terminal:
        started(terminal, "5", lambda screen: "━Boundary" in screen)
        terminal.look(1.0)
        begun, first, before, least = time.perf_counter(), terminal.received, terminal.cells, 0
        while (passed := time.perf_counter() - begun) < seconds:
            terminal.collect(1.5 / fps, lull=LULL)
            for _ in terminal.replay():
                pass
            cells = terminal.cells
            least += difference(before, cells)
            before = cells
        return (terminal.received - first) / passed, least / passed


def difference(before: Cells, after: Cells) -> int:
    """Return the bytes that put the cells that differ on the screen, with what of a look changes."""
    written = 0
    look = ("", "", False)
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        x = 0
        while x < len(new):
            if old[x] == new[x]:
                x += 1
                continue
            start = last = x
            while x < len(new) and x - last <= GAP:
                last = x if old[x] != new[x] else last
                x += 1
            written += len(f"\x1b[{y + 1};{start + 1}H")
            for cell in new[start : last + 1]:
                wanted = (cell.fg, cell.bg, cell.reverse)
                codes = [_code(after) for before, after in zip(look, wanted, strict=True) if before != after]
                written += len(f"\x1b[{';'.join(codes)}m") if codes else 0
                written += len(cell.data.encode())
                look = wanted
    return written


def _code(part: str | bool) -> str:
    """Return a code as long as that of a part of a look."""
    return "38;5;123" if len(str(part)) == 6 else "39"


def rate(command: tuple[str, ...], keys: str, seconds: float) -> float:
    """Return iterations a second on the screen."""
    with opened(*command, "--fps", "10", size=LARGE) as terminal:
        started(terminal, keys, lambda screen: "━Boundary" in screen)
        terminal.look(1.0)
        begun, first = time.perf_counter(), _iteration(terminal)
        terminal.look(seconds)
        return (_iteration(terminal) - first) / (time.perf_counter() - begun)


def _iteration(terminal: Terminal) -> int:
    found = re.search(r"running  iteration (\d+)", terminal.screen)
    assert found is not None, f"this is no run:\n{terminal.screen}"
    return int(found[1])
