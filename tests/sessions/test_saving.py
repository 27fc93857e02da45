"""What is saved where folders, disks, clocks and clean-up jobs are not as they should be."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.sessions import again, saved
from tests.support.trainers import here, trainer
from tui_backprop.lessons.limits import Limits, Sandbox
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave

FAR = 4_000_000_000_000_000_000
"""Nanoseconds since 1970: the year 2096."""


def keeper_of(t: tb.Trainer, sandbox: Sandbox | None = None) -> tuple[SessionAutosave, list[str], list[str]]:
    """Return what keeps a training, what it says once, and what it says until it says something else."""
    keeper = SessionAutosave(t) if sandbox is None else SessionAutosave(t, sandbox)
    said: list[str] = []
    warned: list[str] = []
    keeper.tell, keeper.warn = said.append, warned.append
    return keeper, said, warned


def test_what_was_written_last_is_newest_and_kept_whatever_the_clock_said_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "KEPT", 5)
    for number in range(sessions.KEPT):
        t = trainer()
        t.run(number + 1)
        key = saved(t)
        os.utime(sessions.sessions_folder() / f"{key}.session", ns=(FAR + number, FAR + number))
    keys = []
    for number in range(2):
        t = trainer()
        t.run(1000 + number)
        keys.append(saved(t))  # which is the newest's
    infos = sessions.list_sessions()
    assert [info.id for info in infos[:2]] == keys[::-1]
    assert [info.iteration for info in infos[:4]] == [1001, 1000, sessions.KEPT, sessions.KEPT - 1]
    assert len(infos) == sessions.KEPT
    assert infos[0].saved < time.time() + 60  # the list says when it was, by today's clock


def test_a_date_that_no_file_can_have_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    key = saved(trainer())
    monkeypatch.setattr(sessions, "_written", lambda _: {key: 1 << 80})
    t = trainer()
    t.step()
    keeper, said, _ = keeper_of(t)
    t.step()
    keeper.changed(t)
    keeper.close()
    assert not said


def remove_folder(key: str) -> None:
    shutil.rmtree(sessions.sessions_folder().parent)


def remove_losses(key: str) -> None:
    for path in sessions.sessions_folder().glob("*.losses"):
        path.unlink()


def cut_losses(key: str) -> None:
    for path in sessions.sessions_folder().glob("*.losses"):
        os.truncate(path, 8)


def remove_state(key: str) -> None:
    (sessions.sessions_folder() / f"{key}.session").unlink()


def remove_lock(key: str) -> None:
    (sessions.sessions_folder() / f"{key}.lock").unlink()


@pytest.mark.parametrize("acts", [True, False], ids=["and a key", "and leaving"])
@pytest.mark.parametrize("remove", [remove_folder, remove_losses, cut_losses, remove_state, remove_lock])
def test_what_is_removed_meanwhile_is_written_anew(remove: Callable[[str], None], acts: bool) -> None:
    t = trainer()
    keeper, said, warned = keeper_of(t)
    t.run(50)
    keeper.changed(t)
    keeper.flush()
    (info,) = sessions.list_sessions()
    for _ in range(2 if acts else 1):
        remove(info.id)
        if acts:
            t.run(7)
            keeper.changed(t)
            keeper.flush()
    keeper.close()
    assert said == ["files of the session had been removed; they are written anew"]
    assert not warned
    assert not keeper.unsaved
    (info,) = sessions.list_sessions()
    assert not info.problem
    assert here(again(info.id)) == here(t)


def test_samples_that_are_removed_are_written_anew(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,2\n2,3\n")
    lesson = tmp_path / "own.toml"
    lesson.write_text(
        'formula = "L = mean((x * w - y)**2)"\n[samples]\ncsv = "points.csv"\nx = "x"\ny = "y"\n'
        "[parameters]\nw = 0.5\n"
    )
    t = tb.Trainer(tb.load_lesson(lesson))
    keeper, _, _ = keeper_of(t)
    for _ in range(2):
        t.run(3)
        keeper.changed(t)
        keeper.flush()
        shutil.rmtree(sessions.sessions_folder())
    keeper.close()
    (info,) = sessions.list_sessions()
    assert here(again(info.id)) == here(t)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer()
    keeper, said, warned = keeper_of(t)
    t.run(5)
    keeper.changed(t)
    keeper.flush()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for _ in range(3):
            t.run(5)
            keeper.changed(t)
            keeper.flush()
        line = "the session cannot be saved: No space left on device; it is tried again"
        assert (said, warned) == ([line], [line])
        (unsaved,) = keeper.unsaved
        name = t.lesson.name
        assert unsaved == (
            f"`{name}` at iteration 20 is not saved: No space left on device; it is as of iteration 5 kept"
        )
    t.run(5)
    keeper.changed(t)
    keeper.flush()
    assert warned == [line, ""]
    assert not keeper.unsaved
    keeper.close()
    assert here(again(sessions.list_sessions()[0].id)) == here(t)


def test_a_disk_that_stays_full_is_tried_once_more_on_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer()
    keeper, _, _ = keeper_of(t)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        t.run(5)
        keeper.changed(t)
        keeper.flush()
        assert len(keeper.unsaved) == 1
    keeper.close()
    assert not keeper.unsaved
    assert here(again(sessions.list_sessions()[0].id)) == here(t)


def test_a_lesson_left_behind_unsaved_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("linear")
    keeper, _, _ = keeper_of(t)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        t.run(5)
        keeper.changed(t)
        keeper.flush()
        other = trainer("logistic")
        keeper.changed(other)
        while not keeper._lost:  # the thread that writes lets the session go
            time.sleep(0.01)
    other.run(3)
    keeper.changed(other)
    keeper.close()
    (line,) = keeper.unsaved
    assert line.startswith(
        "`linear` at iteration 5 is not saved: No space left on device; nothing of it is kept"
    )


@pytest.mark.parametrize("confined", [False, True], ids=["open", "restricted"])
@pytest.mark.parametrize(
    ("place", "reason"), [("file", "Not a directory"), ("missing", "No such file or directory")]
)
def test_a_folder_that_cannot_be_is_named_once(
    place: str, reason: str, confined: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "file":
        blocked = tmp_path / "blocked"
        blocked.write_text("")
        what = f"{blocked} is no folder"
    else:
        blocked = Path("/proc")
        what = "cannot write in /proc"
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked / "state"))
    sandbox = Sandbox.of_folder(tmp_path, Limits()) if confined else None
    t = trainer()
    keeper, said, warned = keeper_of(t, sandbox)
    for _ in range(3):
        t.step()
        keeper.changed(t)
        keeper.flush()
    keeper.close()
    assert said == [f"no session is kept: {reason}" if confined else f"no session is kept: {what}: {reason}"]
    assert not warned
    assert not keeper.unsaved
