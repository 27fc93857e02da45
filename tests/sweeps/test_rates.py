"""The range test on losses whose rates are known: where it ends, and what it proposes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError, Interrupted
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.range_words import range_figure, range_lines, table_lines
from tui_backprop.sweeps.rates import GROWTH, range_test


def lesson_of(folder: Path, formula: str, more: str = "") -> Lesson:
    path = folder / "bowl.toml"
    path.write_text(f'formula = "{formula}"\n[parameters]\nw = 1.0\n{more}', encoding="utf-8")
    return tb.load_lesson(path)


def test_of_a_square_it_ends_above_a_rate_of_1(tmp_path: Path) -> None:
    # L = w²: an update multiplies w by 1 − 2η, so that the loss falls for η < 1 and grows above
    test = range_test(tb.Trainer(lesson_of(tmp_path, "L = w**2")))
    assert test.rates[0] == pytest.approx(1e-7)
    np.testing.assert_allclose(test.rates[1:] / test.rates[:-1], GROWTH, rtol=1e-12)
    w = np.cumprod(np.append(1.0, 1 - 2 * test.rates))
    np.testing.assert_allclose(test.losses, w**2, rtol=1e-9)
    assert test.diverged
    assert test.losses[-1] > 4 * test.losses[:-1].min()
    proposal = test.proposal
    assert proposal is not None
    assert 1 / GROWTH < proposal.lowest < 1
    assert proposal.rate == pytest.approx(proposal.lowest / 10, rel=0.06)  # two digits
    assert proposal.steepest == test.rates[np.argmin(np.diff(w**2))]


def test_scale_moves_it(tmp_path: Path) -> None:
    # L = (1000 w)² diverges above 1e-6, which is within few steps of 1e-7: it begins lower
    test = range_test(tb.Trainer(lesson_of(tmp_path, "L = (10000 * w)**2")))
    assert test.proposal is not None
    assert 1e-8 / GROWTH < test.proposal.lowest < 1e-8
    assert len(test.rates) > 12


def test_a_loss_below_0_ends_it_where_it_has_grown_and_not_before(tmp_path: Path) -> None:
    test = range_test(tb.Trainer(lesson_of(tmp_path, "L = w**2 - 1")))
    w = np.cumprod(np.append(1.0, 1 - 2 * test.rates))
    np.testing.assert_allclose(test.losses, w**2 - 1, atol=1e-9)
    best = test.losses[:-1].min()
    assert test.diverged
    assert (test.losses[:-1] - best <= 3 * abs(best)).all()
    assert test.losses[-1] - best > 3 * abs(best)


def test_it_begins_far_below_a_small_rate_that_is_set(tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, "L = w**2")
    assert range_test(tb.Trainer(lesson, learning_rate=1e-6)).rates[0] == pytest.approx(1e-9)
    assert range_test(tb.Trainer(lesson, learning_rate=0.0)).rates[0] == pytest.approx(1e-7)


def test_the_trainer_stays_as_it_is() -> None:
    trainer = tb.Trainer(tb.load_lesson("two-layer"))
    trainer.run(7)
    before = trainer.parameters["W1"].copy()
    test = range_test(trainer)
    assert test.begun == 7
    assert test.losses[0] == trainer.loss
    assert range_test(trainer, start=True).losses[0] == trainer.losses[0]
    assert trainer.iteration == 7
    np.testing.assert_array_equal(trainer.parameters["W1"], before)


def test_losses_of_batches_are_smoothed() -> None:
    test = range_test(tb.Trainer(tb.load_lesson("iris"), batch_size=10))
    assert test.noisy
    weights = 0.9 ** np.arange(4)[::-1]
    assert test.smoothed[3] == pytest.approx(test.losses[:4] @ weights / weights.sum(), rel=1e-12)
    assert any("running mean" in line for line in range_lines(test))
    plain = range_test(tb.Trainer(tb.load_lesson("iris"), batch_size="all"))
    assert plain.smoothed is plain.losses


def test_a_schedule_is_left_out_and_said() -> None:
    test = range_test(tb.Trainer(tb.load_lesson("schedules")))
    assert any("one_cycle, was left out" in line for line in range_lines(test))
    without = range_test(tb.Trainer(tb.load_lesson("schedules"), schedule="constant"))
    np.testing.assert_array_equal(test.losses, without.losses)


def test_without_a_gradient_there_is_no_proposal(tmp_path: Path) -> None:
    test = range_test(tb.Trainer(lesson_of(tmp_path, "L = (w - 1)**2")))
    assert test.proposal is None
    assert "no proposal" in range_lines(test)[-1]


def test_words_table_and_figure_say_the_same(tmp_path: Path) -> None:
    test = range_test(tb.Trainer(lesson_of(tmp_path, "L = w**2")))
    assert test.proposal is not None
    assert f"learning_rate {test.proposal.rate:g}, a tenth" in range_lines(test)[-1]
    assert 8 <= len(table_lines(test)) <= 14
    (part,) = range_figure(test).parts
    assert part.x.log
    assert part.marks[0].y.tolist() == test.losses[1:].tolist()


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(BackpropError, match="trains nothing"):
        range_test(tb.Trainer(tb.load_lesson("square")))
    with pytest.raises(BackpropError, match="not finite to begin with"):
        range_test(tb.Trainer(lesson_of(tmp_path, "L = log(w - 1)")))
    with pytest.raises(Interrupted):
        range_test(tb.Trainer(tb.load_lesson("linear")), should_stop=lambda: True)
