"""The app in a pseudo-terminal, as a user has it: how fast it runs, answers, starts, and whether it rests."""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median

from tests.benchmarks import frames
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.terminal import APP, COLUMNS, LULL, ROOT, ROWS, Terminal, opened, processor_seconds

ENDLESS = (*APP, "polynomial", "--set", "iterations=1000000000")
MINIMAL = ("-m", "tests.benchmarks.minimal_app")
ALONE = """
import sys, time
import tui_backprop as tb
seconds = float(sys.argv[1])
trainer = tb.Trainer(tb.load_lesson("polynomial"), iterations=10**9)
trainer.run(seconds=1)
first, begun = trainer.iteration, time.perf_counter()
trainer.run(seconds=seconds)
sys.stdout.write(str((trainer.iteration - first) / (time.perf_counter() - begun)))
"""

FOCUS = {"1": "━Model", "2": "━Chain rule", "3": "━Parameters", "4": "━Graph"}
"""What a key alone brings to the screen: the heavy line above the panel that it goes to."""
STEPS = "sbnp"


def main(*, quick: bool) -> None:
    heading(f"App: in a pseudo-terminal, {COLUMNS}×{ROWS}")
    live(pairs=2 if quick else 5, seconds=2.0 if quick else 5.0)
    latency(presses=30 if quick else 150)
    frames.show(quick=quick)
    start(pairs=3 if quick else 9)
    idle()


# ---------------------------------------------------------------------- live rate


def live(pairs: int, seconds: float) -> None:
    """Compare the rate of a run on the screen with that of a trainer alone, taking turns."""
    rates = [(rate_on_screen(seconds), rate_alone(seconds)) for _ in range(pairs)]
    rows = [(f"{shown:,.0f}", f"{alone:,.0f}", f"{shown / alone:.3f}") for shown, alone in rates]
    table(("polynomial, iterations a second: in the app", "alone", "ratio"), rows)
    goal("live rate / alone", median(shown / alone for shown, alone in rates), least=0.8)
    say()


def rate_on_screen(seconds: float) -> float:
    with opened(*ENDLESS) as terminal:
        started(terminal)
        run(terminal)
        terminal.look(1.0)
        shown = iteration_on(terminal.screen)
        seen: list[tuple[float, int]] = []
        deadline = time.perf_counter() + 10 * seconds
        while not seen or seen[-1][0] - seen[0][0] < seconds:  # frames are rare where drawing is slow
            assert time.perf_counter() < deadline, f"too few frames of a run:\n{terminal.screen}"
            terminal.collect(0.5)
            terminal.collect(0.25, lull=LULL)  # to the end of a frame: half a number would be a wrong one
            for moment in terminal.replay(frames=True):
                before, shown = shown, iteration_on(terminal.screen)
                if shown != before:
                    seen.append((moment, shown))
        (begun, first), (ended, last) = seen[0], seen[-1]
        return (last - first) / (ended - begun)


def iteration_on(screen: str) -> int:
    match = re.search(r"running  iteration (\d+)", screen)
    assert match, f"this is no run:\n{screen}"
    return int(match[1])


def rate_alone(seconds: float) -> float:
    command = [sys.executable, "-c", ALONE, str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def started(terminal: Terminal) -> float:
    """Wait for the lesson's first numbers, and return the moment when they were there."""
    return terminal.until(lambda screen: re.search(r"paused  iteration 0\b.*  loss \d", screen))


def run(terminal: Terminal) -> None:
    terminal.shows("paused  iteration 0", "q quit", "┤")  # the chart is drawn behind the first screen
    terminal.send(" ")
    terminal.until(lambda screen: re.search(r"running  iteration [1-9]", screen))


# ---------------------------------------------------------------------- keys


def latency(presses: int) -> None:
    """Measure from a key to the change that this key alone makes, while a run goes on and while paused."""
    with opened(*ENDLESS) as terminal:
        started(terminal)
        run(terminal)
        running = answers(terminal, presses)
        terminal.send(" ")
        terminal.shows("paused")
        paused = [*answers(terminal, presses), *steps(terminal, presses)]
    rows, tails = [], []
    for when, pressed in (("running", running), ("paused", paused)):
        _, p95, p99 = percentiles([seconds for _, seconds in pressed])
        tails.append((when, p95, p99))
        kinds = (
            ("all", f"l1234{STEPS}"),
            ("l, the axis", "l"),
            ("1 2 3 4, panels", "1234"),
            ("steps", STEPS),
        )
        for what, keys in kinds:
            some = [seconds for key, seconds in pressed if key in keys]
            if not some:
                continue
            figures = (*percentiles(some), 1e3 * max(some))
            rows.append((f"{when}: {what}", f"{len(some)}", *(f"{figure:.1f}" for figure in figures)))
    table(("ms from a key to its effect", "keys", "p50", "p95", "p99", "most"), rows)
    for when, p95, p99 in tails:
        goal(f"p95 while {when}, ms", p95, most=50)
        goal(f"p99 while {when}, ms", p99, most=100)
    say()


def percentiles(seconds: list[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return 1e3 * cuts[49], 1e3 * cuts[94], 1e3 * cuts[98]


def answers(terminal: Terminal, presses: int) -> list[tuple[str, float]]:
    """Press keys at random moments, each of which changes something: the keys, and seconds to the change."""
    chance = random.Random(presses)
    answered = []
    for _ in range(presses):
        terminal.look(chance.uniform(0.05, 0.3))
        key, happened = next_key(terminal.screen, chance)
        pressed = terminal.send(key)
        terminal.collect(0.15)  # without looking, which would keep from reading
        answered.append((key, terminal.until(happened) - pressed))
    return answered


def steps(terminal: Terminal, presses: int) -> list[tuple[str, float]]:
    """Press keys that move through a paused training: the keys, and seconds to the change."""
    chance = random.Random(presses)
    answered = []
    for _ in range(presses):
        terminal.look(chance.uniform(0.05, 0.3))
        key, before = chance.choice(STEPS), status(terminal.screen)
        pressed = terminal.send(key)
        terminal.collect(0.15)
        answered.append(
            (key, terminal.until(lambda screen, before=before: status(screen) != before) - pressed)
        )
    return answered


def status(screen: str) -> str:
    return next((line for line in screen.splitlines() if "paused  iteration" in line), "")


def next_key(screen: str, chance: random.Random) -> tuple[str, Callable[[str], bool]]:
    """Choose a key, and tell how its effect is seen."""
    linear = has_linear_axis(screen)
    choices: dict[str, Callable[[str], bool]] = {"l": lambda screen: has_linear_axis(screen) != linear}
    for key, border in FOCUS.items():
        if border not in screen:
            choices[key] = partial(_has, border)
    key = chance.choice(sorted(choices))
    return key, choices[key]


def has_linear_axis(screen: str) -> bool:
    """Tell whether the chart's axis has a 0, or evenly spaced numbers, whatever the losses are by now."""
    numbers = [float(label) for label in re.findall(r"([-+.e\d]+)┤", screen)]
    steps = [above - below for above, below in pairwise(numbers)]
    return 0.0 in numbers or (len(steps) > 1 and max(steps) < 1.01 * min(steps))


def _has(text: str, screen: str) -> bool:
    return text in screen


# ---------------------------------------------------------------------- start and rest


def start(pairs: int) -> None:
    """Compare the time until the lesson's first numbers are shown with what a minimal Textual app takes."""
    times = [(_start(started, *APP, "linear"), _start(minimal_shown, *MINIMAL)) for _ in range(pairs + 1)][1:]
    ratio = median(ours / minimal for ours, minimal in times)
    ours, minimal = (median(column) * 1e3 for column in zip(*times, strict=True))
    rows = [("tui-backprop linear", f"{ours:.0f}"), ("a header, a table and a footer", f"{minimal:.0f}")]
    table((f"start, ms to the first numbers, {pairs} pairs", "median"), rows)
    goal("start / that of a minimal Textual app", ratio, most=1.6)
    say()


def _start(shown: Callable[[Terminal], float], *arguments: str) -> float:
    with opened(*arguments) as terminal:
        return shown(terminal) - terminal.begun


def minimal_shown(terminal: Terminal) -> float:
    return terminal.shows("the only row")


def idle(seconds: float = 5.0) -> None:
    """Measure the processor time of an app in which nothing happens."""
    with opened(*ENDLESS) as terminal:
        started(terminal)
        used = [_rest(terminal, seconds)]
        run(terminal)
        terminal.send(" ")
        terminal.shows("paused")
        used.append(_rest(terminal, seconds))
    for when, value in zip(("at the start", "after a run"), used, strict=True):
        goal(f"processor seconds in {seconds:g} s with nothing to do, {when}", value, most=0.05)
    say()


def _rest(terminal: Terminal, seconds: float) -> float | None:
    terminal.collect(2.0)
    before = processor_seconds(terminal.pid)
    terminal.collect(seconds)
    after = processor_seconds(terminal.pid)
    return None if before is None or after is None else after - before
