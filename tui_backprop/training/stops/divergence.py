"""Where a training left the finite numbers: the record that the NaN or Infinity comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text


class DivergedError(BackpropError):
    """A training diverged before it reached what was asked for."""


class Divergence(Struct, frozen=True):
    """The record where numbers that are not finite come from.

    Attributes:
        iteration: the iteration the record belongs to.
        record: the record; None where the starting values were not finite already.
        what: "NaN" or "Infinity".
        tape: the iteration's values and gradients.
    """

    iteration: int
    record: Record | None
    what: str
    tape: Tape | None = None

    @property
    def where(self) -> str:
        """The record in words, such as ``the value of z`` or ``the update of w``."""
        if self.record is None:
            return tr("the starting values")
        if isinstance(self.record, Assignment):
            return tr("the value of {name}", name=pretty_text(self.record.node.name))
        if isinstance(self.record, ChainFactor):
            output, operand = pretty_text(self.record.output.name), pretty_text(self.record.operand.name)
            return tr("the factor {output} <- {operand}", output=output, operand=operand)
        return tr("the update of {name}", name=pretty_text(self.record.parameter.name))

    @property
    def place(self) -> str:
        """What was found, and where, in words."""
        return tr(
            "{what} in {where}, iteration {iteration}",
            what=self.what,
            where=self.where,
            iteration=self.iteration,
        )

    @property
    def message(self) -> str:
        """One line for people."""
        return tr("diverged: {place}", place=self.place)


def is_finite(value: Array) -> bool:
    """Tell whether every element is finite."""
    if value.ndim == 0:
        return math.isfinite(value)
    # Σa², the quickest sum, is finite only where all are; it may overflow where they are, and copies what is
    # not in one piece, such as what is repeated
    in_one_piece = value.flags.c_contiguous
    return (in_one_piece and math.isfinite(np.vdot(value, value))) or bool(np.isfinite(value).all())


def computed(record: Record) -> tuple[Array, ...]:
    """Return all that a record computed."""
    if isinstance(record, Assignment):
        return (record.value,)
    if isinstance(record, ChainFactor):
        return (record.downstream, record.accumulated)
    return (record.after,)


def locate(tape: Tape, records: Iterable[Record], iteration: int) -> Divergence:
    """Find the record where the numbers that spoilt the loss, or else a parameter, stopped being finite.

    From what is spoilt the way goes back over what is not finite itself; the earliest record on it is named.
    An Infinity that was absorbed, as by 1 / (1 + exp(1000)), is on no such way.

    Args:
        tape: the iteration's values and gradients.
        records: all records of the iteration, in order.
        iteration: its number.
    """
    broken = [(place, r) for place, r in enumerate(records) if not all(map(is_finite, computed(r)))]
    values = {r.node: place for place, r in broken if isinstance(r, Assignment)}
    factors: dict[Node, list[int]] = {}
    for place, record in broken:
        if isinstance(record, ChainFactor):
            factors.setdefault(record.operand, []).append(place)
    by_place = dict(broken)
    updates = [place for place, r in broken if isinstance(r, ParameterUpdate)]
    loss = tape.graph.loss
    pending = [values[loss]] if loss in values else updates
    reached: set[int] = set()
    while pending:
        place = pending.pop()
        if place not in reached:
            reached.add(place)
            from_values, from_gradients = _sources(by_place[place])
            pending += (values[node] for node in from_values if node in values)
            pending += (path for node in from_gradients for path in factors.get(node, ()))
    if not reached:
        return Divergence(iteration, None, "NaN", tape)
    record = by_place[min(reached)]
    what = "NaN" if any(np.isnan(value).any() for value in computed(record)) else "Infinity"
    return Divergence(iteration, record, what, tape)


def _sources(record: Record) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Return the nodes whose values, and those whose gradients, a record that is not finite may owe it to."""
    if isinstance(record, Assignment):
        return record.node.operands, ()
    if isinstance(record, ParameterUpdate):
        return (), (record.parameter,)
    if is_finite(record.downstream):  # it is the sum with other paths that is not finite
        return (), ()
    output = record.output
    smooth = record.local is not None and is_finite(record.local)
    return (() if smooth else (*output.operands, output)), (() if is_finite(record.upstream) else (output,))
