"""Mistakes by substitution: what stands at one factor in the place of its slope, of a value, or of a target.

Each is what the factor then hands on, beside what it should; ``hypotheses.py`` carries the difference on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, broadcast, size_of
from tui_backprop.engine.ops.arithmetic import Divide, Multiply, Power
from tui_backprop.engine.ops.functions.elementwise import ELEMENTWISE, Relu, Sigmoid, Tanh
from tui_backprop.engine.ops.structure import Contraction, Opaque
from tui_backprop.exercises.answers import full_gradient
from tui_backprop.exercises.mistakes.what import What

MOST_ELEMENTS = 2_000
"""A rule of more elements than that is not taken apart into its diagonal."""

Handed: TypeAlias = Callable[[Tape, Factor], "Array | None"]
"""What a factor hands on, in the operand's shape; None where the mistake cannot be made there."""


def contribution(tape: Tape, factor: Factor, upstream: Array | None = None) -> Array:
    """Return what one factor makes of its upstream gradient (or of another one), in the operand's shape."""
    output, index = factor
    given = full_gradient(tape, output) if upstream is None else upstream
    with np.errstate(all="ignore"):
        made = factor.op.downstream(index, given, tape.operands(output), tape.value(output))
    return broadcast(made, factor.operand.shape)


def substitutions(
    factor: Factor, graph_uses: Mapping[int, tuple[Node, ...]]
) -> Iterator[tuple[What, Node | None, Handed]]:
    """Yield what may stand at a factor in the place of something else, likely mistakes first.

    Args:
        factor: where it may stand.
        graph_uses: for each node, by index, the nodes that it is an operand of.
    """
    op = factor.op
    if is_function(factor.output):
        for what, made in _FUNCTIONS.items():
            yield what, None, made
        if isinstance(op, Sigmoid | Tanh):
            yield What.HALF_OF_SLOPE, None, _half_of_slope
            yield What.OTHER_SLOPE, None, _other_slope
        if not isinstance(op, Relu):
            yield What.GATE, None, _gate
    elif isinstance(op, Power | Divide):
        yield What.NOT_LOWERED, None, _not_lowered
    elif isinstance(factor.structure, Opaque) and factor.operand.shape == factor.output.shape:
        yield What.DIAGONAL, None, _diagonal
        yield What.TWICE, None, _diagonal_besides
        yield What.VALUE_AS_SLOPE, None, _value_as_slope
    if isinstance(op, Multiply) or isinstance(factor.structure, Contraction):
        yield from _partners(factor, graph_uses)


def is_function(node: Node) -> bool:
    """Tell whether a node is a function of one operand, element by element, such as tanh(z)."""
    return isinstance(node.op, ELEMENTWISE) and len(node.operands) == 1


def uses(graph: Graph) -> Mapping[int, tuple[Node, ...]]:
    """Return for each node, by index, the nodes that it is an operand of."""
    found: dict[int, tuple[Node, ...]] = {}
    for node in graph.nodes:
        for operand in node.operands:
            found[operand.index] = (*found.get(operand.index, ()), node)
    return found


def targets(graph: Graph, node: Node) -> Iterator[Node]:
    """Yield data of a node's shape that may be its target: p − y has y."""
    for other in graph.inputs:
        if other.shape == node.shape and other is not node:
            yield other


# ---------------------------------------------------------------------- functions


def _with(tape: Tape, factor: Factor, operand: Array, output: Array) -> Array:
    """Hand on by the factor's rule with another operand and another value of the function."""
    made = factor.op.downstream(factor.index, full_gradient(tape, factor.output), [operand], output)
    return broadcast(made, factor.operand.shape)


def _at_output(tape: Tape, factor: Factor) -> Array:
    value = tape.value(factor.output)
    return _with(tape, factor, value, factor.op.forward(value))


def _from_operand(tape: Tape, factor: Factor) -> Array:
    (operand,) = tape.operands(factor.output)
    return _with(tape, factor, operand, operand)


def _value_as_slope(tape: Tape, factor: Factor) -> Array:
    return full_gradient(tape, factor.output) * tape.value(factor.output)


def _to_gradient(tape: Tape, factor: Factor) -> Array:
    return np.asarray(factor.op.forward(full_gradient(tape, factor.output)))


def _inverted(tape: Tape, factor: Factor) -> Array | None:
    local = tape.local(*factor)
    return None if local is None else full_gradient(tape, factor.output) / local


def _half_of_slope(tape: Tape, factor: Factor) -> Array:
    """Take 1 − s for s(1 − s), and 1 − h for 1 − h²."""
    return full_gradient(tape, factor.output) * (1.0 - tape.value(factor.output))


def _other_slope(tape: Tape, factor: Factor) -> Array:
    """Take 1 − s² for s(1 − s), and h(1 − h) for 1 − h²."""
    value = tape.value(factor.output)
    slope = 1.0 - value**2 if isinstance(factor.op, Sigmoid) else value * (1.0 - value)
    return full_gradient(tape, factor.output) * slope


def _gate(tape: Tape, factor: Factor) -> Array:
    """Take 1 where the operand is above 0, as of relu."""
    (operand,) = tape.operands(factor.output)
    return full_gradient(tape, factor.output) * np.where(operand > 0, 1.0, 0.0)


_FUNCTIONS: Mapping[What, Handed] = {
    What.AT_OUTPUT: _at_output,
    What.FROM_OPERAND: _from_operand,
    What.TO_GRADIENT: _to_gradient,
    What.VALUE_AS_SLOPE: _value_as_slope,
    What.INVERTED: _inverted,
}


# ---------------------------------------------------------------------- powers, rules, products


def _not_lowered(tape: Tape, factor: Factor) -> Array:
    """Take 3x³ for 3x², and a/b for a/b²."""
    output, index = factor
    return contribution(tape, factor) * tape.operands(output)[index]


def _diagonal(tape: Tape, factor: Factor) -> Array | None:
    """Take the Jacobian's diagonal alone, as if no element moved another."""
    diagonal = _diagonal_of(tape, factor)
    return None if diagonal is None else full_gradient(tape, factor.output) * diagonal


def _diagonal_besides(tape: Tape, factor: Factor) -> Array | None:
    """Multiply by it besides: (p − t) · p(1 − p) for p − t."""
    diagonal = _diagonal_of(tape, factor)
    return None if diagonal is None else contribution(tape, factor) * diagonal


def _diagonal_of(tape: Tape, factor: Factor) -> Array | None:
    shape = factor.operand.shape
    if size_of(shape) > MOST_ELEMENTS:
        return None
    operands, value = tape.operands(factor.output), tape.value(factor.output)
    diagonal = np.zeros(shape)
    for element in np.ndindex(shape):
        places, partials = factor.op.jacobian_column(factor.index, element, operands, value)
        for place, partial in zip(places, partials, strict=True):
            if tuple(place) == element:
                diagonal[element] = partial
    return diagonal


def _partners(
    factor: Factor, graph_uses: Mapping[int, tuple[Node, ...]]
) -> Iterator[tuple[What, Node | None, Handed]]:
    """Yield what may stand for the other factor of a product: z for relu(z), relu(z) for z."""
    partner = factor.output.operands[1 - factor.index]
    if partner.shape == factor.operand.shape and partner is not factor.operand:
        yield What.OWN, factor.operand, _with_partner(factor.operand)
    if is_function(partner) or isinstance(partner.op, Power):
        inner = partner.operands[0]
        if inner.shape == partner.shape:
            yield What.BEFORE, inner, _with_partner(inner)
    for outer in graph_uses.get(partner.index, ()):
        if is_function(outer):
            yield What.AFTER, outer, _with_partner(outer)


def _with_partner(node: Node) -> Handed:
    return lambda tape, factor: _of_partner(tape, factor, tape.value(node))


def updated_partner(tape: Tape, factor: Factor) -> Array:
    """Return what a product hands on for a unit step of its other side, a parameter, along its gradient."""
    return _of_partner(tape, factor, full_gradient(tape, factor.output.operands[1 - factor.index]))


def has_trained_partner(factor: Factor) -> bool:
    """Tell whether the other side of a product is a parameter that updates change."""
    product = isinstance(factor.op, Multiply) or isinstance(factor.structure, Contraction)
    if not product or len(factor.output.operands) < 2:
        return False
    partner = factor.output.operands[1 - factor.index]
    return partner.kind is Kind.PARAMETER and partner.trainable


def _of_partner(tape: Tape, factor: Factor, value: Array) -> Array:
    output, index = factor
    operands = list(tape.operands(output))
    operands[1 - index] = value
    made = factor.op.downstream(index, full_gradient(tape, output), operands, tape.value(output))
    return broadcast(made, factor.operand.shape)
