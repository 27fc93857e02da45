"""The nodes of a graph as they are made: names looked up, limits kept, broadcasting a node of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Kind, Node, sources
from tui_backprop.engine.core.arrays import MAX_BYTES, MAX_DIMENSIONS, Shape, size_of
from tui_backprop.engine.core.errors import (
    FormulaError,
    suggest,
)
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.syntax import CONSTANTS, Instruction
from tui_backprop.engine.ops.arithmetic import Identity
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.engine.ops.base import UNARY, Op, Term
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.registry import CALLED
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text

MAX_NODES: Final = 10_000
MAX_EXPRESSION: Final = 20_000
"""Characters of one expression: every part keeps its text, which grows with the square of the length."""
MAX_WRITTEN: Final = 20_000_000
"""Characters of all expressions together."""


Held: TypeAlias = "str | tuple[Node, ...] | dict[str | int, Node] | None"
"""A value of Python's that is no array: a word, None, several values, or values by words."""


class FullError(FormulaError):
    """A limit is passed: there is no use in going on."""


class Leaf(Struct, frozen=True):
    """A value that is given: its kind, its shape and whether updates change it."""

    kind: Kind
    shape: Shape
    trainable: bool = False


class NodeBuilder:
    """Nodes so far, in topological order by construction.

    Attributes:
        by_mode: whether somebody has asked what the graph is for.
        nodes: all of them.
        named: those with a name of the lesson's.
        exact: by place in nodes, what NumPy makes besides doubles: "int" or "bool".
        memory: by place in nodes, the node whose memory a view looks at.
        handed: by the name of a running statistic, the node that is its next value.
        known: by place in nodes, numbers that are worked out of constants alone.
        objects: by place in nodes, what nodes stand for that are no arrays.
        keeps_given: whether what is given can neither get a new value nor be changed in place.
    """

    keeps_given: ClassVar[bool] = True

    def __init__(self, leaves: Mapping[str, Leaf], mode: Mode = Mode.TRAINING) -> None:
        self._mode, self.by_mode = mode, False
        self.nodes: list[Node] = []
        self.named: dict[str, Node] = {}
        self.exact: dict[int, str] = {}
        self.memory: dict[int, int] = {}
        self.handed: dict[str, Node] = {}
        self.known: dict[int, float] = {}
        self.objects: dict[int, Held] = {}
        self.bytes = sum(8 * size_of(leaf.shape) for leaf in leaves.values())
        self.written = 0
        self.line: str | None = None
        self.rows = next((leaf.shape[0] for leaf in leaves.values() if leaf.kind is Kind.SAMPLES), None)
        for name, leaf in leaves.items():
            term = Term(name)
            node = Node(
                len(self.nodes), leaf.kind, None, (), leaf.shape, term, term, name, trainable=leaf.trainable
            )
            self.nodes.append(node)
            self.named[name] = node

    @property
    def mode(self) -> Mode:
        """What the graph is for; a function that differs there is put in place by it."""
        self.by_mode = True
        return self._mode

    def look_up(self, step: Instruction) -> Node:
        """Return what a name stands for, or refuse it."""
        node = self.find(step)
        if node is not None:
            return node
        name = {"π": "pi"}.get(step.text, step.text)
        if name in CONSTANTS:
            return self.literal(CONSTANTS[name], Term(name), step, None)
        if name == "n" and self.rows is not None:
            return self.literal(float(self.rows), Term(str(self.rows)), step, None, "int")
        raise self.unknown(step)

    def find(self, step: Instruction) -> Node | None:
        """Return the node that has a name here."""
        return self.named.get(step.text)

    def unknown(self, step: Instruction) -> FormulaError:
        """Return the refusal of a name."""
        shown = printable(step.text)
        if step.text in CALLED or step.text in MAKERS:
            return FormulaError(
                tr("{name} is a function; call it: {name}(...)", name=shown), step.line, step.column
            )
        twin = next((name for name in self.named if pretty_text(name) == pretty_text(step.text)), None)
        hint = tr("; did you mean {name}?", name=twin) if twin else suggest(step.text, self.named)
        hint = hint or tr("; give it in [data], [samples] or [parameters], or assign it on a line above")
        return FormulaError(tr("unknown name {name}{hint}", name=shown, hint=hint), step.line, step.column)

    def second(self, node: Node, step: Instruction, label: str) -> Node:
        """Return a second name for a node; in NumPy it is the same array."""
        again = self.append(Identity(), (node,), step, label)
        self.memory[again.index] = self.root(node)
        if node.index in self.exact:
            self.exact[again.index] = self.exact[node.index]
        return again

    def root(self, node: Node) -> int:
        """Return whose memory a node has."""
        return self.memory.get(node.index, node.index)

    def literal(
        self, value: float, term: Term, step: Instruction, label: str | None, exact: str | None = None
    ) -> Node:
        """Return a number; with a label it is a constant of the lesson."""
        kind = Kind.CONSTANT if label else Kind.LITERAL
        if value < 0 and term.precedence > UNARY:
            term = Term(term.text, UNARY)
        node = self.push(
            Node(len(self.nodes), kind, None, (), (), term, term, label, self.line, value=value), step
        )
        if exact in ("int", "bool"):
            self.exact[node.index] = exact
        return node

    def drop(self, mark: int) -> None:
        """Forget nodes that only gave a number."""
        for at in range(mark, len(self.nodes)):
            self.exact.pop(at, None)
            self.memory.pop(at, None)
            self.known.pop(at, None)
            self.objects.pop(at, None)
            label = self.nodes[at].label
            if label is not None and self.named.get(label) is self.nodes[at]:
                del self.named[label]
                self.handed.pop(label, None)
        del self.nodes[mark:]

    def constant(self, node: Node) -> float | None:
        """Return a number that is worked out of constants alone; None for what depends on data."""
        return self.known.get(node.index) if node.value is None else node.value

    def work_out(self, node: Node) -> None:
        """Keep what a number made of constants is."""
        values: list[Any] = [self.constant(operand) for operand in node.operands]
        if node.op is not None and not any(value is None for value in values):
            numbers: list[Any] = [np.float64(value) for value in values]
            with np.errstate(all="ignore"):
                self.known[node.index] = float(node.op.forward(*numbers))

    def aligned(self, op: Op, operands: tuple[Node, ...], step: Instruction) -> tuple[Node, ...]:
        """Bring operands to the shapes that an operation needs by broadcast nodes; literals need none."""
        shapes = tuple([node.shape for node in operands])
        targets = op.aligned(*shapes)
        if targets == shapes:
            return operands
        return tuple(
            node if node.kind is Kind.LITERAL or node.shape == target else self.repeat(node, target, step)
            for node, target in zip(operands, targets, strict=True)
        )

    def repeat(self, node: Node, target: Shape, step: Instruction) -> Node:
        """Return a node repeated to a shape."""
        return self.append(Broadcast(target), (node,), step, None)

    def append(self, op: Op, operands: tuple[Node, ...], step: Instruction, label: str | None) -> Node:
        """Return the node of an operation on operands."""
        self.refuse_objects(operands, step)
        shape = op.shape(*(node.shape for node in operands))
        written = sources(op, operands)
        term = op.text(*(Term(node.label) if node.label is not None else node.term for node in written))
        names = [Term(node.label) if node.label is not None else node.shown for node in written]
        shown = op.shown(not shape or any(node.kind is Kind.LITERAL for node in operands), *names)
        return self.push(
            Node(len(self.nodes), Kind.OPERATION, op, operands, shape, term, shown, label, self.line), step
        )

    def refuse_objects(self, operands: Sequence[Node], step: Instruction) -> None:
        """Refuse to compute with what is no array.

        Raises:
            FormulaError: an operand is a word, None, or several values.
        """
        for value in [self.objects[node.index] for node in operands if node.index in self.objects]:
            if isinstance(value, tuple):
                reason = tr("found several values where a number belongs; np.stack makes an array of a list")
            elif isinstance(value, dict):
                reason = tr("found several values where a number belongs; it is none to compute with")
            else:
                reason = tr(
                    "found {found} where a number belongs; it is none to compute with", found=repr(value)
                )
            raise FormulaError(reason, step.line, step.column)

    def members(self, node: Node) -> list[Node]:
        """Return the arrays that a node stands for: itself, or those held together."""
        found: list[Node] = []
        stack = [node]
        while stack:
            one = stack.pop()
            value = self.objects.get(one.index, ...)
            held = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
            stack += held
            found += [one] if value is ... else []
        return found

    def push(self, node: Node, step: Instruction) -> Node:
        """Take a node in; refuse it where a limit is passed."""
        if len(self.nodes) >= MAX_NODES:
            raise FullError(
                tr("more than {limit:,} nodes; write a smaller formula", limit=MAX_NODES),
                step.line,
                step.column,
            )
        self.bytes += 8 * size_of(node.shape)
        if self.bytes > MAX_BYTES:
            raise FullError(
                tr(
                    "{name} of shape {shape} takes data and results past 1 GiB; use fewer samples or "
                    "smaller shapes",
                    name=printable(node.name, 40),
                    shape=shape_text(node.shape),
                ),
                step.line,
                step.column,
            )
        if len(node.shape) > MAX_DIMENSIONS:
            raise FormulaError(
                tr(
                    "{name} would have {count} axes; arrays have at most {limit}",
                    name=printable(node.name, 40),
                    count=len(node.shape),
                    limit=MAX_DIMENSIONS,
                ),
                step.line,
                step.column,
            )
        if len(node.term.text) > MAX_EXPRESSION:
            raise FullError(
                tr(
                    "an expression of more than {limit:,} characters; give parts of it names",
                    limit=MAX_EXPRESSION,
                ),
                step.line,
                step.column,
            )
        self.written += len(node.term.text)
        if self.written > MAX_WRITTEN:
            raise FullError(
                tr(
                    "the expressions have more than {limit:,} characters together; use shorter names",
                    limit=MAX_WRITTEN,
                ),
                step.line,
                step.column,
            )
        self.nodes.append(node)
        if node.operands and not node.shape:
            self.work_out(node)
        return node


def told(node: Node) -> str:
    """Return how a node is told of in a refusal: its name and its shape."""
    return f"{printable(node.name, 40)} {shape_text(node.shape)}"
