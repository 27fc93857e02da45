"""A formula over given leaves to a graph, and single expressions over named arrays to their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.core.arrays import DOUBLE, Array, Shape, size_of
from tui_backprop.engine.core.backends import PLAIN, named
from tui_backprop.engine.core.errors import FormulaError, suggest
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.building.nodes import MAX_NODES, Leaf
from tui_backprop.engine.language.building.running import FormulaBuilder
from tui_backprop.engine.language.syntax import (
    CONSTANTS,
    Condition,
    Expression,
    Formula,
    Statement,
    assigned,
    walk,
)
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

__all__ = ["MAX_NODES", "Leaf", "Program", "build_graph", "evaluate", "holds"]


def build_graph(
    lines: Iterable[Statement],
    leaves: Mapping[str, Leaf],
    loss: str | None = None,
    mode: Mode = Mode.TRAINING,
    dtype: np.dtype[Any] = DOUBLE,
    backend: str = PLAIN,
) -> Graph:
    """Build the graph of a formula over given leaves.

    Args:
        lines: the parsed formula.
        leaves: data, samples and parameters by name, in file order.
        loss: the name to differentiate; the last one that is assigned when None.
        mode: what the graph is for.
        dtype: what its values and gradients are of.
        backend: full name of the back end that computes them; numbers of the formula's own are worked out
            here, in one way under all of them.

    Raises:
        FormulaError: unknown names, shapes that do not fit, a limit passed, or a loss of several numbers.
    """
    formula = lines if isinstance(lines, Formula) else Formula.of(tuple(lines), {})
    with named(PLAIN).active():
        runner = FormulaBuilder(leaves, formula, mode=mode)
        runner.run()
        if runner.again:  # how many versions a name has is known only now
            runner = FormulaBuilder(leaves, formula, runner.seen, mode)
            runner.run()
    name = loss if loss is not None else runner.last
    if not name:
        raise FormulaError(tr("the formula computes nothing; write at least one line such as L = (y - t)**2"))
    node = runner.named.get(name)
    if node is None and name in assigned(formula):
        raise FormulaError(
            tr("the loss {name} stands for several values or none; it is one number", name=name)
        )
    if node is None or (node.is_leaf and node.kind is not Kind.CONSTANT):
        known = [known for known in runner.named if known not in leaves]
        raise FormulaError(
            tr(
                "loss '{name}' is not a line of the formula{hint}",
                name=printable(name),
                hint=suggest(name, known),
            )
        )
    if size_of(node.shape) != 1:
        raise FormulaError(
            tr(
                "the loss {name} has shape {shape}, {count} numbers; make it one with sum(...) or mean(...)",
                name=name,
                shape=shape_text(node.shape),
                count=size_of(node.shape),
            ),
            *runner.places[name],
        )
    return Graph(
        tuple(runner.nodes), node, dict(runner.named), dtype, tuple(runner.groups), dict(runner.handed),
        runner.by_mode, named(backend),
    )  # fmt: skip


class Program:
    """An expression over named arrays, built once for their shapes and then run on any values of them.

    Attributes:
        node: the result, with its shape and its text.
        names: the names that are read.

    Raises:
        FormulaError: an unknown name or shapes that do not fit.
    """

    def __init__(self, expression: Expression, shapes: Mapping[str, Shape]) -> None:
        used = tuple(dict.fromkeys(step.text for step in walk(expression) if step.kind == "name"))
        # all names only where one is unknown, for the hint at the nearest
        all_known = all(name in shapes or name in CONSTANTS for name in used)
        self.names = tuple(name for name in used if name in shapes) if all_known else tuple(shapes)
        leaves = {name: Leaf(Kind.DATA, shapes[name]) for name in self.names}
        builder = FormulaBuilder(leaves, Formula.of((), {}))
        self.node = builder.evaluate(expression)
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
                    tr(
                        "a side of {symbol} has shape {shape}; compare single numbers, such as mean(x)",
                        symbol=symbol,
                        shape=shape_text(side.shape),
                    ),
                    *place,
                )
        if not compare[symbol](sides[0].item(), sides[1].item()):
            return False
    return True
