"""Initialisers beside their formulas, worked out independently, and in scripts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.support.scripts import make_lesson, printed, same, script_of, trained
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson, ParameterSpec
from tui_backprop.lessons.specs.initializers import INITIALIZERS, Fans, fans

SHAPE = (40, 250)
"""In, out."""
SIGMA = {
    "normal": 1.0,
    "xavier": math.sqrt(2 / 290),
    "xavier_normal": math.sqrt(2 / 290),
    "he": math.sqrt(2 / 40),
    "he_normal": math.sqrt(2 / 40),
    "lecun_normal": math.sqrt(1 / 40),
}
BOUND = {
    "uniform": 1.0,
    "xavier_uniform": math.sqrt(6 / 290),
    "he_uniform": math.sqrt(6 / 40),
    "torch_linear": 1 / math.sqrt(40),
}
# of a normal distribution cut at ±2: 1 − 2·2·φ(2) / (2Φ(2) − 1)
CUT_SIGMA = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


def drawn(rule: str, shape: tuple[int, ...] = SHAPE, seed: int = 0, **spec: object) -> Array:
    made = ParameterSpec("w", shape, True, None, rule, **spec)  # type: ignore[arg-type]
    return made.start(lambda: np.random.default_rng(seed))


def test_each_is_tested_here() -> None:
    others = {"zeros", "ones", "orthogonal", "truncated_normal"}
    assert INITIALIZERS.keys() == SIGMA.keys() | BOUND.keys() | others


@pytest.mark.parametrize("rule", sorted(SIGMA))
def test_normal_ones_are_the_stream_s_numbers_times_their_deviation(rule: str) -> None:
    normal = np.random.default_rng(0).standard_normal(SHAPE)
    np.testing.assert_allclose(drawn(rule), SIGMA[rule] * normal, rtol=1e-14)
    np.testing.assert_allclose(drawn(rule, scale=0.5), 0.5 * SIGMA[rule] * normal, rtol=1e-14)


@pytest.mark.parametrize("rule", sorted(BOUND))
def test_uniform_ones_fill_their_range(rule: str) -> None:
    unit = np.random.default_rng(0).uniform(-1, 1, SHAPE)
    np.testing.assert_allclose(drawn(rule), BOUND[rule] * unit, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(drawn(rule, scale=2.0), 2 * BOUND[rule] * unit, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), Fans(1, 1)),
        ((8,), Fans(8, 1)),
        ((2, 8), Fans(2, 8)),
        ((16, 3, 5), Fans(15, 80)),
        ((16, 3, 5, 5), Fans(75, 400)),
    ],
)
def test_fans_are_those_of_x_at_w_and_of_pytorch_s_convolutions(
    shape: tuple[int, ...], expected: Fans
) -> None:
    assert fans(shape) == expected
    assert fans(shape, 7) == Fans(7, expected.outputs)


def test_the_older_ones_take_three_axes_as_they_did() -> None:
    stream = np.random.default_rng(0).standard_normal((4, 3, 5))
    np.testing.assert_array_equal(drawn("he", (4, 3, 5)), (2 / 4) ** 0.5 * stream)
    np.testing.assert_array_equal(drawn("xavier", (4, 3, 5)), (2 / 9) ** 0.5 * stream)
    np.testing.assert_array_equal(drawn("he_normal", (4, 3, 5)), (2 / 15) ** 0.5 * stream)


def test_the_bias_of_a_linear_layer_has_the_layer_s_inputs() -> None:
    bias = drawn("torch_linear", (1000,), fan_in=16)
    assert 0.24 < np.abs(bias).max() <= 0.25


@pytest.mark.parametrize("shape", [(3, 3), (6, 4), (4, 6), (5, 2, 2), (2, 3, 2)])
def test_orthogonal_has_orthonormal_rows_or_columns(shape: tuple[int, ...]) -> None:
    matrix = drawn("orthogonal", shape, scale=3.0).reshape(shape[0], -1)
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, 9.0 * np.eye(len(small)), atol=1e-13)


def test_orthogonal_matrices_are_equally_likely_all_around() -> None:
    """LAPACK's own signs would make the first column lean to one side."""
    first = np.array([drawn("orthogonal", (2, 2), seed)[:, 0] for seed in range(400)])
    np.testing.assert_allclose(first.mean(axis=0), 0.0, atol=0.15)
    turned = [np.linalg.det(drawn("orthogonal", (2, 2), seed)) > 0 for seed in range(400)]
    assert 0.4 < np.mean(turned) < 0.6


def test_truncated_normal_stays_within_two_deviations() -> None:
    values = drawn("truncated_normal", (200, 200), scale=0.1)
    assert np.abs(values).max() <= 0.2
    assert values.std() == pytest.approx(0.1 * CUT_SIGMA, rel=0.01)
    assert values.mean() == pytest.approx(0.0, abs=0.002)
    inside = np.random.default_rng(0).standard_normal((200, 200))
    kept = np.abs(inside) <= 2
    np.testing.assert_array_equal(values[kept], 0.1 * inside[kept])


def lesson_of(folder: Path, generator: str = "pcg64") -> Lesson:
    """Return a lesson whose parameters start in all these ways, one behind the other."""
    shaped = [*INITIALIZERS, "he_normal", "truncated_normal"]
    rows = "\n".join(f"w{i} = {{ init = '{rule}', shape = [3, 2] }}" for i, rule in enumerate(shaped))
    loss = " + ".join(f"sum((X @ w{i})**2)" for i in range(len(shaped)))
    text = (
        f"formula = '''\nL = {loss} + sum(b**2) + sum(c**2)\n'''\n"
        f"[random]\ngenerator = '{generator}'\nseed = 3\n"
        f"[samples]\nX = [[1, 2, 3], [4, 5, 6]]\n[parameters]\n{rows}\n"
        "b = { init = 'torch_linear', shape = 2, fan_in = 3, scale = 0.5 }\nc = 'truncated_normal'\n"
        "[hyperparameters]\nlearning_rate = 0.001\niterations = 5\n"
    )
    return make_lesson(folder, text)


@pytest.mark.parametrize("generator", ["legacy", "pcg64"])
def test_a_script_draws_the_same(generator: str, tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, generator)
    losses, code = printed(script_of(lesson))
    assert code is None
    assert same(losses, trained(lesson))


@pytest.mark.parametrize(
    ("entry", "refusal"),
    [
        ("{ init = 'orthogonal', shape = 3 }", "w.shape: orthogonal needs a matrix: at least two axes"),
        ("'orthogonal'", "w.shape: orthogonal needs a matrix: at least two axes"),
        (
            "{ init = 'orthogonal', shape = [5000, 5000] }",
            "w.shape: orthogonal: a matrix of 5,000×5,000 takes too long; give a smaller shape",
        ),
        (
            "{ init = 'normal', shape = 3, fan_in = 2 }",
            "w.fan_in: found 2; only starts that depend on inputs have it",
        ),
        ("{ value = 3, fan_in = 2 }", "w.fan_in: found 2; only starts that depend on inputs have it"),
        (
            "{ init = 'he_normal', shape = 3, fan_in = 0 }",
            "w.fan_in: found 0; it must be a whole number, at least 1",
        ),
        (
            "'kaiming'",
            f"w: found 'kaiming'; it must be a number, a list, or one of {', '.join(INITIALIZERS)}",
        ),
        ("'glorot_uniform'", "w: found 'glorot_uniform'; it is called xavier_uniform here"),
        (
            "{ init = 'kaiming_normal_', shape = 3 }",
            "w: found 'kaiming_normal_'; it is called he_normal here",
        ),
        ("'he_norm'", "did you mean he_normal?"),
    ],
)
def test_refusals_say_what_would_be_right(entry: str, refusal: str, tmp_path: Path) -> None:
    with pytest.raises(LessonError) as caught:
        make_lesson(tmp_path, f"formula = 'L = sum(w)'\n[parameters]\nw = {entry}\n")
    assert str(caught.value).endswith(refusal)
