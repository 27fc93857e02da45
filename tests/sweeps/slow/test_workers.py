"""Processes that train at the same time give the numbers of one."""

from __future__ import annotations

import numpy as np

import tui_backprop as tb


def test_workers_give_the_same_rows() -> None:
    for name, settings in (("two-layer", {"learning_rate": [0.1, 0.5]}), ("polynomial", {})):
        lesson = tb.load_lesson(name)
        settings = {**settings, "seed": range(5)}
        alone = tb.sweep(lesson, settings, iterations=20)
        shared = tb.sweep(lesson, settings, iterations=20, workers=2)
        assert [row.settings for row in alone] == [row.settings for row in shared]
        for one, other in zip(alone, shared, strict=True):
            assert one.loss == other.loss
            np.testing.assert_array_equal(one.losses, other.losses)
