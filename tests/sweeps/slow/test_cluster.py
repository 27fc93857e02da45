"""A Dask cluster gives the rows of one process, bit for bit, also where a worker is killed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.processes import COMMAND, run

pytest.importorskip("distributed")

from tests.support.clusters import LocalCluster, local_cluster
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.elsewhere import cluster as ours
from tui_backprop.sweeps.elsewhere import sending
from tui_backprop.sweeps.elsewhere.worker import facts
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.run import InGroups

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path, 2) as found:
        yield found


def test_a_cluster_of_which_a_worker_is_killed(cluster: LocalCluster, monkeypatch) -> None:
    monkeypatch.setattr(sending, "SLICE", 0.3)
    settings = {"learning_rate": np.geomspace(0.01, 1.0, 40), "seed": range(2)}
    plan = SweepPlan.of(tb.load_lesson("two-layer"), settings, 4_000)
    looks = 0

    def told(done: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 5:
            cluster.workers[0].kill()

    expected = {one.point.number: one for one in InGroups().train(plan, plan)}
    for one in sending.Elsewhere(cluster.address, told).train(plan, plan):
        np.testing.assert_array_equal(one.losses, expected.pop(one.point.number).losses)
    assert not expected
    assert looks > 5
    assert cluster.workers[0].wait() < 0


def test_python_the_command_line_and_refusals(cluster: LocalCluster, monkeypatch) -> None:
    lesson, settings = (
        tb.load_lesson("two-layer"),
        {"learning_rate": [0.1, 0.5], "dtype": ["float64", "float32"]},
    )
    here = tb.sweep(lesson, settings, iterations=50)
    there = tb.sweep(lesson, settings, iterations=50, scheduler=cluster.address)
    for one, other in zip(here, there, strict=True):
        assert (one.settings, one.loss, one.ended) == (other.settings, other.loss, other.ended)
        np.testing.assert_array_equal(one.losses, other.losses)
    words = ("--set", "learning_rate=0.1,0.5", "--set", "dtype=float64,float32", "--iterations", "50")
    done = run(COMMAND, "sweep", "two-layer", *words, "--format", "jsonl", "--scheduler", cluster.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["loss"] for line in done.stdout.splitlines()] == [row.loss for row in here]
    # a worker that says otherwise than it is, or comes later, is found out by its first job
    monkeypatch.setattr(ours, "facts", lambda: {**facts(), "NumPy": "1.0"})
    with pytest.raises(BackpropError, match=r"a worker has NumPy .* in place of 1\.0"):
        tb.sweep(lesson, settings, scheduler=cluster.address)


def test_a_scheduler_that_goes_ends_it_with_a_line(cluster: LocalCluster, monkeypatch) -> None:
    monkeypatch.setattr(sending, "SLICE", 0.3)
    plan = SweepPlan.of(tb.load_lesson("two-layer"), {"learning_rate": np.geomspace(0.01, 1.0, 40)}, 10**6)
    running = sending.Elsewhere(cluster.address, lambda done: cluster.scheduler.kill() if done else None)
    with pytest.raises(BackpropError, match="scheduler: it is not there any more; what was done is kept"):
        list(running.train(plan, plan))
    assert running.going


def test_nobody_answers() -> None:
    begun = time.monotonic()
    with pytest.raises(BackpropError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        tb.sweep(tb.load_lesson("linear"), {}, scheduler="tcp://127.0.0.1:1")
    assert time.monotonic() - begun < 30
