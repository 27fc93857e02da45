"""Runs answer at once, stop where they should, and leave a consistent app whatever keys arrive meanwhile."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tui_backprop.explain.nonfinite import message

DIVERGES = """
title = "Too large a step"
formula = "L = w**4"
[parameters]
w = 2.0
[hyperparameters]
learning_rate = 10.0
iterations = 1000
"""


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
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 20)
        share, rate = session.status.removesuffix("  numpy").split("  ")[-3:-1]
        assert 1 <= int(share.rstrip("%")) < 100
        assert 0 < float(rate.removesuffix("/s")) <= 200
        await session.press("space")
        assert 20 < session.where[0] < 2000


@pytest.mark.parametrize(
    ("key", "position"),
    [
        ("s", 1),
        *(pytest.param(key, at, marks=pytest.mark.slow) for key, at in (("b", 14), ("n", 0), ("p", 0))),
    ],
)
async def test_a_step_key_pauses_then_steps(launch, key, position):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 3)
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
        assert session.app.main.snapshot.iteration == 0  # the first iteration is still going on
        await session.send("escape", "space")
        await session.settle()
        assert "paused" in session.status
        assert session.where[0] <= 2


async def test_a_run_waits_while_a_key_is_answered(launch):
    async with launch("linear", pace=0.001, iterations=10**6) as session:
        runner = session.app.runner
        runner._frame = 60.0  # or the next frame would end the wait
        await session.start_run()
        await session.until(lambda: session.trainer.iteration > 20)
        runner.give_way()
        stands = -1
        while stands != session.trainer.iteration:  # the iteration that was going on comes to its end
            stands = session.trainer.iteration
            await asyncio.sleep(0.05)
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
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 200)
        session.app.simulate_key("space")
        await session.until(lambda: not session.app.main.snapshot.running)
        await session.settle()
        assert "paused" in session.status


async def test_divergence_stops_the_run_and_is_shown(launch, lesson_file):
    async with launch(lesson_file(DIVERGES)) as session:
        await session.press("space")
        assert session.trainer.divergence is not None
        assert "diverged" in session.status
        assert session.note == message(session.trainer.divergence)
        assert session.note.startswith(session.trainer.divergence.message)
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
        assert "ahead to" in session.app.query_one("#loss").caption  # where they still are
        await session.press("r")
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
        await session.start_run()
        await session.send("m", "down", "down", "enter")
        await session.settle()
        assert session.trainer.lesson.name == "chain"
        assert session.where == (0, 0)
        assert "paused" in session.status
        assert "chain: " in session.lines[0]
        assert "Loss 18 · iteration 0" in session.screen


async def test_a_live_hyperparameter_while_running_lets_the_run_go_on(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.start_run()
        await session.until(lambda: session.app.main.snapshot.iteration > 3)
        await session.send("h", "ctrl+u", *"0.02", "enter")
        await session.until(lambda: session.app.main.snapshot.hyperparameters.learning_rate == 0.02)
        since = session.app.main.snapshot.iteration
        await session.until(lambda: session.app.main.snapshot.iteration > since + 3)
        assert session.app.main.snapshot.running
        await session.send("escape", "space")
        await session.settle()
        assert "paused" in session.status


async def test_leaving_while_running_ends_the_thread(launch):
    before = threading.active_count()
    async with launch("polynomial", iterations=10**9) as session:
        await session.start_run()
        session.app.simulate_key("q")
        await session.until(lambda: not session.app.is_running)
    assert session.app.return_code == 0
    assert threading.active_count() <= before + 1  # an executor's thread may stay for reuse
