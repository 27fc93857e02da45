"""Syntax to graph: names looked up, shapes inferred and checked, broadcasting made a node of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_backprop.engine.arrays import MAX_BYTES, Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import FormulaError, FormulaShapeError, ShapeError, printable, suggest
from tui_backprop.engine.formula import Condition, Expression, Instruction, Line
from tui_backprop.engine.graph import Graph, Kind, Node, sources
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.ops import FUNCTIONS, WITH_AXIS, Broadcast, MatMul, Op, Power, Term, Transpose
from tui_backprop.engine.ops.arithmetic import Add, Divide, Identity, Multiply, Negate, Subtract
from tui_backprop.engine.ops.base import UNARY, common_shape

MAX_NODES = 10_000
MAX_EXPONENT = 64
MAX_EXPRESSION = 20_000
"""Characters of one expression: every part keeps its text, which grows with the square of the length."""

MAX_WRITTEN = 20_000_000
"""Characters of all expressions together."""

_OPERATORS: Mapping[str, type[Op]] = {
    "+": Add, "-": Subtract, "*": Multiply, "/": Divide, "@": MatMul, "negate": Negate, ".T": Transpose,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is given: its kind, its shape and whether updates change it."""

    kind: Kind
    shape: Shape
    trainable: bool = False


def build_graph(lines: Iterable[Line], leaves: Mapping[str, Leaf], loss: str | None = None) -> Graph:
    """Build the graph of a formula over given leaves.

    Args:
        lines: the parsed formula.
        leaves: data, samples and parameters by name, in file order.
        loss: the name to differentiate; the last line's when None.

    Raises:
        FormulaError: an unknown name, shapes that do not fit, a limit passed, or a loss of several numbers.
    """
    lines = tuple(lines)
    builder = _Builder(leaves, later=[line.name for line in lines])
    builder.bytes = sum(8 * size_of(leaf.shape) for leaf in leaves.values())
    for line in lines:
        builder.add_line(line)
    name = loss if loss is not None else lines[-1].name
    node = builder.named.get(name)
    if node is None or (node.is_leaf and node.kind is not Kind.CONSTANT):
        known = [line.name for line in lines]
        raise FormulaError(f"loss '{printable(name)}' is not a line of the formula{suggest(name, known)}")
    if size_of(node.shape) != 1:
        line = next(line for line in lines if line.name == name)
        raise FormulaError(
            f"the loss {name} has shape {shape_text(node.shape)}, {size_of(node.shape)} numbers; "
            f"make it one with sum(...) or mean(...)",
            line.number,
            line.column,
        )
    return Graph(tuple(builder.nodes), node, dict(builder.named))


class Program:
    """An expression over named arrays, built once for their shapes and then run on any values of them.

    Attributes:
        node: the result, with its shape and its text.
        names: the names that are read.

    Raises:
        FormulaError: an unknown name or shapes that do not fit.
    """

    def __init__(self, expression: Expression, shapes: Mapping[str, Shape]) -> None:
        self.names = tuple(dict.fromkeys(step.text for step in expression if step.kind == "name"))
        # all names only where one is unknown, for the hint at the nearest
        known = self.names if all(name in shapes for name in self.names) else tuple(shapes)
        builder = _Builder({name: Leaf(Kind.DATA, shapes[name]) for name in known})
        self.node = builder.add_expression(expression)
        self._numbers: list[Any] = [None if n.value is None else np.float64(n.value) for n in builder.nodes]
        self._plan = [(n.index, n.op, tuple(o.index for o in n.operands)) for n in builder.nodes if n.op]

    def __call__(self, values: Mapping[str, Array]) -> Array:
        """Return the result for float64 values of the shapes that it was built for."""
        if not self._plan:  # a name or a number alone
            number = self._numbers[self.node.index]
            return values[self.node.name] if number is None else number
        computed: list[Any] = [*(values[name] for name in self.names), *self._numbers[len(self.names) :]]
        with np.errstate(all="ignore"):
            for at, op, operands in self._plan:
                computed[at] = op.forward(*[computed[i] for i in operands])
        result: Array = computed[self.node.index]
        return result


def evaluate(expression: Expression, values: Mapping[str, Array]) -> Array:
    """Evaluate an expression over named arrays, by the same graph and operations as a lesson's formula.

    Raises:
        FormulaError: an unknown name or shapes that do not fit.
    """
    program = Program(expression, {name: np.shape(value) for name, value in values.items()})
    result = program({name: np.asarray(values[name], dtype=np.float64) for name in program.names})
    return np.asarray(result, dtype=np.float64)


def holds(condition: Condition, values: Mapping[str, Array]) -> bool:
    """Tell whether every comparison of a condition holds for these values.

    Raises:
        FormulaError: an unknown name, or a side of more than one number.
    """
    compare = {
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
        "==": np.equal, "!=": np.not_equal,
    }  # fmt: skip
    for left, symbol, right in condition.comparisons:
        sides = [evaluate(side, values) for side in (left, right)]
        for side, expression in zip(sides, (left, right), strict=True):
            if side.size != 1:
                place = expression[0].line, expression[0].column
                raise FormulaError(
                    f"a side of {symbol} has shape {shape_text(side.shape)}; "
                    "compare single numbers, such as mean(x)",
                    *place,
                )
        if not compare[symbol](sides[0].item(), sides[1].item()):
            return False
    return True


class _Builder:
    """Nodes so far, in topological order by construction."""

    def __init__(self, leaves: Mapping[str, Leaf], later: Iterable[str] = ()) -> None:
        self.nodes: list[Node] = []
        self.named: dict[str, Node] = {}
        self.later = set(later)
        self.bytes = 0
        self.written = 0
        self.line: str | None = None
        for name, leaf in leaves.items():
            node = Node(
                len(self.nodes),
                leaf.kind,
                None,
                (),
                leaf.shape,
                Term(name),
                Term(name),
                name,
                trainable=leaf.trainable,
            )
            self.nodes.append(node)
            self.named[name] = node

    def add_line(self, line: Line) -> None:
        if line.name in self.named:
            kind = self.named[line.name].kind.value
            raise FormulaError(
                f"{line.name} is given in the lesson's {kind} already; use another name",
                line.number,
                line.column,
            )
        self.line = line.name
        result = self.add_expression(line.expression, line.name)
        self.named[line.name] = result
        self.line = None

    def add_expression(self, expression: Expression, label: str | None = None) -> Node:
        """Run the postfix instructions; the last one's node gets the label."""
        stack: list[Node] = []
        for number, step in enumerate(expression, 1):
            own = label if number == len(expression) else None
            if step.kind == "name":
                node = self.look_up(step)
                stack.append(self.append(Identity(), (node,), step, own) if own else node)
            elif step.kind == "number":
                stack.append(self.literal(step.number, Term(step.text), step, own))
            else:
                operands = tuple(stack[-step.arity :])
                del stack[-step.arity :]
                stack.append(self.apply(step, operands, own))
        return stack[0]

    def look_up(self, step: Instruction) -> Node:
        node = self.named.get(step.text)
        if node is not None:
            return node
        shown = printable(step.text)
        if step.text in self.later:
            raise FormulaError(f"{shown} is used before the line that assigns it", step.line, step.column)
        twin = next((name for name in self.named if pretty_text(name) == pretty_text(step.text)), None)
        hint = f"; did you mean {twin}?" if twin else suggest(step.text, self.named)
        hint = hint or "; give it in [data], [samples] or [parameters], or assign it on a line above"
        raise FormulaError(f"unknown name {shown}{hint}", step.line, step.column)

    def literal(self, value: float, term: Term, step: Instruction, label: str | None) -> Node:
        kind = Kind.CONSTANT if label else Kind.LITERAL
        if value < 0 and term.precedence > UNARY:
            term = Term(term.text, UNARY)
        return self.push(
            Node(len(self.nodes), kind, None, (), (), term, term, label, self.line, value=value), step
        )

    def apply(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        op = self.operation(step, operands)
        if all(node.kind is Kind.LITERAL for node in operands):
            return self.fold(op, step, operands, label)
        try:
            if op.broadcasts:
                operands = self.broadcast(op.name, operands, step)
            elif isinstance(op, MatMul):
                operands = self.stack(op, operands, step)
            return self.append(op, operands, step, label)
        except ShapeError as error:
            who = " and ".join(
                f"{printable(node.name, 40)} {shape_text(node.shape)}" for node in dict.fromkeys(operands)
            )
            message = f"{self.symbol(step)} of {who}: {error}"
            raise FormulaShapeError(message, step.line, step.column) from None

    @staticmethod
    def symbol(step: Instruction) -> str:
        return {"negate": "-"}.get(step.text, step.text)

    def operation(self, step: Instruction, operands: tuple[Node, ...]) -> Op:
        if step.text == "**":
            exponent = operands[1].value
            if exponent is not None and abs(exponent) > MAX_EXPONENT:
                raise FormulaError(
                    f"the exponent {exponent:g} is beyond ±{MAX_EXPONENT}; use exp and log",
                    step.line,
                    step.column,
                )
            return Power(exponent if operands[1].kind is Kind.LITERAL else None)
        if step.kind == "operator":
            return _OPERATORS[step.text]()
        if step.text in WITH_AXIS:
            return FUNCTIONS[step.text](step.axis)  # type: ignore[call-arg]
        return FUNCTIONS[step.text]()

    def fold(self, op: Op, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Work out an operation on numbers only; numbers get no factor, so this is a number again."""
        term = op.text(*(node.term for node in operands))
        try:
            op.shape(*(node.shape for node in operands))
        except ShapeError as error:
            raise FormulaShapeError(str(error), step.line, step.column) from None
        with np.errstate(all="ignore"):
            value = float(op.forward(*(np.asarray(node.value) for node in operands)))
        if not math.isfinite(value):
            raise FormulaError(f"{printable(term.text)} is not a finite number", step.line, step.column)
        return self.literal(value, term, step, label)

    def broadcast(self, name: str, operands: tuple[Node, ...], step: Instruction) -> tuple[Node, ...]:
        """Bring both operands to one shape by broadcast nodes; literals need none."""
        target = common_shape(name, operands[0].shape, operands[1].shape)
        return tuple(
            node if node.kind is Kind.LITERAL or node.shape == target else self.repeat(node, target, step)
            for node in operands
        )

    def stack(self, op: Op, operands: tuple[Node, ...], step: Instruction) -> tuple[Node, ...]:
        """Give a matrix beside a stack of matrices the stack's leading axis."""
        left, right = operands
        op.shape(left.shape, right.shape)
        if min(len(left.shape), len(right.shape)) < 2:
            return operands
        leading = common_shape(op.name, left.shape[:-2], right.shape[:-2])
        targets = (leading + node.shape[-2:] for node in operands)
        return tuple(
            node if node.shape == target else self.repeat(node, target, step)
            for node, target in zip(operands, targets, strict=True)
        )

    def repeat(self, node: Node, target: Shape, step: Instruction) -> Node:
        return self.append(Broadcast(target), (node,), step, None)

    def append(self, op: Op, operands: tuple[Node, ...], step: Instruction, label: str | None) -> Node:
        shape = op.shape(*(node.shape for node in operands))
        written = sources(op, operands)
        term = op.text(*(Term(node.label) if node.label is not None else node.term for node in written))
        names = [Term(node.label) if node.label is not None else node.shown for node in written]
        if isinstance(op, Multiply):
            plain = not shape or any(node.kind is Kind.LITERAL for node in operands)
            shown = op.signed("·" if plain else "⊙", *names)
        else:
            shown = op.text(*names)
        return self.push(
            Node(len(self.nodes), Kind.OPERATION, op, operands, shape, term, shown, label, self.line), step
        )

    def push(self, node: Node, step: Instruction) -> Node:
        if len(self.nodes) >= MAX_NODES:
            raise FormulaError(
                f"more than {MAX_NODES:,} nodes; write a smaller formula", step.line, step.column
            )
        self.bytes += 8 * size_of(node.shape)
        if self.bytes > MAX_BYTES:
            raise FormulaError(
                f"{printable(node.name, 40)} of shape {shape_text(node.shape)} takes data and results past "
                "1 GiB; use fewer samples or smaller shapes",
                step.line,
                step.column,
            )
        if len(node.term.text) > MAX_EXPRESSION:
            raise FormulaError(
                f"an expression of more than {MAX_EXPRESSION:,} characters; give parts of it names",
                step.line,
                step.column,
            )
        self.written += len(node.term.text)
        if self.written > MAX_WRITTEN:
            raise FormulaError(
                f"the expressions have more than {MAX_WRITTEN:,} characters together; use shorter names",
                step.line,
                step.column,
            )
        self.nodes.append(node)
        return node
