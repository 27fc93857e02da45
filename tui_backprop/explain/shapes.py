"""The shapes that meet in a product: which axis is summed or repeated on the way back, and why."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.ops.structure import (
    Contraction,
    Expansion,
    Opaque,
    Permutation,
    Pointwise,
    Reduction,
)
from tui_backprop.explain.titles import shown
from tui_backprop.text.numbers import axes_text, shape_text

_INDICES = "ⱼₖ"


def forward_shapes(node: Node) -> str:
    """Write the shapes that a node is computed from, and its own."""
    shapes = [shape_text(operand.shape) for operand in node.operands]
    if not shapes:
        return shape_text(node.shape)
    sign = " @ " if isinstance(Factor(node, 0).structure, Contraction) else ", "
    return f"{sign.join(shapes)} → {shape_text(node.shape)}"


def meeting_axes(graph: Graph, node: Node) -> str:
    """Say which axis of what a broadcast repeats meets which axis of what; nothing where it is one number."""
    source, structure = node.operands[0], Factor(node, 0).structure
    user = next((other for other in graph.nodes[node.index :] if node in other.operands), None)
    if user is None or size_of(source.shape) == 1 or not isinstance(structure, Expansion):
        return ""
    place = user.operands.index(node)
    partner = user.sources[1 - place] if len(user.operands) == 2 else user
    words, new = [], len(node.shape) - len(source.shape)
    for axis, length in enumerate(source.shape):
        if length == 1:
            continue
        across = axis + new - (len(node.shape) - len(partner.shape))
        if across >= 0 and partner.shape[across] == length:
            words.append(f"axis {axis} of {shown(source)} meets axis {across} of {shown(partner)}")
        else:
            beside = f"where {shown(partner)} is repeated"
            words.append(f"axis {axis} of {shown(source)} lies along axis {axis + new}, {beside}")
    return f"{', '.join(words)}; repeated along {axes_text(structure.axes)}"


def factor_shapes(factor: Factor) -> str:
    """Write the shapes that meet in a factor, such as ``(2×3) @ (3) → (2): summed over …``."""
    output, operand = factor.output, factor.operand
    up, down = shape_text(output.shape), shape_text(operand.shape)
    match factor.structure:
        case Pointwise(collapsed=collapsed):
            if collapsed and operand.shape:
                return f"{up} · {down} → {down}: the one upstream number goes to every element"
            sign, how = ("⊙", ": element by element") if output.shape else ("·", "")
            return f"{up} {sign} {down} → {down}{how}"
        case Reduction(axes=axes, divisor=divisor):
            if not axes:
                return f"{up} → {down}"
            was = "which was" if len(axes) == 1 else "which were"
            how = "summed" if divisor is None else "averaged"
            share = f"1/{divisor} of it, " if divisor is not None and divisor > 1 else ""
            return f"{up} → {down}: {share}repeated along {axes_text(axes)}, {was} {how}"
        case Expansion(axes=axes):
            over = axes_text(axes)
            return f"{up} → {down}: summed over {over}, along which {shown(operand)} was repeated"
        case Permutation():
            return f"{up} → {down}: transposed back"
        case Contraction():
            return _matrix_product(factor)
        case Opaque(account):
            return f"{up} → {down}: {account.shapes_text(factor.index, factor.shapes)}"


def _matrix_product(factor: Factor) -> str:
    """Write the shapes of a matrix product's way back, and over what it sums."""
    output, index = factor
    operand, other = factor.operand, output.operands[1 - index]
    up, down, beside = output.shape, operand.shape, other.shape
    result = shape_text(down)
    if len(down) == len(beside) == 1:
        return f"scalar · {shape_text(beside)} → {result}: the one upstream number goes to every element"
    if len(beside) == 1:
        pair = (beside, up) if index else (up, beside)
        return (
            f"outer: {', '.join(map(shape_text, pair))} → {result}: nothing is summed, "
            f"because {_each(operand)} acts on one element of {shown(output)} only"
        )
    turned = shape_text((*beside[:-2], beside[-1], beside[-2]))
    if index:
        meeting, length, line = f"{turned} @ {shape_text(up)}", beside[-2], "row"
    elif len(down) == 1:
        meeting, length, line = f"{shape_text(beside)} @ {shape_text(up)}", beside[-1], "column"
    else:
        meeting, length, line = f"{shape_text(up)} @ {turned}", beside[-1], "column"
    many = len(beside) > 2 and len(down) == 1
    if length == 1 and not many:
        return f"{meeting} → {result}: one {line}, so nothing is summed"
    counted = "sample" if line == "row" and other.kind is Kind.SAMPLES and len(beside) == 2 else line
    over = f"{length} {counted}{'s' if length > 1 else ''}" + (" of all matrices" if many else "")
    return f"{meeting} → {result}: summed over the {over}, because {_each(operand)} acts in every {line}"


def _each(node: Node) -> str:
    """Return ``each βⱼ``, or ``each element of W1`` where an index would not be told from the name."""
    name = shown(node)
    if node.label is not None and len(node.shape) < 3 and len(name) == 1:
        return f"each {name}{_INDICES[: len(node.shape)]}"
    return f"each element of {name}"
