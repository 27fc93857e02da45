"""batch_norm: a batch's statistics in training, running ones in evaluation, which iterations hand on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.scripts import check_script, make_lesson, script_of
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import bits, mine, start_of_iteration
from tui_backprop.engine.core.errors import BackpropError

TEXT = """
formula = '''
z = x @ W
n = batch_norm(z, gamma, beta)
y_hat = tanh(n) @ v
L = mse(y_hat, y)
'''
[random]
seed = 5
[samples]
x = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.25], [-1.0, 1.0], [0.1, 0.2], [0.7, -0.2], [1.5, 1.0], [0.3, 0.4]]
y = [1.0, -1.0, 0.5, 0.0, 0.3, -0.4, 1.2, 0.2]
[parameters]
W = {init = "normal", shape = [2, 4]}
gamma = [1.0, 0.5, 2.0, 1.5]
beta = [0.0, 0.1, -0.3, 0.2]
v = {init = "normal", shape = [4]}
[hyperparameters]
learning_rate = 0.05
iterations = 300
"""
BATCHES = {"batch_size": 3, "shuffle": True}
HELD_BACK = "[validation]\nrows = [1, 4]\nearly_stop = 40\n"
EPS = 1e-5


def one_feature(rows: list[float], formula: str = "n = batch_norm(x, 1, 0)\nL = sum(n * w)") -> str:
    return f"formula = '''\n{formula}\n'''\n[samples]\nx = {[[row] for row in rows]}\n[parameters]\nw = 1.0\n"


def test_values_and_gradients_are_those_of_the_published_formulas(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    for _ in range(3):
        x, y = t.lesson.samples["x"], t.lesson.samples["y"]
        W, gamma, beta, v = (t.parameters[name] for name in ("W", "gamma", "beta", "v"))
        z = x @ W
        root = np.sqrt(((z - z.mean(axis=0)) ** 2).mean(axis=0) + EPS)
        normal = (z - z.mean(axis=0)) / root
        h = np.tanh(gamma * normal + beta)
        error = h @ v - y
        assert t.loss == pytest.approx((error**2).mean(), rel=1e-12)
        back = 2 / 8 * error[:, None] * v * (1 - h**2)
        np.testing.assert_allclose(t.gradients["gamma"], (back * normal).sum(axis=0), rtol=1e-9)
        np.testing.assert_allclose(t.gradients["beta"], back.sum(axis=0), rtol=1e-9)
        # Ioffe and Szegedy 2015, section 3, put together
        to_z = gamma / root * (back - back.mean(axis=0) - normal * (back * normal).mean(axis=0))
        np.testing.assert_allclose(t.gradients["z"], to_z, rtol=1e-9, atol=1e-14)
        t.next()
    assert tb.check_gradients(t).passed


def test_running_statistics_of_one_and_three(tmp_path: Path) -> None:
    t = mine(tmp_path, one_feature([1.0, 3.0]))
    assert (t.parameters["n.running_mean"], t.parameters["n.running_var"]) == (0.0, 1.0)
    t.next()
    assert t.parameters["n.running_mean"] == pytest.approx(0.2)  # 0.9 · 0 + 0.1 · 2
    assert t.parameters["n.running_var"] == pytest.approx(1.1)  # 0.9 · 1 + 0.1 · 2, which is unbiased
    normal = (np.array([1.0, 3.0]) - 0.2) / np.sqrt(1.1 + EPS)
    assert t.evaluate().loss == pytest.approx(float(t.parameters["w"]) * normal.sum(), rel=1e-12)
    assert t.tape.value(t.graph.named["n"]).ravel() == pytest.approx(np.array([-1, 1]) / np.sqrt(1 + EPS))


def test_the_defaults_can_be_set(tmp_path: Path) -> None:
    formula = "n = batch_norm(x, 1, 0, eps=0.5, momentum=0.25)\nL = sum(n * w)"
    t = mine(tmp_path, one_feature([1.0, 3.0], formula))
    assert t.tape.value(t.graph.named["n"]).ravel() == pytest.approx(np.array([-1, 1]) / np.sqrt(1.5))
    t.next()
    assert (t.parameters["n.running_mean"], t.parameters["n.running_var"]) == (0.5, 1.25)


def test_pictures_have_statistics_by_channel(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).normal(size=(3, 2, 2, 3)).round(3)
    text = (
        "formula = '''\nn = batch_norm(x, gamma, beta)\nL = mean(n ** 3)\n'''\n"
        f"[samples]\nx = {pictures.tolist()}\n[parameters]\ngamma = [1.0, 2.0]\nbeta = [0.5, -0.5]\n"
    )
    t = mine(tmp_path, text)
    mean, var = pictures.mean(axis=(0, 2, 3)), pictures.var(axis=(0, 2, 3))
    wide = (slice(None), None, None)
    normal = (pictures - mean[wide]) / np.sqrt(var[wide] + EPS)
    expected = normal * np.array([1.0, 2.0])[wide] + np.array([0.5, -0.5])[wide]
    np.testing.assert_allclose(t.tape.value(t.graph.named["n"]), expected, rtol=1e-12)
    assert tb.check_gradients(t).passed
    t.next()
    np.testing.assert_allclose(t.parameters["n.running_mean"], 0.1 * mean, rtol=1e-12)
    np.testing.assert_allclose(t.parameters["n.running_var"], 0.9 + 0.1 * var * 18 / 17, rtol=1e-12)
    handed = t.graph.named["n.next_running_var"]
    assert handed.expression == "0.9 * n.running_var + 0.1 * (18 / 17 * n.var)"


def test_running_statistics_get_no_gradient_and_no_update(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT, weight_decay=0.5)
    assert not {factor.operand.name for factor in t.graph.factors} & {
        *t.graph.running(),
        "n.next_running_var",
    }
    assert [node.name for node in t.graph.trainable] == ["W", "gamma", "beta", "v"]
    z = t.tape.value(t.graph.named["z"])
    t.next()
    np.testing.assert_allclose(t.parameters["n.running_mean"], 0.1 * z.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {**BATCHES, "optimizer": "adam"}])
def test_runs_steps_and_ways_back_agree_to_the_bit(tmp_path: Path, options: dict[str, object]) -> None:
    text = TEXT.replace("[0.3, 0.4]]", "[0.3, 0.4], [0.2, -0.7]]").replace("0.2]\n[par", "0.2, 0.1]\n[par")
    ran, stepped, recorded = (mine(tmp_path, text, **options) for _ in range(3))
    ran.run(iterations=80)
    assert any(ran.programs.values())
    places = {}
    for _ in range(80):
        places[stepped.iteration] = start_of_iteration(stepped)
        stepped.next()
    assert start_of_iteration(ran) == start_of_iteration(stepped)
    while recorded.iteration < 2:
        recorded.step()
    assert start_of_iteration(recorded) == places[2]
    for iteration in (79, 37, 0):
        ran.goto(iteration)
        assert start_of_iteration(ran) == places[iteration]


def test_an_iteration_that_breaks_off_hands_nothing_on(tmp_path: Path) -> None:
    ran, stepped = mine(tmp_path, TEXT), mine(tmp_path, TEXT)
    for t in (ran, stepped):
        t.breakpoints.add("L < 0.5")
    report = ran.run(iterations=250)
    assert report.reason == "breakpoint"
    while stepped.iteration < ran.iteration:
        stepped.next()
    assert start_of_iteration(ran) == start_of_iteration(stepped)


def test_early_stop_and_validation_use_what_had_been_handed_on(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT + HELD_BACK)
    report = t.run()
    assert report.early_stop is not None
    assert any(key.validates for key, program in t.programs.items() if program)
    lowest, best = np.inf, 0
    other = mine(tmp_path, TEXT + HELD_BACK)
    while other.iteration < t.iteration:
        loss = other.evaluate().loss
        lowest, best = (loss, other.iteration) if loss < lowest else (lowest, best)
        other.next()
    assert (report.early_stop.best, report.early_stop.loss) == (best, lowest)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (TEXT, {}),
        (TEXT, {"batch_size": 3}),
        (TEXT + HELD_BACK, {}),
        (TEXT + HELD_BACK, {"batch_size": 3, "dtype": "float32"}),
    ],
)
def test_a_script_prints_the_same_losses(tmp_path: Path, text: str, options: dict[str, object]) -> None:
    check_script(make_lesson(tmp_path, text), **options)


def test_a_script_in_single_precision_keeps_its_statistics_in_it(tmp_path: Path) -> None:
    script = script_of(make_lesson(tmp_path, TEXT + HELD_BACK), dtype="float32", iterations=0)
    made: dict[str, object] = {}
    exec(compile(script, "script.py", "exec"), made)
    kinds = {name: value.dtype for name, value in made.items() if isinstance(value, np.ndarray | np.floating)}
    assert {"n_running_mean", "n_running_var", "validation"} <= kinds.keys()
    assert set(kinds.values()) == {np.dtype(np.float32)}


def test_a_session_goes_on_with_the_running_statistics(tmp_path: Path) -> None:
    t = mine(tmp_path, TEXT)
    t.run(iterations=50)
    resumed = again(saved(t))
    assert bits(resumed.evaluate().loss) == bits(t.evaluate().loss)
    same_on(resumed, t)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("L = sum(batch_norm(w, 1, 0))", "batch_norm: w has shape scalar; it must be samples × features"),
        ("L = sum(batch_norm(x, ones(3), 0))", "has shape (3); it must be (1), a number for each feature"),
        ("L = sum(batch_norm(x[:1], w, 0))", "one value of each feature, which has no variance"),
        (
            "L = sum(batch_norm(concatenate((x.T, 2 * x.T)), w, 0))",
            "axis 1 of what batch_norm is given must count features",
        ),
        ("L = sum(F.batch_norm(x, w, 0))", "write batch_norm(x, gamma, beta)"),
        ("L = sum(batch_norm(x, w))", "with 2 arguments; write batch_norm(x, gamma, beta)"),
        ("L = sum(batch_norm(x, w, 0, eps=0))", "found eps=0; write a number above 0"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(tmp_path: Path, formula: str, said: str) -> None:
    text = one_feature([1.0, 3.0, 4.0, 2.0, 7.0], formula) + "[hyperparameters]\nbatch_size = 3\n"
    with pytest.raises(BackpropError) as refused:
        mine(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_last_batch_of_one_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackpropError, match="in a batch of 1: batch_norm: a batch has one value"):
        mine(tmp_path, one_feature([1.0, 3.0, 4.0]) + "[hyperparameters]\nbatch_size = 2\n")
