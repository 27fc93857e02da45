"""The shapes that meet in a product: which axis is summed or repeated on the way back, and why."""

from __future__ import annotations

from tui_backprop.engine.arrays import shape_text
from tui_backprop.engine.graph import Kind, Node
from tui_backprop.engine.ops import Broadcast, MatMul, Transpose
from tui_backprop.engine.ops.losses import CrossEntropy
from tui_backprop.engine.ops.reshaping import Mean, Reduction, Softmax, check_axis
from tui_backprop.explain.titles import shown

_INDICES = "ⱼₖ"


def forward_shapes(node: Node) -> str:
    """Write the shapes that a node is computed from, and its own."""
    shapes = [shape_text(operand.shape) for operand in node.operands]
    sign = " @ " if isinstance(node.op, MatMul) else ", "
    return f"{sign.join(shapes)} → {shape_text(node.shape)}" if shapes else shape_text(node.shape)


def factor_shapes(output: Node, index: int) -> str:
    """Write the shapes that meet in a factor, such as ``(2×3) @ (3) → (2): summed over …``."""
    op, operand = output.op, output.operands[index]
    up, down = shape_text(output.shape), shape_text(operand.shape)
    if isinstance(op, MatMul):
        return _matmul(output, index)
    if isinstance(op, Broadcast):
        axes = op.axes(operand.shape)
        return f"{up} → {down}: summed over {_axes(axes)}, along which {shown(operand)} was repeated"
    if isinstance(op, Reduction):
        axes = check_axis(op.axis, operand.shape)
        if not axes:
            return f"{up} → {down}"
        was = "which was" if len(axes) == 1 else "which were"
        share, how = "", "summed"
        if isinstance(op, Mean):
            n = op.count(operand.shape)
            share, how = f"1/{n} of it, " if n > 1 else "", "averaged"
        return f"{up} → {down}: {share}repeated along {_axes(axes)}, {was} {how}"
    if isinstance(op, Transpose):
        return f"{up} → {down}: transposed back"
    if isinstance(op, Softmax):
        line = _axes(check_axis(op.axis, operand.shape))
        return f"{up} → {down}: summed along {line}, because each element moves all of its line"
    if isinstance(op, CrossEntropy):
        return f"{up} → {down}: row by row, and the one upstream number goes to all of them"
    if output.shape != operand.shape:
        return f"{up} · {down} → {down}: the one upstream number goes to every element"
    sign, how = ("⊙", ": element by element") if output.shape else ("·", "")
    return f"{up} {sign} {down} → {down}{how}"


def _axes(axes: tuple[int, ...]) -> str:
    if len(axes) == 1:
        return f"axis {axes[0]}"
    return f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"


def _matmul(output: Node, index: int) -> str:
    """Write the shapes of a matrix product's way back, and over what it sums."""
    operand, other = output.operands[index], output.operands[1 - index]
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
    many = len(beside) == 3 and len(down) == 1
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
