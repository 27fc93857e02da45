"""Dropout: a mask that is drawn, a record of its own; the same whenever an iteration is done again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.scripts import check_script, make_lesson, printed, script_of
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import bits, mine, start_of_iteration
from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.homework import mark
from tui_backprop.explain.record import explain

TEXT = """
formula = '''
h = tanh(x @ W)
d = dropout(h, 0.25)
e = dropout(d * v, p=0.5)
y_hat = sum(e, axis=1)
L = mse(y_hat, y)
'''
[random]
seed = 5
[samples]
x = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.25], [-1.0, 1.0], [0.1, 0.2], [0.7, -0.2], [1.5, 1.0]]
y = [1.0, -1.0, 0.5, 0.0, 0.3, -0.4, 1.2]
[parameters]
W = {init = "normal", shape = [2, 4]}
v = {init = "normal", shape = [4]}
[hyperparameters]
learning_rate = 0.05
iterations = 300
"""
BATCHES = {"batch_size": 3, "shuffle": True}
HELD_BACK = "[validation]\nrows = [1, 4]\nearly_stop = 40\n"


def mask(t: tb.Trainer, name: str) -> np.ndarray:
    return np.asarray(t.tape.value(t.graph.named[name]))


def drawn(iteration: int, place: int, shape: tuple[int, ...], p: float, seed: int = 5) -> np.ndarray:
    sequence = np.random.SeedSequence(seed, spawn_key=(1, iteration, place))
    return (np.random.default_rng(sequence).random(shape) >= p) / (1 - p)


def test_values_and_gradients_are_those_of_numpy(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    for iteration in range(3):
        x, y = t.lesson.samples["x"], t.lesson.samples["y"]
        W, v = t.parameters["W"], t.parameters["v"]
        first, second = drawn(iteration, 0, (7, 4), 0.25), drawn(iteration, 1, (7, 4), 0.5)
        h = np.tanh(x @ W)
        error = (h * first * v * second).sum(axis=1) - y
        assert np.array_equal(mask(t, "d.mask"), first)
        assert np.array_equal(mask(t, "e.mask"), second)
        assert t.loss == pytest.approx((error**2).mean(), rel=1e-12)
        back = (2 / 7 * error)[:, None] * second
        np.testing.assert_allclose(t.gradients["v"], (back * h * first).sum(axis=0), rtol=1e-12)
        np.testing.assert_allclose(t.gradients["W"], x.T @ (back * v * first * (1 - h**2)), rtol=1e-12)
        np.testing.assert_allclose(t.gradients["h"] == 0, (first * second) == 0)
        t.next()


def test_what_is_kept_is_as_often_and_as_large_as_to_leave_the_mean(tmp_path: Path) -> None:
    text = "formula = '''\nd = dropout(x, 0.2)\nL = mean(d)\n'''\n[data]\nx = 1.0\n".replace(
        "x = 1.0", f"x = {[1.0] * 4000}"
    )
    values = mask(mine(tmp_path, text), "d.mask")
    assert set(values.tolist()) == {0.0, 1.25}
    assert np.mean(values) == pytest.approx(1.0, abs=0.03)  # its standard deviation is 0.008


def test_a_mask_has_a_record_of_its_own(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    names = [node.name for node in t.graph.assignments if node.kind is Kind.DRAWN]
    assert names == ["d.mask", "e.mask"]
    while t.record is None or getattr(t.record, "node", None) is not t.graph.named["d.mask"]:
        t.step()
    assert np.array_equal(t.record.value, drawn(0, 0, (7, 4), 0.25))
    words = " ".join(str(part) for row in explain(t.record, t.tape).rows for part in row.parts)
    assert "0 with probability p = 0.25, else 1/(1 − p) = 1.33333" in words


@pytest.mark.parametrize("options", [{}, BATCHES, {"optimizer": "adam"}])
def test_runs_steps_and_ways_back_agree_to_the_bit(tmp_path: Path, options: dict[str, object]) -> None:
    ran, stepped = mine(tmp_path, TEXT, **options), mine(tmp_path, TEXT, **options)
    ran.run(iterations=80)
    assert any(ran.programs.values())
    places = {}
    for _ in range(80):
        places[stepped.iteration] = start_of_iteration(stepped)
        stepped.next()
    assert start_of_iteration(ran) == start_of_iteration(stepped)
    for iteration in (79, 37, 0):
        ran.goto(iteration)
        assert start_of_iteration(ran) == places[iteration]


def test_masks_follow_from_seed_iteration_and_place(tmp_path: Path) -> None:
    t, other = mine(tmp_path, TEXT), mine(tmp_path, TEXT, seed=6)
    first = mask(t, "d.mask") > 0
    assert not np.array_equal(first, mask(other, "d.mask") > 0)
    t.next()
    assert not np.array_equal(first, mask(t, "d.mask") > 0)
    t.goto(0)
    assert np.array_equal(first, mask(t, "d.mask") > 0)


def test_evaluation_drops_nothing(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    x, y, W, v = *t.lesson.samples.values(), *t.parameters.values()
    expected = (((np.tanh(x @ W) * v).sum(axis=1) - y) ** 2).mean()
    assert t.evaluate().loss == pytest.approx(expected, rel=1e-12)
    assert t.evaluate().loss != t.loss


def test_compiled_runs_stop_early_by_what_is_not_dropped(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT + HELD_BACK)
    report = t.run()
    assert report.early_stop is not None
    assert any(t.programs.values())
    t.goto(report.early_stop.best)
    assert t.evaluate().loss == report.early_stop.loss


def test_the_check_moves_parameters_under_one_mask(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT, **BATCHES)
    for _ in range(4):
        assert tb.check_gradients(t).passed
        t.next()


@pytest.mark.parametrize("options", [{}, BATCHES, {"iterations": 20}])
def test_a_script_prints_the_same_losses(tmp_path: Path, options: dict[str, object]) -> None:
    check_script(make_lesson(tmp_path, TEXT), **options)


def test_a_script_of_one_pass_draws_the_first_mask(tmp_path: Path) -> None:
    text = "formula = '''\nd = dropout(x, 0.5)\nL = sum(d)\n'''\n[data]\nx = [1.0, 2.0, 4.0, 8.0]\n"
    lesson = make_lesson(tmp_path, text)
    assert printed(script_of(lesson))[0] == [tb.Trainer(lesson).loss]


def test_the_loss_over_all_samples_has_masks_for_all(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT, **BATCHES)
    x, y, W, v = *t.lesson.samples.values(), *t.parameters.values()
    both = drawn(0, 0, (7, 4), 0.25) * drawn(0, 1, (7, 4), 0.5)
    assert t.whole_loss == pytest.approx(
        (((np.tanh(x @ W) * v * both).sum(axis=1) - y) ** 2).mean(), rel=1e-12
    )


def test_a_mask_can_be_put_in(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    t.override("d.mask", 1.0)
    t.override("e.mask", 1.0)
    assert t.loss == pytest.approx(t.evaluate().loss, rel=1e-12)
    t.next()
    assert t.loss == pytest.approx(t.evaluate().loss, rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("d = dropout(dropout(x, 0.5), 0.5)\nL = mean(d)", ["d.mask", "d.mask2"]),
        ("for i in range(2):\n    x2 = dropout(x, 0.5)\nL = mean(x2)", ["x2.1.mask", "x2.mask"]),
        ("def f(a):\n    b = dropout(a, 0.5)\n    return b * 2\nL = mean(f(x))", ["f.b.mask"]),
        ("q = 0.5\nL = mean(F.dropout(x, p=q / 2))", ["L.mask"]),
        ("s = dropout(sum(x))\nL = s * s", ["s.mask"]),
        ("L = mean(dropout(x, len(dropout(x, 0.5)) / 6))", ["L.mask"]),
    ],
)
def test_names_of_masks(tmp_path: Path, formula: str, names: list[str]) -> None:
    text = f"formula = '''\n{formula}\n'''\n[parameters]\nx = [1.0, 2.0, 4.0]\n"
    t = mine(tmp_path, text, iterations=50)
    assert [node.name for node, _ in t.graph.drawn] == names
    assert {node.name for node, _ in t.graph.drawn} == {name for name in t.graph.named if "mask" in name}
    other = mine(tmp_path, text, iterations=50)
    t.run(iterations=45)
    for _ in range(45):
        other.next()
    assert bits(t.losses) == bits(other.losses)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("dropout(x, 1)", "found p=1; write a number from 0 on and below 1, such as p=0.5"),
        ("dropout(x, p=-0.1)", "found p=-0.1; write a number from 0 on and below 1, such as p=0.5"),
        ("dropout(x, mean(x))", "p="),
        ("dropout(x, 0.5, 0.5)", "found dropout(x, 0.5, 0.5) with 3 arguments"),
        ("dropout", "dropout is a function; call it: dropout(...)"),
    ],
)
def test_what_is_no_probability_is_refused_in_one_line(tmp_path: Path, call: str, said: str) -> None:
    with pytest.raises(BackpropError) as refused:
        mine(tmp_path, f"formula = '''\nL = mean({call})\n'''\n[parameters]\nx = [1.0, 2.0]\n")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_answer_names_the_mask_and_cannot_draw(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    assert mark(t, "h", "dd * d.mask").passed
    with pytest.raises(BackpropError, match="dropout stands in a lesson's formula only"):
        mark(t, "h", "dropout(dd, 0.25)")


def test_a_session_goes_on_with_the_same_masks(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT, **BATCHES)
    t.run(iterations=50)
    same_on(again(saved(t)), t)
