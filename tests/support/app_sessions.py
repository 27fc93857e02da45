"""Sessions that an app finds, and waiting for what it does."""

from __future__ import annotations

import time

from tests.support.pilot import PATIENCE
from tui_backprop.lessons.library import load_lesson
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer


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
    deadline = time.monotonic() + PATIENCE
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        await pilot.pause(0.01)  # type: ignore[attr-defined]
