"""A session of a long run takes bounded room, and is the same training again: any loss of it, anywhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

import tui_backprop as tb
from tests.support.losses import assert_honest, few_kept, run_noting
from tests.support.pilot import PATIENCE
from tests.support.sessions import again, saved
from tests.support.trainers import here, trainer
from tui_backprop.sessions import format as session_file
from tui_backprop.sessions import losses as session_losses
from tui_backprop.sessions import store
from tui_backprop.sessions.autosave import SessionAutosave, resume
from tui_backprop.sessions.store import SessionError
from tui_backprop.training.history import History
from tui_backprop.training.losses.kept import Kept


@pytest.fixture(autouse=True)
def _few() -> Iterator[None]:
    with few_kept(exact=512) as patch:
        patch.setattr(session_losses, "MOST", 256)
        patch.setattr(session_losses, "LEAST", 128)
        yield


def on_disk() -> int:
    return sum(path.stat().st_size for path in store.sessions_folder().glob("*.losses"))


def test_a_long_run_is_saved_in_bounded_room_and_comes_back() -> None:
    t = trainer("linear")
    keeper = SessionAutosave(t)
    noted, sizes = np.empty(0), []
    for _ in range(30):
        noted = np.append(noted, run_noting(t, 90, 45))
        keeper.changed(t)
        keeper.flush()
        sizes.append(on_disk())
    keeper.close()
    assert max(sizes) < 8 * 256 + 16 * 60 + 64 * 8 + 200  # exact ones, buckets, the first 64, their names
    assert len(list(store.sessions_folder().glob("*.losses"))) == 1
    (info,) = store.list_sessions()
    u = again(info.id)
    assert here(u) == here(t)
    assert u.losses.exact_from > 2300
    assert np.array_equal(u.losses, noted)
    assert_honest(u.history.envelope(12), noted)
    goal = u.iteration // 3
    u.rewind(goal)
    assert u.loss == noted[goal]
    assert np.array_equal(u.losses, noted[:goal])
    u.run(700)
    assert np.array_equal(u.losses, noted[: goal + 700])


@pytest.mark.parametrize("goal", [2950, 2700, 1500, 100, 0])
def test_going_back_and_another_way_is_saved(goal: int) -> None:
    t = trainer("linear")
    noted = run_noting(t, 3000)
    keeper = SessionAutosave(t)
    keeper._take(t)
    keeper._note()
    keeper.flush()
    t.rewind(goal)
    keeper.changed(t)
    keeper.flush()
    t.set(learning_rate=0.003)
    noted = np.append(noted[:goal], run_noting(t, 500))
    keeper.changed(t)
    keeper.close()
    (info,) = store.list_sessions()
    u = again(info.id)
    assert here(u) == here(t)
    assert np.array_equal(u.losses, noted)


def test_a_resumed_session_goes_on_in_its_file() -> None:
    t = trainer("linear")
    noted = run_noting(t, 2000)
    resumed = resume(saved(t))
    u, keeper = resumed.trainer, resumed.autosave
    (path,) = store.sessions_folder().glob("*.losses")
    before = path.read_bytes()
    noted = np.append(noted, run_noting(u, 60))
    keeper.changed(u)
    keeper.flush()
    assert path.read_bytes()[: len(before)] == before
    for _ in range(5):
        noted = np.append(noted, run_noting(u, 100))
        keeper.changed(u)
        keeper.flush()
    keeper.close()
    assert len(list(store.sessions_folder().glob("*.losses"))) == 1
    (info,) = store.list_sessions()
    assert np.array_equal(again(info.id).losses, noted)


def test_a_session_of_format_2_with_all_losses_opens_and_gets_small(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("linear")
    noted = run_noting(t, 2000)
    with monkeypatch.context() as patch:
        patch.setattr(session_file, "FORMAT", 2)
        patch.setattr(session_losses, "MOST", 10**6)
        kept = Kept.of(noted)
        plain = session_losses.LossesFile(kept), b""
        patch.setattr(session_losses, "begun", lambda _: plain)
        key = saved(t)
    (path,) = store.sessions_folder().glob("*.losses")
    assert path.read_bytes() == noted.tobytes()
    resumed = resume(key)
    u = resumed.trainer
    assert here(u) == here(t)
    assert u.losses.exact_from > 1000
    u.run(10)
    resumed.autosave.changed(u)
    resumed.autosave.close()
    assert on_disk() < 8000
    assert np.array_equal(again(key).losses[:2000], noted)


@pytest.mark.parametrize("at", [0, 9, 200, -1])
def test_damaged_old_losses_are_refused(at: int) -> None:
    t = trainer("linear")
    t.run(2000)
    key = saved(t)
    (path,) = store.sessions_folder().glob("*.losses")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(SessionError, match=r"its losses are damaged; it is kept as"):
        resume(key)


@pytest.mark.parametrize(
    "change",
    [{"width": 63}, {"width": 1 << 40}, {"base": 64}, {"base": 0}, {"head": b""}, {"rows": {}}],
)
def test_old_losses_that_do_not_fit_are_refused(change: dict[str, object], tmp_path: Path) -> None:
    history = History()
    history.extend(np.linspace(2, 1, 3000))
    file, front = session_losses.begun(history.kept())
    part = msgspec.msgpack.decode(front, type=session_losses._Front)
    changed = msgspec.msgpack.encode(msgspec.structs.replace(part, **change))
    bad = session_losses.LossesFile(file.kept, file.first, len(changed), 0, 0)
    written = session_losses.write(tmp_path / "x.losses", bad, file.first, changed)
    written = msgspec.structs.replace(
        written, checksum=session_losses.zlib.crc32((tmp_path / "x.losses").read_bytes())
    )
    with pytest.raises(session_file.SessionFileError, match="damaged"):
        session_losses.read(tmp_path / "x.losses", written.part(1))


def test_a_full_disk_while_another_file_begins_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    t = trainer("linear")
    keeper = SessionAutosave(t)
    keeper.tell = said.append
    noted = run_noting(t, 200)
    keeper.changed(t)
    keeper.flush()
    old = here(t)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        noted = np.append(noted, run_noting(t, 1000))
        keeper.changed(t)
        keeper.flush()
        (info,) = store.list_sessions()
        assert info.iteration == 200
        deadline = time.monotonic() + PATIENCE
        while len(list(store.sessions_folder().glob("*.losses"))) > 1:  # while it is tried again
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert said == ["the session cannot be saved: No space left on device; it is tried again"]
    assert old != here(t)
    keeper.close()
    assert np.array_equal(again(info.id).losses, noted)


def test_a_state_on_the_way_that_is_damaged_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    t = trainer("linear")
    noted = run_noting(t, 1500)
    saved_state = t.snapshot()
    assert len(saved_state.anchors) > 2
    damaged = tuple(anchor._replace(data=b"\xc1") for anchor in saved_state.anchors)
    u = tb.Trainer.restored(msgspec.structs.replace(saved_state, anchors=damaged))
    assert np.array_equal(u.losses[:50], noted[:50])
    assert u.losses[400] == noted[400]
