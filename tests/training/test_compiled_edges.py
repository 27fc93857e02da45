"""What compiled code cannot do is done step by step, and a hyperparameter that is set is no obstacle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.optimizers import OPTIMIZERS


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_is_compiled_as_it_is_stepped(optimizer: str) -> None:
    hyperparameters = {"optimizer": optimizer, "weight_decay": 0.1}
    run, stepped = (tb.Trainer(tb.load_lesson("two-layer"), **hyperparameters) for _ in range(2))
    run.run(iterations=60)
    for _ in range(60):
        stepped.next()
    assert np.array_equal(run.losses, stepped.losses)
    assert all(np.array_equal(run.parameters[n], stepped.parameters[n]) for n in run.parameters)


def test_data_that_python_cannot_compute_with_are_stepped(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "formula = 'L = (w - 1)**2 + 1 / (1 + exp(x))'\n[data]\nx = 800.0\n[parameters]\nw = 0.5\n"
    )
    trainer = tb.Trainer(tb.load_lesson(path))
    trainer.run(iterations=60)
    assert trainer.iteration == 60


def test_numbers_that_numpy_made_have_a_sign_and_a_tenth(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "formula = 'L = sum((v - 1) * (v - 1)) * abs(s) + exp(s * 0.1)'\n"
        "[parameters]\nv = [0.1, 0.2]\ns = 0.7\n"
    )
    run, stepped = (tb.Trainer(tb.load_lesson(path)) for _ in range(2))
    run.run(iterations=60)
    for _ in range(60):
        stepped.next()
    assert np.array_equal(run.losses, stepped.losses)
