"""What compiled code cannot do is done step by step, and a hyperparameter that is set is no obstacle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.training.stops.divergence import is_finite


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


@pytest.mark.parametrize("rate", [0.0, 3e-320, 3e-308, 3e-300, 3e-200, 1e6])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum"])
def test_rates_of_all_sizes_are_compiled_as_they_are_stepped(
    tmp_path: Path, optimizer: str, rate: float
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "formula = 'L = mean((X @ w + b - 0.3)**2)'\n"
        "[data]\nX = [[0.1, 0.7], [0.2, -0.4], [-0.3, 0.6], [0.9, 0.5]]\n"
        "[parameters]\nw = [0.0, 0.0]\nb = 0.0\n"
    )
    run, stepped = (
        tb.Trainer(tb.load_lesson(path), learning_rate=rate, optimizer=optimizer) for _ in range(2)
    )
    run.run(iterations=40)
    for _ in range(run.iteration):
        stepped.next()
    assert np.array_equal(run.losses, stepped.losses)
    assert all(np.array_equal(run.parameters[n], stepped.parameters[n]) for n in run.parameters)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dilated_windows_are_compiled_as_they_are_stepped(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "formula = '''\nh = relu(conv2d(X, w, stride=(2, 1), padding=(1, 2), dilation=(1, 2)))\n"
        "L = mean(conv2d(h, v, dilation=2)**2)\n'''\n"
        f"[data]\nX = {np.sin(np.arange(96.0)).reshape(2, 1, 6, 8).round(3).tolist()}\n"
        "[parameters]\nw = { init = 'normal', shape = [3, 1, 2, 3] }\n"
        "v = { init = 'normal', shape = [2, 3, 2, 3] }\n"
    )
    run, stepped = (tb.Trainer(tb.load_lesson(path), dtype=dtype) for _ in range(2))
    run.run(iterations=60)
    for _ in range(60):
        stepped.next()
    assert any(program is not None for program in run.programs.values())
    assert np.array_equal(run.losses, stepped.losses)
    assert all(np.array_equal(run.parameters[n], stepped.parameters[n]) for n in run.parameters)


def test_parameters_moved_to_where_the_loss_overflows_between_two_runs_are_seen() -> None:
    trainer = tb.Trainer(tb.load_lesson("linear"), learning_rate=0.01)
    trainer.run(iterations=100)
    trainer.edit("w", 1e200)
    assert trainer.run(iterations=100).reason == "diverged"


def test_numbers_whose_squares_overflow_are_finite() -> None:
    for dtype, large in ((np.float64, 1e300), (np.float32, 1e30)):
        assert is_finite(np.full((3, 4), large, dtype))
        for spoilt in (np.inf, -np.inf, np.nan):
            array = np.full((3, 4), large, dtype)
            array[1, 2] = spoilt
            assert not is_finite(array)
            assert not is_finite(array[:, 2:])
