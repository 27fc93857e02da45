"""Sweeps as machine code: each row is what its own training comes to, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.sweeps import together

pytest.importorskip("llvmlite")
pytestmark = pytest.mark.by_itself


@pytest.fixture(autouse=True)
def machine_code_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a sweep fail that goes to NumPy's way of many runs, where rows would be right all the same."""

    def refused(*_: object) -> None:
        raise AssertionError("these runs have no machine code")

    monkeypatch.setattr(together, "TogetherProgram", refused)


def alone(lesson: object, settings: dict[str, Any], iterations: int) -> tb.Trainer:
    trainer = tb.Trainer(lesson, backend="native", **settings)
    trainer.run(iterations)
    return trainer


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": [0.05, 0.1, 0.3, 0.5], "seed": [0, 1]},
        {"optimizer": ["adam"], "learning_rate": [0.01, 0.02, 0.03, 0.05], "schedule": ["cosine"]},
        {"momentum": [0.5, 0.9], "optimizer": ["momentum"], "clip_norm": [0.1, 0.3], "seed": [0, 3]},
    ],
)
def test_rows_are_trainings(settings: dict[str, Any]) -> None:
    lesson = tb.load_lesson("two-layer")
    rows = tb.sweep(lesson, settings, iterations=60, backend="native")
    for row in rows:
        trainer = alone(lesson, dict(row.settings), 60)
        assert row.loss == trainer.loss
        np.testing.assert_array_equal(row.losses, trainer.losses)


def test_batches_in_orders_of_their_own_and_masks(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    rows = np.random.default_rng(0).normal(size=(10, 3)).round(3)
    path.write_text(
        "formula = '''\nh = dropout(tanh(X @ W), 0.3)\nL = mse(h @ v, y)\n'''\n"
        f"[samples]\nX = {rows.tolist()}\ny = {rows[:, 0].tolist()}\n"
        "[parameters]\nW = { init = 'xavier', shape = [3, 5] }\nv = { init = 'normal', shape = [5] }\n",
        encoding="utf-8",
    )
    lesson = tb.load_lesson(path)
    settings = {"seed": range(5), "batch_size": [4]}
    for row in tb.sweep(lesson, settings, iterations=40, backend="native"):
        assert row.loss == alone(lesson, dict(row.settings), 40).loss


def test_one_that_leaves_the_finite_numbers_stops_alone() -> None:
    lesson = tb.load_lesson("linear")
    rates = [0.01, 0.02, 50.0, 0.03, 0.04]
    rows = tb.sweep(lesson, {"learning_rate": rates}, iterations=400, backend="native")
    assert [bool(np.isfinite(row.loss)) for row in rows] == [True, True, False, True, True]
    for row in rows:
        if np.isfinite(row.loss):
            assert row.loss == alone(lesson, dict(row.settings), 400).loss
