"""What is trained: a lesson, the loop somebody would write for it in a notebook, and the peers' formula."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import tui_backprop as tb
from tests.benchmarks.peers import autograd_peer, jax_peers, jax_scan, micrograd_peer, torch_peer
from tests.benchmarks.racing import Contender, Run, looped
from tui_backprop.engine.compile.compiler import compile_graph
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.lessons.lesson import Lesson

OURS, NATIVE = "tui-backprop, NumPy", "tui-backprop, native"
NOTEBOOK, BOUND = "notebook loop, NumPy", "gemv bound: two gemv and a −"
WARM = 0.2
"""Seconds that a training goes on before its machine code is asked for, and behind that."""


@dataclass(frozen=True)
class Workload:
    """One table: ourselves first, with NumPy and then, where it can be, natively; then the others.

    Attributes:
        agreement: how far losses may lie apart, relatively.
        lesson: makes the lesson anew, where it is told how long it takes to be compiled.
    """

    title: str
    contenders: list[Contender]
    agreement: float = 1e-9
    lesson: Callable[[], Lesson] | None = None


def ours(lesson: Lesson) -> list[Contender]:
    """Make a contender of each back end that computes a lesson."""
    native = find_spec("llvmlite") is not None and lesson.hyperparameters.dtype == "float64"
    return [
        Contender(OURS, lambda: begun(lesson, "numpy")),
        Contender(NATIVE, begun_natively(lesson) if native else None),
    ]


def begun(lesson: Lesson, backend: str) -> Run:
    """Begin a training."""
    return _going_on(tb.Trainer(lesson, iterations=10**9, backend=backend))


def begun_natively(lesson: Lesson) -> Callable[[], Run]:
    """Return what begins a training anew, its machine code being there already."""
    known: list[tb.Trainer] = []

    def begin() -> Run:
        if not known:
            trainer = tb.Trainer(lesson, iterations=10**9, backend="native", memory=1 << 16)
            trainer.run(seconds=WARM)
            trainer._training.runs.wait()
            trainer.run(seconds=WARM)
            assert trainer._training.runs.is_native
            known.append(trainer)
        known[0].reset()
        return _going_on(known[0])

    return begin


def _going_on(trainer: tb.Trainer) -> Run:
    def run(iterations: int) -> float:
        trainer.run(iterations=iterations)
        return float(trainer.losses[-1])

    return run


def compile_seconds(lesson: Lesson) -> float:
    """Return how long it takes until a lesson that nothing is known of has a program ready to run."""
    trainer = tb.Trainer(lesson)
    coefficients = trainer.hyperparameters.coefficients
    task = Task(trainer.graph, trainer.hyperparameters.optimizer, coefficients, batched=False)
    leaves = {name: np.asarray(value) for name, value in trainer.leaves.items()}
    begun = time.perf_counter()
    compile_graph(task, leaves).bind(trainer.inputs)
    return time.perf_counter() - begun


def started(lesson: Lesson) -> tuple[dict[str, Any], float]:
    """Return the numbers that the lesson's parameters start from, and its learning rate."""
    parameters = tb.Trainer(lesson).parameters
    return {name: np.array(value) for name, value in parameters.items()}, (
        lesson.hyperparameters.learning_rate
    )


# ---------------------------------------------------------------------- one linear unit


def linear() -> Workload:
    lesson = tb.load_lesson("linear")
    start, rate = started(lesson)

    def notebook(number: Callable[[Any], Any]) -> Callable[[], Run]:
        x, t = number(2.0), number(1.0)

        def loop(state: Any, losses: list[Any], iterations: int) -> Any:
            w, b = state
            for _ in range(iterations):
                y = w * x + b
                L = (y - t) ** 2 / 2
                losses.append(L)
                dL_dy = y - t
                dy_dw = x
                dy_db = 1
                dL_dw = dL_dy * dy_dw
                dL_db = dL_dy * dy_db
                w = w - rate * dL_dw
                b = b - rate * dL_db
            return w, b

        return looped(lambda: (number(start["w"]), number(start["b"])), loop)

    def loss(_: Any, w: Any, b: Any) -> Any:
        return (w * 2.0 + b - 1.0) ** 2 / 2

    return Workload(
        "linear: one number in, one out",
        [
            *ours(lesson),
            # np.random.randn(1), as a notebook draws a weight, is an array of one number
            Contender(NOTEBOOK, notebook(lambda number: np.array([number]))),
            Contender("the same loop, NumPy's numbers", notebook(np.float64)),
            Contender("the same loop, Python's numbers", notebook(float)),
            micrograd_peer(loss, start, (), rate),
            torch_peer(loss, start, (), rate),
            *jax_peers(loss, start, (), rate),
        ],
    )


# ---------------------------------------------------------------------- a cubic for the sine


def polynomial() -> Workload:
    lesson = tb.load_lesson("polynomial")
    start, rate = started(lesson)
    x, y = (np.array(lesson.samples[name]) for name in "xy")

    def loop(state: Any, losses: list[Any], iterations: int) -> Any:
        a, b, c, d = state
        for _ in range(iterations):
            y_pred = a + b * x + c * x**2 + d * x**3
            losses.append(np.square(y_pred - y).sum())
            grad_y_pred = 2.0 * (y_pred - y)
            grad_a = grad_y_pred.sum()
            grad_b = (grad_y_pred * x).sum()
            grad_c = (grad_y_pred * x**2).sum()
            grad_d = (grad_y_pred * x**3).sum()
            a = a - rate * grad_a
            b = b - rate * grad_b
            c = c - rate * grad_c
            d = d - rate * grad_d
        return a, b, c, d

    def loss(np: Any, a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> Any:
        return ((a + b * x + c * x**2 + d * x**3 - y) ** 2).sum()

    return Workload(
        "polynomial: 2000 points, 4 numbers",
        [
            *ours(lesson),
            Contender(NOTEBOOK, looped(lambda: [np.float64(value) for value in start.values()], loop)),
            autograd_peer(loss, start, (x, y), rate),
            torch_peer(loss, start, (x, y), rate),
            *jax_peers(loss, start, (x, y), rate),
            gemv_bound(np.array(list(start.values())), x, y),
        ],
    )


def gemv_bound(parameters: Any, x: Any, y: Any) -> Contender:
    """Do no more than residual = A @ p − y and Aᵀ @ residual, which no such training gets by without."""
    powers = np.asfortranarray(np.vander(x, 4, increasing=True))  # twice as fast as the other order
    residual, gradient = np.empty(len(x)), np.empty(4)

    def run(iterations: int) -> float:
        for _ in range(iterations):
            np.dot(powers, parameters, out=residual)
            np.subtract(residual, y, out=residual)
            np.dot(powers.T, residual, out=gradient)
        return float(residual @ residual)

    return Contender(BOUND, lambda: run, trains=False)


# ---------------------------------------------------------------------- two layers, four rows


def two_layer() -> Workload:
    lesson = tb.load_lesson("two-layer")
    start, rate = started(lesson)
    X, y = (np.array(lesson.samples[name]) for name in ("X", "y"))

    def loop(state: Any, losses: list[Any], iterations: int) -> Any:
        W1, b1, W2, b2 = state
        for _ in range(iterations):
            h = np.tanh(X @ W1 + b1)
            y_hat = 1 / (1 + np.exp(-(h @ W2 + b2)))
            losses.append(np.mean((y_hat - y) ** 2))
            dz2 = 2 * (y_hat - y) / len(y) * y_hat * (1 - y_hat)
            dz1 = dz2 @ W2.T * (1 - h**2)
            dW2, db2, dW1, db1 = h.T @ dz2, dz2.sum(axis=0), X.T @ dz1, dz1.sum(axis=0)
            W1, b1, W2, b2 = W1 - rate * dW1, b1 - rate * db1, W2 - rate * dW2, b2 - rate * db2
        return W1, b1, W2, b2

    return Workload(
        "two-layer: 2-4-1, tanh and sigmoid, 4 rows",
        [
            *ours(lesson),
            Contender(NOTEBOOK, looped(lambda: tuple(start.values()), loop)),
            torch_peer(two_layer_loss, start, (X, y), rate),
            *jax_peers(two_layer_loss, start, (X, y), rate)[:1],
            jax_scan(two_layer_loss, start, (X, y), rate),
        ],
    )


def two_layer_loss(np: Any, W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
    """Return the loss of ``two-layer``, with a package's functions."""
    y_hat = 1 / (1 + np.exp(-(np.tanh(X @ W1 + b1) @ W2 + b2)))
    return ((y_hat - y) ** 2).mean()


# ---------------------------------------------------------------------- a net with one hidden layer

NET = """
formula = '''
z1 = X @ W1 + b1
h = tanh(z1)
y_hat = h @ W2 + b2
L = mse(y_hat, y)
'''
[data]
first = [[1.0], [0.0]]
second = [[0.0], [1.0]]
[samples]
X = {X}
y = {{ formula = "sin(2 * X @ first) * (X @ second)" }}
[random]
seed = 1
[parameters]
W1 = {{ init = "xavier", shape = [2, {hidden}] }}
b1 = {{ init = "zeros", shape = [{hidden}] }}
W2 = {{ init = "xavier", shape = [{hidden}, 1] }}
b2 = {{ init = "zeros", shape = [1] }}
[hyperparameters]
learning_rate = 0.05
"""


def written(text: str) -> Lesson:
    """Load a lesson from its text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.toml"
        path.write_text(text, encoding="utf-8")
        return tb.load_lesson(path)


def net(hidden: int, rows: int) -> Workload:
    inputs = np.random.default_rng(0).normal(size=(rows, 2))
    lesson = written(NET.format(X=inputs.tolist(), hidden=hidden))
    start, rate = started(lesson)
    X, y = (np.array(lesson.samples[name]) for name in ("X", "y"))
    assert X.shape == (rows, 2)
    assert y.shape == (rows, 1)

    def loop(state: Any, losses: list[Any], iterations: int) -> Any:
        W1, b1, W2, b2 = state
        for _ in range(iterations):
            z1 = X @ W1 + b1
            h = np.tanh(z1)
            y_hat = h @ W2 + b2
            error = y_hat - y
            losses.append(np.mean(error**2))
            dy_hat = 2 * error / error.size
            dW2 = h.T @ dy_hat
            db2 = dy_hat.sum(axis=0)
            dh = dy_hat @ W2.T
            dz1 = dh * (1 - h**2)
            dW1 = X.T @ dz1
            db1 = dz1.sum(axis=0)
            W1 = W1 - rate * dW1
            b1 = b1 - rate * db1
            W2 = W2 - rate * dW2
            b2 = b2 - rate * db2
        return W1, b1, W2, b2

    def loss(np: Any, W1: Any, b1: Any, W2: Any, b2: Any, X: Any, y: Any) -> Any:
        return ((np.tanh(X @ W1 + b1) @ W2 + b2 - y) ** 2).mean()

    return Workload(
        f"net 2-{hidden}-1, tanh, {rows} rows",
        [
            *ours(lesson),
            Contender(NOTEBOOK, looped(lambda: tuple(start.values()), loop)),
            torch_peer(loss, start, (X, y), rate),
            *jax_peers(loss, start, (X, y), rate)[:1],
        ],
    )
