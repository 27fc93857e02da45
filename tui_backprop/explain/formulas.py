"""A factor's local derivative or rule as the screen writes it, over names or over their values."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.explain.titles import atom, gradient_name, transposed
from tui_backprop.text.numbers import DIGITS, inline, is_shown_in_full, shape_text
from tui_backprop.text.parentheses import bare
from tui_backprop.text.spelling import pretty_text

_PRODUCT = re.compile(r"(?P<number>(?<![^\W\d])[\d.]+)? \* ")

INLINE_ELEMENTS = 9
"""A matrix of up to that many elements is written out inside a formula."""
UPSTREAM = "\x00u\x00"
_OUTPUT = "\x00y\x00"


def signed(text: str, shape: Shape) -> str:
    """Replace ``*`` by · between numbers and beside a literal, by ⊙ between arrays."""
    return _PRODUCT.sub(lambda m: f"{m['number']}·" if m["number"] else (" ⊙ " if shape else " · "), text)


def is_written_out(shape: Shape) -> bool:
    """Tell whether an array of this shape is written out inside a formula."""
    sized = np.broadcast_to(0.0, shape)
    return is_shown_in_full(sized) and (len(shape) < 2 or sized.size <= INLINE_ELEMENTS)


def factor_text(value: Array, digits: int = DIGITS) -> str:
    """Write a value as part of a product: negative numbers in parentheses, what is large by its shape."""
    array = np.asarray(value)
    if not is_written_out(array.shape):
        return f"[…]{shape_text(array.shape)}"
    text = inline(array, digits)
    return f"({text})" if text.startswith("−") else text


def _template(factor: Factor) -> tuple[str, dict[str, Node]]:
    """Return the formula with slots for nodes and upstream gradient, in the screen's signs, and the nodes.

    What the lesson transposed or negated, and the formula again, is the node inside: kᵀᵀ is k, −(−b) is b.
    """
    output = factor.output
    slots = [f"\x00{i}\x00" for i in range(len(output.operands))]
    text = factor.op.derivative_text(factor.index, slots, _OUTPUT, factor.shapes)
    if not output.shape:
        text = text.replace("upstream * ", "upstream · ")
    text = signed(text, factor.operand.shape or output.shape)
    text = pretty_text(text.replace("upstream", UPSTREAM))
    nodes = dict(zip(slots, output.sources, strict=True))
    for slot, node in zip(slots, output.sources, strict=True):
        if (twice := _undone(node, slot)) is not None:
            inner = f"\x00{len(nodes)}\x00"
            nodes[inner] = node.operands[0]
            text = re.sub(twice, inner, text)
    nodes[_OUTPUT] = output
    return text, {slot: node for slot, node in nodes.items() if slot in text}


def _undone(node: Node, slot: str) -> str | None:
    """Return the pattern of a formula that takes back what a node without a name has done."""
    op = node.op
    if node.label is not None or op is None:
        return None
    if op.name == "transpose" and op.options["axes"] is None:
        return f"{slot}ᵀ"
    return rf"−{slot}(?![²³⁰-⁹*])" if op.name == "negate" else None


def mentioned(factor: Factor) -> tuple[Node, ...]:
    """Return the nodes whose values the formula needs: operands as the lesson wrote them, and the output."""
    return tuple(_template(factor)[1].values())


def derivative_shape(factor: Factor) -> Shape:
    """Return the shape that an elementwise formula has as it stands; (), where it is one number for all."""
    return np.broadcast_shapes(*(node.shape for node in mentioned(factor)))


def derivative(factor: Factor, upstream: str) -> str:
    """Write the local derivative, or the rule for a gradient of that name, over names."""

    def named(node: Node) -> tuple[str, str]:
        return atom(node), transposed(node)

    return _filled(factor, named, (upstream, f"({upstream})ᵀ"))


def numbers_in_derivative(record: ChainFactor, tape: Tape) -> str:
    """Write a record's local derivative or rule over values."""

    def written(value: Array) -> tuple[str, str]:
        return factor_text(value), factor_text(np.transpose(value))

    return _filled(record.factor, lambda node: written(tape.value(node)), written(record.upstream))


def rule(record: ChainFactor, tape: Tape) -> str:
    """Write a record's local derivative or rule over names."""
    return bare(derivative(record.factor, gradient_name(tape.graph, record.output)))


def _filled(factor: Factor, text_of: Callable[[Node], tuple[str, str]], upstream: tuple[str, str]) -> str:
    """Put texts into the slots; each comes with its transpose, and long ones are made only where needed."""
    text, nodes = _template(factor)
    texts = [(slot, text_of(node)) for slot, node in nodes.items()]
    for slot, (plain, turned) in (*texts, (UPSTREAM, upstream)):
        text = text.replace(f"{slot}ᵀ", turned).replace(f"({slot})", f"({bare(plain)})").replace(slot, plain)
    return text
