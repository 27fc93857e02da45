"""How predictions are read: as values, as one of two sides, or as one of several classes."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.evaluation.pair import CLASSED, THRESHOLDS, Pair, made_by

Classes: TypeAlias = npt.NDArray[np.intp]
_LOG = frozenset(("log", "log_softmax"))


class Decision(Struct, frozen=True):
    """How a row of predictions is read.

    Attributes:
        form: "values" that estimate the targets; "sides", each column telling two classes apart; "classes",
            a row having a number for each.
        count: how many classes there are; 0 of values.
        threshold: of sides, the prediction from where on it is the second class.
        scale: what a prediction is: "logit", "log" of a probability, "probability", or a plain "number".
        low, high: of sides, the targets of both classes.
    """

    form: Literal["values", "sides", "classes"]
    count: int = 0
    threshold: float = 0.0
    scale: Literal["logit", "log", "probability", "number"] = "number"
    low: float = 0.0
    high: float = 1.0

    @property
    def middle(self) -> float:
        """Of two classes, the score between both: 0.5 of probabilities."""
        return self.threshold if self.scale == "number" else 0.5

    def scores(self, predicted: Array) -> Array:
        """Return predictions as people read them: logits and logarithms as probabilities.

        Args:
            predicted: shape (n, k).
        """
        if self.scale == "log":
            return np.exp(predicted)
        if self.scale != "logit":
            return predicted
        if self.form == "sides":
            return 0.5 + 0.5 * np.tanh(0.5 * predicted)
        with np.errstate(all="ignore"):
            powers = np.exp(predicted - predicted.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def chosen(self, predicted: Array) -> Classes:
        """Return the class of each prediction: of shape (n,) for classes, else of theirs."""
        if self.form == "classes":
            return np.asarray(predicted.argmax(axis=1))
        return (predicted > self.threshold).astype(np.intp)

    def given(self, wanted: Array) -> Classes:
        """Return the class of each target, in the shape of what :meth:`chosen` gives."""
        if self.form == "classes":
            return wanted[:, 0].astype(np.intp) if wanted.shape[1] == 1 else wanted.argmax(axis=1)
        return (wanted > (self.low + self.high) / 2).astype(np.intp)

    def right(self, predicted: Array, wanted: Array) -> npt.NDArray[np.bool_]:
        """Return which rows are right in all they say; what is not finite is right nowhere."""
        same = self.chosen(predicted) == self.given(wanted)
        found = np.isfinite(predicted).all(axis=1)
        return np.asarray(found & (same if same.ndim == 1 else same.all(axis=1)))


def decision_of(pair: Pair, columns: int, wanted: Array) -> Decision:
    """Return how the predictions of a lesson are read.

    Args:
        pair: what the loss compares.
        columns: numbers in a row of predictions.
        wanted: all targets that are trained on, a row each, of which classes have one number or ``columns``.
    """
    maker = made_by(pair.prediction)
    one_hot = wanted.shape[1] == columns > 1 and _are(wanted, 0.0, 1.0) and (wanted.sum(axis=1) == 1).all()
    threshold = 0.5 if maker == "sigmoid" else THRESHOLDS.get(pair.by)
    if wanted.shape[1] != columns or not _are(wanted, 0.0, 1.0):
        threshold = None
    by_row = columns > 1 and not {maker, pair.by}.isdisjoint(CLASSED)
    if by_row or (one_hot and threshold is None):
        if by_row and wanted.shape[1] not in (1, columns):
            return Decision("values")
        return Decision("classes", columns, scale=_scale(pair, maker))
    if threshold is not None:
        return Decision("sides", 2, threshold, "logit" if pair.by == "bce_with_logits" else "probability")
    if columns == wanted.shape[1] == 1:
        if pair.by == "hinge" or (_are(wanted, -1.0, 1.0) and np.ptp(wanted) > 0):
            return Decision("sides", 2, 0.0, low=-1.0)
        if _are(wanted, 0.0, 1.0) and np.ptp(wanted) > 0:
            return Decision("sides", 2, 0.5)
    return Decision("values")


def _scale(pair: Pair, maker: str) -> Literal["logit", "log", "probability", "number"]:
    if pair.by == "cross_entropy":
        return "logit"
    if pair.by == "nll" or maker in _LOG or (pair.by == "index" and maker == "subtract"):
        return "log"
    return "probability" if maker == "softmax" or pair.by == "index" else "number"


def _are(wanted: Array, *values: float) -> bool:
    return bool(np.isin(wanted, values).all())
