"""Arrays beside the engine's gradients: names, verdicts, and what follows from what."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.arrays import Array
from tui_backprop.exercises.brought.arrays import ArraysReport
from tui_backprop.exercises.words.brought import array_message, arrays_as_json, arrays_as_lines


@pytest.fixture
def trainer() -> tb.Trainer:
    return tb.Trainer(tb.load_lesson("two-layer"))


def gradients(trainer: tb.Trainer) -> dict[str, Array]:
    return {f"d{name}": np.array(trainer.gradients[name]) for name in trainer.graph.named}


def verdicts(report: ArraysReport) -> dict[str, str]:
    return {check.name: check.likeness.value for check in report.checks}


def test_the_engine_s_own_are_exact_under_every_name(trainer: tb.Trainer) -> None:
    own = gradients(trainer)
    report = tb.check_against(trainer, own)
    assert report.passed
    assert set(verdicts(report).values()) == {"exact"}
    w = own["dW1"]
    for name in (
        "dW1",
        "grad_W1",
        "W1_grad",
        "W1.grad",
        "W1",
        "d_W1",
        "dL_dW1",
        "dL/dW1",
        "∂L/∂W1",
        "X @ W1",
    ):
        assert verdicts(tb.check_against(trainer, {name: w if name != "X @ W1" else own["dz1"]})) == {
            name: "exact"
        }
    for name in ("dŷ", "dy_hat", "∂L/∂ŷ", "ŷ"):
        assert verdicts(tb.check_against(trainer, {name: own["dy_hat"]})) == {name: "exact"}
    greek = tb.Trainer(tb.load_lesson("logistic"))
    assert verdicts(tb.check_against(greek, {"dbeta": greek.gradients["beta"]})) == {"dbeta": "exact"}
    assert verdicts(tb.check_against(greek, {"dβ": greek.gradients["beta"]})) == {"dβ": "exact"}


def test_parameters_beside_their_gradients_and_other_names_are_left_out(trainer: tb.Trainer) -> None:
    report = tb.check_against(
        trainer, {"W1": trainer.parameters["W1"], "dW1": trainer.gradients["W1"], "loss": np.array(1.0)}
    )
    assert report.passed
    assert verdicts(report) == {"dW1": "exact"}
    assert report.left_out == {
        "W1": "dW1 is compared as the gradient of W1",
        "loss": "no name of the lesson, and no gradient of one",
    }
    nothing = tb.check_against(trainer, {"foo": np.ones(3)})
    assert not nothing.passed
    assert list(arrays_as_lines(nothing))[-1].startswith("no name fits; there are dX, dy, dW1")


def test_wrong_ones_are_named_first_wrong_first(trainer: tb.Trainer) -> None:
    own = gradients(trainer)
    for name, value, said in (
        ("dW1", -own["dW1"], "wrong sign"),
        ("dW1", own["dW1"] / 2, "it is ½ times ∂L/∂W1"),
        ("dW1", 4 * own["dW1"], "n times too large, as if a mean were a sum (n = 4"),
        ("dW1", own["dW1"].T, "transposed"),
        (
            "db1",
            own["dz1"],
            "found (4×4), needs (4): missing a factor: the rule ∂L/∂b1 = sum(∂L/∂z1, axis=0)",
        ),
        ("dh", own["dh"] * 0 + 1, "it is not ∂L/∂h"),
        ("dz1", own["dh"], "missing a factor: ∂h/∂z1 = 1 − h²"),
        ("dW1", own["dW1"] * np.nan, "wrong"),
    ):
        report = tb.check_against(trainer, {name: value})
        assert verdicts(report) == {name: "wrong"}
        assert said in array_message(report[name], report)
    z2 = 3 * own["dz2"]
    chained = {
        "dW1": 3 * own["dW1"], "db2": own["db2"], "dW2": 3 * own["dW2"], "dz2": z2, "dh": 3 * own["dh"],
        "db1": -3 * own["db1"],
    }  # fmt: skip
    report = tb.check_against(trainer, chained)
    assert [check.name for check in report.checks][:2] == ["dz2", "db1"]  # the others follow
    assert {check.name: check.follows for check in report.checks if check.follows} == {
        "dh": "dz2", "dW2": "dz2", "dW1": "dh",
    }  # fmt: skip
    # db2 is right by the engine's dz2, though not by the one in the file
    assert report["db2"].likeness.value == "exact"
    assert "follows from dh, which is wrong" in array_message(report["dW1"], report)


def test_how_close_is_judged_by_the_type_of_the_file(trainer: tb.Trainer) -> None:
    own = gradients(trainer)
    single = {name: value.astype(np.float32) for name, value in own.items()}
    assert set(verdicts(tb.check_against(trainer, single)).values()) == {"exact"}
    off = own["dW1"] + 1e-7 * np.abs(own["dW1"]).max()
    report = tb.check_against(trainer, {"dW1": off})
    assert verdicts(report) == {"dW1": "close"}
    assert report.passed
    assert report["dW1"].difference == pytest.approx(1e-7, rel=1e-6)
    assert "off by 1e−07 of the largest element" in next(arrays_as_lines(report))
    off = own["dW1"] + 1e-5 * np.abs(own["dW1"]).max()
    assert verdicts(tb.check_against(trainer, {"dW1": off})) == {"dW1": "wrong"}
    wrong = {"dW1": (2 * own["dW1"]).astype(np.float32)}
    report = tb.check_against(trainer, wrong)
    assert "it is 2 times ∂L/∂W1" in array_message(report["dW1"], report)
    assert arrays_as_json(report) == {
        "passed": False,
        "names": {
            "dW1": {
                "verdict": "wrong",
                "difference": pytest.approx(1.0, rel=1e-6),
                "message": array_message(report["dW1"], report),
            }
        },
        "left_out": {},
    }
