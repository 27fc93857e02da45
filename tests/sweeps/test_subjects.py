"""Sweeps of start values and of data: each row is what a lesson trains to in whose file that is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.plan import SweepPlan, parse_values
from tui_backprop.sweeps.run import InGroups

ITERATIONS = 40
TEXT = """
formula = '''
h = tanh(X @ W1 + b1)
L = bce_with_logits(h @ W2, y[:, None])
'''
[random]
seed = 3
[samples]
dataset = "moons"
{data}
[parameters]
W1 = {W1}
b1 = {b1}
fixed = {{ value = 0.5, trainable = false }}
W2 = {{ init = "xavier", shape = [3, 1] }}
"""
OWN = {
    "data": "noise = 0.1 # of both\nsize = 20",
    "W1": '{ init = "he", shape = [2, 3] }',
    "b1": "[0.0, 0.0, 0.0]",
}


def lesson(folder: Path, **changed: str) -> Lesson:
    path = folder / "moons.toml"
    path.write_text(TEXT.format(**{**OWN, **changed}).replace("h @ W2", "fixed * (h @ W2)"))
    return tb.load_lesson(path)


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({"b1": [(1.0, -1.0, 0.5)]}, {"b1": "[1.0, -1.0, 0.5]"}),
        ({"b1": [0.25]}, {"b1": "[0.25, 0.25, 0.25]"}),
        ({"W1": ["orthogonal"]}, {"W1": '{ init = "orthogonal", shape = [2, 3] }'}),  # W2 is drawn after it
        ({"W1": [0.5], "b1": ["ones"]}, {"W1": "{ value = 0.5, shape = [2, 3] }", "b1": "[1.0, 1.0, 1.0]"}),
        ({"noise": [0.3]}, {"data": "noise = 0.3\nsize = 20"}),
        ({"size": [12], "data_seed": [7]}, {"data": "noise = 0.1\nsize = 12\nseed = 7"}),
    ],
)
def test_a_row_is_what_the_lesson_comes_to(tmp_path: Path, settings, changed: dict[str, str]) -> None:
    rates = {"learning_rate": [0.1, 0.5, 1.0, 2.0]}
    rows = tb.sweep(lesson(tmp_path), {**settings, **rates}, iterations=ITERATIONS)
    other = lesson(tmp_path, **changed)
    for row in rows:
        trainer = tb.Trainer(other, learning_rate=row.settings["learning_rate"])
        trainer.run(ITERATIONS)
        np.testing.assert_allclose([*row.losses, row.loss], [*trainer.losses, trainer.loss], rtol=1e-9)
        assert {name: row.settings[name] for name in settings} == {n: v[0] for n, v in settings.items()}


def test_start_values_go_together_also_of_what_is_not_trained(tmp_path: Path) -> None:
    own = lesson(tmp_path)
    plan = SweepPlan.of(own, {"fixed": [0.1, 0.5, 1.0], "W1": ["he", "zeros"]}, ITERATIONS)
    for one in InGroups().train(plan, plan):
        trainer = tb.Trainer(own)
        schedule = plan.schedule(one.point.settings)
        for name, value in schedule.at(0).edits.items():
            trainer.edit(name, value)
        trainer.run(ITERATIONS)
        np.testing.assert_allclose(one.losses, [*trainer.losses, trainer.loss], rtol=1e-9)
    losses = {one.losses[-1] for one in InGroups().train(plan, plan)}
    assert len(losses) == 6


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("W1=[[1,2,3],[4,5,6]]", ((1, 2, 3), (4, 5, 6))),
        ("b1=ones", "ones"),
        ("noise=0.5", 0.5),
        ("size=9", 9),
    ],
)
def test_values_as_they_are_typed(tmp_path: Path, typed: str, value: Any) -> None:
    (found,) = parse_values(lesson(tmp_path), [typed]).values()
    assert list(found) == [value]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"b1": [[1, 2]]}, r"b1: found shape \(2\); it must be shape \(3\), or one number"),
        ({"b1": ["sprinkle"]}, "b1: found 'sprinkle'; it must be a number, a list, or one of"),
        ({"b1": [None]}, "b1: found a NoneType; it must be numbers or an initialiser"),
        ({"b1": [float("nan")]}, "b1: found nan; it must be a finite number"),
        ({"noise": [-1]}, "noise: found -1; it must be a number from 0"),
        ({"B1": [1]}, "unknown hyperparameter or parameter 'B1'; did you mean b1"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, settings, reason: str) -> None:
    with pytest.raises(BackpropError, match=reason):
        tb.sweep(lesson(tmp_path), settings)


def test_only_a_data_set_has_noise() -> None:
    with pytest.raises(BackpropError, match="noise: the samples of linear are no data set"):
        tb.sweep(tb.load_lesson("linear"), {"noise": [0.1]})
