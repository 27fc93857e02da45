"""Evaluating: on the samples held back, or on all; of the parameters alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.held_back import MOONS, STOPPING
from tests.support.trainers import mine, trainer
from tui_backprop.training.validation.curve import MOST, ValidationCurve


def test_it_is_of_the_samples_held_back(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    t.run(iterations=7)
    held = t.lesson.validation
    assert held is not None
    z = held.samples["X"] @ t.parameters["w"] + t.parameters["b"]
    y, p = held.samples["y"], 1 / (1 + np.exp(-z))
    assert t.evaluate().loss == pytest.approx(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), rel=1e-14)
    assert t.evaluate()["accuracy"] == np.mean((p > 0.5) == y)
    assert t.evaluate().samples == 10


def test_without_the_table_it_is_of_all_samples() -> None:
    t = trainer("logistic", batch_size=1)
    assert dict(t.evaluate()) == {"loss": t.whole_loss}
    assert t.validation is None
    assert t.validation_curve() is None
    assert trainer("square").evaluate().loss == trainer("square").loss


def test_values_held_by_hand_are_left_out_and_moved_parameters_are_not(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    before = t.evaluate().loss
    t.override("p", [0.5] * 40)
    assert t.evaluate().loss == before
    t.release("p")
    t.edit("b", 3.0)
    moved = t.evaluate().loss
    assert moved != before
    t.undo()
    assert t.evaluate().loss == before


def test_within_an_iteration_it_stays_that_of_its_start(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    before = t.evaluate()
    t.seek(t.record_count - 1)
    assert t.evaluate() is before


def test_looking_changes_nothing(tmp_path: Path) -> None:
    looked, left = (mine(tmp_path, MOONS.format(validation="share = 0.2")) for _ in range(2))
    for _ in range(20):
        looked.evaluate()
        looked.validation_curve()
        looked.run(iterations=3)
    left.run(iterations=60)
    assert looked.losses.tobytes() == left.losses.tobytes()


def test_a_curve_has_what_was_on_the_way_and_forgets_what_is_gone_back_from(tmp_path: Path) -> None:
    t = mine(tmp_path, MOONS.format(validation="share = 0.2"))
    t.run(iterations=100)
    while_running = t.validation_curve(look_back=False)
    assert while_running is not None
    assert while_running[0].tolist() == [100]
    curve = t.validation_curve()
    assert curve is not None
    iterations, losses = curve
    assert iterations[-1] == 100
    assert len(iterations) > 20
    for iteration, loss in list(zip(iterations, losses, strict=True))[::10]:
        other = tb.Trainer(t.lesson)
        other.run(iterations=int(iteration))
        assert other.evaluate().loss == loss
    t.rewind(40)
    curve = t.validation_curve()
    assert curve is not None
    assert curve[0][-1] == 40


def test_a_long_curve_is_thinned_out() -> None:
    curve = ValidationCurve()
    for iteration in range(10_000):
        curve.add(iteration, float(iteration))
    iterations, losses = curve.points
    assert len(iterations) <= 2 * MOST
    np.testing.assert_array_equal(iterations, losses)
    assert iterations[0] == 0
    assert iterations[-1] == 9999
    gaps = np.diff(iterations[:-1])
    assert gaps.max() <= 64
