"""A session is the same training for every optimizer, and no flush waits for a disk."""

from __future__ import annotations

import os
import time

import pytest

import tui_backprop as tb
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import trainer
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.sessions import autosave
from tui_backprop.sessions.autosave import SessionAutosave


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", BUILTIN)
def test_every_optimizer_in_batches(name: str, optimizer: str) -> None:
    lesson = tb.load_lesson(name)
    batch = {"batch_size": 3} if (lesson.rows or 0) > 3 and name != "relu-net" else {}
    try:
        t = trainer(name, optimizer=optimizer, **batch)
    except ValueError:  # the formula fits no such batch
        t = trainer(name, optimizer=optimizer)
    if t.lesson.trains:
        t.run(300)
        t.set(weight_decay=0.01)
        t.run(33)
    t.step()
    t.step()
    same_on(t, again(saved(t)))


def test_a_flush_does_not_wait_for_a_disk_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "PATIENCE", 0.05)
    t = trainer()
    keeper = SessionAutosave(t)
    real = os.fsync
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: (time.sleep(0.3), real(handle))[1])
        t.step()
        keeper.changed(t)
        begun = time.monotonic()
        keeper.flush()
        assert time.monotonic() - begun < 0.29
        keeper._wait(5)
    keeper.close()
