"""One element of a factor as the sum of its scalar terms, each local derivative · upstream gradient."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.listed import all_of
from tui_backprop.engine.core.settled import settled
from tui_backprop.engine.ops.structure import Element, Places
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

_INDEX = r"[-+]?[0-9]{1,18}"
_INDICES = (
    "",
    later("one index {ranges}"),
    later("two indices, {ranges}"),
    later("three indices, {ranges}"),
    later("four indices, {ranges}"),
    later("five indices, {ranges}"),
    later("six indices, {ranges}"),
)
"""What an element has, by its array's axes."""


class ElementTerms(Struct, frozen=True, eq=False):
    """What one factor contributes to one element of its operand's gradient.

    Attributes:
        element: the operand's element.
        where: the n output elements that depend on it, (n, axes of the output).
        local: ∂output/∂element at each of them, (n,).
        upstream: ∂L/∂output at each of them, (n,).
        products: local · upstream, (n,); 0 · ∞ is 0.
        total: their sum.
    """

    element: Element
    where: Places
    local: Array
    upstream: Array
    products: Array
    total: float


def element_terms(output: Node, index: int, element: Element, tape: Tape) -> ElementTerms:
    """Return the terms of one element of ``output.operands[index]``; the tape must have gone both ways.

    Raises:
        BackpropError: the operand has no such element, or is a number written in the formula.
    """
    op, operand = output.op, output.operands[index]
    assert op is not None
    if operand.kind is Kind.LITERAL:
        raise BackpropError(
            tr(
                "{name} is a number written in the formula: it has no gradient",
                name=printable(operand.name, 40),
            )
        )
    element = check_element(operand, element)
    with tape.graph.backend.quiet():
        where, local = op.jacobian_column(index, element, tape.operands(output), tape.value(output))
        upstream = np.broadcast_to(tape.gradient(output), output.shape)[tuple(where.T)].reshape(-1)
        products = np.asarray(settled(local * upstream, local, upstream))
        total = float(np.sum(products))
    where.flags.writeable = False
    return ElementTerms(element, where, frozen(local), frozen(upstream), frozen(products), total)


def check_element(node: Node, element: Sequence[Any]) -> Element:
    """Return the place of an element of a node, counted from 0; refuse one that the node does not have.

    Raises:
        BackpropError: another number of indices than the node has axes, or one that is out of range.
    """
    if not isinstance(element, Sequence) or isinstance(element, str):
        found = printable(repr(element), 40)
        raise BackpropError(tr("found element {found}; give a tuple of whole numbers", found=found))
    whole = all(isinstance(at, int | np.integer) and not isinstance(at, bool) for at in element)
    if whole and len(element) == len(node.shape):
        place = tuple(int(at) for at in element)
        if all(0 <= at < length for at, length in zip(place, node.shape, strict=True)):
            return place
    raise _refusal(node, ",".join(map(str, element)))


def parse_element(text: str, node: Node) -> Element:
    """Read an element of a node: ``0``, ``1,2``, and nothing for a scalar; brackets around it do no harm.

    Raises:
        BackpropError: text that is not indices, or an element that the node does not have.
    """
    inner = text.strip()
    if inner[:1] + inner[-1:] in ("()", "[]"):
        inner = inner[1:-1].strip().removesuffix(",")
    parts = [part.strip() for part in inner.split(",")] if inner else []
    if not all(re.fullmatch(_INDEX, part) for part in parts):
        raise _refusal(node, text)
    return check_element(node, [int(part) for part in parts])


def _refusal(node: Node, found: str) -> BackpropError:
    name = printable(node.name, 40)
    found = printable(found.strip(), 40)
    if not node.shape:
        return BackpropError(
            tr("found element {found}; {name} is a scalar: give no index", found=found, name=name)
            if found
            else tr("found no element; {name} is a scalar: give no index", name=name)
        )
    ranges = all_of(tr("from 0 to {last}", last=length - 1) for length in node.shape)
    indices = tr(_INDICES[len(node.shape)], ranges=ranges)
    shape = shape_text(node.shape)
    if not found:
        return BackpropError(
            tr(
                "found no element; {name} has shape {shape}: give {indices}",
                name=name,
                shape=shape,
                indices=indices,
            )
        )
    return BackpropError(
        tr(
            "found element {found}; {name} has shape {shape}: give {indices}",
            found=found,
            name=name,
            shape=shape,
            indices=indices,
        )
    )
