"""An interrupt while old losses are thinned out, or cut on the way back, leaves a training whole."""

from __future__ import annotations

import sys

import pytest

import tui_backprop as tb
from tests.support.interruption import ACTIONS, Interruption
from tests.support.losses import few_kept
from tests.support.thorough import parted

LINES = [*range(1, 60, 4), *range(60, 1500, 31), *range(1500, 4000, 307)]


def made() -> tb.Trainer:
    t = tb.Trainer(tb.load_lesson("logistic"), optimizer="momentum")
    t.run(260)
    t.set(learning_rate=0.2)
    t.run(10)
    return t


@pytest.mark.parametrize("name", ["run", "rewind", "undo"])
@parted("first", 8)
def test_interrupted_at_any_line(first: int, name: str) -> None:
    with few_kept(exact=64, page=64, buckets=8):
        for line in LINES[first::8]:
            t, interruption = made(), Interruption(line)
            sys.settrace(interruption)
            try:
                ACTIONS[name](t)
            except KeyboardInterrupt:
                pass
            finally:
                sys.settrace(None)
            if interruption.left > 0:
                break
            goal, losses = t.iteration, t.losses.tobytes()
            assert len(t.losses) == goal
            t.run(140)
            t.rewind(goal)
            assert t.losses.tobytes() == losses
            fresh = tb.Trainer.restored(t.snapshot())
            fresh.rewind()
            fresh.run(goal)
            assert fresh.losses.tobytes() == losses
