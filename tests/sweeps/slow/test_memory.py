"""A sweep holds the losses of its trainings, and little more."""

from __future__ import annotations

import tracemalloc

import numpy as np

import tui_backprop as tb
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.run import InGroups


def done_together(plan: SweepPlan) -> list[np.ndarray]:
    return [trained.losses for trained in InGroups().train(plan, plan)]


def test_memory_is_that_of_losses_and_little_more() -> None:
    lesson = tb.load_lesson("two-layer")
    rates = np.linspace(0.1, 0.5, 64)
    done_together(SweepPlan.of(lesson, {"learning_rate": rates[:4]}, 40))  # what is made once
    plan = SweepPlan.of(lesson, {"learning_rate": rates}, 8_000)
    tracemalloc.start()
    came = done_together(plan)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    held = sum(losses.nbytes for losses in came)
    assert held == 64 * 8_001 * 8
    assert most <= 1.2 * held
