"""Runs as machine code: what stepping does, to the last bit, whatever a lesson asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.compiled_runs import LARGE, SMALL, assert_same, compiled, formulas, lesson_of, square
from tests.support.thorough import lessons, tried
from tui_backprop.engine.compile.compiler import RunRequest
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.compile.native import NativeProgram
from tui_backprop.engine.compile.targets.native.writing import program
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.runs import beside
from tui_backprop.training.runs import compiled as compiled_runs

pytest.importorskip("llvmlite")
pytestmark = pytest.mark.by_itself


@pytest.fixture(autouse=True)
def native_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have machine code made before a run goes on, however short the run is."""

    def program(self: beside.Beside[Any], key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = beside._made(make)
        return self._made[key]

    monkeypatch.setattr(beside.Beside, "program", program)
    monkeypatch.setattr(compiled_runs, "FEW", 1)
    monkeypatch.setattr(compiled_runs, "PAYS", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def native(trainer: tb.Trainer) -> bool:
    """Tell whether all runs of a trainer were machine code."""
    return compiled(trainer) and all(program.is_native for program in trainer.programs.values() if program)


@tried(
    formulas(),
    st.sampled_from(list(OPTIMIZERS)),
    st.sampled_from([0.0, 0.01]),
    st.integers(2, 6),
    few=5,
    many=40,
)
def test_small_arrays(formula: str, optimizer: str, decay: float, iterations: int) -> None:
    lesson = lesson_of(square(formula, SMALL, 2))
    settings = {"optimizer": optimizer, "weight_decay": decay, "learning_rate": 0.01}
    assert_same(lesson, iterations, backend="native", **settings)


@tried(formulas(), few=5, many=40)
def test_loops_as_functions(formula: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "LARGE", 0)
        assert_same(lesson_of(square(formula, SMALL, 2)), 3, backend="native", learning_rate=0.01)


@tried(formulas(), st.sampled_from(list(OPTIMIZERS)), few=5, many=40)
def test_large_arrays(formula: str, optimizer: str) -> None:
    lesson = lesson_of(square(formula, LARGE, 12))
    assert_same(lesson, 3, backend="native", optimizer=optimizer, learning_rate=0.01)


@pytest.mark.parametrize("name", lessons(sorted(BUILTIN)))
def test_lessons(name: str) -> None:
    lesson = tb.load_lesson(name)
    if not lesson.trains:
        pytest.skip("it trains nothing")
    ran = assert_same(lesson, 12, backend="native")
    assert native(ran)


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adam", "schedule": "cosine", "clip_norm": 0.5},
        {"optimizer": "momentum", "schedule": "one_cycle", "clip_value": 0.1},
        {"optimizer": "nadam", "weight_decay": 0.01},
    ],
)
def test_schedules_and_clips(settings: dict[str, Any]) -> None:
    ran = assert_same(tb.load_lesson("two-layer"), 40, backend="native", **settings)
    assert native(ran)


def test_batches_masks_and_validation(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    rows = np.random.default_rng(0).normal(size=(24, 3)).round(3)
    path.write_text(
        f"""
formula = '''
h = dropout(tanh(X @ W + b), 0.3)
L = mse(h @ v, y)
'''
[samples]
X = {rows.tolist()}
y = {(rows[:, 0] - rows[:, 1]).tolist()}
[parameters]
W = {{ init = "xavier", shape = [3, 5] }}
b = {{ init = "zeros", shape = [5] }}
v = {{ init = "normal", shape = [5] }}
[validation]
share = 0.25
""",
        encoding="utf-8",
    )
    lesson = tb.load_lesson(path)
    ran = assert_same(lesson, 70, backend="native", batch_size=5, optimizer="adam")
    assert native(ran)
    assert ran.evaluate()


def test_a_breakpoint_stops_where_stepping_does() -> None:
    lesson = tb.load_lesson("two-layer")
    ran, stepped = (tb.Trainer(lesson, backend="native") for _ in range(2))
    for trainer in (ran, stepped):
        trainer.breakpoints.add("loss < 0.2")
    report = ran.run()
    assert native(ran)
    while not (stepped.loss or 1.0) < 0.2:
        stepped.step()
    assert (report.reason, ran.iteration) == ("breakpoint", stepped.iteration)


def test_a_run_that_diverges_ends_where_stepping_says_so() -> None:
    lesson = tb.load_lesson("linear")
    ran, other = (
        tb.Trainer(lesson, backend="native", learning_rate=50.0),
        tb.Trainer(lesson, backend="numpy", learning_rate=50.0),
    )
    assert ran.run().reason == other.run().reason == "diverged"
    assert ran.iteration == other.iteration


@pytest.mark.parametrize("index", ["nan", "-inf", "1e300", "3.0", "-4.0"])
def test_an_index_that_is_outside_ends_a_run_where_it_ends_with_numpy(index: str, tmp_path: Path) -> None:
    """What is taken by places that are given, of a parameter: no place outside is ever looked at."""
    path = tmp_path / "mine.toml"
    path.write_text(
        "formula = '''\nL = sum(E[i]**2)\n'''\n[data]\ni = [0, 1]\n[parameters]\nE = [[1.0], [2.0], [3.0]]\n",
        encoding="utf-8",
    )
    trainer = tb.Trainer(tb.load_lesson(path), backend="native")
    hyperparameters = trainer.hyperparameters
    task = Task(trainer.graph, hyperparameters.optimizer, hyperparameters.coefficients, batched=False)
    leaves = {name: np.asarray(value) for name, value in trainer.leaves.items()}
    program = NativeProgram(task, leaves)
    fixed = program.bind(leaves | {"i": np.array([0.0, float(index)])})
    losses = np.full(3, 7.0)
    result = program.run(fixed, RunRequest(3, losses, hyperparameters.coefficients, {"E": leaves["E"]}))
    assert result.done == 0
    np.testing.assert_array_equal(result.parameters["E"], leaves["E"])
