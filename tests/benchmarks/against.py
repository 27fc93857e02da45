"""One tree against another: what a user waits for, measured in turns, as ratios of this one to the other.

The two take turns within each round and swap who begins, so that a machine that is slower for a while is
slower for both; what is told is the median of the rounds' own ratios. The first round is not counted.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.app import ENDLESS, run, started, status
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.terminal import APP, ROOT, opened

MOST = 1.05
"""A ratio up to this is taken for noise."""
STEPPING = """
import sys, time
import tui_backprop as tb
trainer = tb.Trainer(tb.load_lesson(sys.argv[1]), iterations=10**9)
def records(end):
    count = 0
    while time.perf_counter() < end:
        for _ in range(50):
            trainer.step()
        count += 50
    return count
records(time.perf_counter() + 0.2)
begun = time.perf_counter()
count = records(begun + float(sys.argv[2]))
sys.stdout.write(str(1e6 * (time.perf_counter() - begun) / count))
"""
RUNS = """
import sys, time
import tui_backprop as tb
trainer = tb.Trainer(tb.load_lesson(sys.argv[1]), iterations=10**9)
trainer.run(seconds=0.3)
first, begun = trainer.iteration, time.perf_counter()
trainer.run(seconds=float(sys.argv[2]))
sys.stdout.write(str(1e6 * (time.perf_counter() - begun) / (trainer.iteration - first)))
"""
LULL = 1.0
"""Seconds without output after which the first screen is taken to be complete."""

Measure = Callable[[Path], float]


def main(other: str, *, quick: bool) -> None:
    """Compare this tree with a folder or a commit."""
    rounds = 3 if quick else 9
    with tree_of(other) as folder:
        heading(f"This tree / {other}, {rounds} rounds")
        found = {what: compare(measure, folder, rounds) for what, measure in measures(quick=quick).items()}
    rows = [
        (what, *(f"{figure:.4g}" for figure in (median(ours), median(theirs), ratio_of(ours, theirs))))
        for what, (ours, theirs) in found.items()
    ]
    table(("less is better", "this", "other", "ratio"), rows)
    for what, (ours, theirs) in found.items():
        goal(f"{what}: this / other", ratio_of(ours, theirs), most=MOST)
    say()


@contextmanager
def tree_of(other: str) -> Iterator[Path]:
    """Give the folder of another tree: one that is there, or a commit checked out for as long as it takes."""
    if Path(other, "tui_backprop").is_dir():
        yield Path(other).resolve()
        return
    with TemporaryDirectory() as place:
        git = ["git", "-C", str(ROOT), "worktree"]
        folder = Path(place, "tree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(folder), other], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def measures(*, quick: bool) -> dict[str, Measure]:
    """Return what is measured, by what it says; each takes the tree's folder."""
    seconds, presses = (0.5, 10) if quick else (1.5, 30)
    programs = (("µs a record stepped", STEPPING), ("µs an iteration run", RUNS))
    return {
        "start, ms to the first numbers": start,
        "bytes of the first screen": first_screen,
        "key while paused, ms (median)": partial(keys, presses=presses, running=False),
        "key while running, ms (median)": partial(keys, presses=presses, running=True),
        **{
            f"{lesson}: {what}": partial(figure, program=program, lesson=lesson, seconds=seconds)
            for what, program in programs
            for lesson in ("linear", "two-layer", "polynomial")
        },
    }


def compare(measure: Measure, other: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Measure both trees in turns; return the figures of this one and of the other, round by round."""
    ours, theirs = [], []
    for turn in range(rounds + 1):
        pair = [(ours, ROOT), (theirs, other)]
        for figures, tree in pair if turn % 2 else reversed(pair):
            figures.append(measure(tree))
    return ours[1:], theirs[1:]


def ratio_of(ours: list[float], theirs: list[float]) -> float:
    return median(one / other for one, other in zip(ours, theirs, strict=True))


# ---------------------------------------------------------------------- what is measured


def start(tree: Path) -> float:
    with opened(*APP, "linear", tree=tree) as terminal:
        return 1e3 * (started(terminal) - terminal.begun)


def first_screen(tree: Path) -> float:
    with opened(*APP, "linear", tree=tree) as terminal:
        started(terminal)
        terminal.collect(30.0, lull=LULL)
        return float(terminal.received)


def keys(tree: Path, presses: int, *, running: bool) -> float:
    """Return the median time from a key to its effect on the screen: steps while paused, panels in a run."""
    chance = random.Random(presses)
    seconds = []
    with opened(*ENDLESS, tree=tree) as terminal:
        started(terminal)
        if running:
            run(terminal)
        for number in range(presses):
            terminal.look(chance.uniform(0.05, 0.2))
            if running:
                key, border = (("1", "━Model"), ("3", "━Parameters"))[number % 2]
                happened = partial(shows, border)
            else:
                key, happened = chance.choice("sn"), partial(moved, status(terminal.screen))
            pressed = terminal.send(key)
            terminal.collect(0.15)  # without looking, which would keep from reading
            seconds.append(terminal.until(happened) - pressed)
    return 1e3 * median(seconds)


def shows(text: str, screen: str) -> bool:
    return text in screen


def moved(before: str, screen: str) -> bool:
    return status(screen) != before


def figure(tree: Path, program: str, lesson: str, seconds: float) -> float:
    """Run a program that prints one number, with the tree's package."""
    command = [sys.executable, "-c", program, lesson, str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=tree).stdout)
