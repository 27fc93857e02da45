"""Programs for PyTorch and JAX print the engine's losses to 1e-9, where the packages are installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.framework_programs import FRAMEWORKS, check_program
from tests.support.op_cases import CASES, Case, drawn
from tests.support.script_lessons import CSV, LESSONS
from tests.support.scripts import make_lesson
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES
from tui_backprop.export.targets.frameworks.framework import Framework
from tui_backprop.lessons.library import BUILTIN

INDEXED = (
    "x[1]", "x[::-1, 1:]", "x[:, None, ::2]", "x[-1, ::-2]", "x[[2, 0, 2]]", "x[[0, 1], [2, 0]]",
    "x[1, [0, 2]]",
)  # fmt: skip
STORED = ("z[:, 0] = 2 * x[:, 1]", "z[1] = 3", "z[::-1, 1] = x[:, 0]", "z[[0, 2], [1, 0]] = x[:2, 2]")

KINKS = (
    "relu(x)", "abs(x)", "leaky_relu(x)", "elu(x)", "selu(x)", "relu6(x)", "hardtanh(x)", "clip(x, -1, 1)",
    "maximum(x, 1)", "minimum(x, -1)", "softplus(x)", "log_sigmoid(x)", "silu(x)", "mish(x)", "softsign(x)",
    "sigmoid(x)", "sign(x) + x", "trunc(x)", "max(w)", "min(abs(x))", "max_pool2d(w, 2)", "norm(0 * x)",
    "mae(x, 1)", "hinge(x, 1)", "huber(x, 0)", "bce_with_logits(x, 1)", "bce(p, stop_gradient(p))",
)  # fmt: skip


@pytest.fixture(params=list(FRAMEWORKS))
def framework(request: pytest.FixtureRequest) -> Framework:
    pytest.importorskip(request.param)
    return FRAMEWORKS[request.param]


@pytest.mark.parametrize("name", BUILTIN)
def test_built_in_lessons(framework: Framework, name: str) -> None:
    lesson = tb.load_lesson(name)
    check_program(framework, lesson, iterations=min(lesson.hyperparameters.iterations, 30) * lesson.trains)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_operations(framework: Framework, case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The second loss shows whether the gradients are the engine's."""
    folder = tmp_path_factory.mktemp("case")

    @settings(max_examples=3, deadline=None, database=None)
    @given(st.data())
    def agrees(data: st.DataObject) -> None:
        values = drawn(case, data)
        parameters = "\n".join(f"{name} = {value.tolist()}" for name, value in values.items())
        formula = f"z = {case.formula}\nL = sum(sin(z + 0.3)) / 10"
        check_program(
            framework, make_lesson(folder, _lesson(formula, parameters)), iterations=1, learning_rate=1e-3
        )

    agrees()


@pytest.mark.parametrize("formula", KINKS)
def test_kinks(framework: Framework, formula: str, tmp_path: Path) -> None:
    """Each operand is exactly where there is no derivative, or where a naive formula has none."""
    parameters = "x = [0.0, 1.0, -1.0, 6.0]\nw = [[[[1.0, 1.0], [0.5, 1.0]]]]\np = [0.0, 1.0]"
    lesson = make_lesson(tmp_path, _lesson(f"z = {formula}\nL = sum(sin(z + 0.3))", parameters))
    check_program(framework, lesson, iterations=1, learning_rate=1e-3)


def _lesson(formula: str, parameters: str) -> str:
    return f"formula = '''\n{formula}\n'''\n[parameters]\n{parameters}\n"


@pytest.mark.parametrize(
    "lines", [*(f"z = {text}" for text in INDEXED), *(f"z = x + 0\n{text}" for text in STORED)]
)
def test_indices(framework: Framework, lines: str, tmp_path: Path) -> None:
    parameters = "x = [[0.1, 0.4, -0.3], [0.7, 0.2, 0.9], [-0.5, 0.6, 0.8]]"
    lesson = make_lesson(tmp_path, _lesson(f"{lines}\nL = sum(sin(z))", parameters))
    check_program(framework, lesson, iterations=2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(framework: Framework, optimizer: str) -> None:
    how = {"optimizer": optimizer, "weight_decay": 0.01, "iterations": 12, "batch_size": 3, "seed": 4}
    lesson = tb.load_lesson("two-layer")
    check_program(framework, lesson, **how)
    check_program(framework, lesson, **{**how, "clip_norm": 0.05, "clip_value": 0.02, "shuffle": False})


@pytest.mark.parametrize("kind", SCHEDULES)
def test_schedules(framework: Framework, kind: str) -> None:
    check_program(framework, tb.load_lesson("polynomial"), schedule=kind, optimizer="momentum", iterations=20)


@pytest.mark.parametrize("name", LESSONS)
def test_lessons_that_are_hard_to_write(framework: Framework, name: str, tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, LESSONS[name], points=CSV)
    check_program(framework, lesson, iterations=6)
    if lesson.rows and lesson.rows > 4:
        check_program(framework, lesson, iterations=6, batch_size=lesson.rows - 2)
