"""What a training predicts beside its targets, where the loss tells them apart, and how much is right."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.titles import shown
from tui_backprop.lessons.evaluation.pair import count_right, pair_of
from tui_backprop.text.numbers import inline

_DIGITS = 4


class Outcome(Struct, frozen=True, eq=False):
    """Predictions and targets of one batch.

    Attributes:
        prediction, target: their names on the screen.
        predicted, wanted: their values, of one shape.
        right: how many are right, of ``count``; None where nothing is classified.
        count: samples that are classified.
    """

    prediction: str
    target: str
    predicted: Array
    wanted: Array
    right: int | None = None
    count: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Prediction, target and accuracy, a line each."""
        lines = [f"{name} = {inline(_flat(value), _DIGITS)}" for name, value in self._values]
        if self.right is not None:
            lines.append(f"accuracy {self.right}/{self.count}")
        return tuple(lines)

    @property
    def _values(self) -> tuple[tuple[str, Array], ...]:
        return (self.prediction, self.predicted), (f"target {self.target}", self.wanted)


def outcome(graph: Graph, tape: Tape) -> Outcome | None:
    """Return what a batch's predictions come to; None where the loss does not tell them from its targets."""
    pair = pair_of(graph)
    if pair is None:
        return None
    predicted, wanted = np.asarray(tape.value(pair.prediction)), np.asarray(tape.value(pair.target))
    right, count = count_right(pair, predicted, wanted) or (None, 0)
    return Outcome(shown(pair.prediction), shown(pair.target), predicted, wanted, right, count)


def _flat(value: Array) -> Array:
    """Return a column as a vector, which is written on one line."""
    return value.reshape(-1) if value.ndim == 2 and value.shape[1] == 1 else value
