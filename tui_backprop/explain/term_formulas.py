"""The formula of one element's terms, for each kind of operation: ``∂L/∂β₁ = Σᵢ Xᵀ₁ᵢ · (∂L/∂z)ᵢ``."""

from __future__ import annotations

from tui_backprop.engine.arrays import size_of
from tui_backprop.engine.graph import Node
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.ops import Broadcast, MatMul, Transpose
from tui_backprop.engine.ops.base import Element
from tui_backprop.engine.ops.losses import CrossEntropy
from tui_backprop.engine.ops.reshaping import Mean, Softmax, Sum, check_axis
from tui_backprop.explain.formulas import signed
from tui_backprop.explain.subscripts import (
    LETTERS,
    before_broadcast,
    element_partial,
    filled,
    lettered,
    letters,
    subscripted,
    upstream_at,
)
from tui_backprop.explain.titles import atom


def symbolic(top: str, output: Node, index: int, element: Element) -> str:
    """Write what a factor contributes to one element of its operand, as a sum over the outputs it reaches.

    Args:
        top: the loss as the screen shows it.
        output: the factor's output.
        index: which operand of it.
        element: the operand's element.
    """
    assert output.op is not None
    at = lettered(output.op.affected(index, element, [node.shape for node in output.operands]))
    local = local_formula(output, index, element)
    sigma = f"Σ{''.join(letters(at))} " if letters(at) else ""
    factor = f"{local} · " if local else ""
    left = element_partial(top, output.operands[index], element)
    return f"{left} = {sigma}{factor}{upstream_at(top, output, at)}"


def local_formula(output: Node, index: int, element: Element) -> str:
    """Write ∂output/∂element at the outputs it reaches; empty where it is 1 whatever the values are."""
    op = output.op
    if isinstance(op, Sum | Broadcast | Transpose):
        return ""
    if isinstance(op, Mean):
        n = op.count(output.operands[0].shape)
        return f"(1/{n})" if n > 1 else ""
    if isinstance(op, MatMul):
        return _matmul(op, output, index, element)
    if isinstance(op, Softmax):
        return _softmax(op, output, element)
    if isinstance(op, CrossEntropy):
        return _cross_entropy(output, index, element)
    return _elementwise(output, index, element)


def _elementwise(output: Node, index: int, element: Element) -> str:
    """Write the operation's own formula, over the elements that meet here."""
    assert output.op is not None
    slots = [f"\x00{i}\x00" for i in range(len(output.operands))]
    shapes = [node.shape for node in output.operands]
    text = pretty_text(signed(output.op.derivative_text(index, slots, "\x00y\x00", shapes), ()))
    if text == "1":
        return ""
    text = f"({text})" if is_loose(text) else text
    for slot, node, source in zip(slots, output.operands, output.sources, strict=True):
        own = before_broadcast(source.shape, node.shape, element if node.shape else ())
        text = text.replace(slot, subscripted(atom(source), own))
    return text.replace("\x00y\x00", subscripted(atom(output), element if output.shape else ()))


def is_loose(text: str) -> bool:
    """Tell whether a text needs parentheses as a factor: a sum, a case distinction or a leading minus."""
    depth, outside = 0, ""
    for character in text:
        depth += (character == "(") - (character == ")")
        outside += character if depth == 0 else ""
    return outside.startswith("−") or any(sign in outside for sign in (" + ", " − ", " where "))


def _matmul(op: MatMul, output: Node, index: int, element: Element) -> str:
    """Write what this element is multiplied by; where the rule transposes it, as the rule has it."""
    shapes = [node.shape for node in output.operands]
    running = letters(lettered(op.affected(index, element, shapes)))
    at = filled(op.partner(index, element, shapes), running)
    partner, source = output.operands[1 - index], output.sources[1 - index]
    if is_transposed(op, output, index):
        return subscripted(f"{atom(partner)}ᵀ", at[::-1])
    return subscripted(atom(source), before_broadcast(source.shape, partner.shape, at))


def is_transposed(op: MatMul, output: Node, index: int) -> bool:
    """Tell whether the rule for this operand names the other one transposed, as a matrix of two axes."""
    shapes = [node.shape for node in output.operands]
    rule = op.derivative_text(index, ["a", "b"], "y", shapes)
    return len(shapes[1 - index]) == 2 and ".T" in rule


def _softmax(op: Softmax, output: Node, element: Element) -> str:
    (axis,) = check_axis(op.axis, output.shape)
    at = lettered((*element[:axis], None, *element[axis + 1 :]))
    kronecker = subscripted("δ", (at[axis], element[axis]))
    name = atom(output)
    return f"{subscripted(name, at)} · ({kronecker} − {subscripted(name, element)})"


def _cross_entropy(output: Node, index: int, element: Element) -> str:
    logits, targets = output.operands[0], atom(output.operands[1])
    inside = atom(logits) if logits.label else pretty_text(logits.shown.text)
    *row, _ = element
    rows = size_of(logits.shape[:-1])
    softmax = subscripted(f"softmax({inside})", element)
    per = f" / {rows}" if rows > 1 else ""
    if index:
        return f"(−log({softmax}){per})"
    letter = LETTERS[len(row)]
    weight = f"Σ{letter} {subscripted(targets, (*row, letter))}"
    return f"({softmax} · {weight} − {subscripted(targets, element)}){per}"
