"""λmax and the rate it allows: as linear algebra has them, and as training finds out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.lessons.remarks.registry import remarks_on

X = np.array([[1.0, 20.0, 3.0], [4.0, -5.0, 6.0], [-7.0, 8.0, 9.0], [2.0, 2.0, -30.0]])


def model(loss: str, *, optimizer: str = "sgd", batch: str = '"all"', momentum: float = 0.9) -> str:
    return (
        f'formula = """\nz = X @ w\nL = {loss}\n"""\n[samples]\nX = {X.tolist()}\ny = [1, 2, 3, 4]\n'
        f"[parameters]\nw = [0.1, 0.2, 0.3]\n[hyperparameters]\nbatch_size = {batch}\n"
        f'optimizer = "{optimizer}"\nmomentum = {momentum}\n'
    )


def too_high(trainer: tb.Trainer, rate: float) -> bool:
    trainer.set(learning_rate=rate)
    kinds = [remark.kind for remark in remarks_on(trainer.lesson, trainer.hyperparameters)]
    assert kinds in ([], ["rate-too-high"])
    return bool(kinds)


@pytest.mark.parametrize(
    ("loss", "batch", "factor"),
    [
        ("mean((z - y)**2)", '"all"', 2 / 4),
        ("mse(z, y)", '"all"', 2 / 4),
        ("sum((y - z)**2) / 2", '"all"', 1.0),
        ("sum(square(z - y))", '"all"', 2.0),
        ("mean((z - y)**2)", "2", 2 / 4),  # a mean over a batch is on average the mean over all
        ("sum((z - y)**2)", "1", 2 / 4),  # a sum over one of four a quarter of the sum over all
    ],
)
def test_the_largest_eigenvalue_of_x_transposed_x(
    tmp_path: Path, loss: str, batch: str, factor: float
) -> None:
    limit = 2 / (factor * np.linalg.eigvalsh(X.T @ X)[-1])
    trainer = mine(tmp_path, model(loss, batch=batch))
    assert not too_high(trainer, limit * 0.9999)
    assert too_high(trainer, limit * 1.0001)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_training_is_stable_below_the_limit_and_not_above_it(
    tmp_path: Path, optimizer: str, momentum: float
) -> None:
    largest = np.linalg.eigvalsh(X.T @ X)[-1] / 2
    bound = {"sgd": 2, "momentum": 2 * (1 + momentum), "nesterov": 2 * (1 + momentum) / (1 + 2 * momentum)}
    limit = bound[optimizer] / largest
    trainer = mine(tmp_path, model("mse(z, y)", optimizer=optimizer, momentum=momentum))
    assert not too_high(trainer, limit * 0.98)
    trainer.run(iterations=3000)
    assert trainer.loss < 10
    trainer.reset()
    assert too_high(trainer, limit * 1.02)
    trainer.run(iterations=3000)
    assert not trainer.loss < 1e6


def test_weight_decay_counts(tmp_path: Path) -> None:
    largest = np.linalg.eigvalsh(X.T @ X)[-1] / 2
    trainer = mine(tmp_path, model("mse(z, y)"))
    assert not too_high(trainer, 2 / (largest + 10))
    trainer.set(weight_decay=20.0)
    assert too_high(trainer, 2 / (largest + 10))


def test_of_many_parameters_a_lower_bound_is_enough(tmp_path: Path) -> None:
    """With 100 parameters the power method; XᵀX of a column of ones has the eigenvalue n in all."""
    wide = model("mse(z, y)").replace(str(X.tolist()), str(np.ones((4, 100)).tolist()))
    trainer = mine(tmp_path, wide.replace("[0.1, 0.2, 0.3]", '{ init = "zeros", shape = 100 }'))
    assert not too_high(trainer, 2 / 200 * 0.999)
    assert too_high(trainer, 2 / 200 * 1.001)
