"""Divergence: a run stops at the iteration where numbers stop being finite, and names the first record."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate
from tui_backprop.engine.optimizers import OPTIMIZERS


def lesson(tmp_path: Path, formula: str, start: str = "w = 1.0", **hyperparameters: object) -> tb.Trainer:
    path = tmp_path / "mine.toml"
    path.write_text(f'formula = """\n{formula}\n"""\n[parameters]\n{start}\n', encoding="utf-8")
    return tb.Trainer(tb.load_lesson(path), **hyperparameters)


def test_infinity_in_the_forward_pass(tmp_path: Path) -> None:
    t = lesson(tmp_path, "y = exp(w)\nL = y * y", "w = 400.0", learning_rate=0)
    report = t.run(iterations=5)
    assert (report.reason, report.iterations, t.iteration) == ("diverged", 0, 0)
    assert isinstance(report.divergence.record, Assignment)
    assert report.divergence.message == "diverged: Infinity in the value of L, iteration 0"
    assert t.divergence == report.divergence


def test_nan_in_the_forward_pass(tmp_path: Path) -> None:
    t = lesson(tmp_path, "y = log(w)\nL = y + 1", "w = -1.0")
    assert t.run().divergence.message == "diverged: NaN in the value of y, iteration 0"


def test_the_first_record_is_named_not_what_follows_from_it(tmp_path: Path) -> None:
    t = lesson(tmp_path, "y = exp(w)\nz = y - y\nL = z + 1", "w = 1000.0")
    assert t.run().divergence.message == "diverged: Infinity in the value of y, iteration 0"


def test_a_factor(tmp_path: Path) -> None:
    # sqrt is finite at 0, its slope is not
    t = lesson(tmp_path, "s = sqrt(w)\nL = s + w", "w = 0.0")
    report = t.run(iterations=5)
    assert (report.iterations, t.iteration) == (1, 1)
    assert isinstance(report.divergence.record, ChainFactor)
    assert report.divergence.message == "diverged: Infinity in the factor s <- w, iteration 0"


def test_an_update(tmp_path: Path) -> None:
    t = lesson(tmp_path, "L = w * 1e300", "w = 1e300", learning_rate=1e6)
    t.override("L", 1.0)
    report = t.run(iterations=5)
    # 1e300 − 1e6 · 1e300: finite; the next ones too, until 1e308 is passed
    while report.divergence is None:
        report = t.run(iterations=1000)
    assert isinstance(report.divergence.record, ParameterUpdate)
    assert report.divergence.message == f"diverged: Infinity in the update of w, iteration {t.iteration - 1}"
    assert not np.isfinite(t.parameters["w"])


def test_it_stops_at_the_iteration_where_it_appears(tmp_path: Path) -> None:
    t = lesson(tmp_path, "L = w**2", learning_rate=1.5)  # w ← −2 w: the loss 4^k passes 1.8e308 at k = 512
    report = t.run(iterations=10_000)
    assert (report.reason, report.iterations, t.iteration) == ("diverged", 512, 512)
    assert math.isinf(t.loss)
    assert np.all(np.isfinite(t.losses))
    assert report.divergence.message == "diverged: Infinity in the value of L, iteration 512"
    again = t.run(iterations=10)
    assert (again.reason, again.iterations) == ("diverged", 0)


def test_lines_that_do_not_reach_the_loss_are_not_to_blame(tmp_path: Path) -> None:
    t = lesson(tmp_path, "unused = exp(1000 * w)\nL = w**2", learning_rate=1.5)
    report = t.run(iterations=10_000)
    assert report.iterations == 512
    assert report.divergence.message == "diverged: Infinity in the value of L, iteration 512"


def test_gradients_of_data_alone_do_not_stop_a_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('formula = "L = sqrt(x) * w"\n[data]\nx = 0.0\n[parameters]\nw = 1.0\n')
    t = tb.Trainer(tb.load_lesson(path))
    assert np.isinf(t.gradients["x"])
    assert t.run(iterations=3).reason == "asked"


def test_one_can_go_back_from_it_and_on_with_a_smaller_rate(tmp_path: Path) -> None:
    t = lesson(tmp_path, "L = w**2", learning_rate=1.5)
    t.run(iterations=1000)
    assert t.divergence
    t.back()
    assert t.divergence is None
    t.rewind(3)
    t.set(learning_rate=0.1)
    assert t.run(iterations=100).reason == "asked"
    assert t.loss < 1e-6


def test_one_can_step_on_into_it(tmp_path: Path) -> None:
    t = lesson(tmp_path, "L = w**2", learning_rate=1.5)
    t.run(iterations=1000)
    for _ in range(2 * t.record_count):
        t.step()
    assert t.iteration == 514
    assert math.isinf(t.losses[512])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_messages_are_one_plain_line(optimizer: str) -> None:
    t = tb.Trainer(tb.load_lesson("polynomial"), optimizer=optimizer, learning_rate=1e6)
    report = t.run(iterations=300)
    if report.divergence is not None:
        assert "\n" not in report.divergence.message
        assert report.divergence.message.startswith("diverged: ")
    else:
        assert optimizer not in ("sgd", "momentum", "nesterov")  # their steps are bounded


def test_a_trainable_matrix_names_nan(tmp_path: Path) -> None:
    t = lesson(tmp_path, "y = w / w\nL = sum(y)", "w = [0.0, 1.0]")
    assert t.run().divergence.message == "diverged: NaN in the value of y, iteration 0"


@pytest.mark.parametrize(
    ("formula", "start", "message"),
    [
        # exp(z) is Infinity from the first iteration on, but 1 / (1 + exp(z)) absorbs it
        ("q = 1 / (1 + exp(z))\nL = q + w**2", "w = 1.0\nz = { init = 1000.0, trainable = false }",
         "Infinity in the value of w², iteration 512"),
        ("y_hat = log(w - 3)\nL = y_hat + 1", "w = 1.0", "NaN in the value of ŷ, iteration 0"),
        ("L = exp(-w) / w + 1", "w = 0.0", "Infinity in the value of (exp(−w) / w), iteration 0"),
        # the local derivative of the root, not the absorbed exp
        ("q = 1 / (1 + exp(z))\ns = sqrt(w)\nL = q + s",
         "w = 0.0\nz = { init = 1000.0, trainable = false }", "Infinity in the factor s <- w, iteration 0"),
    ],
)  # fmt: skip
def test_what_was_absorbed_is_not_to_blame(tmp_path: Path, formula: str, start: str, message: str) -> None:
    t = lesson(tmp_path, formula, start, learning_rate=1.5)
    report = t.run(iterations=600)
    assert report.divergence.message == f"diverged: {message}"


def test_two_finite_paths_whose_sum_is_not(tmp_path: Path) -> None:
    t = lesson(tmp_path, "a = w * 1e308\nb = w * 1e308\nL = a + b", "w = 1e-9", learning_rate=1.0)
    found = t.run(iterations=5).divergence
    assert isinstance(found.record, ChainFactor)
    assert np.isfinite(found.record.downstream)
    assert found.message == "diverged: Infinity in the factor a <- w, iteration 0"
