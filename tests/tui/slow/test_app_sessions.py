"""Sessions of an app: what waits for time to pass."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from tests.support.app_sessions import saved, until
from tui_backprop.debugger.practising import homework
from tui_backprop.lessons.library import load_lesson
from tui_backprop.sessions import autosave
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.panels.status import TitleBar
from tui_backprop.tui.screens.resume import ResumeScreen


async def test_nothing_is_asked_of_somebody_who_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    key = saved()
    asked, answered = threading.Event(), threading.Event()
    real = sessions.offer

    def late() -> sessions.SessionInfo | None:
        asked.wait(10)
        answered.set()
        return real()

    monkeypatch.setattr(sessions, "offer", late)
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=SessionAutosave(), offers=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.main.snapshot is not None)
        await pilot.press("n")
        asked.set()
        await until(pilot, lambda: f"tui-backprop resume {key} goes on" in app.main.query_one(TitleBar).note)
        assert answered.is_set()
        assert len(app.screen_stack) == 1
        await until(pilot, lambda: app.runner.idle.is_set() and app.runner.trainer.iteration == 1)


async def test_nothing_is_offered_where_there_is_none() -> None:
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=SessionAutosave(), offers=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        assert not isinstance(app.screen, ResumeScreen)


async def test_an_app_that_has_to_leave_saves_what_a_run_has_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "INTERVAL", 1e9)  # the run itself saves nothing
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear"), iterations=10**9), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.main.snapshot is not None)
        await pilot.press("space")
        await until(pilot, lambda: app.main.snapshot is not None and app.main.snapshot.iteration)
        await asyncio.to_thread(app.save_now)
        reached = app.runner.trainer.iteration
        (info,) = sessions.list_sessions()
        assert info.iteration == reached > 0
    keeper.close()


async def test_predicting_and_homework_come_back() -> None:
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.main.snapshot is not None)
        app.runner.do(lambda session: homework(session, "b = y - t"), source="homework")
        app.runner.do(lambda session: homework(session, "b = 17"), source="homework")
        await pilot.press("t")
        await until(pilot, lambda: app.runner.idle.is_set() and app.main.snapshot.prediction is not None)
        before = app.main.snapshot.marks
        assert [mark.given for mark in before] == ["y - t", "17"]
    keeper.close()
    again = autosave.resume(sessions.list_sessions()[0].id)
    app = BackpropApp(again.trainer, autosave=again.autosave)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.main.snapshot is not None)
        assert app.main.snapshot is not None
        assert app.main.snapshot.marks == before
        assert app.main.snapshot.prediction is not None
    again.autosave.close()


def test_the_first_screen_waits_for_nothing_that_saving_needs() -> None:
    code = """
import sys, threading
from tui_backprop import Trainer, load_lesson
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.debugger.moving import next_iteration
from tui_backprop.tui.runner import Runner
shown = threading.Event()
runner = Runner(Trainer(load_lesson("linear")), lambda message: shown.set(), autosave=SessionAutosave())
thread = threading.Thread(target=runner.loop)
thread.start()
runner.show()
assert shown.wait(20) and runner.idle.wait(20)
print("tui_backprop.sessions.model" in sys.modules)
runner.do(next_iteration)
assert runner.idle.wait(20)
print("tui_backprop.sessions.model" in sys.modules)
runner.close()
thread.join(20)
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["False", "True"]
