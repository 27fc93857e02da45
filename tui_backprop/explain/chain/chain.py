"""The whole chain from the loss to one node: as textbooks write it, in numbers, and as it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.engine.autodiff.paths import Path, Segment
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.chain.layout import Layout, Link, layout, places
from tui_backprop.explain.formulas import factor_text, is_written_out
from tui_backprop.explain.titles import gradient_name
from tui_backprop.text.numbers import DIGITS, shape_text
from tui_backprop.text.sentences import tr

State: TypeAlias = Literal["done", "current", "to come"]

CURRENT = "▶"
UNKNOWN = "?"
MAX_CELLS = 8
"""A longer chain is folded in the middle."""
_MAX_SWEEP = 200
"""A link of more factors than that is not worked out for its numbers."""
_MAX_ELEMENTS = 100_000
_MAX_EXACT, _MAX_NUMBERS = 24, 30
"""Cells for a factor's numbers with all digits, and with few."""
_FEW_DIGITS = 3
"""Columns that one factor's numbers may take beside the others."""


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """One factor of the textbook line.

    Attributes:
        text: what it is, such as ``∂ŷ/∂z``; ``… n more …`` for factors that are folded.
        state: whether its records are done; the current one is among them.
        value: ∂L/∂node for the first factor, then ∂output/∂operand: its diagonal where it is elementwise,
            otherwise the Jacobian; None while it is to come, or where it is large.
        numbers: the value as text, a large one by its shape, ``?`` while it is to come.
        rounded: whether that text has only a few digits.
    """

    text: str
    state: State
    value: Array | None
    numbers: str
    rounded: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class ForkedPath:
    """One path of a fork: what it contributes, and the contribution once all of its factors are done."""

    name: str
    formula: str
    state: State
    value: Array | None
    numbers: str


@dataclass(frozen=True, eq=False, slots=True)
class Fork:
    """Several paths that meet in a node.

    Attributes:
        sum: the line for their sum, such as ``∂L/∂x = path 1 + path 2``.
        branches: the paths written out.
        more: how many there are besides.
        numbers: the sum with what each path gives, ``?`` for what is to come.
        total: the sum, once all paths have arrived.
        node: where they meet.
    """

    sum: str
    branches: tuple[ForkedPath, ...]
    more: int
    numbers: str
    total: Array | None
    node: Node


class Chain:
    """The chain from a graph's loss to a target, at one iteration.

    Args:
        tape: the iteration's values and gradients, complete.
        target: any node.
    """

    def __init__(self, tape: Tape, target: Node) -> None:
        self.tape, self.target = tape, target
        self._layout: Layout = layout(tape.graph, target)
        self.paths = self._layout.paths
        self._cells: dict[int, tuple[Cell, ...]] = {}

    @property
    def name(self) -> str:
        """What the chain is for, such as ``∂L/∂β``."""
        return gradient_name(self.tape.graph, self.target)

    @property
    def computed(self) -> str:
        """The line in the order in which it is computed; empty where it says nothing new."""
        return self._layout.computed

    @property
    def same(self) -> str:
        """Why the textbook line and the computed line are the same; empty where there is nothing to say."""
        return self._layout.same

    @property
    def complete(self) -> int:
        """A number of records after which everything is done and nothing is current."""
        return len(self.tape.graph.assignments) + len(self.tape.graph.factors) + 1

    def current(self, done: int) -> Factor | None:
        """Return the factor of the record done last, if it is on a path to the target."""
        factors = self.tape.graph.factors
        number = self._factors(done)
        if not number or done >= self.complete:
            return None
        return factors[number - 1] if self._layout.segment_of(factors[number - 1]) else None

    def _factors(self, done: int) -> int:
        """Return how many factors are done when so many records are."""
        return min(max(0, done - len(self.tape.graph.assignments)), len(self.tape.graph.factors))

    def _is_done(self, factors: Path, done: int) -> bool:
        """Tell whether the last of some factors in backward order is done."""
        return places(self.tape.graph)[factors[-1]].number <= self._factors(done)

    def _state(self, factors: Path, done: int, current: bool) -> State:
        if current:
            return "current"
        return "done" if self._is_done(factors, done) else "to come"

    # ------------------------------------------------------------------ the textbook line

    def cells(self, done: int) -> tuple[Cell, ...]:
        """Return the textbook line's factors when so many records are done; a long chain is folded."""
        if done not in self._cells:
            self._cells = {done: self._cells_after(done)}
        return self._cells[done]

    def _cells_after(self, done: int) -> tuple[Cell, ...]:
        links, current = self._layout.links, self.current(done)
        marked = None if current is None else self._layout.link_of(current)
        if len(links) <= MAX_CELLS:
            return tuple(self._cell(link, done, number == marked) for number, link in enumerate(links))
        kept = {0, 1, len(links) - 2, len(links) - 1}
        if marked is not None:
            kept |= {number for number in (marked - 1, marked, marked + 1) if 0 <= number < len(links)}
        shown: list[Cell] = []
        before = -1
        for number in sorted(kept):
            if number > before + 1:
                last = links[number - 1].factors
                folded = tr("… {count:,} more …", count=number - before - 1)
                shown.append(Cell(folded, self._state(last, done, False), None, "…"))
            shown.append(self._cell(links[number], done, number == marked))
            before = number
        return tuple(shown)

    def _cell(self, link: Link, done: int, current: bool) -> Cell:
        state = self._state(link.factors, done, current)
        if not self._is_done(link.factors, done):
            return Cell(link.text, state, None, UNKNOWN)
        value = self._link_value(link)
        if value is not None:
            uniform = link.top is not self.tape.graph.loss and link.uniform
            shown = value.reshape(-1)[0] if uniform else value
            for digits, room in ((DIGITS, _MAX_EXACT), (_FEW_DIGITS, _MAX_NUMBERS)):
                text = factor_text(shown, digits)
                if len(text) <= room:  # every character of a number takes one cell, in ASCII as well
                    return Cell(link.text, state, value, text, rounded=text != factor_text(shown))
        if link.diagonal or link.top.shape == ():
            return Cell(link.text, state, value, _left_out(link.bottom))
        shapes = f"{shape_text(link.top.shape)}×{shape_text(link.bottom.shape)}"
        return Cell(link.text, state, value, f"[…]{shapes}")

    def _link_value(self, link: Link) -> Array | None:
        """Work out what a factor of the textbook line is, where it is small enough to be written out."""
        top, bottom = link.top, link.bottom
        if top is self.tape.graph.loss:
            return np.asarray(self.tape.gradient(bottom)) if is_written_out(bottom.shape) else None
        if len(link.factors) > _MAX_SWEEP:
            return None
        if link.diagonal or top.shape == ():
            seed = np.ones(top.shape)
            return self._swept(link.factors, top, bottom, seed) if is_written_out(bottom.shape) else None
        if len(top.shape) > 1 or len(bottom.shape) > 1 or not is_written_out(top.shape + bottom.shape):
            return None
        rows = [self._swept(link.factors, top, bottom, row) for row in np.eye(top.shape[0])]
        return np.stack(rows)

    def _swept(self, factors: Path, top: Node, bottom: Node, seed: Array) -> Array:
        """Carry a gradient of ``top`` back along factors, and return what arrives at ``bottom``."""
        tape = self.tape
        gradients: dict[int, Array] = {top.index: seed}
        with tape.graph.backend.quiet():
            for factor in factors:
                output, index = factor
                upstream = gradients[output.index]
                given = factor.op.downstream(index, upstream, tape.operands(output), tape.value(output))
                at = factor.operand.index
                gradients[at] = gradients[at] + given if at in gradients else given
        return np.asarray(gradients[bottom.index])

    def textbook(self, done: int | None = None) -> str:
        """Return the textbook line; with a number of records done, the current factor is marked."""
        if not self.paths.reached:
            return tr("{name} = 0: the loss does not depend on it", name=self.name)
        cells = self.cells(done or 0)
        if not cells:
            return tr("{name} = 1, by definition", name=self.name)
        words = [f"{CURRENT if cell.state == 'current' and done else ''}{cell.text}" for cell in cells]
        return words[0] if len(words) == 1 else f"{self.name} = {' · '.join(words)}"

    def numbers(self, done: int) -> str:
        """Return the same row with the factors known in numbers, behind = or, with few digits, ≈."""
        cells = self.cells(done)
        sign = "≈" if any(cell.rounded for cell in cells) else "="
        return f"{sign} {' · '.join(cell.numbers for cell in cells)}" if cells else ""

    # ------------------------------------------------------------------ forks

    @property
    def forks(self) -> tuple[Segment, ...]:
        """The parts of the chain with several paths, from the loss on."""
        return self._layout.forks

    def fork(self, done: int) -> Fork | None:
        """Return the fork that the current factor is in, or the last one; None where there is one path."""
        current = self.current(done)
        segment = None if current is None else self._layout.segment_of(current)
        if segment is None or not segment.forked:
            segment = self.forks[-1] if self.forks else None
        return None if segment is None else self.fork_at(segment, done)

    def fork_at(self, segment: Segment, done: int) -> Fork:
        """Return one of the :attr:`forks`, laid open."""
        current = self.current(done)
        branches = []
        for number, way in enumerate(self._layout.ways(segment, current), 1):
            state = self._state(way.path, done, current in way.factors)
            value, numbers = None, UNKNOWN
            if self._is_done(way.path, done):
                value = self._path_value(segment, way.path)
                numbers = _left_out(segment.bottom) if value is None else factor_text(value)
            branches.append(
                ForkedPath(tr("path {number}", number=number), way.formula, state, value, numbers)
            )
        more = segment.count - len(branches)
        complete = self._is_done(segment.factors, done)
        total = np.asarray(self.tape.gradient(segment.bottom)) if complete else None
        line = " + ".join(branch.numbers for branch in branches) + (" + …" if more else "")
        return Fork(
            self._layout.sum_of(segment, len(branches)), tuple(branches), more, line, total, segment.bottom
        )

    def _path_value(self, segment: Segment, path: Path) -> Array | None:
        top, bottom = segment.top, segment.bottom
        if len(path) > _MAX_SWEEP:
            return None
        largest = max(np.size(self.tape.value(output)) for output, _ in path)
        if max(largest, np.size(self.tape.value(bottom))) > _MAX_ELEMENTS:
            return None
        return self._swept(path, top, bottom, np.asarray(self.tape.gradient(top)))


def _left_out(node: Node) -> str:
    """Stand in for an array of a node's shape that is not written out."""
    return f"[…]{shape_text(node.shape)}" if node.shape else "…"


def records_done(graph: Graph, record: ChainFactor) -> int:
    """Return how many records of the iteration are done when this one is the last of them."""
    return len(graph.assignments) + places(graph)[record.factor].number


def default_target(graph: Graph, record: ChainFactor) -> Node:
    """Return the node whose chain a factor is shown in, unless another is chosen.

    That is the first trainable parameter, in file order, with the factor on its chain; else the first other
    leaf; else the operand.
    """
    return _first_leaves(graph)[record.operand.index] or record.operand


@lru_cache(maxsize=4)
def _first_leaves(graph: Graph) -> tuple[Node | None, ...]:
    """Return for each node the first leaf among those it depends on, trainable ones before others."""
    leaves = [*graph.trainable, *(node for node in graph.given if not node.trainable)]
    rank = {node.index: number for number, node in enumerate(leaves)}
    first = [len(leaves)] * len(graph.nodes)
    for node in graph.nodes:
        below = (first[operand.index] for operand in node.operands)
        first[node.index] = min(below, default=rank.get(node.index, len(leaves)))
    return tuple(leaves[number] if number < len(leaves) else None for number in first)
