"""A graph as a function of a framework: a line for each of the formula's names, operations nested in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node, reaches
from tui_backprop.engine.compile.identifiers import Identifiers
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.base import UNARY, Op, Term
from tui_backprop.export.targets.frameworks.framework import Call, Framework, filled
from tui_backprop.export.targets.frameworks.shared import INFIX
from tui_backprop.text.sentences import tr

LONGEST = 100
"""Characters of an expression that is part of another one."""


def write_op(
    framework: Framework, op: Op, terms: Sequence[Term], shapes: Sequence[Shape], shape: Shape
) -> Term:
    """Write one operation.

    Raises:
        BackpropError: the framework has no text for it.
    """
    if op.name in INFIX:
        return op.text(*terms)
    text = framework.ops.get(op.name)
    if text is None:
        raise BackpropError(
            tr(
                "{operation} cannot be written for {framework} yet; --to script can write it",
                operation=op.name,
                framework=framework.title,
            )
        )
    written = filled(text, Call(op, tuple(terms), tuple(shapes), shape))
    return Term(written) if _is_atom(written) else Term(written, 0)


def function_lines(
    framework: Framework, graph: Graph, names: Mapping[str, str], handed: Sequence[str] = ()
) -> list[str]:
    """Write the body of the function that computes the loss.

    Args:
        framework: in whose words.
        graph: what is computed.
        names: the Python names of what is given, by the lesson's.
        handed: running statistics whose next values are returned behind the loss.

    Raises:
        BackpropError: the framework has no text for an operation.
    """
    return _Function(framework, graph, names, handed).lines


class _Function:
    def __init__(
        self, framework: Framework, graph: Graph, names: Mapping[str, str], handed: Sequence[str]
    ) -> None:
        self.framework, self.graph = framework, graph
        self.identifiers = Identifiers()
        for name in (*RESERVED, *framework.helpers, *names.values()):
            self.identifiers.take(name)
        self.lines: list[str] = []
        self.terms: dict[int, Term] = {}
        self.numbers: set[int] = set()
        results = [graph.loss, *(graph.handed[name] for name in handed)]
        needed = [False] * len(graph.nodes)
        for result in results:
            needed = [a or b for a, b in zip(needed, reaches(graph.nodes, result), strict=True)]
        nodes = [node for node in graph.nodes if needed[node.index]]
        self.uses = Counter(operand.index for node in nodes for operand in node.operands)
        for node in nodes:
            self._write(node, names)
        loss, *after = (self.terms[node.index].text for node in results)
        if graph.loss.shape:  # of one element
            loss = f"{framework.array}.reshape({loss}, ())"
        self.lines.append(f"return {loss}, ({', '.join(after)},)" if after else f"return {loss}")

    def _write(self, node: Node, names: Mapping[str, str]) -> None:
        if node.value is not None:
            whole = node.value.is_integer() and abs(node.value) < 1e15
            text = str(int(node.value)) if whole else _number(node.value)
            self.terms[node.index] = Term(text, UNARY if text.startswith("-") else 5)
            self.numbers.add(node.index)
        elif node.op is None:
            self.terms[node.index] = Term(names[node.name])
            return
        else:
            self.terms[node.index] = self._operation(node, node.op)
        if node.label is not None or (node.kind is Kind.OPERATION and self._is_kept(node)):
            self._keep(node)

    def _operation(self, node: Node, op: Op) -> Term:
        terms, shapes = [], []
        operands = [self._source(operand, node) for operand in node.operands]
        infix = op.name in INFIX
        for operand in operands:
            term = self.terms[operand.index]
            if operand.index in self.numbers and not infix:
                term = Term(f"array({term.text})")
            terms.append(term)
            shapes.append(operand.shape)
        if infix and operands and all(operand.index in self.numbers for operand in operands):
            self.numbers.add(node.index)
        return write_op(self.framework, op, terms, shapes, node.shape)

    def _source(self, operand: Node, of: Node) -> Node:
        """Return an operand as it was before it was repeated, where the framework repeats it by itself."""
        if not operand.is_broadcast or of.op is None or not of.op.elementwise:
            return operand
        before = [node.operands[0].shape if node.is_broadcast else node.shape for node in of.operands]
        return operand.operands[0] if np.broadcast_shapes(*before) == of.shape else operand

    def _is_kept(self, node: Node) -> bool:
        """Tell whether a value without a name gets one: it is used again, or long."""
        text = self.terms[node.index].text
        again = self.uses[node.index] > 1 and not node.is_broadcast
        return node.index not in self.numbers and (again or len(text) > LONGEST)

    def _keep(self, node: Node) -> None:
        wanted = (node.label or "").replace(".", "_")
        name = self.identifiers.take(wanted) if wanted else self.identifiers.temporary()
        text = self.terms[node.index].text
        if self.lines or text != name:
            self.lines.append(f"{name} = {text}")
        self.terms[node.index] = Term(name)


def _number(value: float) -> str:
    text = repr(value)
    return text if text.lstrip("-")[0].isdigit() else f'float("{text}")'


def _is_atom(text: str) -> bool:
    """Tell whether a text is one call, or something in parentheses, to its end."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in " -+*/":
            return False
        if depth == 0 and letter == "," and place:
            return False
    return True


RESERVED = (
    "torch", "F", "jax", "jnp", "lax", "loss_of", "loss_of_last", "differentiated", "differentiated_last",
    "validation_loss", "update", "gradients", "length", "share", "theta", "g", "value", "step",
)  # fmt: skip
"""Names of the programs' own, beside those of scripts."""
