"""Pinned runs are kept with a session, as long as they are small and of its lesson."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs

from tests.support.sessions import again, saved
from tests.support.trainers import here, trainer
from tui_backprop.sessions import practice, store
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.sweeps.pins import add, pin_of, taken_up


def test_pins_come_back() -> None:
    t = trainer("two-layer", learning_rate=0.1)
    t.run(300)
    t.override("h", 0.5)
    add(t, pin_of(t))
    t.set(seed=3)
    t.run(20)
    add(t, pin_of(t))
    kept = again(saved(t))
    assert len(kept.workbook.pins) == 2
    for pin, other in zip(t.workbook.pins, kept.workbook.pins, strict=True):
        assert (pin.iteration, pin.loss) == (other.iteration, other.loss)
        for name in ("iterations", "low", "high", "nonfinite"):
            np.testing.assert_array_equal(getattr(pin.envelope, name), getattr(other.envelope, name))
        assert (pin.envelope.smallest, pin.envelope.largest) == (
            other.envelope.smallest,
            other.envelope.largest,
        )
    first = kept.workbook.pins[0]
    back = taken_up(kept, first.schedule)
    back.run(first.iteration)
    assert back.loss == first.loss
    assert back.overrides["h"] == 0.5


def test_a_run_that_diverged_comes_back_too() -> None:
    t = trainer("linear", learning_rate=100.0)
    t.run(2000)
    add(t, pin_of(t))
    (pin,) = again(saved(t)).workbook.pins
    assert not np.isfinite(pin.loss)
    assert pin.envelope.first_nonfinite == t.workbook.pins[0].envelope.first_nonfinite


def test_values_put_in_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice, "PIN_BYTES", 100)
    t = trainer("two-layer")
    add(t, pin_of(t))
    t.override("h", np.ones((4, 4)))
    add(t, pin_of(t))
    assert len(again(saved(t)).workbook.pins) == 1


def test_pins_of_another_lesson_are_not_kept() -> None:
    t, other = trainer("two-layer"), trainer("linear")
    add(t, pin_of(t))
    t.workbook = structs.replace(t.workbook, pins=(*t.workbook.pins, pin_of(other)))
    assert len(again(saved(t)).workbook.pins) == 1


def test_the_session_goes_on_through_a_way_back_to_a_pin() -> None:
    t = trainer("two-layer", learning_rate=0.1)
    t.run(50)
    add(t, pin_of(t))
    t.set(learning_rate=0.3)
    t.run(60)
    keeper = SessionAutosave(t)
    t.next()
    keeper.changed(t)
    keeper.flush()
    back = taken_up(t, t.workbook.pins[0].schedule)
    back.run(20)
    keeper.changed(back)
    keeper.close()
    (info,) = store.list_sessions()
    assert here(again(info.id)) == here(back)
