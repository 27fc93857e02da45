"""What people stumble over, with the numbers that are right once the remark's cure is taken."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.lessons.remarks.registry import remarks_on
from tui_backprop.lessons.remarks.remark import Remark

CASES = Path(__file__).parents[2] / "cases"


def of(trainer: tb.Trainer) -> tuple[Remark, ...]:
    return remarks_on(trainer.lesson, trainer.hyperparameters)


def case(name: str) -> tb.Trainer:
    return tb.Trainer(tb.load_lesson(CASES / f"{name}.toml"))


def text(name: str) -> str:
    return (CASES / f"{name}.toml").read_text("utf-8")


@pytest.mark.parametrize("cure", ["shape", "sum"])
def test_a_column_of_predictions_beside_the_built_in_sine(cure: str, tmp_path: Path) -> None:
    """The regression of five points of sin(x) on x: the slope is Σxy/Σx² = 0.4/π."""
    (remark,) = of(case("n1-sine-broadcast"))
    assert remark.message == (
        "line 2: ŷ (5×1) and y (5) make 5×5: 25 differences for 5 samples, each of one with each of "
        "the other; give W the shape (1) in place of (1×1), or write sum(y_hat, axis=1) for ŷ"
    )
    right = text("n1-sine-broadcast")
    if cure == "shape":
        right = right.replace("[[0.5]]", "[0.5]")
    else:
        right = right.replace("(y_hat - y)", "(sum(y_hat, axis=1) - y)")
    trainer = mine(tmp_path, right)
    assert of(trainer) == ()
    trainer.run(iterations=2000)
    assert float(trainer.parameters["W"].item()) == pytest.approx(0.1273239544735163, rel=1e-9)
    assert trainer.loss == pytest.approx(0.32, rel=1e-9)


def test_sums_of_rows_along_the_columns(tmp_path: Path) -> None:
    (remark,) = of(case("n2-softmax-by-hand"))
    assert "so that a share comes out as 14.17" in remark.message
    assert remark.message.endswith("keep the axis: sum(E, axis=1, keepdims=True)")
    wrong = "E / sum(E, axis=1)"
    for cure in ("(E.T / sum(E, axis=1)).T", "softmax(Z)"):
        trainer = mine(tmp_path, text("n2-softmax-by-hand").replace(wrong, cure))
        assert trainer.loss == pytest.approx(0.35826453682000686, rel=1e-12)
        assert np.allclose(np.sum(trainer.tape.value(trainer.graph.named["P"]), axis=1), 1, atol=1e-15)
        assert of(trainer) == ()


def test_class_numbers_as_one_row_of_weights() -> None:
    (remark,) = of(case("n7-class-numbers"))
    assert (remark.kind, remark.line) == ("class-numbers", 1)
    assert "y (3) has whole numbers that sum to 3, but beside logits z (3) it is one row" in remark.message


def test_a_softmax_before_cross_entropy(tmp_path: Path) -> None:
    """Of ten shares e/(e + 9) is the most that a softmax of a share 1 makes of it: log(1 + 9/e) is left."""
    trainer = case("n8-double-softmax")
    (remark,) = of(trainer)
    assert "p (1×10) is a softmax already, and cross_entropy takes logits; give it z" in remark.message
    assert "the loss cannot fall below 1.461150171734475 = log(1 + 9/e)" in remark.message
    trainer.run()
    assert trainer.loss > 1.461150171734475
    assert trainer.loss == pytest.approx(math.log(1 + 9 / math.e), abs=1e-3)
    right = mine(tmp_path, text("n8-double-softmax").replace("cross_entropy(p, t)", "cross_entropy(z, t)"))
    assert of(right) == ()
    right.run()
    assert right.loss < 0.01
