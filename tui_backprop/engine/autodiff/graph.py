"""A computation as a list of nodes in topological order, and what has to happen to walk it both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from tui_backprop.engine.autodiff.groups import Group, Stretch, stretches_of
from tui_backprop.engine.core.arrays import DOUBLE, SINGLE, Array, Shape, frozen
from tui_backprop.engine.core.backends import PLAIN, Backend, named
from tui_backprop.engine.core.masks import Mask
from tui_backprop.engine.ops.base import ATOM, POWER, Op, Term
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.structure import Structure


class Kind(Enum):
    """Where a node's value comes from."""

    DATA = "data"
    SAMPLES = "samples"
    PARAMETER = "parameter"
    CONSTANT = "constant"  # a named line of literals only, such as k = 2
    DRAWN = "drawn"  # in each iteration, as a mask of dropout
    RUNNING = "running statistic"  # a statistic that each iteration hands on to the next
    LITERAL = "literal"  # a number in an expression: no record, no gradient
    OPERATION = "operation"


class Node(Struct, frozen=True, eq=False):
    """One value of the computation.

    Attributes:
        index: place in the graph's topological order.
        kind: where the value comes from.
        op: the operation; None for leaves.
        operands: what the operation is applied to, in order; one node may stand there twice.
        shape: shape of the value and of its gradient.
        term: the expression as formula text.
        shown: the same with the screen's signs, ⊙ between arrays and · beside a number; names not yet pretty.
        label: the lesson's name; None for a sub-expression.
        line: name of the formula line the node belongs to; None for leaves.
        trainable: whether updates change it (parameters only).
        value: the number of a literal or constant.
        mask: what a mask that is drawn follows from.
        start: each element of a running statistic before the first iteration.
    """

    index: int
    kind: Kind
    op: Op | None
    operands: tuple[Node, ...]
    shape: Shape
    term: Term
    shown: Term
    label: str | None = None
    line: str | None = None
    trainable: bool = False
    value: float | None = None
    mask: Mask | None = None
    start: float | None = None

    @property
    def name(self) -> str:
        """The lesson's name, or the expression's text, such as ``(y - t)``."""
        return self.label if self.label is not None else self.term.within(POWER)

    @property
    def atom(self) -> str:
        """The text for use inside another expression."""
        return self.label if self.label is not None else self.term.within(ATOM)

    @property
    def expression(self) -> str:
        """The text of what is computed, without the node's own name."""
        return self.term.text

    @property
    def sources(self) -> tuple[Node, ...]:
        """The operands as the lesson wrote them."""
        return sources(self.op, self.operands)

    @property
    def receiving(self) -> tuple[Node, ...]:
        """The operands that get a gradient from this node."""
        op = self.op
        if op is None or not op.blind:
            return self.operands
        return tuple([operand for i, operand in enumerate(self.operands) if not op.is_blind(i)])

    @property
    def is_literal(self) -> bool:
        """Whether it is a number in an expression."""
        return self.kind is Kind.LITERAL

    @property
    def is_assigned(self) -> bool:
        """Whether an iteration has a record of how it gets its value."""
        return self.op is not None or self.kind in (Kind.CONSTANT, Kind.DRAWN)

    @property
    def is_leaf(self) -> bool:
        """Whether the value is given and not computed."""
        return self.op is None

    @property
    def is_broadcast(self) -> bool:
        """Whether it repeats its operand, which the lesson did not write."""
        return isinstance(self.op, Broadcast)

    @property
    def structure(self) -> Structure | None:
        """Which of its elements depend on which elements of its operands; None of a leaf."""
        return None if self.op is None else self.op.structure(*(node.shape for node in self.operands))

    def hangs_on(self, *kinds: Kind) -> bool:
        """Tell whether this is a leaf of one of the kinds, or worked out of one."""
        left, seen = [self], {self.index}
        while left:
            node = left.pop()
            if node.kind in kinds:
                return True
            new = [operand for operand in node.operands if operand.index not in seen]
            seen.update(operand.index for operand in new)
            left += new
        return False

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Node {self.name} {self.shape}>"


class Factor(NamedTuple):
    """The place of one chain-rule factor: an output, and which of its operands.

    Attributes:
        output: the node whose gradient is known.
        index: the operand's place; a node may be several operands of one output (a * a).
    """

    output: Node
    index: int  # type: ignore[assignment]  # in the place of tuple.index

    @property
    def op(self) -> Op:
        """The output's operation."""
        op = self.output.op
        assert op is not None, self.output
        return op

    @property
    def operand(self) -> Node:
        """The node that gets the contribution."""
        return self.output.operands[self.index]

    @property
    def source(self) -> Node:
        """The operand as the lesson wrote it: what was broadcast stands for its broadcast."""
        return self.output.sources[self.index]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of all operands."""
        return tuple([node.shape for node in self.output.operands])

    @property
    def structure(self) -> Structure:
        """Which output elements depend on which elements of the operands."""
        return self.op.structure(*self.shapes)


def sources(op: Op | None, operands: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return operands as the lesson wrote them: what was broadcast stands for its broadcast in text."""
    if isinstance(op, Broadcast):
        return operands
    return tuple(node.operands[0] if node.is_broadcast else node for node in operands)


class Graph(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """Nodes in topological order, and the order of one iteration over them.

    Attributes:
        nodes: every node, operands before results.
        loss: the node that is differentiated; it has exactly one element.
        named: nodes with a name of the lesson's, leaves included, in file order.
        dtype: what values and gradients are of, doubles or single-precision floats.
        groups: which nodes a call of a function or a turn of a ``for`` has put in.
        handed: by the name of a running statistic, the node whose value is its next one.
        by_mode: whether it is another one in training than in evaluation.
        backend: which forms elementary functions have where its values are computed.
    """

    nodes: tuple[Node, ...]
    loss: Node
    named: Mapping[str, Node]
    dtype: np.dtype[Any] = DOUBLE
    groups: tuple[Group, ...] = ()
    handed: Mapping[str, Node] = {}
    by_mode: bool = False
    backend: Backend = field(default_factory=lambda: named(PLAIN))

    def under(self, backend: Backend) -> Graph:
        """Return the same graph under another back end: of the same nodes, and what is known of them."""
        other = replace(self, backend=backend)
        vars(other).update(vars(self))
        return other

    @cached_property
    def assignments(self) -> tuple[Node, ...]:
        """The nodes that are computed or drawn, in forward order."""
        return tuple(n for n in self.nodes if n.is_assigned)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors in backward order; only nodes that reach the loss, no literals."""
        reached = receives(self.nodes, self.loss)
        return tuple(
            Factor(node, i)
            for node in reversed(self.nodes)
            if reached[node.index]
            for i, operand in enumerate(node.operands)
            if operand.kind is not Kind.LITERAL and not (node.op and node.op.blind and node.op.is_blind(i))
        )

    @cached_property
    def arriving(self) -> Mapping[int, tuple[int, ...]]:
        """By a node's index, the places of the factors that lead to it; nothing where none does."""
        found: dict[int, list[int]] = {}
        for place, (output, index) in enumerate(self.factors):
            found.setdefault(output.operands[index].index, []).append(place)
        return {index: tuple(places) for index, places in found.items()}

    def factors_to(self, node: Node) -> tuple[Factor, ...]:
        """Return the factors that lead to a node, in backward order."""
        return tuple([self.factors[place] for place in self.arriving.get(node.index, ())])

    @cached_property
    def training_factors(self) -> tuple[Factor, ...]:
        """The factors that a trainable parameter's gradient depends on."""
        return tuple(factor for factor in self.factors if self.learns[factor.operand.index])

    @cached_property
    def parameters(self) -> tuple[Node, ...]:
        """All parameters, in file order."""
        return tuple(n for n in self.nodes if n.kind is Kind.PARAMETER)

    @cached_property
    def learns(self) -> tuple[bool, ...]:
        """For each node whether a trainable parameter is among its ancestors, or is it."""
        return tuple(descends_from_trainable(self.nodes))

    @cached_property
    def given(self) -> tuple[Node, ...]:
        """The leaves whose values come from outside: data, samples, parameters, masks, running ones."""
        return tuple(n for n in self.nodes if n.op is None and n.value is None)

    @cached_property
    def numbers(self) -> tuple[Array | None, ...]:
        """For each node the value of a literal or constant, None for every other node."""
        with np.errstate(over="ignore"):  # single precision has no 1e200
            return tuple(None if n.value is None else self.dtype.type(n.value) for n in self.nodes)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The records of each group, forward and backward, outermost first."""
        assigned = [node.index for node in self.assignments]
        return stretches_of(self.groups, assigned, [factor.output.index for factor in self.factors])

    @cached_property
    def leading(self) -> frozenset[int]:
        """The factors, by place, that lead to a parameter; all of them in a graph without parameters."""
        leads = [False] * len(self.nodes)
        for node in self.nodes:
            is_parameter = node.kind is Kind.PARAMETER
            leads[node.index] = is_parameter or any(leads[operand.index] for operand in node.operands)
        places = range(len(self.factors))
        return frozenset(p for p in places if not self.parameters or leads[self.factors[p].operand.index])

    @cached_property
    def aside(self) -> frozenset[int]:
        """The factors, by place, that stepping may pass over.

        They lead to data only, or hand their gradient on unchanged to a broadcast, which the lesson did not
        write.
        """
        places = enumerate(self.factors)
        handed = {p for p, factor in places if factor.operand.is_broadcast and factor.op.sums_up}
        return frozenset(set(range(len(self.factors))) - self.leading | handed)

    @cached_property
    def trainable(self) -> tuple[Node, ...]:
        """The parameters that updates change."""
        return tuple(node for node in self.parameters if node.trainable)

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """Data and samples, in file order."""
        return tuple(n for n in self.nodes if n.kind in (Kind.DATA, Kind.SAMPLES))

    @cached_property
    def drawn(self) -> tuple[tuple[Node, Mask], ...]:
        """The masks, in forward order."""
        single = self.dtype == SINGLE
        return tuple((n, replace(n.mask, single=single)) for n in self.nodes if n.mask is not None)

    @cached_property
    def statistics(self) -> tuple[Node, ...]:
        """The running statistics, in forward order."""
        return tuple(node for node in self.nodes if node.start is not None)

    def running(self) -> dict[str, Array]:
        """Return the running statistics before the first iteration, by name, read-only."""
        return {node.name: frozen(np.full(node.shape, node.start)) for node in self.statistics}

    def draw(self, seed: int, iteration: int) -> dict[str, Array]:
        """Return the masks of an iteration by name, read-only."""
        return {node.name: frozen(mask.values(seed, iteration, node.shape)) for node, mask in self.drawn}


def reaches(nodes: Sequence[Node], loss: Node, through: Any = attrgetter("operands")) -> list[bool]:
    """Tell for each node whether the loss depends on it; one pass, no recursion."""
    reaching = [False] * len(nodes)
    reaching[loss.index] = True
    for node in reversed(nodes):
        if reaching[node.index]:
            for operand in through(node):
                reaching[operand.index] = True
    return reaching


def receives(nodes: Sequence[Node], loss: Node) -> list[bool]:
    """Tell for each node whether a gradient gets there from the loss."""
    return reaches(nodes, loss, attrgetter("receiving"))


def descends_from_trainable(nodes: Sequence[Node]) -> list[bool]:
    """Tell for each node whether it hands a gradient down to a trainable parameter (or is one)."""
    learning = [False] * len(nodes)
    for node in nodes:
        learning[node.index] = node.trainable or any(learning[operand.index] for operand in node.receiving)
    return learning
