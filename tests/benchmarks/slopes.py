"""How an iteration's cost grows with rows and with nodes, and how long a large graph's first run takes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import tui_backprop as tb
from tests.benchmarks.racing import calibrate, on_one_processor, timed
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.workloads import ours, written
from tui_backprop.lessons.lesson import Lesson

ROWS = 10**2, 10**3, 10**4, 10**5, 10**6
NODES = 10, 100, 1000, 5000
COMPILING = 1.0
"""Seconds in which the largest graph is to be compiled."""
COMPILED = 32
"""Iterations that any lesson is compiled for."""

CUBIC = """
formula = '''
y_hat = a + b * x + c * x**2 + d * x**3
L = mean((y_hat - y)**2)
'''
[samples]
x = {{ linspace = [-3.0, 3.0, {rows}] }}
y = {{ formula = "sin(x)" }}
[parameters]
a = 0.1
b = 0.2
c = 0.3
d = 0.4
[hyperparameters]
learning_rate = 1e-3
"""
# sin keeps the values small however long the chain is
CHAIN = """
formula = '''
{lines}
L = {loss}
'''
[data]
v0 = {start}
t = {target}
[parameters]
w = {start}
b = {target}
[hyperparameters]
learning_rate = 1e-3
"""
NODES_OF_A_LINE = 3  # sin, *, +


@dataclass(frozen=True)
class Measured:
    """Seconds for one lesson: to load it, to begin and compile it, and for an iteration."""

    nodes: int
    load: float
    first: float
    iteration: float


def cubic(rows: int) -> str:
    return CUBIC.format(rows=rows)


def chain(nodes: int, *, width: int | None) -> str:
    """Write a lesson of about so many nodes, all numbers or all arrays of that width."""
    count = max(1, nodes // NODES_OF_A_LINE)
    lines = "\n".join(f"v{i} = w * sin(v{i - 1}) + b" for i in range(1, count + 1))
    loss = f"(v{count} - t)**2"
    start, target = (value if width is None else [value] * width for value in (0.9, 0.1))
    return CHAIN.format(
        lines=lines, loss=loss if width is None else f"mean({loss})", start=start, target=target
    )


def measure(text: str, share: float, rounds: int) -> Measured:
    begun = time.perf_counter()
    lesson = written(text)
    loaded = time.perf_counter()
    trainer = tb.Trainer(lesson)
    trainer.run(iterations=COMPILED)
    done = time.perf_counter()
    iteration = per_iteration(lesson, share, rounds)
    compiling = done - loaded - COMPILED * iteration
    return Measured(len(trainer.graph.nodes), loaded - begun, compiling, iteration)


def per_iteration(lesson: Lesson, share: float, rounds: int) -> float:
    start = ours(lesson)[0].start
    assert start is not None
    run = start()
    run(COMPILED)
    count = max(COMPILED, calibrate(run, share))
    seconds = []
    for _ in range(rounds):
        run = start()
        run(COMPILED)
        seconds.append(timed(run, count) / count)
    return median(seconds)


def show(what: str, unit: str, sizes: Sequence[int], measured: Sequence[Measured]) -> None:
    rows = []
    for place, (size, one) in enumerate(zip(sizes, measured, strict=True)):
        slope = ""
        if place:
            before = measured[place - 1]
            slope = f"{math.log(one.iteration / before.iteration) / math.log(size / sizes[place - 1]):.2f}"
        rows.append(
            (
                f"{size:,}",
                f"{one.iteration * 1e6:,.2f}",
                f"{one.iteration / size * 1e9:,.1f}",
                slope,
                f"{one.load * 1e3:,.1f}",
                f"{one.first * 1e3:,.1f}",
            )
        )
    table((what, "µs", f"ns a {unit}", "slope", "ms to load", "ms to compile"), rows)


def main(*, quick: bool) -> None:
    on_one_processor()
    share, rounds = (0.02, 3) if quick else (0.1, 7)
    heading("Slopes: what an iteration costs as lessons grow (1 is proportional)")
    written(cubic(10))  # so that the first row has no imports in it
    measure(chain(10, width=None), 0.001, 1)
    show("cubic, rows", "row", ROWS, [measure(cubic(rows), share, rounds) for rows in ROWS])
    for what, width in (("chain of numbers, nodes", None), ("chain of arrays of 8, nodes", 8)):
        measured = [measure(chain(nodes, width=width), share, rounds) for nodes in NODES]
        show(what, "node", [one.nodes for one in measured], measured)
        goal(f"compiling {measured[-1].nodes} nodes, seconds", measured[-1].first, most=COMPILING)
        say()
