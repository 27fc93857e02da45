"""One factor of the chain in words of the screen: its local derivative, or the rule that stands for it."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.explain import formulas
from tui_backprop.explain.titles import atom, gradient_name, partial
from tui_backprop.text.parentheses import bare


def derivative(graph: Graph, factor: Factor) -> str:
    """Return the local derivative, ``ŷ ⊙ (1 − ŷ)``, or the rule, ``Xᵀ @ ∂L/∂z``."""
    return bare(formulas.derivative(factor, upstream_name(graph, factor.output)))


def upstream_name(graph: Graph, node: Node) -> str:
    """Return the name of a node's gradient; a part of a sum has the gradient of the sum, ``∂L/∂z``."""
    return gradient_name(graph, upstream_of(graph, node))


def upstream_of(graph: Graph, node: Node) -> Node:
    """Return the node itself, or the named sum that a node without a name is a part of."""
    while node.label is None:
        found = graph.factors_to(node)
        if len(found) != 1 or not found[0].op.sums_up:
            break
        node = found[0].output
    return node


def equation(graph: Graph, factor: Factor) -> str:
    """Return ``∂ŷ/∂z = ŷ ⊙ (1 − ŷ)``, or for a rule ``∂L/∂β = Xᵀ @ ∂L/∂z``."""
    output, operand = factor.output, factor.operand
    left = partial(atom(output), operand) if factor.op.elementwise else gradient_name(graph, operand)
    return f"{left} = {derivative(graph, factor)}"


def product(graph: Graph, factor: Factor) -> str:
    """Return what the factor gives its operand: ``∂L/∂ŷ ⊙ ∂ŷ/∂z``, or the rule."""
    output = factor.output
    if not factor.op.elementwise:
        return derivative(graph, factor)
    sign = "⊙" if output.shape else "·"
    return f"{upstream_name(graph, output)} {sign} {partial(atom(output), factor.operand)}"
