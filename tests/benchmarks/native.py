"""Machine code: against the build before there was any, until it is there, and many settings one by one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError, run
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import tui_backprop as tb
from tests.benchmarks.against import compare, tree_of
from tests.benchmarks.models import lstm
from tests.benchmarks.peers import in_jax
from tests.benchmarks.racing import on_one_processor
from tests.benchmarks.report import goal, heading, say, table
from tests.benchmarks.workloads import started, two_layer_loss
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.lessons.lesson import Lesson

BEFORE = "a72ec04"
"""The last commit without back ends."""
SETTINGS, ITERATIONS = 64, 2_000
RUNS = """
import sys, time
import tui_backprop as tb
lesson = tb.load_lesson("two-layer")
try:
    trainer = tb.Trainer(lesson, iterations=10**9, backend=sys.argv[1])
except tb.BackpropError:
    trainer = tb.Trainer(lesson, iterations=10**9)
trainer.run(seconds=0.3)
if hasattr(trainer._training.runs, "wait"):
    trainer._training.runs.wait()
    trainer.run(seconds=0.1)
first, begun = trainer.iteration, time.process_time()
trainer.run(seconds=float(sys.argv[2]))
sys.stdout.write(str(1e6 * (time.process_time() - begun) / (trainer.iteration - first)))
"""


def main(*, quick: bool) -> None:
    heading("Machine code (one thread, seconds of a processor, medians)")
    if find_spec("llvmlite") is None:
        say("  llvmlite is not installed.")
        return
    rounds = 2 if quick else 7
    against_before(rounds)
    on_one_processor()
    until_it_is_there(rounds)
    one_by_one(rounds)


def against_before(rounds: int) -> None:
    """Compare runs of ``two-layer`` with a build that had no back ends, in turns."""
    for backend, least in (("numpy", 1.2), ("native", 16.0)):
        measure = partial(_iteration, backend=backend, seconds=0.5)
        try:
            with tree_of(BEFORE) as folder:
                ours, theirs = compare(measure, folder, rounds)
        except CalledProcessError:  # there is no such commit here
            goal(f"two-layer, {backend}: build before / ours", None, least=least)
            continue
        ratio = median(before / now for now, before in zip(ours, theirs, strict=True))
        say(f"  two-layer, {backend}: {median(ours):.3g} µs an iteration, {median(theirs):.3g} µs before")
        goal(f"two-layer, {backend}: build before / ours", ratio, least=least)
    say()


def _iteration(tree: Path, backend: str, seconds: float) -> float:
    command = [sys.executable, "-c", RUNS, backend, str(seconds)]
    return float(run(command, check=True, capture_output=True, text=True, cwd=tree).stdout)


def until_it_is_there(rounds: int) -> None:
    """Make the LSTM's program, compiled anew and then found on disk."""
    from tui_backprop.engine.compile.native import NativeProgram

    make = lstm().lesson
    assert make is not None
    found: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(min(rounds, 3)):
        with TemporaryDirectory() as folder:
            for _ in range(2):
                task, leaves = _task(make())
                begun = time.process_time()
                kept = NativeProgram(task, leaves, Path(folder)).kept
                found[kept].append(time.process_time() - begun)
    goal("LSTM: s until there is machine code", min(found[False]), most=2.0)
    goal("LSTM: s until there is machine code that is on disk", min(found[True]), most=0.05)
    say()


def _task(lesson: Lesson) -> tuple[Task, dict[str, Any]]:
    trainer = tb.Trainer(lesson, backend="native")
    settings = trainer.hyperparameters
    task = Task(
        trainer.graph, settings.optimizer, settings.coefficients, batched=False, shows_gradients=False
    )
    return task, {name: np.asarray(value) for name, value in trainer.leaves.items()}


def one_by_one(rounds: int) -> None:
    """Train many settings of ``two-layer`` with one program, one after another, and all at once in JAX."""
    rates = np.geomspace(0.1, 2.0, SETTINGS)
    contenders = {"machine code, one after another": _natively(rates)}
    if find_spec("jax") is not None:
        contenders["JAX vmap(scan)"] = _in_jax(rates)
    found: dict[str, list[float]] = {name: [] for name in contenders}
    losses: list[Any] = [train() for train in contenders.values()]
    for others in losses[1:]:
        np.testing.assert_allclose(losses[0][:, :100], others[:, :100], rtol=1e-9)
    for _ in range(rounds):
        for name, train in contenders.items():
            begun = time.process_time()
            train()
            found[name].append(1e6 * (time.process_time() - begun) / ITERATIONS)
    title = f"two-layer, {SETTINGS} settings, µs for an iteration of all"
    table((title, "µs"), [(name, f"{median(times):.3g}") for name, times in found.items()])
    ours, *theirs = found.values()
    ratio = median(a / b for a, b in zip(ours, theirs[0], strict=True)) if theirs else None
    goal("machine code, one after another / JAX vmap(scan)", ratio, most=2.0)
    say()


def _natively(rates: Any) -> Callable[[], Any]:
    from tui_backprop.engine.compile.compiler import RunRequest
    from tui_backprop.engine.compile.native import NativeProgram

    lesson = tb.load_lesson("two-layer")
    task, _ = _task(lesson)
    trainer = tb.Trainer(lesson, backend="native")
    program = NativeProgram(task, trainer.leaves)
    bound = program.bind(trainer.inputs)
    settings = [
        tb.Trainer(lesson, backend="native", learning_rate=rate).hyperparameters.coefficients
        for rate in rates.tolist()
    ]

    def train() -> Any:
        losses = np.empty((SETTINGS, ITERATIONS))
        for own, coefficients in zip(losses, settings, strict=True):
            program.run(bound, RunRequest(ITERATIONS, own, coefficients, trainer.parameters))
        return losses

    return train


def _in_jax(rates: Any) -> Callable[[], Any]:
    import jax

    lesson = tb.load_lesson("two-layer")
    parameters, rate = started(lesson)
    data = [np.array(lesson.samples[name]) for name in ("X", "y")]
    inputs, start, update = in_jax(two_layer_loss, parameters, data, rate)

    def trained(rate: Any, weights: Any, inputs: Any) -> Any:
        def body(weights: Any, _: Any) -> tuple[Any, Any]:
            value, weights = update(weights, inputs, rate)
            return weights, value

        return jax.lax.scan(body, weights, None, ITERATIONS)[1]

    all_of_them = jax.jit(jax.vmap(trained, (0, None, None)))
    return lambda: np.asarray(all_of_them(rates, start(), inputs))
