"""Single precision: all numbers are of 32 bits, in steps as in runs, on disk, in scripts and on lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.held_back import MOONS
from tests.support.random_graphs import formulas, random_lesson
from tests.support.scripts import printed, script_of
from tests.support.sessions import again, same_on, saved
from tests.support.thorough import covering, lessons
from tests.support.trainers import mine, trainer
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.exercises.homework import mark
from tui_backprop.export.tables import writer
from tui_backprop.lessons.errors import HyperparameterError, LessonError
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.numbers import of_single, readable
from tui_backprop.training.runs import compiled

pytestmark = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="refused with NumPy 1, which has no weak numbers"
)
TRAINED = [name for name in BUILTIN if tb.load_lesson(name).trains]
QUICK = ("linear", "theta", "polynomial", "logistic-ce", "two-layer")


def are_single(arrays: Mapping[str, Any]) -> bool:
    return all(np.asarray(array).dtype == np.float32 for array in arrays.values())


def same(one: tb.Trainer, other: tb.Trainer) -> None:
    """Assert that parameters, memory and losses of two trainers are the same bits, of 32 each."""
    np.testing.assert_array_equal(one.losses, other.losses)
    for name, value in one.parameters.items():
        np.testing.assert_array_equal(value, other.parameters[name])
    for t in (one, other):
        assert are_single(t.parameters)
        assert all(are_single(state.arrays) for state in t.optimizer_states.values())
    for name, state in one.optimizer_states.items():
        for code, array in state.arrays.items():
            np.testing.assert_array_equal(array, other.optimizer_states[name].arrays[code])


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_every_value_and_gradient_is(name: str) -> None:
    t = trainer(name, dtype="float32")
    tape = t.tape
    assert are_single({node.name: tape.value(node) for node in t.graph.nodes})
    assert are_single({node.name: tape.gradient(node) for node in t.graph.nodes})
    for _ in range(t.record_count if not t.lesson.trains else t.record_count - 1):
        record = t.step()
        for field in ("value", "upstream", "local", "downstream", "accumulated", "gradient", "after"):
            found = getattr(record, field, None)
            assert found is None or found.dtype == np.float32, (record, field)


@pytest.mark.parametrize(("name", "optimizer"), covering(QUICK, list(OPTIMIZERS)))
def test_runs_have_the_bits_of_steps(name: str, optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "FEW", 1)
    ran, stepped = (trainer(name, dtype="float32", optimizer=optimizer, weight_decay=0.01) for _ in range(2))
    ran.run(iterations=12)
    while stepped.iteration < ran.iteration:
        stepped.step()
    assert any(ran.programs.values())
    same(ran, stepped)


@given(formula=formulas(), optimizer=st.sampled_from(sorted(OPTIMIZERS)))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_random_formulas(formula: str, optimizer: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "FEW", 1)
        lesson = random_lesson(formula)
        ran, stepped = (
            tb.Trainer(lesson, dtype="float32", optimizer=optimizer, learning_rate=0.01) for _ in range(2)
        )
        ran.run(iterations=3)
        while stepped.iteration < ran.iteration:
            stepped.next()
        same(ran, stepped)


# against others


def logistic_by_hand(rule: str, updates: int) -> tuple[np.ndarray, np.float32]:
    """Train the lesson logistic in NumPy's single precision, with PyTorch's SGD or Adam."""
    f = np.float32
    X, y = np.array([[1, 2], [3, 4], [5, 6]], f), np.array([1, 0, 1], f)
    theta = np.zeros(3, f)
    m, s = np.zeros(3, f), np.zeros(3, f)
    for t in range(1, updates + 1):
        p = f(1) / (f(1) + np.exp(-(X @ theta[:2] + theta[2])))
        dz = (p - y) * p * (f(1) - p)
        g = np.append(X.T @ dz, dz.sum(dtype=f)).astype(f)
        if rule == "sgd":
            theta = theta - f(0.05) * g
        else:
            m, s = f(0.9) * m + f(0.1) * g, f(0.999) * s + f(0.001) * g * g
            theta = theta - f(0.05 / (1 - 0.9**t)) * m / (np.sqrt(s) / f(np.sqrt(1 - 0.999**t)) + f(1e-8))
    return theta[:2], theta[2]


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_it_trains_as_single_precision_by_hand_does(rule: str) -> None:
    t, double = (
        trainer("logistic", dtype=d, optimizer=rule, learning_rate=0.05) for d in ("float32", "float64")
    )
    beta, b = logistic_by_hand(rule, 50)
    for one in (t, double):
        one.run(iterations=50)
    np.testing.assert_allclose(t.parameters["beta"], beta, rtol=3e-6)
    np.testing.assert_allclose(t.parameters["b"], b, rtol=3e-6)
    assert 1e-9 < np.max(np.abs(t.parameters["beta"] - double.parameters["beta"])) < 1e-5


@pytest.mark.parametrize("name", ["polynomial", "two-layer", "linear"])
def test_it_starts_from_the_same_draws_rounded(name: str) -> None:
    single, double = trainer(name, dtype="float32"), trainer(name)
    for name, value in double.parameters.items():
        np.testing.assert_array_equal(single.parameters[name], value.astype(np.float32))


# where it goes


def test_it_is_a_hyperparameter_that_restarts() -> None:
    t = trainer("logistic")
    t.run(iterations=5)
    before = t.parameters["beta"]
    assert t.set(dtype="float32")
    assert t.iteration == 0
    assert are_single(t.parameters)
    assert t.lesson.dtype == "float32"
    t.undo()
    assert t.lesson.dtype == "float64"
    np.testing.assert_array_equal(t.parameters["beta"], before)


def test_what_is_put_in_is_rounded() -> None:
    t = trainer("logistic", dtype="float32")
    t.override("y_hat", [0.8, 0.3, 0.4])
    assert t.tape.value(t.graph.named["y_hat"]).dtype == np.float32
    t.release("y_hat")
    t.edit("b", 0.1)
    assert t.parameters["b"] == np.float32(0.1)
    t.next()
    assert are_single(t.parameters)


@pytest.mark.parametrize("text", ['dtype = "float32"\n', "[hyperparameters]\ndtype = 'float32'\n"])
def test_a_lesson_may_ask_for_it(tmp_path: Path, text: str) -> None:
    lesson = 'formula = "L = (w * 0.1 - 1)**2"\n'
    parameters = "[parameters]\nw = 0.3\n"
    t = mine(tmp_path, lesson + text + parameters if text.startswith("dtype") else lesson + parameters + text)
    assert t.parameters["w"] == np.float32(0.3)
    assert t.loss == float((np.float32(0.3) * np.float32(0.1) - np.float32(1)) ** 2)


def test_both_ways_have_to_agree(tmp_path: Path) -> None:
    text = 'formula = "L = w * w"\ndtype = "float32"\n[parameters]\nw = 1.0\n'
    text += '[hyperparameters]\ndtype = "float64"\n'
    with pytest.raises(LessonError, match="dtype: found 'float64', but above the tables float32"):
        mine(tmp_path, text)


def test_numpy_1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "1.26.4")
    with pytest.raises(
        HyperparameterError, match=r"float32 needs NumPy 2, found 1\.26\.4; it must be float64"
    ):
        trainer("logistic", dtype="float32")
    trainer("logistic")


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nadam"])
def test_a_session_is_the_same_training(optimizer: str) -> None:
    t = trainer("two-layer", dtype="float32", optimizer=optimizer)
    t.run(iterations=30)
    t.edit("b1", 0.1)
    t.step()
    other = again(saved(t))
    assert other.lesson.dtype == "float32"
    same_on(t, other)
    same(t, other)
    for one in (t, other):
        one.set(dtype="float64")
    np.testing.assert_array_equal(t.parameters["W1"], other.parameters["W1"])


@pytest.mark.parametrize("name", QUICK)
def test_a_script_prints_the_same_losses(name: str) -> None:
    lesson = tb.load_lesson(name)
    losses, code = printed(script_of(lesson, dtype="float32", iterations=20))
    t = tb.Trainer(lesson, dtype="float32")
    t.run(iterations=20)
    assert code is None
    assert losses == [of_single(loss) for loss in (*t.losses, t.loss)]


def test_validation_is_in_it_as_well(tmp_path: Path) -> None:
    text = MOONS.format(validation='share = 0.2\nmetrics = ["accuracy"]\nearly_stop = 50')
    t, double = mine(tmp_path, text, dtype="float32"), mine(tmp_path, text)
    assert t.evaluate().loss == pytest.approx(double.evaluate().loss, rel=1e-6)
    assert t.evaluate().loss == float(np.float32(t.evaluate().loss)) != double.evaluate().loss
    report = t.run()
    assert report.early_stop is not None
    other = tb.Trainer(t.lesson.in_type("float64"), dtype="float32")
    while other.iteration < report.early_stop.best:
        other.next()
    assert other.evaluate().loss == report.early_stop.loss


# what is said of it


def test_numbers_have_the_digits_that_it_has() -> None:
    t = trainer("linear", dtype="float32")
    lines: list[str] = []
    rows = writer("jsonl", t, True, lines.append)
    rows.row()
    page = json.loads(lines[0])
    assert page["parameters"]["w"] == 0.49671414  # 0.4967141530112327 in double precision
    assert np.float32(page["parameters"]["w"]) == t.parameters["w"]
    assert np.float32(page["loss"]) == np.float32(t.loss)
    assert len(repr(page["loss"])) < 15


@given(st.floats(width=32))
def test_few_digits_read_back_to_the_same_float(value: float) -> None:
    assert np.array_equal(np.float32(of_single(value)), np.float32(value), equal_nan=True)
    assert np.array_equal(readable(np.array([value], np.float32)), [of_single(value)], equal_nan=True)


@pytest.mark.parametrize("name", ["first", "logistic", "two-layer", "relu-net", "softmax", "schedules"])
def test_the_check_says_what_is_rounding(name: str) -> None:
    report, double = tb.check_gradients(trainer(name, dtype="float32")), tb.check_gradients(trainer(name))
    assert report.passed
    assert [slip.caught for slip in report.slips] == [slip.caught for slip in double.slips]
    for name, check in report.checks.items():
        assert double.checks[name].rounding is None
        assert check.rounding is not None
        assert check.rounding < 1e-4
        if check.relative_error is not None:
            assert check.relative_error <= 1.1 * check.rounding + 1e-6


def test_what_has_left_the_numbers_of_single_precision_does_not_pass(tmp_path: Path) -> None:
    text = 'formula = "L = w * 1e30 * v"\n[parameters]\nw = 1.0\nv = 1e10\n'
    assert tb.check_gradients(mine(tmp_path, text)).passed
    assert not tb.check_gradients(mine(tmp_path, text, dtype="float32")).passed


def test_homework_is_judged_in_double_precision() -> None:
    t = trainer("two-layer", dtype="float32")
    t.run(iterations=40)
    assert mark(t, "W2", "h.T @ dz2").passed
    assert not mark(t, "W2", "h.T @ dz2 * 1.001").passed
