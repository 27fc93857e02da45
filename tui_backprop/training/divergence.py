"""Where a training left the finite numbers: the first record that produced a NaN or an Infinity."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Assignment, ChainFactor, Record
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Graph


class DivergedError(BackpropError):
    """A training diverged before it reached what was asked for."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first record with a number that is not finite.

    Attributes:
        iteration: the iteration the record belongs to.
        record: the record; None where the starting values were not finite already.
        what: "NaN" or "Infinity".
    """

    iteration: int
    record: Record | None
    what: str

    @property
    def where(self) -> str:
        """The record in words, such as ``the value of z`` or ``the update of w``."""
        if self.record is None:
            return "the starting values"
        if isinstance(self.record, Assignment):
            return f"the value of {self.record.node.name}"
        if isinstance(self.record, ChainFactor):
            return f"the factor {self.record.output.name} <- {self.record.operand.name}"
        return f"the update of {self.record.parameter.name}"

    @property
    def message(self) -> str:
        """One line for people."""
        return f"diverged: {self.what} in {self.where}, iteration {self.iteration}"


def is_finite(value: Array) -> bool:
    """Tell whether every element is finite."""
    return math.isfinite(value) if value.ndim == 0 else bool(np.isfinite(value).all())


def result(record: Record) -> tuple[Array, ...]:
    """Return what a record computed."""
    if isinstance(record, Assignment):
        return (record.value,)
    if isinstance(record, ChainFactor):
        return (record.downstream, record.accumulated)
    return (record.after,)


def locate(graph: Graph, records: Iterable[Record], iteration: int) -> Divergence:
    """Find the first record that is not finite, leaving out what no loss and no update depends on."""
    reaching = {node.index for output, i in graph.factors for node in (output, output.operands[i])}
    reaching.add(graph.loss.index)
    learning = {(output.index, i) for output, i in graph.training_factors}
    for record in records:
        if isinstance(record, Assignment) and record.node.index not in reaching:
            continue
        if isinstance(record, ChainFactor) and (record.output.index, record.index) not in learning:
            continue
        for value in result(record):
            if not is_finite(value):
                what = "NaN" if np.isnan(value).any() else "Infinity"
                return Divergence(iteration, record, what)
    return Divergence(iteration, None, "NaN")
