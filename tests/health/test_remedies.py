"""Remedies are tried on copies: what helps, by how much, and that the training stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.health_setups import BROKEN, lesson_of
from tests.support.trainers import start_of_iteration
from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.health.candidates import Candidate, standardised, started
from tui_backprop.health.remedies import CopyRun, Remedies, Trial, try_remedies


@pytest.fixture
def diverging(tmp_path: Path) -> tb.Trainer:
    t = tb.Trainer(lesson_of(tmp_path, "diverging", BROKEN["diverging"]))
    t.run(30)
    return t


def test_a_tenth_of_the_rate_helps_and_by_how_much(diverging: tb.Trainer) -> None:
    before = start_of_iteration(diverging)
    found = try_remedies(diverging, "diverging", iterations=200)
    assert start_of_iteration(diverging) == before
    best = next(trial for trial in found.helped if trial.candidate.settings == {"learning_rate": 0.12})
    again = tb.Trainer(diverging.lesson, learning_rate=0.12)
    again.run(200)
    other = tb.Trainer(diverging.lesson)
    other.run(200)
    assert best.outcome.loss == again.loss
    assert best.without.loss == other.loss
    assert best.text.startswith(f"learning_rate = 0.12: loss {again.loss:.6g} after 200 iterations, against ")
    assert best.text.endswith("; the alarm is silent")


def test_where_the_rate_is_far_too_high_one_that_trains_is_found() -> None:
    t = tb.Trainer(tb.load_lesson("polynomial"), learning_rate=10.0)
    t.run(30)
    assert t.divergence is not None
    found = try_remedies(t, "diverging", iterations=50).helped[0]
    again = tb.Trainer(t.lesson, **found.candidate.settings)
    assert sum(
        float(np.sum(g**2)) for g in again.gradients.values()
    ) * again.hyperparameters.learning_rate < (again.loss)
    again.run(50)
    assert found.outcome.loss == again.loss < 0.1 * again.losses[0]


def test_the_same_is_found_again(diverging: tb.Trainer) -> None:
    found = [[t.text for t in try_remedies(diverging, "diverging", iterations=50).trials] for _ in range(2)]
    assert found[0] == found[1]


def test_trying_may_be_interrupted(diverging: tb.Trainer) -> None:
    asked = iter([False] * 3)
    with pytest.raises(Interrupted, match="nothing has changed"):
        try_remedies(diverging, "diverging", lambda: next(asked, True))


def test_what_is_standardised_has_mean_0_and_deviation_1(tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, "data", BROKEN["data"])
    candidate = standardised(lesson, ["X"], 0.0002)
    assert candidate.change is not None
    X = candidate.change(lesson).samples["X"]
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1)
    assert candidate.text == "X standardised, learning_rate = 0.1"


def test_a_start_by_he_has_his_spread(tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, "exploding", BROKEN["exploding"])
    change = started("he").change
    assert change is not None
    start = change(lesson).start(1)
    for name in ("W2", "W3", "W4"):
        assert np.std(start[name]) == pytest.approx(np.sqrt(2 / 32), rel=0.1)


def test_what_silences_the_alarm_comes_first_and_what_hardly_helps_not_at_all() -> None:
    without = CopyRun(10, 1.0, silent=False)
    trials = [
        Trial(Candidate(name), CopyRun(10, loss, silent=silent), without, "loss")
        for name, loss, silent in (("a", 0.1, False), ("b", 0.5, True), ("c", 0.95, True), ("d", 0.3, True))
    ]
    found = Remedies("stuck", 10, tuple(trials)).helped
    assert [trial.candidate.text for trial in found] == ["d", "b", "a"]
