"""Runs answer at once, stop where they should, and leave a consistent app whatever keys arrive meanwhile."""

from __future__ import annotations

import asyncio
import math
import random
import threading
import time

import pytest

DIVERGES = """
title = "Too large a step"
formula = "L = w**4"
[parameters]
w = 2.0
[hyperparameters]
learning_rate = 10.0
iterations = 1000
"""


async def running(session):
    await session.send("space")
    await session.until(lambda: session.app.snapshot.running)


async def test_a_run_stops_at_the_target_and_says_so(launch):
    async with launch("linear", iterations=40) as session:
        await session.press("space")
        assert session.where == (40, 0)
        assert session.note == "target reached: iteration 40"
        assert "paused  iteration 40/40 " in session.status
        await session.press("space")
        assert session.where == (40, 0)
        assert session.note == "iteration 40 is the target; raise iterations (h), or n makes one more"
        await session.press("n")
        assert session.note == ""
        assert session.where == (41, 0)


async def test_a_run_shows_progress_and_speed(launch):
    async with launch("linear", pace=0.005, iterations=2000) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 20)
        share, rate = session.status.split("  ")[-3:-1]
        assert 1 <= int(share.rstrip("%")) < 100
        assert 0 < float(rate.removesuffix("/s")) <= 200
        await session.press("space")
        assert 20 < session.where[0] < 2000


@pytest.mark.parametrize(
    ("key", "position"),
    [("s", 1), ("b", 14), *(pytest.param(key, 0, marks=pytest.mark.slow) for key in "np")],
)
async def test_a_step_key_pauses_then_steps(launch, key, position):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 3)
        await session.press(key)
        iteration, at = session.where
        assert iteration >= 3
        assert at == position
        assert "paused" in session.status
        assert not session.app.runner.running
        assert len(session.trainer.losses) == iteration


async def test_the_screen_does_not_wait_for_a_slow_iteration(launch):
    async with launch("linear", pace=0.7, iterations=1000) as session:
        await session.send("space")
        await session.until(lambda: not session.app.runner.idle.is_set())
        await session.send("question_mark")
        assert "Step one record on" in session.screen
        assert session.app.snapshot.iteration == 0  # the first iteration is still going on
        await session.send("escape", "space")
        await session.settle()
        assert "paused" in session.status
        assert session.where[0] <= 2


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
        assert session.app.snapshot.iteration == 0  # it is still going on
        assert time.monotonic() - begun < 2.5
        await session.settle()
        assert "paused" in session.status
        assert session.note == ""


async def test_a_run_waits_while_a_key_is_answered(launch):
    async with launch("linear", pace=0.001, iterations=10**6) as session:
        runner = session.app.runner
        runner._frame = 60.0  # or the next frame would end the wait
        await running(session)
        await session.until(lambda: session.trainer.iteration > 20)
        runner.give_way()
        await asyncio.sleep(0.02)
        stands = session.trainer.iteration
        await asyncio.sleep(0.05)
        assert session.trainer.iteration == stands
        runner.drawn()
        await session.until(lambda: session.trainer.iteration > stands)
        await session.press("space")


async def test_nothing_ticks_while_nothing_runs(launch):
    async with launch("linear", size=(120, 36)) as session:
        await session.press("n", "h", "escape")
        app = session.app
        nodes = [app, *app.screen_stack, *app.screen.walk_children()]
        assert not [timer for node in nodes for timer in node._timers if timer._active.is_set()]


async def test_a_fast_run_leaves_the_screen_free_and_pauses_at_once(launch):
    async with launch("polynomial", iterations=10**9) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 200)
        session.app.simulate_key("space")
        await session.until(lambda: not session.app.snapshot.running)
        await session.settle()
        assert "paused" in session.status


async def test_space_three_times_in_fast_succession(launch):
    async with launch("linear", pace=0.002, iterations=100_000) as session:
        for _ in range(3):
            session.app.simulate_key("space")
        await session.until(lambda: session.app.snapshot.running and session.app.snapshot.iteration > 2)
        assert session.app.runner.running
        for _ in range(4):
            session.app.simulate_key("space")
        session.app.simulate_key("space")
        await session.settle()
        assert not session.app.runner.running
        assert "paused" in session.status


async def test_divergence_stops_the_run_and_is_shown(launch, lesson_file):
    async with launch(lesson_file(DIVERGES)) as session:
        await session.press("space")
        assert session.trainer.divergence is not None
        assert "diverged" in session.status
        assert session.note == session.trainer.divergence.message
        assert session.where[0] < 20
        await session.press("p")
        assert "paused" in session.status
        await session.press("r")
        assert session.where == (0, 0)
        assert "paused" in session.status


async def test_losses_that_diverge_by_n_are_shown_as_such(launch, lesson_file):
    async with launch(lesson_file(DIVERGES)) as session:
        for _ in range(9):
            await session.press("n")
        assert "NaN/Inf from iteration" in session.screen
        assert "✗" in session.screen
        assert "loss NaN" in session.status or "loss Infinity" in session.status
        await session.press(*"s" * 5)
        assert any(word in session.screen for word in ("NaN", "Infinity"))
        await session.press("p", "p", "p", "p", "p", "p", "p", "p", "p")
        assert "NaN/Inf" not in session.screen


async def test_a_log_axis_is_refused_with_the_reason(launch, lesson_file):
    async with launch(
        lesson_file('formula = "L = w"\n[parameters]\nw = 0.05\n[hyperparameters]\niterations = 20')
    ) as session:
        await session.press(*"nnn", "l")
        assert "· log" in session.lines[1]
        await session.press("space")  # the loss falls through zero
        assert "· linear" in session.lines[1]
        await session.press("l")
        assert session.note.startswith("a log axis needs losses above 0; the smallest is −0.")
        assert "a log axis needs losses above 0" in session.lines[0]
        assert "· linear" in session.lines[1]


async def test_changing_the_lesson_while_running_stops_the_run(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await running(session)
        await session.send("m", "down", "down", "enter")
        await session.settle()
        assert session.trainer.lesson.name == "chain"
        assert session.where == (0, 0)
        assert "paused" in session.status
        assert "chain: " in session.lines[0]
        assert "Loss 18 · iteration 0" in session.screen


async def test_a_restarting_dial_while_running_stops_the_run(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 3)
        await session.send("h", *["down"] * 5, "ctrl+u", "7", "enter")
        await session.settle()
        assert session.trainer.hyperparameters.seed == 7
        assert session.where == (0, 0)
        assert "paused" in session.status
        assert session.note == "seed restarts: back at iteration 0"


async def test_a_live_dial_while_running_lets_the_run_go_on(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 3)
        await session.send("h", "ctrl+u", *"0.02", "enter")
        await session.until(lambda: session.app.snapshot.hyperparameters.learning_rate == 0.02)
        since = session.app.snapshot.iteration
        await session.until(lambda: session.app.snapshot.iteration > since + 3)
        assert session.app.snapshot.running
        await session.send("escape", "space")
        await session.settle()
        assert "paused" in session.status


async def test_a_target_below_the_iteration_stops_a_run(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await running(session)
        await session.until(lambda: session.app.snapshot.iteration > 3)
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


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3)])
async def test_a_burst_of_keys_leaves_a_consistent_app(launch, seed):
    keys = random.Random(seed).choices(BURST, k=200)
    async with launch("logistic", iterations=10**6) as session:
        for key in keys:
            session.app.simulate_key(key)
        await session.until(lambda: session.app.message_queue_size == 0)
        session.app.runner.pause()
        await session.settle()
        for _ in range(8):  # whatever is open now
            await session.press("escape")
        assert session.overlay == ""
        assert not session.app.runner.running
        snapshot, trainer = session.app.snapshot, session.trainer
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


async def test_leaving_while_running_ends_the_thread(launch):
    before = threading.active_count()
    async with launch("polynomial", iterations=10**9) as session:
        await running(session)
        session.app.simulate_key("q")
        await session.until(lambda: not session.app.is_running)
    assert session.app.return_code == 0
    assert threading.active_count() <= before + 1  # an executor's thread may stay for reuse
