"""The largest curvature λmax of a loss that is quadratic in its parameters, and the learning rates it allows.

On such a loss gradient descent multiplies the distance to the minimum, along each eigenvector of the Hessian,
by 1 − ηλ at every update, so that above η = 2/λmax it grows. With heavy-ball momentum μ the bound is
2(1 + μ)/λmax, with Nesterov's in PyTorch's form 2(1 + μ)/((1 + 2μ)λmax); both follow from the eigenvalues of
the two-step recursion. Weight decay adds to λ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.remarks.degree import degrees
from tui_backprop.lessons.remarks.remark import Remark, Suspicions
from tui_backprop.lessons.remarks.scene import Scene, is_op
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET = 10_000_000
"""Numbers that may be computed in all gradients together: a tenth of a second or two."""
PER_NODE = 500
"""Numbers that an operation costs as much as, however few it computes."""
MOST, LEAST = 80, 6
"""Gradients that are computed, at most; with fewer than the least nothing is said."""
EXACT = 40
"""Parameters up to which the whole Hessian is made."""
LARGE = 3.0
"""Root mean square from which on data are called not scaled."""


class Curvature(Struct, frozen=True):
    """A quadratic loss: its largest curvature, and what to say of it.

    Attributes:
        largest: λmax of an update's loss, or a lower bound of it.
        line: the line of the loss.
        loss: its name.
        unscaled: the input that makes it large, in words; "" where none stands out.
        parameters: names of those that are trained.
    """

    largest: float
    line: int
    loss: str
    unscaled: str
    parameters: tuple[str, ...]

    def under(self, hyperparameters: Hyperparameters) -> Remark | None:
        """Return the remark on a learning rate that must diverge; one that changes need not."""
        bound = _BOUNDS.get(hyperparameters.optimizer)
        if bound is None or hyperparameters.schedule.varies or _is_clipped(hyperparameters):
            return None
        curvature = self.largest + hyperparameters.weight_decay
        limit = bound(hyperparameters.momentum) / curvature
        rate = hyperparameters.learning_rate
        if rate <= limit * (1 + 1e-6):
            return None
        formula = _FORMULAS[hyperparameters.optimizer]
        said = {
            "line": self.line,
            "loss": pretty(self.loss),
            "curvature": number(curvature),
            "optimizer": hyperparameters.optimizer,
            "formula": formula,
            "limit": number(limit),
            "rate": number(rate),
            "below": number(limit, 2),
        }
        message = (
            tr(
                "line {line}: {loss} is quadratic in the parameters with the curvature λmax = {curvature}, "
                "so {optimizer} diverges above learning_rate {formula} = {limit}, and it is {rate}; scale "
                "{unscaled} to a mean of 0 and a deviation of 1, or set learning_rate below {below}",
                unscaled=self.unscaled,
                **said,
            )
            if self.unscaled
            else tr(
                "line {line}: {loss} is quadratic in the parameters with the curvature λmax = {curvature}, "
                "so {optimizer} diverges above learning_rate {formula} = {limit}, and it is {rate}; set "
                "learning_rate below {below}",
                **said,
            )
        )
        return Remark("rate-too-high", self.line, message, (), self.parameters)


def _is_clipped(hyperparameters: Hyperparameters) -> bool:
    return (hyperparameters.clip_norm, hyperparameters.clip_value) != ("none", "none")


_BOUNDS: dict[str, Callable[[float], float]] = {
    "sgd": lambda mu: 2.0,
    "momentum": lambda mu: 2 * (1 + mu),
    "nesterov": lambda mu: 2 * (1 + mu) / (1 + 2 * mu),
}
_FORMULAS = {
    "sgd": "2/λmax",
    "momentum": "2(1 + μ)/λmax",
    "nesterov": "2(1 + μ)/((1 + 2μ)λmax)",
}


def rate_too_high(scene: Scene) -> Suspicions:
    """Find the curvature of a linear model with a mean squared error, or the like."""
    graph = scene.whole
    if not graph.trainable or degrees(graph)[graph.loss.index] != 2:
        return
    cost = scene.numbers + PER_NODE * len(graph.nodes)
    evaluations = min(MOST, BUDGET // cost)
    if evaluations < min(LEAST, 1 + sum(size_of(node.shape) for node in graph.trainable)):
        return
    share = _share(scene)
    if share is None:
        return
    with np.errstate(all="ignore"):
        largest = share * _largest(scene, evaluations)
    if np.isfinite(largest) and largest > 0:
        names = tuple(node.name for node in graph.trainable)
        yield Curvature(largest, scene.line(graph.loss), graph.loss.name, _unscaled(scene), names)


def _largest(scene: Scene, evaluations: int) -> float:
    """Return λmax; a lower bound of it, from the power method, where there are many parameters."""
    trained = scene.whole.trainable
    sizes = [size_of(node.shape) for node in trained]
    count = sum(sizes)
    cuts = np.cumsum(sizes)[:-1]

    def gradient(point: Array) -> Array:
        parts = np.split(point, cuts)
        moved = {node.name: part.reshape(node.shape) for node, part in zip(trained, parts, strict=True)}
        tape = scene.tape({**scene.start, **moved})
        tape.forward()
        tape.backward(scene.whole.training_factors)
        return np.concatenate([np.ravel(np.broadcast_to(tape.gradient(n), n.shape)) for n in trained])

    at_zero = gradient(np.zeros(count))
    if count <= min(EXACT, evaluations - 1):
        hessian = np.array([gradient(row) - at_zero for row in np.eye(count)])
        return (
            float(np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1]) if np.isfinite(hessian).all() else np.nan
        )
    direction = np.random.default_rng(0).standard_normal(count)
    largest = 0.0
    for _ in range(evaluations - 1):
        direction = direction / np.linalg.norm(direction)
        turned = gradient(direction) - at_zero
        before, largest = largest, float(direction @ turned)
        if not np.any(turned) or not np.isfinite(largest) or abs(largest - before) < 1e-6 * abs(largest):
            break
        direction = turned
    return largest


def _share(scene: Scene) -> float | None:
    """Return the share of the whole loss's curvature that a batch has: 1 for a mean, fewer for a sum."""
    lesson, rows = scene.lesson, scene.lesson.rows
    if rows is None or scene.rows == rows:
        return 1.0
    half = rows // 2
    if half == 0:
        return 1.0
    losses = []
    for cut in (slice(None), slice(half), slice(half, None)):
        samples = {name: array[cut] for name, array in lesson.samples.items()}
        graph = lesson.graph(len(next(iter(samples.values()))))
        tape = scene.tape({**scene.start, **samples}, graph)
        losses.append(tape.forward())
    whole, first, last = losses
    if np.isclose(whole, (half * first + (rows - half) * last) / rows, rtol=1e-9, atol=0):
        return 1.0
    return (scene.rows or rows) / rows if np.isclose(whole, first + last, rtol=1e-9, atol=0) else None


def _unscaled(scene: Scene) -> str:
    """Name the input that is multiplied by what is trained and is largest, with its range."""
    graph, most, words = scene.whole, LARGE, ""
    inputs: set[Node] = set()
    sources: list[frozenset[Node]] = []
    for node in graph.nodes:
        own = (node,) if node.kind in (Kind.DATA, Kind.SAMPLES) else ()
        sources.append(frozenset(own).union(*(sources[operand.index] for operand in node.operands)))
        if is_op(node, "multiply", "matmul") and graph.learns[node.index]:
            for operand in node.operands:
                if not graph.learns[operand.index]:
                    inputs |= sources[operand.index]
    for leaf in sorted(inputs, key=lambda node: node.index):
        value = {**scene.lesson.data, **scene.lesson.samples}[leaf.name]
        size = float(np.sqrt(np.mean(np.square(value))))
        if size > most and np.size(value) > 1:
            most, low, high = size, float(np.min(value)), float(np.max(value))
            words = tr(
                "{name} (from {low} to {high})", name=pretty(leaf.name), low=number(low), high=number(high)
            )
    return words
