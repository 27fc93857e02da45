"""What kinds of remarks look at: a lesson's graph, who uses what in it, and its values on all the data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.syntax import Choice, ForLoop, FormulaLine, Together
from tui_backprop.engine.ops.base import POWER
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.sample_axis import sample_axis
from tui_backprop.text.spelling import pretty_text

MAX_NUMBERS = 2_000_000
"""Numbers in all nodes of a lesson whose values are looked at; more take too long behind a first screen."""
SPREADS = (1.0, 30.0)
"""How far parameters are moved at random, to see what holds wherever they are."""
MAX_NAME = 60
MAX_STEPS = 30
"""Operations that are looked through to see what a number is made of."""


class Scene:
    """A lesson under one batch size, as its first batch has it, and under one seed.

    Attributes:
        graph: the graph for a batch.
        whole: the graph for all samples, which values are computed on.
    """

    def __init__(self, lesson: Lesson, batch_size: int | Literal["all"], seed: int) -> None:
        self.lesson, self.seed = lesson, seed
        self.rows = lesson.batch_rows(batch_size)[0]
        self.graph = lesson.graph(self.rows)
        self.whole = lesson.graph()
        self.numbers = sum(size_of(node.shape) for node in self.whole.nodes)
        self._lines: dict[str, int] = {}
        stack = list(reversed(lesson.lines))
        while stack:
            statement = stack.pop()
            lines = statement.lines if isinstance(statement, Together) else [statement]
            self._lines |= {line.name: line.number for line in lines if isinstance(line, FormulaLine)}
            if isinstance(statement, ForLoop):
                stack += reversed(statement.body)
            elif isinstance(statement, Choice):
                stack += (*reversed(statement.other), *reversed(statement.body))

    # ------------------------------------------------------------------ what is said of nodes

    def line(self, node: Node) -> int:
        """Return the line of the formula that a node belongs to."""
        return self._lines.get(node.line or "", 1)

    def sample_axis(self, node: Node) -> int | None:
        """Return the axis of a node that counts samples, if one does."""
        return sample_axis(self.lesson, node, self.rows)

    # ------------------------------------------------------------------ how nodes hang together

    @cached_property
    def users(self) -> dict[int, list[Node]]:
        """For each node, by index, the nodes that are computed from it."""
        users: dict[int, list[Node]] = {node.index: [] for node in self.graph.nodes}
        for node in self.graph.nodes:
            for operand in dict.fromkeys(node.operands):
                users[operand.index].append(node)
        return users

    def learns(self, node: Node) -> bool:
        """Tell whether a node depends on a parameter that is trained."""
        return self.graph.learns[node.index]

    @cached_property
    def _ancestors(self) -> list[int]:
        """For each node what it is computed from, itself included: a bit for each node, by index."""
        found: list[int] = []
        for node in self.graph.nodes:
            mask = 1 << node.index
            for operand in node.operands:
                mask |= found[operand.index]
            found.append(mask)
        return found

    def ancestors(self, node: Node, among: int = -1) -> int:
        """Return what a node is computed from as bits, of those ``among`` them."""
        return self._ancestors[node.index] & among

    @cached_property
    def given(self) -> int:
        """Data, samples and parameters, as bits."""
        return sum(1 << node.index for node in self.graph.given)

    @cached_property
    def _data(self) -> int:
        return sum(1 << node.index for node in self.graph.inputs)

    @cached_property
    def transposes(self) -> int:
        """The nodes that turn a matrix, as bits."""
        return sum(1 << node.index for node in self.graph.nodes if is_op(node, "transpose"))

    def uses_data(self, node: Node) -> bool:
        """Tell whether a node depends on data or samples."""
        return self.ancestors(node, self._data) != 0

    def descends(self, node: Node, from_: Node) -> bool:
        """Tell whether a node is computed from another one, or is it."""
        return self.ancestors(node, 1 << from_.index) != 0

    @cached_property
    def _collapsed(self) -> list[bool]:
        ends = [True] * len(self.graph.nodes)
        for node in reversed(self.graph.nodes):
            for user in self.users[node.index]:
                whole = is_op(user, "sum", "mean") or (user.op is not None and user.op.elementwise)
                if size_of(user.shape) != 1 and not (whole and ends[user.index]):
                    ends[node.index] = False
        return ends

    def is_averaged_or_summed(self, node: Node) -> bool:
        """Tell whether all elements end in one number, each on its own: it is not used as a matrix.

        On all ways from the node there are pointwise operations and reductions, until one number is left.
        """
        return self._collapsed[node.index]

    @cached_property
    def fits_by_chance(self) -> bool:
        """Whether the formula fits this many samples and not one more."""
        if self.rows is None:
            return False
        try:
            self.lesson.graph(self.rows + 1)
        except BackpropError:
            return True
        return False

    # ------------------------------------------------------------------ values

    @property
    def affordable(self) -> bool:
        """Whether the lesson is small enough for its values to be looked at."""
        return self.numbers <= MAX_NUMBERS

    @cached_property
    def start(self) -> dict[str, Array]:
        """The starting parameters by name."""
        return self.lesson.start(self.seed)

    def tape(self, parameters: dict[str, Array], graph: Graph | None = None) -> Tape:
        """Return a tape of all the data at these parameters, with nothing computed."""
        graph = graph or self.whole
        masks = graph.draw(self.seed, 0)
        return Tape(graph, {**self.lesson.data, **self.lesson.samples, **masks, **parameters})

    @cached_property
    def _tape(self) -> Tape:
        tape = self.tape(self.start)
        tape.forward()
        return tape

    @cached_property
    def _probes(self) -> tuple[Tape, ...]:
        """Values where the parameters that are trained have been moved at random."""
        draws, tapes = np.random.default_rng(0), []
        trained = {node.name for node in self.whole.trainable}
        for spread in SPREADS:
            moved = {
                name: value + spread * draws.standard_normal(value.shape) if name in trained else value
                for name, value in self.start.items()
            }
            tapes.append(self.tape(moved))
            tapes[-1].forward()
        return tuple(tapes)

    @cached_property
    def _twins(self) -> dict[int, Node]:
        """The nodes of the whole graph by index in the batch's; broadcasts come and go with the rows."""
        if self.graph is self.whole:
            return {node.index: node for node in self.graph.nodes}
        pairs = zip(_lasting(self.graph), _lasting(self.whole), strict=True)
        return {node.index: twin for node, twin in pairs}

    def value(self, node: Node) -> Array:
        """Return a node's value at the start, on all the data; not of a broadcast."""
        return np.asarray(self._tape.value(self._twins[node.index]))

    def values(self, node: Node) -> Iterator[Array]:
        """Yield its value at the start, and where parameters are moved at random."""
        for tape in (self._tape, *self._probes):
            yield np.asarray(tape.value(self._twins[node.index]))


def _lasting(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes if not node.is_broadcast]


def is_op(node: Node, *names: str) -> bool:
    """Tell whether a node is computed by one of these operations."""
    return node.op is not None and node.op.name in names


def bare(node: Node) -> Node:
    """Return what a node is, without further names for it, broadcasts and signs."""
    while is_op(node, "identity", "broadcast", "negate"):
        node = node.operands[0]
    return node


def shown(node: Node) -> str:
    """Return a node's name as the screen has it, not too long."""
    text = pretty_text(node.label if node.label is not None else node.shown.within(POWER))
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"


def typed(node: Node) -> str:
    """Return a node's name as a lesson's formula has it, not too long."""
    text = node.label if node.label is not None else node.expression
    return text if len(text) <= MAX_NAME else "…"
