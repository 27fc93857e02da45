"""0 · ∞ in a factor counts as 0: in steps, sweeps, runs, scripts, terms of an element and the check alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.core.settled import settled, settled_sum
from tui_backprop.explain.record import explain
from tui_backprop.export.script import write_script

GATE = "L = sum(sqrt(relu(x)))"
# formula, data, parameters, and the gradients that follow by hand
LESSONS = {
    # a factor of relu: the root's slope, ∞, comes in where relu's slope is an exact 0; else 1 / (2 √4)
    "a shut gate": (GATE, "", "x = [-1.0, 4.0]", {"x": [0.0, 0.25]}),
    # a factor of exp: its slope, exp(1000) = ∞, meets −1/∞², an exact 0
    "an overflow that is divided by": (
        "L = sum(1 / (1 + exp(x)))", "", "x = [1000.0, 0.0]", {"x": [0.0, -0.25]},
    ),
    # inside Xᵀ @ u: u₀ = ∞ meets a row of zeros; the others give 1 / (2√z) · X
    "a row of zeros": (
        "L = sum(sqrt(X @ w))", "[samples]\nX = [[0.0, 0.0], [4.0, 0.0], [0.0, 1.0]]", "w = [1.0, 1.0]",
        {"w": [1.0, 0.5]},
    ),
    "a row of zeros, several columns": (
        "L = sum(sqrt(X @ W))", "[samples]\nX = [[0.0, 0.0], [4.0, 0.0], [0.0, 1.0]]",
        "W = [[1.0, 4.0], [1.0, 4.0]]", {"W": [[1.0, 0.5], [0.5, 0.25]]},
    ),
    # a number times an array: Σ u ⊙ x in one go
    "a number times a zero": (
        "L = sum(sqrt(w * x))", "[samples]\nx = [0.0, 1.0, 4.0]", "w = 1.0", {"w": [1.5]},
    ),
    # ∂n/∂V = V / n at V = 0: 1 / (2 · 0) times 2 · 0
    "a norm at 0": (
        "n = sqrt(sum(V * V, axis=1))\nL = sum(n)", "", "V = [[0.0, 0.0], [3.0, 4.0]]",
        {"V": [[0.0, 0.0], [0.6, 0.8]]},
    ),
    # the upstream gradient is the exact 0, the slope 1 / (2 · 0) infinite
    "a root that the loss leaves out": ("L = sum(sqrt(x) * c)", "[data]\nc = [0.0, 1.0]", "x = [0.0, 1.0]",
                                        {"x": [0.0, 0.5]}),
    # a·x + c·x² + b·x³ as one product of matrices: z(0) = 0, where the root is steep and x is 0
    "a polynomial through 0": (
        "z = c*x**2 + a*x + b*x**3\nL = -mean(sqrt(z))", "[samples]\nx = { linspace = [0, 3, 65] }",
        "a = 1.0\nb = 0.0\nc = 0.0", {},
    ),
    "a root of one number": ("L = sqrt(relu(w)) + v**2", "", "w = -1.0\nv = 1.0", {"w": [0.0], "v": [2.0]}),
}  # fmt: skip


def lesson(folder: Path, name: str) -> tb.Trainer:
    formula, data, parameters, _ = LESSONS[name]
    text = f"formula = '''\n{formula}\n'''\n{data}\n[parameters]\n{parameters}\n"
    return mine(folder, text + "[hyperparameters]\nlearning_rate = 0.001\niterations = 70\n")


def bits(t: tb.Trainer) -> list[bytes]:
    values = [t.losses, *t.parameters.values(), *t.gradients.values()]
    return [np.asarray(value).tobytes() for value in values]


@pytest.mark.parametrize("name", LESSONS)
def test_steps_and_runs_and_the_check_agree(tmp_path: Path, name: str) -> None:
    run, went_on, stepped = (lesson(tmp_path, name) for _ in range(3))
    for parameter, expected in LESSONS[name][3].items():
        np.testing.assert_allclose(run.gradients[parameter].reshape(np.shape(expected)), expected, rtol=1e-15)
    assert tb.check_gradients(run).passed
    assert run.run().reason == "target"
    for _ in range(70):
        went_on.next()
    while stepped.iteration < 70:
        stepped.step()
    assert bits(run) == bits(went_on) == bits(stepped)
    run.rewind(40)
    went_on.rewind(40)
    assert bits(run) == bits(went_on)


@pytest.mark.parametrize("name", LESSONS)
def test_a_record_is_the_same_with_and_without_those_before_it(tmp_path: Path, name: str) -> None:
    alone, stepped = lesson(tmp_path, name), lesson(tmp_path, name)
    picked = [alone.peek(place) for place in range(alone.record_count, 0, -1)][::-1]
    for one, other in zip(picked, [stepped.step() for _ in picked], strict=True):
        for field in (field for field in one.__slots__ if isinstance(getattr(one, field), np.ndarray)):
            assert getattr(one, field).tobytes() == getattr(other, field).tobytes()


@pytest.mark.parametrize("name", ["a shut gate", "an overflow that is divided by", "a row of zeros"])
def test_a_script_prints_the_same_losses(tmp_path: Path, name: str) -> None:
    t = lesson(tmp_path, name)
    script = tmp_path / "script.py"
    script.write_text(write_script(t.lesson, t.hyperparameters), encoding="utf-8")
    out = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    t.run()
    assert [float(line) for line in out.split()] == [*t.losses, t.loss]


@pytest.mark.parametrize("name", ["linear", "polynomial", "two-layer", "logistic"])
def test_a_script_stays_plain_where_no_slope_is_infinite(name: str) -> None:
    t = tb.Trainer(tb.load_lesson(name))
    assert "settled" not in write_script(t.lesson, t.hyperparameters)


@pytest.mark.parametrize("name", LESSONS)
def test_the_terms_of_an_element_add_up_to_its_gradient(tmp_path: Path, name: str) -> None:
    t = lesson(tmp_path, name)
    for position in range(1, t.record_count + 1):
        record = t.peek(position)
        if isinstance(record, ChainFactor) and not np.isinf(record.upstream).all():
            for element in np.ndindex(*record.operand.shape):
                found = element_terms(record.output, record.index, element, t.tape)
                np.testing.assert_allclose(found.total, record.downstream[element], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a shut gate", "0 · ∞ counts as 0: the local derivative is 0 and ∂L/∂relu(x) is Infinity at [0]. "),
        ("an overflow that is divided by", "the local derivative is Infinity and ∂L/∂exp(x) is 0 at [0]. "),
        ("a row of zeros", "in 2 elements the terms of an exact 0 and an Infinity are left out. "),
    ],
)
def test_the_record_says_so_in_a_row_of_its_own(tmp_path: Path, name: str, words: str) -> None:
    t = lesson(tmp_path, name)
    records = [t.peek(position) for position in range(1, t.record_count + 1)]
    rows = [row for record in records for row in explain(record, t.tape).rows if row.label == "0 · ∞"]
    assert len(rows) == 1
    assert words in rows[0].parts[0]


def test_what_if_and_breakpoints_see_the_same(tmp_path: Path) -> None:
    t = lesson(tmp_path, "a shut gate")
    t.override("relu(x)", [0.0, 9.0])
    np.testing.assert_array_equal(t.gradients["x"], [0.0, 1 / 6])
    t.release("relu(x)")
    t.breakpoints.add("dx > 0.2")  # it holds from the start on: 0.25, and grows
    assert t.run(iterations=60).reason == "asked"


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        (0.0, np.inf, 0.0), (-np.inf, 0.0, 0.0), (-0.0, np.inf, 0.0), (2.0, -np.inf, -np.inf),
        (0.0, np.nan, np.nan), (np.nan, np.inf, np.nan), (1e-320, np.inf, np.inf), (3.0, 4.0, 12.0),
    ],
)  # fmt: skip
def test_only_an_exact_zero_and_an_infinity_make_zero(one: float, other: float, result: float) -> None:
    with np.errstate(all="ignore"):
        one_, other_ = np.float64(one), np.float64(other)
        np.testing.assert_array_equal(settled(one_ * other_, one_, other_), result)
        left, right = np.array([[one, 1.0]]), np.array([[other], [0.5]])
        np.testing.assert_array_equal(settled_sum(left @ right, left, right), [[result + 0.5]])


def test_infinities_of_both_signs_and_nan_stay_nan() -> None:
    with np.errstate(all="ignore"):
        left, right = np.array([[np.inf, 1.0, 0.0], [np.nan, 0.0, 1.0]]), np.array([1.0, -np.inf, np.inf])
        np.testing.assert_array_equal(settled_sum(left @ right, left, right), [np.nan, np.nan])
    t = np.array([1.0, 2.0])
    assert settled(t, t, t) is t  # what is finite is not touched
