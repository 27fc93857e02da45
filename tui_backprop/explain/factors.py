"""One factor of the chain in words of the screen: its local derivative, or the rule that stands for it."""

from __future__ import annotations

from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.ops import Add, Identity
from tui_backprop.explain import formulas
from tui_backprop.explain.formulas import bare
from tui_backprop.explain.titles import atom, gradient_name, partial


def derivative(graph: Graph, output: Node, index: int) -> str:
    """Return the local derivative, ``ŷ ⊙ (1 − ŷ)``, or the rule, ``Xᵀ @ ∂L/∂z``."""
    return bare(formulas.derivative(output, index, upstream_name(graph, output)))


def upstream_name(graph: Graph, node: Node) -> str:
    """Return the name of a node's gradient; a part of a sum has the gradient of the sum, ``∂L/∂z``."""
    followers: dict[Node, list[Node]] = {}
    for output, index in graph.factors if node.label is None else ():
        followers.setdefault(output.operands[index], []).append(output)
    while node.label is None:
        found = followers.get(node, [])
        if len(found) != 1 or not isinstance(found[0].op, Add | Identity):
            break
        node = found[0]
    return gradient_name(graph, node)


def equation(graph: Graph, output: Node, index: int) -> str:
    """Return ``∂ŷ/∂z = ŷ ⊙ (1 − ŷ)``, or for a rule ``∂L/∂β = Xᵀ @ ∂L/∂z``."""
    operand = output.operands[index]
    assert output.op is not None
    elementwise = output.op.elementwise
    left = partial(atom(output), operand) if elementwise else gradient_name(graph, operand)
    return f"{left} = {derivative(graph, output, index)}"


def product(graph: Graph, output: Node, index: int) -> str:
    """Return what the factor gives its operand: ``∂L/∂ŷ ⊙ ∂ŷ/∂z``, or the rule."""
    operand = output.operands[index]
    assert output.op is not None
    if not output.op.elementwise:
        return derivative(graph, output, index)
    sign = "⊙" if output.shape else "·"
    return f"{upstream_name(graph, output)} {sign} {partial(atom(output), operand)}"
