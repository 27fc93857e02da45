"""A training saved, and resumed."""

from __future__ import annotations

import tui_backprop as tb
from tests.support.trainers import here
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave, resume


def saved(t: tb.Trainer) -> str:
    """Save a training in a session of its own, let it go, and return the id."""
    keeper = SessionAutosave()
    keeper._take(t)
    keeper._note()
    keeper.close()
    info = sessions.offer()
    assert info is not None
    return info.id


def again(key: str) -> tb.Trainer:
    resumed = resume(key)
    resumed.autosave.close()
    return resumed.trainer


def same_on(one: tb.Trainer, other: tb.Trainer) -> None:
    """Assert that two trainings are the same, and go on to be so forward, back, and through changes."""
    assert here(one) == here(other)
    assert (one.undoable, one.redoable) == (other.undoable, other.redoable)
    if one.record is not None:
        assert str(one.record) == str(other.record)
    for t in (one, other):
        t.back()
        t.step()
        t.step()
        if t.lesson.trains:
            t.run(70)
            t.previous()
            t.undo()
            t.run(5)
            t.redo()
            t.step()
    assert here(one) == here(other)
