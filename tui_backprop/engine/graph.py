"""A computation as a list of nodes in topological order, and what has to happen to walk it both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.ops import ATOM, Broadcast, Op, Term
from tui_backprop.engine.ops.base import POWER
from tui_backprop.engine.plans import Plan


class Kind(Enum):
    """Where a node's value comes from."""

    DATA = "data"
    SAMPLES = "samples"
    PARAMETER = "parameter"
    CONSTANT = "constant"  # a named line of literals only, such as k = 2
    LITERAL = "literal"  # a number in an expression: no record, no gradient
    OPERATION = "operation"


@dataclass(frozen=True, eq=False, slots=True)
class Node:
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
    def is_literal(self) -> bool:
        """Whether it is a number in an expression."""
        return self.kind is Kind.LITERAL

    @property
    def is_leaf(self) -> bool:
        """Whether the value is given and not computed."""
        return self.op is None

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Node {self.name} {self.shape}>"


def sources(op: Op | None, operands: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return operands as the lesson wrote them: what was broadcast stands for its broadcast in text."""
    if isinstance(op, Broadcast):
        return operands
    return tuple(node.operands[0] if isinstance(node.op, Broadcast) else node for node in operands)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in topological order, and the order of one iteration over them.

    Attributes:
        nodes: every node, operands before results.
        loss: the node that is differentiated; it has exactly one element.
        named: nodes with a name of the lesson's, leaves included, in file order.
        assignments: nodes that are computed, in forward order.
        factors: (output, operand index) in backward order; only nodes that reach the loss, no literals.
        training_factors: the factors that a trainable parameter's gradient depends on.
        parameters: all parameters, in file order.
        learns: for each node whether a trainable parameter is among its ancestors (or is it).
        given: the leaves whose values come from outside: data, samples and parameters.
        numbers: for each node the value of a literal or constant, None for every other node.
    """

    nodes: tuple[Node, ...]
    loss: Node
    named: Mapping[str, Node]
    assignments: tuple[Node, ...] = field(init=False)
    factors: tuple[tuple[Node, int], ...] = field(init=False)
    training_factors: tuple[tuple[Node, int], ...] = field(init=False)
    parameters: tuple[Node, ...] = field(init=False)
    learns: tuple[bool, ...] = field(init=False)
    given: tuple[Node, ...] = field(init=False)
    numbers: tuple[Array | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        reaching = reaches(self.nodes, self.loss)
        learns = tuple(descends_from_trainable(self.nodes))
        factors = tuple(
            (node, i)
            for node in reversed(self.nodes)
            if reaching[node.index]
            for i, operand in enumerate(node.operands)
            if operand.kind is not Kind.LITERAL
        )
        set_ = object.__setattr__
        set_(self, "factors", factors)
        set_(self, "training_factors", tuple((n, i) for n, i in factors if learns[n.operands[i].index]))
        set_(self, "assignments", tuple(n for n in self.nodes if n.op or n.kind is Kind.CONSTANT))
        set_(self, "parameters", tuple(n for n in self.nodes if n.kind is Kind.PARAMETER))
        set_(self, "learns", learns)
        set_(self, "given", tuple(n for n in self.nodes if n.op is None and n.value is None))
        set_(self, "numbers", tuple(None if n.value is None else np.float64(n.value) for n in self.nodes))

    @cached_property
    def plan(self) -> Plan:
        """What sweeps do."""
        return Plan(self, fuse=True)

    @cached_property
    def plain_plan(self) -> Plan:
        """What they do where values were put in by hand: each operation on its own."""
        return Plan(self, fuse=False)

    @cached_property
    def trainable(self) -> tuple[Node, ...]:
        """The parameters that updates change."""
        return tuple(node for node in self.parameters if node.trainable)

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """Data and samples, in file order."""
        return tuple(n for n in self.nodes if n.kind in (Kind.DATA, Kind.SAMPLES))


def reaches(nodes: Sequence[Node], loss: Node) -> list[bool]:
    """Tell for each node whether the loss depends on it; one pass, no recursion."""
    reaching = [False] * len(nodes)
    reaching[loss.index] = True
    for node in reversed(nodes):
        if reaching[node.index]:
            for operand in node.operands:
                reaching[operand.index] = True
    return reaching


def descends_from_trainable(nodes: Sequence[Node]) -> list[bool]:
    """Tell for each node whether a trainable parameter is among its ancestors (or is it)."""
    learning = [False] * len(nodes)
    for node in nodes:
        learning[node.index] = node.trainable or any(learning[operand.index] for operand in node.operands)
    return learning
