"""The formula of one element's terms, for each structure: ``∂L/∂β₀ = Σᵢ Xᵀ₀ᵢ · (∂L/∂z)ᵢ``."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Factor
from tui_backprop.engine.ops.structure import (
    Contraction,
    Element,
    Expansion,
    Opaque,
    Permutation,
    Pointwise,
    Reduction,
)
from tui_backprop.explain.element.subscripts import (
    before_broadcast,
    element_partial,
    filled,
    upstream_at,
)
from tui_backprop.explain.formulas import signed
from tui_backprop.explain.titles import atom, transposed
from tui_backprop.text.spelling import pretty_text
from tui_backprop.text.subscripts import lettered, letters, subscripted


def symbolic(top: str, factor: Factor, element: Element) -> str:
    """Write what a factor contributes to one element of its operand, as a sum over the outputs it reaches.

    Args:
        top: the loss as the screen shows it.
        factor: the factor.
        element: the operand's element.
    """
    at = lettered(factor.op.affected(factor.index, element, factor.shapes))
    local = local_formula(factor, element)
    sigma = f"Σ{''.join(letters(at))} " if letters(at) else ""
    left = element_partial(top, factor.operand, element)
    return f"{left} = {sigma}{f'{local} · ' if local else ''}{upstream_at(top, factor.output, at)}"


def local_formula(factor: Factor, element: Element) -> str:
    """Write ∂output/∂element at the outputs it reaches; empty where it is 1 whatever the values are."""
    match factor.structure:
        case Expansion() | Permutation() | Reduction(divisor=None | 1):
            return ""
        case Reduction(divisor=n):
            return f"(1/{n})"
        case Pointwise():
            return _pointwise(factor, element)
        case Contraction() as contraction:
            return _contraction(contraction, factor, element)
        case Opaque(account):
            names = [atom(node) for node in factor.output.operands]
            text = account.partial_text(factor.index, element, names, atom(factor.output), factor.shapes)
            return pretty_text(signed(text, ()))


def _pointwise(factor: Factor, element: Element) -> str:
    """Write the operation's own formula, over the elements that meet here."""
    output = factor.output
    slots = [f"\x00{i}\x00" for i in range(len(output.operands))]
    text = factor.op.derivative_text(factor.index, slots, "\x00y\x00", factor.shapes)
    text = pretty_text(signed(text, ()))
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


def _contraction(contraction: Contraction, factor: Factor, element: Element) -> str:
    """Write what this element is multiplied by; where the rule transposes it, as the rule has it."""
    output, index = factor
    running = letters(lettered(contraction.affected(index, element)))
    at = filled(contraction.partner(index, element), running)
    partner, source = output.operands[1 - index], output.sources[1 - index]
    if is_transposed(factor):
        return subscripted(transposed(partner), at[::-1])
    return subscripted(atom(source), before_broadcast(source.shape, partner.shape, at))


def is_transposed(factor: Factor) -> bool:
    """Tell whether the rule for this operand names the other one transposed, as a matrix of two axes."""
    rule = factor.op.derivative_text(factor.index, ["a", "b"], "y", factor.shapes)
    return len(factor.shapes[1 - factor.index]) == 2 and ".T" in rule
