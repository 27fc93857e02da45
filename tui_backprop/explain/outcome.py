"""What a training predicts beside its targets, where the loss tells them apart, and how much is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.titles import shown
from tui_backprop.lessons.evaluation.pair import Pair, chosen_classes, count_right, pair_of
from tui_backprop.text.numbers import inline
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_DIGITS = 4
_NAMED = 8
"""Samples whose classes are named."""
NAMELESS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
"""Where classes have no names."""


class Outcome(Struct, frozen=True, eq=False):
    """Predictions and targets of one batch.

    Attributes:
        prediction, target: their names on the screen.
        predicted, wanted: their values, of one shape.
        right: how many are right, of ``count``; None where nothing is classified.
        count: samples that are classified.
        named: the first samples' classes by name, predicted and right; none where they have no names.
    """

    prediction: str
    target: str
    predicted: Array
    wanted: Array
    right: int | None = None
    count: int = 0
    named: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Prediction, target, accuracy and classes by name, a line each."""
        lines = [f"{name} = {inline(_flat(value), _DIGITS)}" for name, value in self._values]
        if self.right is not None:
            lines.append(tr("accuracy {right}/{count}", right=self.right, count=self.count))
        if self.named:
            told = [
                said if said == right else tr("{said} for {right}", said=said, right=right)
                for said, right in self.named
            ]
            more = ["…"] if self.count > len(self.named) else []
            lines.append(tr("predicted {classes}", classes=", ".join(told + more)))
        return tuple(lines)

    @property
    def _values(self) -> tuple[tuple[str, Array], ...]:
        return (self.prediction, self.predicted), (tr("target {name}", name=self.target), self.wanted)


def outcome(graph: Graph, tape: Tape, names: Mapping[str, tuple[str, ...]] = NAMELESS) -> Outcome | None:
    """Return what a batch's predictions come to; None where the loss does not tell them from its targets.

    Args:
        graph: the batch's.
        tape: its forward pass.
        names: what the classes of a target are called, in the order of their numbers.
    """
    pair = pair_of(graph)
    if pair is None:
        return None
    predicted, wanted = np.asarray(tape.value(pair.prediction)), np.asarray(tape.value(pair.target))
    right, count = count_right(pair, predicted, wanted) or (None, 0)
    named = _named(pair, predicted, wanted, names.get(pair.target.name, ()))
    return Outcome(shown(pair.prediction), shown(pair.target), predicted, wanted, right, count, named)


def _named(pair: Pair, predicted: Array, wanted: Array, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the first samples' classes by name, predicted and right; none where names are the numbers."""
    chosen = chosen_classes(pair, predicted, wanted)
    if chosen is None or len(names) < 2 or list(names) == [str(number) for number in range(len(names))]:
        return ()
    pairs = zip(*(numbers[:_NAMED].astype(int).tolist() for numbers in chosen), strict=True)
    return tuple((_name(names, said), _name(names, right)) for said, right in pairs)


def _name(names: Sequence[str], number: int) -> str:
    """Return what a class is called; its number where a net has more classes than the target."""
    return printable(names[number], 40) if 0 <= number < len(names) else str(number)


def _flat(value: Array) -> Array:
    """Return a column as a vector, which is written on one line."""
    return value.reshape(-1) if value.ndim == 2 and value.shape[1] == 1 else value
