"""What a loss has to be below to mean anything: that of a random guess, and of the best constant prediction.

Both are worked out of the lesson's own loss with the prediction replaced, so that a factor or a mean in it
counts; penalties on weights do not, for a constant needs no weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import DTYPES, Array, size_of
from tui_backprop.engine.core.mode import Mode
from tui_backprop.lessons.evaluation.pair import Pair, pair_of, tells_classes
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr

MOST_NUMBERS = 2_000_000
"""Numbers in all nodes up to which they are worked out: some ten milliseconds."""
_LOG_PROBABILITIES = frozenset(("nll", "index"))


class Baselines(Struct, frozen=True):
    """Losses of predictions that know nothing of a sample.

    Attributes:
        guess: of a guess that gives every class the same probability; None where no classes are predicted.
        classes: how many there are.
        constant: of the one prediction for all samples that is best; None where it is not known.
        kind: what that predicts, in words that are said by ``tr``.
    """

    guess: float | None = None
    classes: int = 0
    constant: float | None = None
    kind: str = ""

    @property
    def levels(self) -> tuple[tuple[str, float], ...]:
        """Names and losses, as a chart has them; two that are the same are one."""
        if self.guess is not None and self.constant is not None and _same(self.guess, self.constant):
            return ((tr("guess, constant"), self.guess),)
        named = ((tr("random guess"), self.guess), (tr("best constant"), self.constant))
        return tuple((name, value) for name, value in named if value is not None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words."""
        lines = []
        if self.guess is not None:
            loss = number(self.guess)
            lines.append(
                tr("a random guess among {count} classes: loss {loss}", count=self.classes, loss=loss)
            )
        if self.constant is not None:
            loss = number(self.constant)
            lines.append(tr("the best constant, {kind}: loss {loss}", kind=tr(self.kind), loss=loss))
        return tuple(lines)


NONE_KNOWN = Baselines()


def baselines(lesson: Lesson) -> Baselines:
    """Return a lesson's baselines, on the samples that are trained on."""
    graph = lesson.graph(lesson.rows, Mode.EVALUATION)
    pair = pair_of(graph)
    if pair is None or sum(size_of(node.shape) for node in graph.nodes) > MOST_NUMBERS:
        return NONE_KNOWN
    dtype = DTYPES[lesson.dtype]
    start = {node.name: np.zeros(node.shape, dtype) for node in graph.parameters} | graph.running()
    leaves = {**lesson.data, **lesson.samples, **start}
    with np.errstate(all="ignore"):
        tape = Tape(graph, leaves)
        tape.forward()
        wanted = np.asarray(tape.value(pair.target), np.float64)
        if wanted.size < 2:  # any constant is right
            return NONE_KNOWN
        shares = _shares(pair, wanted)
        if shares is not None:
            return _of_classes(graph, leaves, pair, shares)
        if tells_classes(pair, wanted):
            return _of_two(graph, leaves, pair, wanted)
        return _of_numbers(graph, leaves, pair, wanted)


def _loss(graph: Graph, leaves: Mapping[str, Array], pair: Pair, constant: Array | float) -> float | None:
    """Return the loss with every sample's prediction the same; None where it is not finite."""
    value = np.broadcast_to(np.asarray(constant, graph.dtype), pair.prediction.shape)
    loss = Tape(graph, leaves, {pair.prediction.index: np.array(value)}).forward()
    return loss if np.isfinite(loss) else None


def _shares(pair: Pair, wanted: Array) -> Array | None:
    """Return the share of each class, where there is a column of predictions for each."""
    if len(pair.prediction.shape) != 2 or pair.prediction.shape[1] < 2 or not tells_classes(pair, wanted):
        return None
    width = pair.prediction.shape[1]
    if wanted.shape == pair.prediction.shape:
        sums = wanted.sum(axis=1)
        return wanted.mean(axis=0) if np.allclose(sums, 1.0) else None
    counts = np.bincount(wanted.astype(np.int64).ravel(), minlength=width)
    return np.asarray(counts / counts.sum())


def _of_classes(graph: Graph, leaves: Mapping[str, Array], pair: Pair, shares: Array) -> Baselines:
    """Return the baselines of a column a class: its logarithm is a logit as well."""
    probabilities = pair.by not in ("cross_entropy", *_LOG_PROBABILITIES)
    made = pair.prediction.op.name if pair.prediction.op is not None else ""
    probabilities = probabilities and made != "log_softmax"
    uniform = np.full(len(shares), 1.0 / len(shares))

    def loss(of: Array) -> float | None:
        shown = of if probabilities else np.log(np.maximum(of, 1e-300))
        return _loss(graph, leaves, pair, shown)

    return Baselines(loss(uniform), len(shares), loss(shares), later("the shares of the classes"))


def _of_two(graph: Graph, leaves: Mapping[str, Array], pair: Pair, wanted: Array) -> Baselines:
    """Return the baselines of one number that is the probability of 1, or its logit."""
    share = wanted.mean(axis=0)
    logits = pair.by == "bce_with_logits"

    def loss(probability: Array | float) -> float | None:
        p = np.clip(np.asarray(probability), 1e-300, 1 - 1e-16)
        return _loss(graph, leaves, pair, np.log(p / (1 - p)) if logits else probability)

    return Baselines(loss(0.5), 2, loss(share), later("the share of 1"))


def _of_numbers(graph: Graph, leaves: Mapping[str, Array], pair: Pair, wanted: Array) -> Baselines:
    """Return the baseline of numbers: the mean is best for squares, the median for absolute values."""
    if pair.by not in ("mse", "mae", "subtract", "") or wanted.shape != pair.prediction.shape:
        return NONE_KNOWN
    found = list(_tried(graph, leaves, pair, wanted))
    if not found:
        return NONE_KNOWN
    loss, kind = min(found)
    return Baselines(constant=loss, kind=kind)


def _tried(
    graph: Graph, leaves: Mapping[str, Array], pair: Pair, wanted: Array
) -> Iterator[tuple[float, str]]:
    for kind, value in (
        (later("the mean"), wanted.mean(axis=0)),
        (later("the median"), np.median(wanted, axis=0)),
    ):
        loss = _loss(graph, leaves, pair, value)
        if loss is not None:
            yield loss, kind


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-3 * abs(one)


def lowest(curve: tuple[npt.NDArray[Any], Array] | None) -> tuple[int, float] | None:
    """Return iteration and loss where a curve of losses is lowest; None where none is finite."""
    if curve is None or not np.isfinite(curve[1]).any():
        return None
    at = int(np.argmin(np.where(np.isfinite(curve[1]), curve[1], np.inf)))
    return int(curve[0][at]), float(curve[1][at])
