"""Metrics: what is measured of predictions beside the loss, a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.errors import LessonError, found, nearest
from tui_backprop.lessons.evaluation.pair import Pair, count_right, pair_of, tells_classes
from tui_backprop.text.sentences import later, tr

Measure: TypeAlias = Callable[[Pair, Array, Array, Tape], float]
"""Works it out of what is compared, predictions, targets, and all values."""
_CROSS_ENTROPIES = frozenset(("cross_entropy", "nll", "index"))
_NOT_THE_TARGET_S = frozenset(("cross_entropy", "nll", "index", "bce_with_logits", "kl_div", "hinge"))
"""What compares targets with something else than an estimate of them: logits, or logarithms."""


class Metric(Struct, frozen=True):
    """Something that is measured.

    Attributes:
        name: what it is called.
        about: what it is, in a line of English.
        needs: what it applies to, in words.
        applies: tells whether it does, given what is compared and the targets.
        measure: works it out.
    """

    name: str
    about: str
    needs: str
    applies: Callable[[Pair, Array], bool]
    measure: Measure


def _accuracy(pair: Pair, predicted: Array, wanted: Array, tape: Tape) -> float:
    counted = count_right(pair, predicted, wanted)
    return float("nan") if counted is None else counted[0] / counted[1]


def _r2(pair: Pair, predicted: Array, wanted: Array, tape: Tape) -> float:
    unexplained = np.sum((wanted - predicted) ** 2, axis=0)
    return float(np.mean(1.0 - unexplained / np.sum((wanted - np.mean(wanted, axis=0)) ** 2, axis=0)))


def _mae(pair: Pair, predicted: Array, wanted: Array, tape: Tape) -> float:
    return float(np.mean(np.abs(wanted - predicted)))


def _perplexity(pair: Pair, predicted: Array, wanted: Array, tape: Tape) -> float:
    assert pair.node is not None
    value = np.asarray(tape.value(pair.node), np.float64)
    return float(np.exp(-np.mean(value) if pair.by == "index" else np.mean(value)))


def _estimates(pair: Pair, wanted: Array) -> bool:
    return pair.by not in _NOT_THE_TARGET_S and wanted.shape == pair.prediction.shape and wanted.ndim > 0


METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        Metric(
            "accuracy", "the share of predictions that are of the right class",
            later("classes: cross_entropy, nll, bce, bce_with_logits, or a sigmoid or softmax beside "
            "targets of 0 and 1"),
            tells_classes, _accuracy,
        ),
        Metric(
            "r2", "1 − Σ(target − prediction)² / Σ(target − mean of targets)², of columns the mean",
            later("predictions of the targets' shape, that estimate them"), _estimates, _r2,
        ),
        Metric(
            "mae", "the mean of |target − prediction|",
            later("predictions of the targets' shape, that estimate them"), _estimates, _mae,
        ),
        Metric(
            "perplexity", "exp of the mean cross-entropy",
            later("cross_entropy, nll, or log-probabilities picked by classes as in logp[range(n), y]"),
            lambda pair, wanted: pair.by in _CROSS_ENTROPIES, _perplexity,
        ),
    )
}  # fmt: skip
"""Every metric, by name."""


def check_metrics(names: Sequence[str], tape: Tape) -> None:
    """Refuse names of metrics that there are not, and metrics that do not apply.

    Args:
        names: what the lesson asks for.
        tape: a graph of the lesson with the values of what is given.

    Raises:
        LessonError: in a line, with what would be right.
    """
    where = "validation.metrics"
    pair = pair_of(tape.graph) if names else None
    for name in names:
        if name not in METRICS:
            hint = nearest(name, METRICS)
            raise LessonError(
                tr(
                    "{where}: found {found}; it must be a metric{hint}",
                    where=where,
                    found=found(name),
                    hint=hint,
                )
            )
        metric = METRICS[name]
        if pair is None:
            raise LessonError(
                tr(
                    "{where}: {name} needs a loss that compares one prediction with a target, as "
                    "mse(y_hat, y) does",
                    where=where,
                    name=name,
                )
            )
        if not metric.applies(pair, np.asarray(tape.value(pair.target))):
            raise LessonError(
                tr(
                    "{where}: {name} does not apply here: it needs {needs}, and the loss compares by {by}",
                    where=where,
                    name=name,
                    needs=tr(metric.needs),
                    by=pair.by,
                )
                if pair.by
                else tr(
                    "{where}: {name} does not apply here: it needs {needs}",
                    where=where,
                    name=name,
                    needs=tr(metric.needs),
                )
            )


def measured(names: Sequence[str], tape: Tape) -> dict[str, float]:
    """Return metrics by name, from a tape that has gone forward."""
    pair = pair_of(tape.graph) if names else None
    if pair is None:
        return {}
    predicted, wanted = (np.asarray(tape.value(node), np.float64) for node in (pair.prediction, pair.target))
    with np.errstate(all="ignore"):
        return {name: METRICS[name].measure(pair, predicted, wanted, tape) for name in names}
