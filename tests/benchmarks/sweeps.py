"""Sweeps: settings that are trained together against the same ones, one after another, taking turns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

import numpy as np

import tui_backprop as tb
from tests.benchmarks.racing import on_one_processor
from tests.benchmarks.report import goal, heading, say, table
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.run import InGroups, InTurn, SweepRunner

ITERATIONS, SETTINGS = 2_000, 64
ROUNDS, QUICK_ROUNDS = 3, 1
GOALS = {"two-layer": 12.0, "logistic": 5.0, "linear": 2.0}
"""How many times as fast, at least; that of ``two-layer`` is asked for, the others must not be lost."""


def main(*, quick: bool) -> None:
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


def _rounds(quick: bool) -> Sequence[int]:
    return range(QUICK_ROUNDS if quick else ROUNDS)


def _seconds(runner: SweepRunner, plan: SweepPlan) -> float:
    begun = time.perf_counter()
    count = sum(1 for _ in runner.train(plan, plan))
    assert count == SETTINGS
    return time.perf_counter() - begun
