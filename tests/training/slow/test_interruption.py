"""Long ways back and gradient checks can be stopped from outside; nothing has changed then."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.interruption import ACTIONS, Interruption
from tests.support.thorough import parted
from tui_backprop.engine.core.errors import Interrupted


def after(count: int) -> tuple[Callable[[], bool], list[int]]:
    """Return a should_stop that says yes when asked for the count-th time, and what counts the questions."""
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(len(asked))
        return len(asked) >= count

    return should_stop, asked


def checkpoints(t: tb.Trainer) -> list[int]:
    return [state.iteration for state in t.snapshot().states]


def all_of(t: tb.Trainer) -> tuple[Any, ...]:
    return (
        t.iteration,
        t.position,
        t.phase,
        t.hyperparameters,
        t.losses.tobytes(),
        {name: np.asarray(value).tobytes() for name, value in t.parameters.items()},
        {name: (s.count, sorted(s.arrays)) for name, s in t.optimizer_states.items()},
        dict(t.overrides),
        checkpoints(t),
        len(t.history),
    )


def far(records: int = 0) -> tb.Trainer:
    """Return a trainer that has one checkpoint only, 20 iterations back, and something set on the way."""
    t = tb.Trainer(tb.load_lesson("logistic"), optimizer="adam", memory=1)
    t.run(iterations=10)
    t.set(learning_rate=0.5)
    t.run(iterations=10)
    for _ in range(records):
        t.step()
    assert checkpoints(t) == [0, 20]
    return t


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize(
    ("go", "records"),
    [
        (lambda t, stop: t.back(should_stop=stop), 0),
        (lambda t, stop: t.previous(should_stop=stop), 0),
        (lambda t, stop: t.rewind(15, should_stop=stop), 0),
        (lambda t, stop: t.rewind(15, should_stop=stop), 5),
    ],
    ids=["back", "previous", "rewind", "rewind from within"],
)
def test_an_interrupted_way_back_changes_nothing(
    go: Callable[[tb.Trainer, Callable[[], bool]], object], records: int, count: int
) -> None:
    t, untouched = far(records), far(records)
    before = all_of(t)
    should_stop, asked = after(count)
    with pytest.raises(Interrupted, match="was interrupted"):
        go(t, should_stop)
    assert len(asked) == count
    assert all_of(t) == before
    go(t, lambda: False)
    go(untouched, lambda: False)
    assert all_of(t) == all_of(untouched)
    t.run(iterations=10)
    untouched.run(iterations=10)
    assert all_of(t) == all_of(untouched)


def test_it_is_asked_once_for_each_iteration_replayed() -> None:
    t = far()
    should_stop, asked = after(10**6)
    t.rewind(15, should_stop=should_stop)
    assert (len(asked), t.iteration) == (15, 15)


def test_a_replay_leaves_checkpoints_on_its_way() -> None:
    t = tb.Trainer(tb.load_lesson("linear"))
    t.run(iterations=3000)
    t.rewind(100)
    near = checkpoints(t)[-5:]
    assert near[-1] == 100
    should_stop, asked = after(10**6)
    for _ in range(20):
        t.previous(should_stop)
    assert t.iteration == 80
    assert len(asked) < 60


def test_within_an_iteration_there_is_nothing_to_ask() -> None:
    t = far(records=3)
    t.back(should_stop=lambda: True)
    t.previous(should_stop=lambda: True)
    assert (t.iteration, t.position) == (20, 0)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_interrupted_gradient_check(count: int) -> None:
    t = far()
    before = all_of(t)
    should_stop, asked = after(count)
    with pytest.raises(Interrupted, match="the gradient check was interrupted"):
        tb.check_gradients(t, should_stop=should_stop)
    assert (len(asked), all_of(t)) == (count, before)


def test_the_check_asks_once_for_each_element() -> None:
    t = far()
    should_stop, asked = after(10**6)
    report = tb.check_gradients(t, should_stop=should_stop)
    checks = [*report.parameters.values(), *(check for slip in report.slips for check in slip.checks)]
    assert len(asked) == sum(check.checked for check in checks)


# at any moment


def made() -> tb.Trainer:
    t = tb.Trainer(tb.load_lesson("logistic"), optimizer="momentum")
    t.run(30)
    t.set(learning_rate=0.2)
    t.run(10)
    t.put("beta", 0.5, (1,))
    t.undo()
    return t


def place_of(t: tb.Trainer) -> tuple[Any, ...]:
    """All that the place is made of, the schedule ahead included; a run may end at any iteration."""
    entries = t.snapshot().schedule.entries
    return t.hyperparameters, [
        (since, settings.hyperparameters, dict(settings.edits)) for since, settings in entries
    ]


LINES = (*range(1, 40, 4), *range(40, 400, 37), *range(400, 2000, 397))


@pytest.mark.parametrize("name", ACTIONS)
@parted("first", 5)
def test_interrupted_at_any_line_a_training_is_whole(first: int, name: str) -> None:
    act = ACTIONS[name]
    old, new = made(), made()
    act(new)
    for line in LINES[first::5]:
        t, interruption = made(), Interruption(line)
        sys.settrace(interruption)
        try:
            act(t)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        if interruption.left > 0:
            break  # it was done before
        assert str(place_of(t)) in (str(place_of(old)), str(place_of(new)))
        assert t.iteration in (old.iteration, new.iteration) or name == "run"
        goal = t.iteration
        start, losses = t.leaves, t.losses.tobytes()
        states = t.snapshot().states
        assert [state.iteration for state in states] == sorted({state.iteration for state in states})
        assert len(t.losses) == goal
        t.seek(0)
        t.run(40)  # the way on, and back again, is the way that a training goes that was never interrupted
        t.rewind(goal)
        assert t.losses.tobytes() == losses
        fresh = tb.Trainer.restored(t.snapshot())
        fresh.rewind()
        fresh.run(goal)
        assert t.losses.tobytes() == fresh.losses.tobytes()
        for parameter, value in fresh.parameters.items():
            assert value.tobytes() == t.parameters[parameter].tobytes() == start[parameter].tobytes()
