"""Pinned runs: what is kept of them, what tells them apart, and being back at one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import here, trainer
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.pins import add, listed, numbered, pin_of, remove, taken_up


def with_two_pins() -> tb.Trainer:
    t = trainer("two-layer", learning_rate=0.1)
    t.run(300)
    add(t, pin_of(t))
    t.set(seed=3)
    t.run(40)
    t.set(learning_rate=0.2)
    t.run(10)
    add(t, pin_of(t))
    return t


def test_a_pin_has_the_losses_of_its_run() -> None:
    t = trainer("two-layer")
    t.run(300)
    pin = pin_of(t)
    losses = np.append(t.losses, t.loss)
    assert (pin.iteration, pin.loss, pin.envelope.stop) == (300, t.loss, 301)
    assert len(pin.envelope.iterations) <= 129
    assert pin.envelope.smallest == losses.min()
    assert pin.envelope.largest == losses.max()
    bounds = [*pin.envelope.iterations.tolist(), 301]
    for place, (start, stop) in enumerate(pairwise(bounds)):
        assert pin.envelope.high[place] == losses[start:stop].max()


def test_what_differs_tells_them_apart() -> None:
    t = with_two_pins()
    first, second = listed(t.workbook.pins)
    assert first.settings == "learning_rate 0.1, seed 42"
    assert second.settings == "learning_rate 0.1, then 0.2 from 40, seed 3"
    assert [run.iteration for run in (first, second)] == [300, 50]


def test_the_run_here_counts_as_well() -> None:
    t = trainer("two-layer")
    add(t, pin_of(t))
    assert listed(t.workbook.pins, t.hyperparameters)[0].settings == ""
    t.set(momentum=0.5)
    assert listed(t.workbook.pins, t.hyperparameters)[0].settings == "momentum 0.9"


def test_a_seventh_is_refused_and_says_how_to_make_room() -> None:
    t = trainer()
    for _ in range(6):
        add(t, pin_of(t))
        t.next()
    with pytest.raises(BackpropError, match=r"6 runs are pinned.*unpin N"):
        add(t, pin_of(t))
    remove(t, 2)
    assert [pin.iteration for pin in t.workbook.pins] == [0, 2, 3, 4, 5]
    with pytest.raises(BackpropError, match="found 6; there are pins 1 to 5"):
        numbered(t, 6)


def test_the_same_run_is_pinned_once() -> None:
    t = trainer()
    t.run(3)
    add(t, pin_of(t))
    with pytest.raises(BackpropError, match="pinned already, as 1"):
        add(t, pin_of(t))


@pytest.mark.parametrize("how", ["override", "edit"])
def test_what_is_put_in_by_hand_makes_it_another_run(how: str) -> None:
    t = trainer()
    t.run(3)
    add(t, pin_of(t))
    for number, value in enumerate((0.25, 0.5), 2):
        getattr(t, how)("w", value)
        assert add(t, pin_of(t)) == number
    assert [run.settings for run in listed(t.workbook.pins)] == ["", "w put in", "w put in"]


def test_one_goes_back_to_a_pin_and_from_there_to_where_one_was() -> None:
    t = with_two_pins()
    where = here(t)
    first = t.workbook.pins[0]
    back = taken_up(t, first.schedule)
    back.run(first.iteration)
    assert back.loss == first.loss
    assert back.hyperparameters.learning_rate == 0.1
    assert back.workbook.pins == t.workbook.pins
    assert back.undo() is not None
    assert here(back) == where


def test_a_pin_knows_nothing_of_a_future_gone_back_from() -> None:
    t = trainer("two-layer")
    t.run(10)
    t.set(learning_rate=0.3)
    t.run(10)
    t.rewind(5)
    pin = pin_of(t)
    assert [since for since, _ in pin.schedule.entries] == [0]


def test_back_at_a_run_of_another_lesson_there_is_nothing_to_undo() -> None:
    pin = pin_of(trainer("two-layer"))
    other = trainer("linear", learning_rate=0.1)
    other.set(learning_rate=0.2)
    assert other.undoable
    back = taken_up(other, pin.schedule)
    assert back.lesson.name == "two-layer"
    assert not back.undoable
