"""Thousands of iterations done together are those of a training by itself, also where it leaps about."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.run import InGroups, train_one


@pytest.mark.parametrize("name", ["two-layer", "softmax", "lstm"])
def test_long_ones_stay_together(name: str) -> None:
    rates = np.geomspace(0.1, 30.0, 16)  # with the largest a bit more or less would grow
    plan = SweepPlan.of(tb.load_lesson(name), {"learning_rate": rates}, 2_000)
    for one in InGroups().train(plan, plan):
        alone = train_one(plan, one.point)
        assert one.ended == alone.ended
        if alone.ended != "diverged":
            np.testing.assert_allclose(one.losses, alone.losses, rtol=1e-9, atol=1e-300)
