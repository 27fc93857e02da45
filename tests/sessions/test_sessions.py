"""A session is the same training again, to the last bit, and what is on disk is whole at any moment."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import tui_backprop as tb
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import here, mine, trainer
from tui_backprop.debugger.predicting import Prediction
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.exercises.homework import keep, mark
from tui_backprop.exercises.words.quiz import score_line
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.limits import Limits, Sandbox
from tui_backprop.sessions import format as session_file
from tui_backprop.sessions import losses as session_losses
from tui_backprop.sessions import model as session
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave, resume
from tui_backprop.training.changes.undo import HyperparametersSet, Released, ValuePut
from tui_backprop.training.workbook import Folds, Score

LINE = 'formula = "L = (w * 2)**2"\n[parameters]\nw = 0.5\n'
CSV = """formula = "y = X * w\\nL = mean((y - t)**2)"
[samples]
csv = "points.csv"
X = "x"
t = "t"
[parameters]
w = 0.5
"""


QUICK = ("linear", "guess", "two-layer")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in BUILTIN]
)
def test_resumed_training_goes_on_bit_for_bit(name: str) -> None:
    t = trainer(name, optimizer="adam")
    if t.lesson.trains:
        t.run(40)
        t.set(learning_rate=0.003)
        t.run(21)
    t.step()
    same_on(t, again(saved(t)))


def test_the_record_stepped_over_last_comes_back_where_it_ended_its_iteration() -> None:
    t = trainer("logistic")
    for _ in range(t.record_count):
        record = t.step()
    assert (t.iteration, t.position) == (1, 0)
    u = again(saved(t))
    assert str(u.record) == str(record)
    t.next()
    assert t.record is None
    assert again(saved(t)).record is None


def test_a_schedule_and_clipping_come_back() -> None:
    t = trainer("two-layer", schedule={"kind": "one_cycle", "max_lr": 0.5}, clip_norm=0.3, iterations=50)
    t.run(21)
    t.set(schedule="cosine", clip_value=0.1)
    t.run(9)
    t.undo()
    resumed = again(saved(t))
    assert resumed.hyperparameters == t.hyperparameters
    assert resumed.redo() == 'schedule { kind = "one_cycle", max_lr = 0.5 } → cosine, clip_value none → 0.1'
    same_on(t, again(saved(t)))


def test_values_put_in_breakpoints_and_undone_changes_come_back() -> None:
    t = trainer("logistic")
    t.run(12)
    t.put("beta", 0.25, (0,))
    t.run(3)
    t.put("y_hat", 0.5, (1,))
    t.breakpoints.add("loss < 0.01")
    t.breakpoints.toggle(t.breakpoints[0] and 0)
    t.set(learning_rate=0.2)
    t.undo()
    u = again(saved(t))
    assert [(p.text, p.enabled) for p in u.breakpoints] == [("loss < 0.01", False)]
    assert u.redoable == t.redoable is not None
    same_on(t, u)


def test_the_order_of_axes_in_memory_comes_back() -> None:
    a = np.arange(6.0).reshape(2, 3)
    for value in (a, a.T, np.asfortranarray(a), np.float64(2.5), np.array(1.0), np.zeros((0, 3))):
        back = session_file.unpack_array(session_file.pack_array(value))
        assert type(back) is type(value)
        assert back.shape == value.shape
        assert back.tobytes() == value.tobytes()
        if value.size > 1:
            assert back.strides == value.strides


def test_samples_are_kept_when_their_file_goes(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,t\n1,2\n2,4\n3,7\n")
    t = mine(tmp_path, CSV)
    t.run(20)
    key = saved(t)
    (tmp_path / "points.csv").unlink()
    (tmp_path / "mine.toml").unlink()
    resumed = resume(key)
    resumed.autosave.close()
    assert resumed.notes == ("mine.toml is gone; the session goes on with its text",)
    same_on(t, resumed.trainer)


@pytest.mark.parametrize(
    ("table", "note"),
    [
        ("x,t\n1,2\n2,4\n3,8\n", "the samples of mine.toml have changed since; R reloads them"),
        (None, "the samples of mine.toml cannot be read; the session goes on with those it had"),
    ],
)
def test_samples_stay_as_they_were_when_their_file_changes(
    tmp_path: Path, table: str | None, note: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,t\n1,2\n2,4\n3,7\n")
    t = mine(tmp_path, CSV)
    t.run(20)
    key = saved(t)
    if table is None:
        path.unlink()
    else:
        path.write_text(table)
    resumed = resume(key)
    resumed.autosave.close()
    assert list(resumed.notes) == [note]
    same_on(t, resumed.trainer)


def test_a_changed_lesson_file_is_said(tmp_path: Path) -> None:
    t = mine(tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 1.0\n')
    t.run(2)
    key = saved(t)
    (tmp_path / "mine.toml").write_text('formula = "L = w**4"\n[parameters]\nw = 1.0\n')
    resumed = resume(key)
    resumed.autosave.close()
    assert resumed.notes == ("mine.toml has changed since; R reloads it",)
    assert "w**2" in resumed.trainer.lesson.text


def test_what_nobody_touched_leaves_no_file() -> None:
    t = trainer()
    keeper = SessionAutosave(t)
    keeper.changed(t)
    keeper.running(t)
    keeper.close()
    assert sessions.list_sessions() == []
    assert not sessions.sessions_folder().exists()


def test_only_the_user_may_read_it() -> None:
    t = trainer()
    t.run(3)
    saved(t)
    folder = sessions.sessions_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_an_open_session_is_refused_elsewhere_and_not_offered_or_deleted() -> None:
    t = trainer()
    keeper = SessionAutosave(t)
    t.step()
    keeper.changed(t)
    keeper.flush()
    (info,) = sessions.list_sessions()
    assert info.locked
    assert sessions.offer() is None
    for refused in (resume, sessions.delete_session):
        with pytest.raises(sessions.SessionError, match="open in another program"):
            refused(info.id)
    keeper.close()
    assert sessions.offer() is not None


def test_another_lesson_begins_another_session() -> None:
    keeper = SessionAutosave()
    for name in ("linear", "logistic"):
        t = trainer(name)
        keeper.changed(t)
        t.run(4)
        keeper.changed(t)
    keeper.close()
    assert [(i.lesson, i.iteration, i.locked) for i in sessions.list_sessions()] == [
        ("logistic", 4, False),
        ("linear", 4, False),
    ]


def test_old_sessions_go_beyond_the_number_kept() -> None:
    for _ in range(3):
        t = trainer()
        t.step()
        saved(t)
    before = [info.id for info in sessions.list_sessions()]
    sessions.prune(2)
    assert [info.id for info in sessions.list_sessions()] == before[:2]
    assert len({p.name.split(".")[0] for p in sessions.sessions_folder().iterdir()}) == 2


def test_practice_and_homework_come_back() -> None:
    t = trainer()
    keep(t, mark(t, "b", "y - t"))
    keep(t, mark(t, "b", "17"))
    t.workbook = msgspec.structs.replace(
        t.workbook,
        predicting=True,
        earned=Score(asked=3, first=2, revealed=1),
        folds=Folds((Stretch(0, 2, "forward"),), frozenset({(4, 6)})),
    )
    u = again(saved(t))
    assert u.workbook == t.workbook
    assert [(m.given, m.passed) for m in u.workbook.marks] == [("y - t", True), ("17", False)]
    (row,) = Prediction(u).view.rows  # although the file of scores is not there
    assert row.parts == (score_line(t.workbook.earned),)


def test_large_values_put_in_once_do_not_make_large_files(tmp_path: Path) -> None:
    t = mine(
        tmp_path, 'formula = "L = mean(W * W)"\n[parameters]\nW = { init = "normal", shape = [200, 200] }\n'
    )
    for number in range(20):  # 320 kB each
        t.put("W", np.full((200, 200), float(number)))
    key = saved(t)
    size = (sessions.sessions_folder() / f"{key}.session").stat().st_size
    assert size < 2_500_000
    u = again(key)
    assert here(u) == here(t)
    undone = 0
    while t.undo() and u.undo():
        undone += 1
        assert here(u) == here(t)
    assert undone >= 2


def test_what_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_STATE", 16)
    said: list[str] = []
    t = trainer("logistic")
    keeper = SessionAutosave(t)
    keeper.tell = said.append
    t.run(3)
    keeper.changed(t)
    keeper.close()
    (line,) = said
    assert line.startswith("the session cannot be saved: it takes more than ")


def test_a_restricted_login_keeps_fewer(tmp_path: Path) -> None:
    sandbox = Sandbox.of_folder(tmp_path, Limits(sessions=2))
    keys = []
    for _ in range(4):
        t = tb.Trainer(tb.load_lesson("linear", sandbox))
        t.step()
        keys.append(saved(t))
    assert [info.id for info in sessions.list_sessions()] == keys[:1:-1]


# -------------------------------------------------------------------- damage


def damage(data: bytes) -> list[bytes]:
    step = max(1, len(data) // 12)
    cut = [data[:n] for n in range(0, len(data), step)]
    flipped = [data[:n] + bytes([data[n] ^ 0x10]) + data[n + 1 :] for n in range(3, len(data), step)]
    return [*cut, *flipped, b"", b"#!/bin/sh\n", data + b"x"]


def test_a_damaged_state_is_refused_in_a_line_and_kept_aside() -> None:
    t = trainer()
    t.run(30)
    key = saved(t)
    path = sessions.sessions_folder() / f"{key}.session"
    whole = path.read_bytes()
    for data in damage(whole):
        path.write_bytes(data)
        with pytest.raises(sessions.SessionError) as refused:
            resume(key)
        assert "\n" not in str(refused.value)
        assert path.exists() is ("left as it is" in str(refused.value))
        path.write_bytes(whole)
    assert here(again(key)) == here(t)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: bytes([d[0] ^ 1]) + d[1:]])
def test_damaged_losses_are_refused(change: object) -> None:
    t = trainer()
    t.run(30)
    key = saved(t)
    (path,) = sessions.sessions_folder().glob("*.losses")
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(sessions.SessionError, match=r"its losses are .*; it is kept as .*\.bad"):
        resume(key)


def test_what_is_damaged_stays_together_and_can_be_deleted() -> None:
    t = trainer()
    t.run(30)
    key = saved(t)
    folder = sessions.sessions_folder()
    path = folder / f"{key}.session"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(sessions.SessionError, match=rf"it is kept as {key}\.session\.bad"):
        resume(key)
    (info,) = sessions.list_sessions()
    assert (info.id, info.problem) == (key, f"damaged, kept as {key}.session.bad")
    assert {p.name for p in folder.iterdir()} == {
        f"{key}.{end}" for end in ("session.bad", "1.losses", "lock")
    }
    with pytest.raises(sessions.SessionError, match=f"session {key} is damaged; it is kept as"):
        resume(key)
    sessions.delete_session(key)
    assert list(folder.iterdir()) == []


def test_what_was_never_whole_is_swept_up() -> None:
    folder = sessions.sessions_folder()
    folder.mkdir(parents=True)
    for name in ("abcd.lock", "abcd.1.losses", ".bcde.session.new", "notes.txt"):
        (folder / name).touch()
    t = trainer()
    t.step()
    key = saved(t)
    assert {p.name.split(".")[0] for p in folder.iterdir()} == {key, "notes"}


def test_a_later_format_is_left_alone() -> None:
    t = trainer()
    t.step()
    key = saved(t)
    path = sessions.sessions_folder() / f"{key}.session"
    data = bytearray(path.read_bytes())
    data[len(session_file._MAGIC)] = 9
    path.write_bytes(data)
    with pytest.raises(sessions.SessionError, match="left as it is: found format 9"):
        resume(key)
    assert path.read_bytes() == bytes(data)
    assert sessions.offer() is None


# -------------------------------------------------------------------- crashes and full disks


class Crash(BaseException):
    """The program ends here."""


@pytest.mark.parametrize(
    "way", ["back", *(pytest.param(way, marks=pytest.mark.slow) for way in ("on", "back and on elsewhere"))]
)
def test_a_crash_between_any_two_steps_leaves_a_whole_session(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    calls = ["fsync", "replace", "unlink", "open", "write"]
    for crash_at in range(40):
        t = trainer()
        t.run(50)
        resumed = resume(saved(t))
        u, keeper = resumed.trainer, resumed.autosave
        assert isinstance(keeper, SessionAutosave)
        key = keeper._writer._lock.id  # type: ignore[union-attr]
        old = here(u)
        if way != "on":
            u.rewind(20)
        if way == "back and on elsewhere":
            u.set(learning_rate=0.5)
        if way != "back":
            u.run(40)
        new = here(u)
        count = 0

        def step(real: object, count_from: int = crash_at) -> object:
            def call(*args: object, **kwargs: object) -> object:
                nonlocal count
                count += 1
                if count > count_from:
                    raise Crash
                return real(*args, **kwargs)  # type: ignore[operator]

            return call

        finished = True
        with monkeypatch.context() as patch:
            for name in calls[:-1]:
                patch.setattr(os, name, step(getattr(os, name)))
            patch.setattr(session_losses, "write", step(session_losses.write))
            keeper._take(u)
            assert keeper._seen is not None
            try:
                keeper._writer.write(keeper._seen)
            except Crash:
                finished = False
        keeper._writer.close()
        assert here(again(key)) in ((new,) if finished else (old, new))
        if finished:
            assert crash_at > 4
            return
    raise AssertionError("it never came to its end")


def test_a_full_disk_is_said_once_and_saving_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    t = trainer()
    keeper = SessionAutosave(t)
    keeper.tell = said.append
    with monkeypatch.context() as patch:

        def full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "fsync", full)
        for _ in range(3):
            t.run(5)
            keeper.changed(t)
            keeper.flush()
    assert said == ["the session cannot be saved: No space left on device; it is tried again"]
    t.run(5)
    keeper.changed(t)
    keeper.close()
    info = sessions.offer()
    assert info is not None
    assert here(again(info.id)) == here(t)


def test_flush_in_a_signal_handler_writes_the_newest_state() -> None:
    t = trainer()
    keeper = SessionAutosave(t)
    before = signal.signal(signal.SIGUSR1, lambda *_: keeper.flush())
    try:
        for _ in range(6):
            t.run(7)
            keeper.changed(t)
            os.kill(os.getpid(), signal.SIGUSR1)
            (info,) = sessions.list_sessions()
            assert info.iteration == t.iteration
    finally:
        signal.signal(signal.SIGUSR1, before)
    keeper.close()


def test_no_home_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def nowhere() -> Path:
        raise OSError(2, "there is no home folder")

    monkeypatch.setattr(sessions, "sessions_folder", nowhere)
    t = trainer()
    keeper = SessionAutosave(t)
    keeper.tell = said.append
    t.step()
    keeper.changed(t)
    keeper.close()
    assert said == ["no session is kept: there is no home folder"]
    assert not keeper.unsaved
    assert sessions.offer() is None


def rewritten(key: str, **parts: Any) -> str:
    """Write a session's state anew with some of its parts changed, checksums and all, and return its id."""
    path = sessions.sessions_folder() / f"{key}.session"
    state = session_file.read_state(path, session_file.StatePart)
    data = session_file.encode(session_file.read_summary(path), msgspec.structs.replace(state, **parts))
    session_file.write_state(path, data)
    return key


HOSTILE = "\x1b]0;title\x07\x1b[2J\n"


def test_no_text_of_a_session_that_somebody_made_holds_control_characters() -> None:
    t = trainer()
    t.put("w", 3.0)
    key = saved(t)
    path = sessions.sessions_folder() / f"{key}.session"
    state = session_file.read_state(path, session_file.StatePart)
    shown = r"\x1b]0;title\x07\x1b[2J\n"
    for what, text in (
        (HOSTILE, shown),
        (Released(HOSTILE), f"{shown} released"),
        (ValuePut(HOSTILE, (), (3.0,)), f"{shown} put in as 3"),
        (HyperparametersSet({"seed": (0, HOSTILE)}), f"seed 0 → {shown}"),
    ):
        done = [msgspec.structs.replace(state.done[0], what=what)]
        assert again(rewritten(key, done=done)).undoable == text
    with pytest.raises(sessions.SessionError) as refused:
        resume(rewritten(key, name=HOSTILE))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("optimizer", "states"),
    [("momentum", {"w": (3, {})}), ("adam", {"w": (3, {"velocity": 0})})],
)
def test_the_memory_of_another_optimizer_is_refused(
    optimizer: str, states: dict[str, tuple[int, dict[str, int]]]
) -> None:
    t = trainer("linear", optimizer=optimizer)
    t.run(3)
    key = saved(t)
    path = sessions.sessions_folder() / f"{key}.session"
    *earlier, here = session_file.read_state(path, session_file.StatePart).checkpoints
    with pytest.raises(sessions.SessionError, match="its optimizer's memory does not fit its optimizer"):
        resume(rewritten(key, checkpoints=[*earlier, msgspec.structs.replace(here, states=states)]))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_session_of_format_1_goes_on(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("linear", optimizer=optimizer)
    t.run(3)
    once = {memory.code: memory.once or memory.code for memory in OPTIMIZERS[optimizer].memory}
    with monkeypatch.context() as patch:
        patch.setattr(session_file, "FORMAT", 1)
        key = saved(t)
        state = session_file.read_state(sessions.sessions_folder() / f"{key}.session", session_file.StatePart)
        checkpoints = []
        for checkpoint in state.checkpoints:
            states = {
                name: (count, {once[code]: place for code, place in arrays.items()})
                for name, (count, arrays) in checkpoint.states.items()
            }
            checkpoints.append(msgspec.structs.replace(checkpoint, states=states))
        rewritten(key, checkpoints=checkpoints)
    same_on(again(key), t)


def test_of_files_outside_a_restricted_login_learns_nothing(tmp_path: Path) -> None:
    for folder in ("class", "outside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own.toml").write_text(LINE)
    inside, outside = tmp_path / "class" / "own.toml", tmp_path / "outside" / "own.toml"
    keys = [saved(tb.Trainer(tb.load_lesson(path))) for path in (inside, outside)]
    sandbox = Sandbox.of_folder(tmp_path / "class")
    notes = []
    for key in keys:
        resumed = resume(key, sandbox)
        resumed.autosave.close()
        assert resumed.trainer.lesson.sandbox is sandbox
        notes.append(resumed.notes)
    assert notes == [(), ("own.toml is gone; the session goes on with its text",)]


def test_a_disk_that_stays_full_is_not_filled_by_trying_again(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer()
    keeper = SessionAutosave(t)
    real = session_file.write_state
    with monkeypatch.context() as patch:

        def full(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(session_file, "write_state", full)
        for _ in range(6):
            t.run(5)
            keeper.changed(t)
            keeper.flush()
            assert len(list(sessions.sessions_folder().glob("*.losses"))) <= 1

        def lost(path: Path, data: bytes) -> None:  # it is there, but whether for good is not known
            real(path, data)
            raise OSError(5, "Input/output error")

        patch.setattr(session_file, "write_state", lost)
        for _ in range(3):
            t.run(5)
            keeper.changed(t)
            keeper.flush()
        expected = here(t)
        patch.setattr(session_file, "write_state", full)
        t.run(5)
        keeper.changed(t)
        keeper.close()
    info = sessions.offer()
    assert info is not None
    assert here(again(info.id)) == expected
