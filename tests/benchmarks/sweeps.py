"""Sweeps: settings that are trained together against the same ones, one after another, taking turns."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from statistics import median

import numpy as np

import tui_backprop as tb
from tests.benchmarks.racing import on_one_processor
from tests.benchmarks.report import goal, heading, say, table
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.portions import WantedLosses
from tui_backprop.sweeps.run import InGroups, InTurn, SweepRunner
from tui_backprop.sweeps.sweep import runner

ITERATIONS, SETTINGS = 2_000, 64
ROUNDS, QUICK_ROUNDS = 3, 1
GOALS = {"two-layer": 12.0, "logistic": 5.0, "linear": 2.0}
"""How many times as fast, at least; that of ``two-layer`` is asked for, the others must not be lost."""


MANY, LONG, WORKERS, SHARED = 512, 20_000, 2, 1.7
"""Settings and iterations that processes share, how many of these, and how many times as fast it is to be."""


def main(*, quick: bool) -> None:
    _in_processes(quick)
    on_one_processor()
    heading(f"Sweeps: {SETTINGS} settings, {ITERATIONS:,} iterations each (one process, medians)")
    rows, ratios = [], {}
    for name in GOALS:
        rates = np.geomspace(1e-3, 1e-2, SETTINGS)
        plan = SweepPlan.of(tb.load_lesson(name), {"learning_rate": rates}, ITERATIONS)
        pairs = [(_seconds(InGroups(), plan), _seconds(InTurn(), plan)) for _ in _rounds(quick)]
        ratios[name] = median(alone / together for together, alone in pairs)
        times = (median(pair[at] for pair in pairs) / ITERATIONS * 1e6 for at in (0, 1))
        rows.append((name, *(f"{microseconds:.0f}" for microseconds in times), f"{ratios[name]:.3g}"))
    table(("µs for an iteration of all", "together", "one after another", "times as fast"), rows)
    for name, least in GOALS.items():
        goal(f"{name}: one after another / together", ratios[name], least=least)
    say()


def _in_processes(quick: bool) -> None:
    """Compare two processes with one, where there are two processors."""
    iterations = LONG // 4 if quick else LONG
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processors < WORKERS:
        say("One processor: a sweep in two processes is not measured.")
        return
    heading(f"Sweeps: {MANY} settings of two-layer, {iterations:,} iterations each, in processes (medians)")
    settings = {"learning_rate": np.geomspace(1e-3, 1e-1, MANY // 64), "seed": range(64)}
    plan = SweepPlan.of(tb.load_lesson("two-layer"), settings, iterations)
    rows = WantedLosses(None, whole=False)
    pairs = [
        (_seconds(runner(WORKERS, wanted=rows), plan), _seconds(runner(wanted=rows), plan))
        for _ in _rounds(quick)
    ]
    shared, alone = (median(pair[at] for pair in pairs) for at in (0, 1))
    table(("seconds", "one", f"{WORKERS} processes"), [("two-layer", f"{alone:.2f}", f"{shared:.2f}")])
    goal("one process / two", median(one / two for two, one in pairs), least=SHARED)
    say()


def _rounds(quick: bool) -> Sequence[int]:
    return range(QUICK_ROUNDS if quick else ROUNDS)


def _seconds(runner: SweepRunner, plan: SweepPlan) -> float:
    begun = time.perf_counter()
    count = sum(1 for _ in runner.train(plan, plan))
    assert count == len(plan)
    return time.perf_counter() - begun
