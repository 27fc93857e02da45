"""Where a loss compares a prediction with a target, and how many predictions of a class are right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.ops.losses.mean import PREDICTION_AND_TARGET

_GIVEN = (Kind.DATA, Kind.SAMPLES)
_THROUGH = frozenset(
    ("sum", "mean", "square", "power", "abs", "sqrt", "negate", "identity", "broadcast", "add")
)
"""Operations that lie between an error and the loss."""
CLASSED = frozenset(("softmax", "log_softmax", "cross_entropy", "nll", "index"))
"""Operations that make a row of numbers one for each class, or compare such a row with a class."""
THRESHOLDS = {"bce": 0.5, "bce_with_logits": 0.0}
"""By what compares, from where on a prediction means 1."""


class Pair(Struct, frozen=True):
    """Where a loss compares what is predicted with what is given.

    Attributes:
        prediction, target: the nodes that are compared.
        by: the name of the operation that does; ``index`` where the target picks log-probabilities, as in
            ``logp[range(n), y]``, and empty where the two are known by their names alone.
        node: that operation's result.
    """

    prediction: Node
    target: Node
    by: str = ""
    node: Node | None = None


@lru_cache(maxsize=8)
def pair_of(graph: Graph) -> Pair | None:
    """Return what a graph's loss compares; None where it does not tell predictions from targets."""
    found = {(one.prediction.index, one.target.index): one for one in _compared(graph.loss)}
    if not found:
        found = {(one.prediction.index, one.target.index): one for one in _by_logarithms(graph)}
    if not found and (named := graph.named.get("y_hat")) is not None:  # by its name, as lessons have it
        target = graph.named.get("y")
        if target is not None and target.is_leaf and target.shape == named.shape:
            return Pair(named, target)
    return next(iter(found.values())) if len(found) == 1 else None


def _compared(loss: Node) -> Iterator[Pair]:
    """Yield what the loss compares with what is given."""
    open_, seen = [loss], set()
    while open_:
        node = open_.pop()
        if node.op is None or node.index in seen:
            continue
        seen.add(node.index)
        sources = node.sources
        if node.op.signature.operands == PREDICTION_AND_TARGET.operands or node.op.name == "subtract":
            given = [_given(source, node.op.takes_classes) for source in sources]
            at = [place for place, target in enumerate(given) if target is not None]
            if len(at) == 1 and sources[at[0] - 1].value is None:
                target = given[at[0]]
                assert target is not None
                yield Pair(sources[at[0] - 1], target, node.op.name, node)
        elif node.op.name == "index":
            picked, *places = sources
            if len(places) == 2 and places[1].kind in _GIVEN and _is_log_probability(picked):
                yield Pair(picked, places[1], node.op.name, node)
        elif node.op.name in ("multiply", "divide"):
            open_ += [s for s in sources if s.value is None] if _scales(node) else []
        elif node.op.name in _THROUGH:
            open_ += node.operands


def _by_logarithms(graph: Graph) -> Iterator[Pair]:
    """Yield what a cross-entropy written by hand compares: p with t in t * log(p), and in log(p[rows, t])."""
    for node in graph.nodes:
        if node.op is None:
            continue
        if node.op.name == "multiply":
            for target, log in zip(node.sources, reversed(node.sources), strict=True):
                if made_by(log) != "log" or (given := _given(target, False)) is None:
                    continue
                p = _unguarded(log.sources[0])
                is_one_minus = made_by(target) == "subtract" and target.sources[0].value == 1.0
                if not is_one_minus and p.shape == target.shape and p.hangs_on(Kind.PARAMETER):
                    yield Pair(p, given)
        elif node.op.name == "log" and made_by(picked := _unguarded(node.sources[0])) == "index":
            p, *places = picked.sources
            if len(places) == 2 and places[1].kind in _GIVEN and len(p.shape) == 2:
                yield Pair(p, places[1], "index", node)


def _unguarded(node: Node) -> Node:
    """Return what is kept away from log 0, as in log(p + 1e-9)."""
    while made_by(node) in ("add", "clip", "maximum", "identity"):
        parts = [source for source in node.sources if source.value is None]
        if len(parts) != 1:
            break
        node = parts[0]
    return node


def _given(node: Node, smoothed: bool) -> Node | None:
    """Return what is given in a target, classes behind their one-hot rows, and behind the smoothing of these.

    A target that is worked out of what is given alone is one itself.
    """
    if node.kind in _GIVEN:
        return node
    if node.op is None:
        return None
    rows, *places = node.operands or (node,)
    if node.op.name == "index" and not rows.operands and len(places) == 1 and places[0].kind in _GIVEN:
        return places[0]
    parts = [source for source in node.sources if source.value is None]
    if smoothed and node.op.name in ("multiply", "add") and len(parts) == 1:
        return _given(parts[0], smoothed)
    return node if node.hangs_on(*_GIVEN) and not node.hangs_on(Kind.PARAMETER) else None


def _is_log_probability(node: Node) -> bool:
    """Tell whether a node is a row of logarithms of probabilities for each sample."""
    if made_by(node) == "subtract":  # z - log(sum(exp(z))), or with logsumexp
        return len(node.shape) == 2 and made_by(node.sources[1]) in ("log", "logsumexp")
    return made_by(node) in ("log", "log_softmax") and len(node.shape) == 2


def _scales(node: Node) -> bool:
    """Tell whether a product is one of a number, or of a node with itself."""
    first, *others = node.sources
    return any(source.value is not None for source in node.sources) or all(first is other for other in others)


def tells_classes(pair: Pair, wanted: Array) -> bool:
    """Tell whether predictions are of classes, given the targets."""
    return _of_rows(pair, wanted) or _threshold(pair, wanted) is not None


def count_right(pair: Pair, predicted: Array, wanted: Array) -> tuple[int, int] | None:
    """Count the predictions of the right class, and all; None where no classes are predicted."""
    chosen = chosen_classes(pair, predicted, wanted)
    return None if chosen is None else (int(np.sum(chosen[0] == chosen[1])), chosen[0].size)


def chosen_classes(pair: Pair, predicted: Array, wanted: Array) -> tuple[Any, Any] | None:
    """Return the class that is predicted of each sample, and the right one; None where there are no classes.

    A class is the largest of a row, or on which side of one half a probability, of 0 a logit is.
    """
    if not np.isfinite(predicted).all():
        return None
    if _of_rows(pair, wanted):
        return predicted.argmax(axis=1), wanted.argmax(axis=1) if wanted.shape == predicted.shape else wanted
    threshold = _threshold(pair, wanted)
    if threshold is None:
        return None
    return (predicted > threshold).reshape(-1), (wanted > 0.5).reshape(-1)


def _of_rows(pair: Pair, wanted: Array) -> bool:
    """Tell whether each row of predictions has a number for each class."""
    shape = pair.prediction.shape
    if len(shape) != 2 or shape[1] < 2:
        return False
    if not {made_by(pair.prediction), pair.by}.isdisjoint(CLASSED):
        return True
    one_hot = wanted.shape == shape and np.isin(wanted, (0.0, 1.0)).all() and (wanted.sum(axis=1) == 1).all()
    return bool(one_hot) and _threshold(pair, wanted) is None


def _threshold(pair: Pair, wanted: Array) -> float | None:
    """Return from where on a prediction means 1; None where it does not mean 0 or 1."""
    threshold = 0.5 if made_by(pair.prediction) == "sigmoid" else THRESHOLDS.get(pair.by)
    fits = wanted.shape == pair.prediction.shape and np.isin(wanted, (0.0, 1.0)).all()
    return threshold if fits else None


def made_by(node: Node) -> str:
    """Return the name of the operation that a node is the result of; empty for a leaf."""
    return node.op.name if node.op is not None else ""
