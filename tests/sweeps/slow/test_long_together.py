"""Thousands of iterations done together are those of a training by itself, also where it leaps about."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.run import train_one
from tui_backprop.sweeps.together import trained_together


@pytest.mark.parametrize("name", ["two-layer", "softmax", "lstm"])
def test_long_ones_stay_together(name: str) -> None:
    rates = np.geomspace(0.1, 30.0, 16)  # with the largest a bit more or less would grow
    plan = SweepPlan.of(tb.load_lesson(name), {"learning_rate": rates}, 2_000)
    came = dict(trained_together([plan.schedule(point.settings) for point in plan], [2_000] * 16))
    for point in plan:
        alone, losses = train_one(plan, point), came[point.number]
        assert losses is not None or alone.ended == "diverged"
        if losses is not None:
            assert alone.ended == "asked"
            np.testing.assert_allclose(losses, alone.losses, rtol=1e-9, atol=1e-300)
