"""Contenders that do the same work take turns in one process, and are compared within each round.

A round gives every contender its own number of iterations, which takes each of them about as long, and the
next round begins with another one; so a machine that is slower for a while is slower for all of them.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

Run = Callable[[int], float]
"""Does that many iterations more and returns the loss before the last update."""

SHARE, ROUNDS = 0.075, 15
QUICK_SHARE, QUICK_ROUNDS = 0.03, 5
"""Seconds that a contender runs in a round, and rounds."""
LEAST = 64
"""Iterations of a round at least: a trainer that has fewer ahead does them step by step."""


@dataclass
class Contender:
    """One way to train.

    Attributes:
        start: begins anew; None where the package is not installed.
        trains: whether its losses are those of the training; a bound's are not.
        seconds: of a processor for an iteration, round by round: others that are at work do not count.
        processor: the share of a processor that it had meanwhile, round by round: above 1 there is a second
            thread, and below 1 somebody else was in the way.
    """

    name: str
    start: Callable[[], Run] | None
    trains: bool = True
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def microseconds(self) -> float:
        return median(self.seconds) * 1e6


def looped(start: Callable[[], Any], loop: Callable[[Any, list[Any], int], Any]) -> Callable[[], Run]:
    """Make what a contender starts with from a loop that turns one state into another and keeps losses."""

    def begin() -> Run:
        state: Any = start()
        losses: list[Any] = []

        def run(iterations: int) -> float:
            nonlocal state
            state = loop(state, losses, iterations)
            return float(np.asarray(losses[-1]).reshape(()))

        return run

    return begin


def on_one_processor() -> None:
    """Leave this process the freest processor alone: JAX takes a second one whatever it is told."""
    if not hasattr(os, "sched_setaffinity"):
        return
    free = {}
    for number in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {number})
        busy, end = time.process_time(), time.perf_counter() + 0.1
        while time.perf_counter() < end:
            pass
        free[number] = time.process_time() - busy
    os.sched_setaffinity(0, {max(free, key=lambda number: free[number])})


def timed(run: Run, iterations: int) -> float:
    """Return the seconds of a processor that iterations take."""
    begun = time.process_time()
    run(iterations)
    return time.process_time() - begun


def calibrate(run: Run, seconds: float) -> int:
    """Find how many iterations take about that long, with all that is done once in a run."""
    iterations = 1
    while (taken := timed(run, iterations)) < seconds / 2:
        iterations *= 2 if taken > seconds / 32 else 8
    return max(LEAST, round(iterations * seconds / taken))


def race(contenders: Sequence[Contender], *, quick: bool) -> list[Contender]:
    """Fill in the times of those that are installed, and return them."""
    running = [contender for contender in contenders if contender.start is not None]
    share, rounds = (QUICK_SHARE, QUICK_ROUNDS) if quick else (SHARE, ROUNDS)
    counts = {contender.name: calibrate(_begin(contender), share) for contender in running}
    gc.collect()
    gc.freeze()  # or collecting would be mostly about the peers' modules
    for turn in range(rounds):
        first = turn % len(running)
        for contender in running[first:] + running[:first]:
            iterations = counts[contender.name]
            run = _begin(contender)
            gc.collect()
            begun = time.perf_counter()
            seconds = timed(run, iterations)
            contender.processor.append(seconds / (time.perf_counter() - begun))
            contender.seconds.append(seconds / iterations)
    gc.unfreeze()
    return running


def _begin(contender: Contender) -> Run:
    """Start anew, and do one iteration untimed: some compile something then."""
    assert contender.start is not None
    run = contender.start()
    run(1)
    return run


def times_as_long(contender: Contender, as_other: Contender) -> float:
    """Return how often the other's time goes into this one's: the median of the rounds' own ratios."""
    return median(a / b for a, b in zip(contender.seconds, as_other.seconds, strict=True))
