"""Early stop: where, by the definition; the same however one gets there, compiled or step by step."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.held_back import MOONS, STOPPING
from tests.support.trainers import mine
from tui_backprop.training.runs import compiled
from tui_backprop.training.stops.early_stop import NOTHING_SEEN

VALUES = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan, math.inf])


def by_definition(losses: list[float], patience: int) -> list[int]:
    """Return where runs stop: the lowest loss is exactly that many iterations back."""
    stops, best, at = [], math.inf, 0
    for iteration, loss in enumerate(losses):
        if loss < best:
            best, at = loss, iteration
        if iteration - at == patience:
            stops.append(iteration)
    return stops


@given(st.lists(VALUES, min_size=1, max_size=30), st.integers(1, 5), st.integers(1, 30))
def test_where_it_stops(losses: list[float], patience: int, cut: int) -> None:
    wanted = by_definition(losses, patience)
    first, rest = np.array(losses[:cut]), np.array(losses[cut:])
    lowest = NOTHING_SEEN.followed_by(first)
    assert lowest.upto == len(first) - 1
    more = lowest.stops_within(rest, patience)
    later = [stop for stop in wanted if stop >= len(first)]
    assert (None if more is None else lowest.upto + more) == (later[0] if later else None)
    assert lowest.followed_by(rest) == NOTHING_SEEN.followed_by(np.array(losses))


def losses_by_hand(t: tb.Trainer, iterations: int) -> list[float]:
    """Evaluate at each iteration, without a run."""
    other, losses = tb.Trainer(t.lesson), []
    for _ in range(iterations):
        losses.append(other.evaluate().loss)
        other.next()
    return losses


def test_a_run_stops_there_and_says_where_it_was_best(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    report = t.run()
    losses = losses_by_hand(t, 120)
    assert [t.iteration] == by_definition(losses, 50)
    best = int(np.argmin(losses))
    assert (report.reason, report.iterations) == ("early_stop", t.iteration)
    assert report.early_stop is not None
    assert (report.early_stop.best, report.early_stop.loss) == (best, losses[best])
    t.rewind(best)
    assert t.evaluate().loss == losses[best]


def test_step_by_step_it_stops_at_the_same_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow = mine(tmp_path, STOPPING), mine(tmp_path, STOPPING)
    report = fast.run()
    assert any(key.validates for key in fast.programs), "the validation loss is compiled"
    monkeypatch.setattr(compiled, "FEW", math.inf)
    assert slow.run() == report
    assert not slow.programs
    assert slow.losses.tobytes() == fast.losses.tobytes()


@pytest.mark.parametrize("how", ["one by one", "in parts", "a breakpoint", "batches"])
def test_it_is_the_same_however_it_gets_there(tmp_path: Path, how: str) -> None:
    options = {"batch_size": 7} if how == "batches" else {}
    t, other = mine(tmp_path, STOPPING, **options), mine(tmp_path, STOPPING, **options)
    report = t.run()
    assert report.reason == "early_stop"
    if how == "a breakpoint":
        other.breakpoints.add("iteration 60")
        assert other.run().reason == "breakpoint"
    elif how == "in parts":
        other.next()
        other.run(iterations=20)
        other.seek(5)
    while (last := other.run(iterations=1 if how == "one by one" else None)).reason == "asked":
        pass
    assert last.early_stop == report.early_stop
    assert other.iteration == t.iteration


def test_behind_it_a_run_goes_on_until_there_was_a_lower_one(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    t.run()
    assert t.run(iterations=100).reason == "asked"


def test_breakpoints_left_out_leave_it_out(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    assert t.run(iterations=100, breakpoints=False).reason == "asked"


@pytest.mark.parametrize("back", [0, 20, 35, 60, 84])
def test_gone_back_it_stops_there_again(tmp_path: Path, back: int) -> None:
    t = mine(tmp_path, STOPPING)
    report = t.run()
    t.rewind(back)
    again = t.run()
    assert again.early_stop == report.early_stop
    assert again.iterations == report.iterations - back


def test_what_is_changed_on_the_way_counts(tmp_path: Path) -> None:
    """Another rate, and a parameter moved, from an iteration on: as a training that never was elsewhere."""
    t, fresh = mine(tmp_path, STOPPING), mine(tmp_path, STOPPING)
    t.run()
    t.rewind(35)  # where it was lowest
    fresh.run(iterations=35)
    for one in (t, fresh):
        one.edit("b", 4.0)
        one.set(learning_rate=0.2)
    assert t.run() == fresh.run()
    assert t.iteration == fresh.iteration
    t.undo()  # the rate
    t.undo()  # the edit
    assert (t.iteration, t.run().early_stop) == (35, mine(tmp_path, STOPPING).run().early_stop)


def test_a_way_back_can_be_given_up_and_is_taken_up_again(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    t.run(iterations=84, breakpoints=False)
    assert t.run(seconds=0).reason == "stopped"
    assert t.iteration == 84
    assert t.run().reason == "early_stop"
    assert t.iteration == 85


def test_a_loss_that_diverges_is_told_first(tmp_path: Path) -> None:
    t = mine(
        tmp_path, MOONS.format(validation="share = 0.2\nearly_stop = 1").replace("bce(p, y)", "mse(z * z, y)")
    )
    assert t.run(iterations=500).reason in ("early_stop", "diverged")
    assert t.run(iterations=500).reason == "diverged"
