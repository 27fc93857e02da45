"""The shapes that meet in a product: which axis is summed or repeated on the way back, and why."""

from __future__ import annotations

from typing import NamedTuple

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
from tui_backprop.text.sentences import tr, tr_count

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
        names = {"name": shown(source), "other": shown(partner)}
        if across >= 0 and partner.shape[across] == length:
            words.append(
                tr("axis {axis} of {name} meets axis {met} of {other}", axis=axis, met=across, **names)
            )
        else:
            along = axis + new
            words.append(
                tr(
                    "axis {axis} of {name} lies along axis {along}, where {other} is repeated",
                    axis=axis,
                    along=along,
                    **names,
                )
            )
    meeting = ", ".join(words)
    return tr("{meeting}; repeated along {axes}", meeting=meeting, axes=axes_text(structure.axes))


def factor_shapes(factor: Factor) -> str:
    """Write the shapes that meet in a factor, such as ``(2×3) @ (3) → (2): summed over …``."""
    output, operand = factor.output, factor.operand
    up, down = shape_text(output.shape), shape_text(operand.shape)
    way = f"{up} → {down}"
    match factor.structure:
        case Pointwise(collapsed=collapsed):
            scaled = f"{up} · {down} → {down}"
            if collapsed and operand.shape:
                return tr(
                    "{shapes}: the one upstream number goes to every element",
                    shapes=scaled,
                )
            if not output.shape:
                return scaled
            return tr("{shapes}: element by element", shapes=scaled.replace("·", "⊙"))
        case Reduction(axes=axes, divisor=divisor):
            if not axes:
                return way
            return _repeated(way, axes, divisor)
        case Expansion(axes=axes):
            return tr(
                "{shapes}: summed over {axes}, along which {name} was repeated",
                shapes=way,
                axes=axes_text(axes),
                name=shown(operand),
            )
        case Permutation():
            return tr("{shapes}: transposed back", shapes=way)
        case Contraction():
            return _matrix_product(factor)
        case Opaque(account):
            return f"{way}: {account.shapes_text(factor.index, factor.shapes)}"


def _repeated(shapes: str, axes: tuple[int, ...], divisor: int | None) -> str:
    """Write the way back through a sum or a mean."""
    along = axes_text(axes)
    if divisor is None:
        return tr_count(
            "{shapes}: repeated along {axes}, which was summed",
            "{shapes}: repeated along {axes}, which were summed",
            len(axes),
            shapes=shapes,
            axes=along,
        )
    if divisor == 1:
        return tr_count(
            "{shapes}: repeated along {axes}, which was averaged",
            "{shapes}: repeated along {axes}, which were averaged",
            len(axes),
            shapes=shapes,
            axes=along,
        )
    return tr_count(
        "{shapes}: 1/{divisor} of it, repeated along {axes}, which was averaged",
        "{shapes}: 1/{divisor} of it, repeated along {axes}, which were averaged",
        len(axes),
        shapes=shapes,
        axes=along,
        divisor=divisor,
    )


def _matrix_product(factor: Factor) -> str:
    """Write the shapes of a matrix product's way back, and over what it sums."""
    output, index = factor
    operand, other = factor.operand, output.operands[1 - index]
    up, down, beside = output.shape, operand.shape, other.shape
    result = shape_text(down)
    if len(down) == len(beside) == 1:
        return tr(
            "scalar · {shape} → {result}: the one upstream number goes to every element",
            shape=shape_text(beside),
            result=result,
        )
    if len(beside) == 1:
        pair = (beside, up) if index else (up, beside)
        return tr(
            "outer: {shapes}: nothing is summed, because {each} acts on one element of {output} only",
            shapes=f"{', '.join(map(shape_text, pair))} → {result}",
            each=_each(operand),
            output=shown(output),
        )
    turned = shape_text((*beside[:-2], beside[-1], beside[-2]))
    if index:
        meeting, length = f"{turned} @ {shape_text(up)}", beside[-2]
    elif len(down) == 1:
        meeting, length = f"{shape_text(beside)} @ {shape_text(up)}", beside[-1]
    else:
        meeting, length = f"{shape_text(up)} @ {turned}", beside[-1]
    many = len(beside) > 2 and len(down) == 1
    of = _Summed(f"{meeting} → {result}", _each(operand), length)
    if index:
        return _over_rows(of, samples=other.kind is Kind.SAMPLES and len(beside) == 2, several=many)
    return _over_columns(of, several=many)


class _Summed(NamedTuple):
    """The shapes of a matrix product's way back, what acts in every row or column, and how many there are."""

    shapes: str
    each: str
    length: int


def _over_rows(of: _Summed, *, samples: bool, several: bool) -> str:
    values = {"shapes": of.shapes, "each": of.each}
    if several:
        return tr_count(
            "{shapes}: summed over the {count} row of all matrices, because {each} acts in every row",
            "{shapes}: summed over the {count} rows of all matrices, because {each} acts in every row",
            of.length,
            **values,
        )
    if of.length == 1:
        return tr("{shapes}: one row, so nothing is summed", shapes=of.shapes)
    if samples:
        return tr(
            "{shapes}: summed over the {count} samples, because {each} acts in every row",
            count=of.length,
            **values,
        )
    return tr(
        "{shapes}: summed over the {count} rows, because {each} acts in every row", count=of.length, **values
    )


def _over_columns(of: _Summed, *, several: bool) -> str:
    values = {"shapes": of.shapes, "each": of.each}
    if several:
        return tr_count(
            "{shapes}: summed over the {count} column of all matrices, because {each} acts in every column",
            "{shapes}: summed over the {count} columns of all matrices, because {each} acts in every column",
            of.length,
            **values,
        )
    if of.length == 1:
        return tr("{shapes}: one column, so nothing is summed", shapes=of.shapes)
    return tr(
        "{shapes}: summed over the {count} columns, because {each} acts in every column",
        count=of.length,
        **values,
    )


def _each(node: Node) -> str:
    """Return ``each βⱼ``, or ``each element of W1`` where an index would not be told from the name."""
    name = shown(node)
    if node.label is not None and len(node.shape) < 3 and len(name) == 1:
        return tr("each {element}", element=name + _INDICES[: len(node.shape)])
    return tr("each element of {name}", name=name)
