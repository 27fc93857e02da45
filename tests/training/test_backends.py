"""A training under a back end: stepping has the bits of running, and a change holds from an iteration on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.random_graphs import formulas, random_lesson
from tests.support.thorough import tried
from tests.support.trainers import here, trainer
from tui_backprop.engine.core import backends
from tui_backprop.engine.core.backends import BACKENDS, named
from tui_backprop.engine.core.elementary import exp
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.sweep import runner
from tui_backprop.training.runs import compiled as compiled_runs


def same_bits(one: tb.Trainer, other: tb.Trainer) -> None:
    np.testing.assert_array_equal(one.losses, other.losses)
    for name, value in one.parameters.items():
        np.testing.assert_array_equal(other.parameters[name], value, err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
@tried(formulas(), st.sampled_from(list(OPTIMIZERS)), few=15, many=120)
def test_stepping_has_the_bits_of_running(backend: str, formula: str, optimizer: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_runs, "FEW", 1)
        lesson, options = random_lesson(formula), {"optimizer": optimizer, "learning_rate": 0.01}
        ran, stepped = (tb.Trainer(lesson, backend=named(backend), **options) for _ in range(2))
        ran.run(iterations=6)
        while stepped.iteration < ran.iteration:
            stepped.step()
        same_bits(ran, stepped)
        assert ran.graph.backend.name == backend


LARGE = """L1 = tanh(X @ W + b)
L2 = exp(-L1**2) + sin(L1) + log(1 + L1**2) + (1 + L1**2)**0.3
L = mean(L2 * L2) + mean(tanh(b)) + exp(s)**2"""
ARRAYS = {
    "W": '{ init = "normal", shape = [30, 40] }', "b": "{ init = 'normal', shape = [40] }", "s": "0.3"
}  # fmt: skip


def large() -> Any:
    rows = np.random.default_rng(1).normal(size=(50, 30)).round(3).tolist()
    text = f"formula = '''\n{LARGE}\n'''\n[samples]\nX = {rows}\n[parameters]\n"
    text += "\n".join(f"{name} = {value}" for name, value in ARRAYS.items())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.toml"
        path.write_text(text, encoding="utf-8")
        return tb.load_lesson(path)


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_that_are_written_to(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_runs, "FEW", 1)
    ran, stepped, plain = (tb.Trainer(large(), backend=named(name)) for name in (backend, backend, "numpy"))
    ran.run(iterations=20)
    assert all(ran.programs.values())
    while stepped.iteration < 20:
        stepped.next()
    same_bits(ran, stepped)
    plain.run(iterations=20)
    np.testing.assert_allclose(ran.losses, plain.losses, rtol=1e-13)
    assert np.array_equal(ran.losses, plain.losses) == (backend == "numpy")


def test_a_change_holds_from_an_iteration_on_and_comes_again() -> None:
    t = tb.Trainer(large(), backend=named("numpy"))
    t.run(iterations=8)
    assert t.set(backend=named("native")) is False
    assert (t.iteration, t.graph.backend.name, t.undoable) == (8, "native", "backend numpy → native")
    t.run(iterations=8)
    losses, end, weights = t.losses.copy(), here(t), t.parameters["W"]
    t.rewind(5)
    assert t.graph.backend.name == "numpy"
    while t.iteration < 16:
        t.next()
    np.testing.assert_array_equal(t.losses, losses)
    assert here(t) == end
    numpys = tb.Trainer(large(), backend=named("numpy"))
    numpys.run(iterations=16)
    np.testing.assert_array_equal(numpys.losses[:9], losses[:9])
    assert not np.array_equal(numpys.parameters["W"], weights)
    assert t.undo() == "backend numpy → native"
    assert (t.iteration, t.graph.backend.name) == (8, "numpy")
    t.run(iterations=8)
    np.testing.assert_array_equal(t.parameters["W"], numpys.parameters["W"])


def test_records_done_are_made_anew_under_another_back_end() -> None:
    t = tb.Trainer(large(), backend=named("numpy"))
    t.seek(4)
    t.set(backend=named("native"))
    assert (t.iteration, t.position) == (0, 4)
    fresh = tb.Trainer(large(), backend=named("native"))
    np.testing.assert_array_equal(t.peek(t.record_count).after, fresh.peek(fresh.record_count).after)


def test_single_precision_is_numpys_whatever_is_set() -> None:
    t = trainer("two-layer", backend=named("native"), dtype="float32")
    assert (t.hyperparameters.backend, t.graph.backend.name) == ("native", "numpy")
    plain = trainer("two-layer", backend="numpy", dtype="float32")
    t.run(iterations=20)
    plain.run(iterations=20)
    same_bits(t, plain)


def test_a_breakpoint_is_true_at_the_same_iteration_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_runs, "FEW", 1)
    loss = trainer("two-layer", backend=named("native"))
    loss.run(iterations=40)
    # the very number that exp gives there under this back end
    with named("native").active():
        at = float(exp(np.float64(loss.losses[30])))
    run, stepped = (trainer("two-layer", backend=named("native")) for _ in range(2))
    for one in (run, stepped):
        one.breakpoints.add(f"exp(loss) <= {at!r}")
    assert run.run(iterations=60).reason == "breakpoint"
    while stepped.run(iterations=1).reason != "breakpoint":
        assert stepped.iteration <= run.iteration
    assert stepped.iteration == run.iteration


@pytest.mark.parametrize("backend", BACKENDS)
def test_runs_that_go_together_have_the_forms_of_their_back_end(backend: str) -> None:
    lesson = tb.load_lesson("two-layer")
    rates = [0.01 * k for k in range(1, 9)]
    plan = SweepPlan.of(lesson, {"learning_rate": rates}, 60, base={"backend": backend})
    for trained in runner().train(plan, plan):
        alone = tb.Trainer(lesson, backend=named(backend), **trained.point.settings)
        alone.run(iterations=60)
        np.testing.assert_allclose(trained.losses[:-1], alone.losses, rtol=1e-12)


def test_what_is_asked_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "can_compile", lambda: False)
    lesson = tb.load_lesson("linear")
    assert tb.Trainer(lesson).graph.backend.name == "numpy"
    for call in (
        lambda: tb.Trainer(lesson, backend="native"),
        lambda: tb.sweep(lesson, {}, backend="native"),
    ):
        with pytest.raises(tb.BackpropError, match="native needs llvmlite"):
            call()
    t = tb.Trainer(lesson)
    with pytest.raises(tb.BackpropError, match="native needs llvmlite"):
        t.set(backend="native")
    assert not t.set(backend="numpy")
    monkeypatch.setattr(backends, "can_compile", lambda: True)
    assert tb.Trainer(lesson).graph.backend.name == "numpy"  # over before machine code is made
    assert tb.Trainer(lesson, iterations=10_000_000).graph.backend.name == "native"
    assert t.set(backend="native") is False
    with pytest.raises(tb.BackpropError, match="float64 only"):
        tb.Trainer(lesson, backend="native", dtype="float32")
    assert tb.Trainer(lesson, dtype="float32").graph.backend.name == "numpy"
