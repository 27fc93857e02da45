"""The loss over all samples beside a batch's: what the formula gives for all, at the same parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.plain import plain
from tests.support.trainers import mine, trainer

UNEVEN = (
    'formula = """\nz = w * x\nL = {loss}((z - y)**2)\n"""\n[samples]\nx = [1, 2, 3, 4, 5]\n'
    "y = [2, 1, 4, 3, 9]\n[parameters]\nw = 0.5\n[hyperparameters]\nlearning_rate = 0.01\nbatch_size = 2\n"
)


@pytest.mark.parametrize("loss", ["mean", "sum"])
def test_it_is_that_of_all_samples_whatever_the_batches(loss: str, tmp_path: Path) -> None:
    t = mine(tmp_path, UNEVEN.format(loss=loss))
    whole = tb.Trainer(t.lesson, batch_size="all")
    assert whole.whole_loss is None
    for _ in range(7):  # 5 samples in batches of 2, 2 and 1, shuffled
        whole.edit("w", t.parameters["w"])
        assert t.whole_loss == whole.loss
        assert t.whole_loss != t.loss
        t.next()


def test_it_falls_where_the_batches_jump() -> None:
    """With all four samples of theta L = mean((y − θx)²) = (46 − 28θ + 10θ²)/4."""
    t = trainer("theta")
    for _ in range(8):
        theta = float(t.parameters["theta"])
        assert t.whole_loss == pytest.approx((46 - 28 * theta + 10 * theta**2) / 4, rel=1e-12)
        t.next()


def test_it_stays_within_an_iteration_and_is_gone_where_a_value_is_held() -> None:
    t = trainer("theta")
    before = t.whole_loss
    t.step()
    assert t.whole_loss == before
    t.override("z1", [1.0])
    assert t.whole_loss is None
    t.release("z1")
    assert t.whole_loss == before


def test_plain_mode_says_both() -> None:
    said = plain("next", lesson="theta")
    assert "iteration 1, epoch 0, loss 3.0625 (over all samples 7.65625), at the start" in said.text
    assert "over all" not in plain("next", lesson="logistic").text
