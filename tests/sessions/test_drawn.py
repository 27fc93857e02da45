"""A student's own numbers go with a session and a shared string."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.lesson_questions import SQUARE
from tests.support.sessions import again, same_on, saved
from tui_backprop.debugger.lessons import reload
from tui_backprop.debugger.session import DebugSession
from tui_backprop.lessons.drawn import redrawn
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sessions.autosave import resume
from tui_backprop.sessions.sharing import opened, shared


@pytest.mark.parametrize("name", ["logistic", "two-layer"])
def test_a_session_has_them(name: str) -> None:
    trainer = tb.Trainer(redrawn(load_lesson(name), 11, whole=True))
    trainer.run(iterations=3)
    other = again(saved(trainer))
    assert other.lesson.drawn == trainer.lesson.drawn
    assert {k: v.tolist() for k, v in other.lesson.samples.items()} == {
        k: v.tolist() for k, v in trainer.lesson.samples.items()
    }
    same_on(trainer, other)


def test_it_is_not_said_that_the_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SQUARE, encoding="utf-8")
    trainer = tb.Trainer(redrawn(load_lesson(path), 1))
    trainer.step()
    key = saved(trainer)
    resumed = resume(key)
    resumed.autosave.close()
    assert resumed.notes == ()
    path.write_text(SQUARE + "# more\n", encoding="utf-8")
    resumed = resume(key)
    resumed.autosave.close()
    assert len(resumed.notes) == 1


def test_a_lesson_that_is_read_again_has_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SQUARE + "[draw]\nx = { integers = [4, 90] }\n", encoding="utf-8")
    session = DebugSession(tb.Trainer(redrawn(load_lesson(path), 8)))
    before = float(session.trainer.lesson.data["x"])
    path.write_text("title = 'New'\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    list(reload(session))
    assert session.trainer.lesson.title == "New"
    assert float(session.trainer.lesson.data["x"]) == before != 3


def test_a_shared_string_has_them() -> None:
    trainer = tb.Trainer(redrawn(load_lesson("square"), 5))
    other, _ = opened(shared(trainer).string, OPEN)
    assert float(other.lesson.data["x"]) == float(trainer.lesson.data["x"]) != 3
