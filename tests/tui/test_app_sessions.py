"""The question at the start, what is saved while somebody works, and what comes back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
from textual.widgets import Static

from tui_backprop.lessons.library import load_lesson
from tui_backprop.training import autosave, sessions
from tui_backprop.training.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.screens import resume
from tui_backprop.tui.screens.resume import ResumeScreen
from tui_backprop.tui.widgets.status import TitleBar


def saved() -> str:
    trainer = Trainer(load_lesson("logistic"))
    keeper = SessionAutosave(trainer)
    trainer.run(12)
    trainer.step()
    keeper.changed(trainer)
    keeper.close()
    info = sessions.offer()
    assert info is not None
    return info.id


async def until(pilot: object, happened: object) -> None:
    for _ in range(400):
        if happened():  # type: ignore[operator]
            return
        await pilot.pause(0.01)  # type: ignore[attr-defined]
    raise AssertionError("it did not happen")


@pytest.mark.parametrize(
    "key", ["enter", *(pytest.param(key, marks=pytest.mark.slow) for key in ("n", "escape"))]
)
async def test_the_newest_session_is_offered(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "MOMENT", 0.0)
    saved()
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=keeper, offers=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ResumeScreen) and app.screen.ready)
        asked = str(app.screen.query_one("#resume-question", Static).content)
        assert asked == "Resume `logistic` at iteration 12? (Enter / n)"
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, ResumeScreen) and app.runner.idle.is_set())
        trainer = app.runner.trainer
        where = (trainer.lesson.name, trainer.iteration, trainer.position)
        assert where == (("logistic", 12, 1) if key == "enter" else ("linear", 0, 0))
    keeper.close()
    assert [info.lesson for info in sessions.list_sessions()] == ["logistic"]


async def test_a_key_on_its_way_when_the_question_comes_up_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resume, "MOMENT", 60.0)
    key = saved()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=SessionAutosave(), offers=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ResumeScreen) and app.screen.query(Static))
        await pilot.press("enter", "escape", "enter")
        assert isinstance(app.screen, ResumeScreen)
        await pilot.press("n")
        await until(pilot, lambda: app.runner.idle.is_set() and app.runner.trainer.iteration == 1)
        trainer = app.runner.trainer
        assert (trainer.lesson.name, trainer.iteration) == ("linear", 1)
        assert not isinstance(app.screen, ResumeScreen)
        await until(pilot, lambda: f"tui-backprop resume {key} goes on" in app.main.query_one(TitleBar).note)


@pytest.mark.slow
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
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("n")
        asked.set()
        await until(pilot, lambda: f"tui-backprop resume {key} goes on" in app.main.query_one(TitleBar).note)
        assert answered.is_set()
        assert len(app.screen_stack) == 1
        await until(pilot, lambda: app.runner.idle.is_set() and app.runner.trainer.iteration == 1)


@pytest.mark.slow
async def test_nothing_is_offered_where_there_is_none() -> None:
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=SessionAutosave(), offers=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        assert not isinstance(app.screen, ResumeScreen)


async def test_what_the_keys_do_is_saved() -> None:
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("n", "n", "s")
        await until(pilot, lambda: app.runner.idle.is_set() and app.runner.trainer.position == 1)
        app.save_now()
        (info,) = sessions.list_sessions()
        assert (info.lesson, info.iteration, info.position, info.locked) == ("linear", 2, 1, True)
    keeper.close()
    assert not sessions.list_sessions()[0].locked


@pytest.mark.slow
async def test_an_app_that_has_to_leave_saves_what_a_run_has_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "INTERVAL", 1e9)  # the run itself saves nothing
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear"), iterations=10**9), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot is not None and app.snapshot.iteration)
        await asyncio.to_thread(app.save_now)
        reached = app.runner.trainer.iteration
        (info,) = sessions.list_sessions()
        assert info.iteration == reached > 0
    keeper.close()


def test_a_run_that_has_to_end_leaves_nothing_unsaved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "INTERVAL", 1e9)
    trainer = Trainer(load_lesson("linear"), iterations=10**9)
    keeper, begun = SessionAutosave(trainer), threading.Event()

    def drawn(message: object) -> None:
        runner.drawn()
        if trainer.iteration:
            begun.set()

    runner = Runner(trainer, drawn, autosave=keeper)
    thread = threading.Thread(target=runner.loop)
    thread.start()
    runner.run_to(None)
    assert begun.wait(20)
    runner.finish(20)
    keeper.flush()
    (info,) = sessions.list_sessions()
    assert info.iteration == trainer.iteration > 0
    thread.join(20)
    assert not thread.is_alive()
    keeper.close()


@pytest.mark.slow
async def test_predicting_and_homework_come_back() -> None:
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        app.runner.do(lambda ops: ops.mark("b", "y - t"), source="homework")
        app.runner.do(lambda ops: ops.mark("b", "17"), source="homework")
        await pilot.press("t")
        await until(pilot, lambda: app.runner.idle.is_set() and app.snapshot.prediction is not None)
        before = app.snapshot.marks
        assert [mark.given for mark in before] == ["y - t", "17"]
    keeper.close()
    again = autosave.resume(sessions.list_sessions()[0].id)
    app = BackpropApp(again.trainer, autosave=again.autosave)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        assert app.snapshot is not None
        assert app.snapshot.marks == before
        assert app.snapshot.prediction is not None
    again.autosave.close()


def test_the_first_screen_waits_for_nothing_that_saving_needs() -> None:
    code = """
import sys, threading
from tui_backprop import Trainer, load_lesson
from tui_backprop.training.autosave import SessionAutosave
from tui_backprop.tui.runner import Runner
shown = threading.Event()
runner = Runner(Trainer(load_lesson("linear")), lambda message: shown.set(), autosave=SessionAutosave())
thread = threading.Thread(target=runner.loop)
thread.start()
runner.show()
assert shown.wait(20) and runner.idle.wait(20)
print("tui_backprop.training.session" in sys.modules)
runner.do(lambda operations: operations.next())
assert runner.idle.wait(20)
print("tui_backprop.training.session" in sys.modules)
runner.close()
thread.join(20)
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["False", "True"]
