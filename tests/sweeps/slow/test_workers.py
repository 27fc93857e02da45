"""Processes that train at the same time give the numbers of one, also where one of them is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.elsewhere import sending
from tui_backprop.sweeps.elsewhere.processes import ProcessCrew
from tui_backprop.sweeps.kept import SweepFile, resumed
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.portions import Trained, WantedLosses
from tui_backprop.sweeps.run import InGroups

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def little_at_a_time(monkeypatch) -> None:
    """Start processes also for what is done before they have begun, and give them little at a time."""
    monkeypatch.setattr(sending, "STARTED", 1e-9)
    monkeypatch.setattr(sending, "SLICE", 0.2)


def same(plan: SweepPlan, came: Iterator[Trained]) -> None:
    expected = {one.point.number: one for one in InGroups().train(plan, plan)}
    for one in came:
        alone = expected.pop(one.point.number)
        assert one.ended == alone.ended
        np.testing.assert_array_equal(one.losses, alone.losses)
    assert not expected


def long_plan(goal: int = 4_000) -> SweepPlan:
    rates = np.geomspace(0.01, 1.0, 40)
    return SweepPlan.of(tb.load_lesson("two-layer"), {"learning_rate": rates, "seed": range(2)}, goal)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("two-layer", {"learning_rate": [0.1, 0.5], "seed": range(5), "optimizer": ["sgd", "adam"]}),
        ("two-layer", {"W1": ["he", "zeros"], "seed": range(3), "dtype": ["float64", "float32"]}),
        ("polynomial", {"seed": range(5), "learning_rate": [1e-6, 1.0]}),
    ],
)
def test_workers_give_the_same_rows(name: str, settings) -> None:
    plan = SweepPlan.of(tb.load_lesson(name), settings, 60)
    same(plan, sending.Elsewhere(2).train(plan, plan))


def test_a_worker_that_is_killed_loses_nothing() -> None:
    plan = long_plan()
    running = sending.Elsewhere(2)

    def killing() -> Iterator[Trained]:
        looks = 0

        def told(done: float) -> None:
            nonlocal looks
            looks += 1
            if looks == 4:
                os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

        running._tell = told
        yield from running.train(plan, plan)
        assert looks > 4

    same(plan, killing())
    assert not multiprocessing.active_children()


def test_what_was_at_work_goes_on_from_there(tmp_path: Path) -> None:
    plan, few = long_plan(), WantedLosses(None, whole=False)

    def interrupting(done: float) -> None:
        if done > 20:  # of 80
            raise KeyboardInterrupt

    first = SweepFile(plan, resumes=False, folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        list(resumed(plan, first, sending.Elsewhere(2, interrupting, few)))
    assert not multiprocessing.active_children()
    again = SweepFile(plan, resumes=True, folder=tmp_path)
    assert again.begun
    runner = sending.Elsewhere(2, wanted=few, begun=again.begun)
    rows = {point.number: rows[-1].loss for point, rows in resumed(plan, again, runner)}
    assert rows == {one.point.number: one.losses[-1] for one in InGroups(wanted=few).train(plan, plan)}


def test_work_that_ends_every_worker_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(ProcessCrew, "submit", _submit_and_kill)
    plan = long_plan(100)
    with pytest.raises(BackpropError, match="3 workers were lost over the same work; what was done is kept"):
        list(sending.Elsewhere(2).train(plan, plan))
    assert not multiprocessing.active_children()


def _submit_and_kill(crew: ProcessCrew, number: int, job: bytes) -> None:
    pipe = crew._idle.pop()
    crew._going[pipe] = number
    crew._processes[pipe].kill()
