"""Runs while an iteration takes seconds, and while something is changed."""

from __future__ import annotations

import math
import random
import time

import pytest


async def test_keys_are_answered_while_an_iteration_takes_seconds(launch):
    async with launch("linear", pace=2.5, iterations=1000) as session:
        await session.send("space")
        await session.until(lambda: not session.app.runner.idle.is_set())
        begun = time.monotonic()
        await session.send("l")
        assert "· log" in session.screen
        await session.send("l", "question_mark")
        assert "Step one record on" in session.screen
        await session.send("escape", "4")
        assert session.focus == "graph"
        await session.send("space")
        await session.until(lambda: session.note == "pausing after this iteration …")
        assert session.app.main.snapshot.iteration == 0  # it is still going on
        assert time.monotonic() - begun < 2.5
        await session.settle()
        assert "paused" in session.status
        assert session.note == ""


async def test_space_three_times_in_fast_succession(launch):
    async with launch("linear", pace=0.002, iterations=100_000) as session:
        for _ in range(3):
            session.app.simulate_key("space")
        await session.until(
            lambda: session.app.main.snapshot.running and session.app.main.snapshot.iteration > 2
        )
        assert session.app.runner.running
        for _ in range(4):
            session.app.simulate_key("space")
        session.app.simulate_key("space")
        await session.settle()
        assert not session.app.runner.running
        assert "paused" in session.status


async def test_a_restarting_hyperparameter_while_running_stops_the_run(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 3)
        await session.send("h", *["down"] * 4, "ctrl+u", "7", "enter")
        await session.settle()
        assert session.trainer.hyperparameters.seed == 7
        assert session.where == (0, 0)
        assert "paused" in session.status
        assert session.note == "seed 42 → 7; back at iteration 0"


async def test_a_target_below_the_iteration_stops_a_run(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 3)
        await session.send("h", "down", "ctrl+u", "2", "enter")
        await session.settle()
        assert not session.app.runner.running
        assert "paused" in session.status


async def test_a_lesson_that_trains_nothing_says_so(launch):
    async with launch("square") as session:
        await session.press("space")
        assert "trains nothing" in session.note
        assert "paused" in session.status
        await session.press("n")
        assert "trains nothing" in session.note
        count = session.trainer.record_count
        assert session.where == (0, count)
        await session.press("s")
        assert "the end" in session.note
        assert session.where == (0, count)
        await session.press("b", "p")
        assert session.where == (0, 0)


BURST = [
    *"sbnpcrglmhRyv1234xotwifBuU0.=",
    *(
        "space",
        "question_mark",
        "right",
        "left",
        "up",
        "down",
        "tab",
        "shift+tab",
        "escape",
        "enter",
        "ctrl+c",
    ),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_burst_of_keys_leaves_a_consistent_app(launch, seed):
    keys = random.Random(seed).choices(BURST, k=200)
    async with launch("logistic", iterations=10**6, painted=True) as session:
        for key in keys:
            session.app.simulate_key(key)
        await session.until(lambda: session.app.message_queue_size == 0)
        session.app.runner.pause()
        await session.settle()
        for _ in range(8):  # whatever is open now
            await session.press("escape")
        assert session.overlay == ""
        assert not session.app.runner.running
        snapshot, trainer = session.app.main.snapshot, session.trainer
        assert (snapshot.iteration, snapshot.position) == session.where
        assert snapshot.loss == trainer.loss
        assert len(trainer.losses) == trainer.iteration
        assert f"iteration {trainer.iteration}" in session.status
        # whatever was pressed on the way, the way from the start leads to the same place again
        reached, loss = trainer.iteration, trainer.loss
        trainer.rewind(0)
        for _ in range(reached):
            trainer.next()
        assert trainer.loss == loss or (math.isnan(loss) and math.isnan(trainer.loss))
        await session.press("escape", "s")
        assert "paused" in session.status or "diverged" in session.status
