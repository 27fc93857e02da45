"""The question at the start, what is saved while somebody works, and what comes back."""

from __future__ import annotations

import threading

import pytest
from textual.widgets import Static

from tests.support.app_sessions import saved, until
from tui_backprop.lessons.library import load_lesson
from tui_backprop.sessions import autosave
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.panels.status import TitleBar
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.screens import resume
from tui_backprop.tui.screens.resume import ResumeScreen


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


async def test_what_the_keys_do_is_saved() -> None:
    keeper = SessionAutosave()
    app = BackpropApp(Trainer(load_lesson("linear")), autosave=keeper)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.main.snapshot is not None)
        await pilot.press("n", "n", "s")
        await until(pilot, lambda: app.runner.idle.is_set() and app.runner.trainer.position == 1)
        app.save_now()
        (info,) = sessions.list_sessions()
        assert (info.lesson, info.iteration, info.position, info.locked) == ("linear", 2, 1, True)
    keeper.close()
    assert not sessions.list_sessions()[0].locked


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
