"""Elements that meet and should not: n samples with n samples, and the sums of rows with columns.

Broadcasting makes both legal. Where the line is drawn: what is used as a matrix afterwards (in a product, in
softmax), and pairs made of one and the same data, as distances are, are taken to be meant.
"""

from __future__ import annotations

from itertools import combinations
from typing import TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import MAX_STEPS, Scene, bare, is_op, shown, typed
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.sentences import later, tr

_DIFFERENCES = ("subtract", "mse", "mae", "huber", "bce", "bce_with_logits", "hinge", "kl_div")
"""Operations of a prediction and a target, whatever stands there."""
_ALONG_AN_AXIS = {
    "sum": later("one sum"), "mean": later("one mean"), "max": later("one maximum"),
    "min": later("one minimum"),
    "norm": later("one norm"), "std": later("one deviation"), "var": later("one variance"),
    "prod": later("one product"), "logsumexp": later("one number"),
}  # fmt: skip
"""Operations that make one number of a row, and what it is."""


Pair: TypeAlias = tuple[Node, Node]
"""Two operands of an elementwise operation or a loss, before they were broadcast."""


def n_by_n(scene: Scene) -> Suspicions:
    """Find n numbers and n numbers that make n×n pairs."""
    for node in scene.graph.nodes:
        met = [operand.operands[0] for operand in node.operands if operand.is_broadcast]
        if len(met) != len(node.operands):
            continue
        for pair in combinations(dict.fromkeys(met), 2):
            cure = _cure(scene, node, pair)
            if cure is not None:
                message = _words(scene, node, pair, cure)
                yield Remark("n-by-n", scene.line(node), message, places(*node.operands, node))
                break  # of where(y > 0, p, q) one pair says it


def _cure(scene: Scene, node: Node, pair: Pair) -> str | None:
    """Say what gives both one shape; None where they do not meet, or are meant to meet like that."""
    for column, other in (pair, pair[::-1]):
        if column.shape == (*other.shape, 1):
            meant = _is_meant_otherwise(scene, node, pair)
            return _flatten(scene, column, len(other.shape)) if meant else None
    return (
        tr("transpose one of them, such as {name}.T", name=typed(pair[1]))
        if _is_row_by_column(scene, node, pair)
        else None
    )


def _is_meant_otherwise(scene: Scene, node: Node, pair: Pair) -> bool:
    """Tell whether a column was to meet a vector of its own length element by element."""
    one, other = pair
    if scene.ancestors(one, scene.given) == scene.ancestors(other, scene.given) or not _is_collapsed(
        scene, node
    ):
        return False
    if is_op(node, *_DIFFERENCES):
        return True
    axes = {scene.sample_axis(one), scene.sample_axis(other)}
    if scene.lesson.rows is not None:
        return axes == {0}
    learning = [operand for operand in (one, other) if scene.learns(operand)]
    return len(learning) == 1 and scene.uses_data(learning[0])


def _is_row_by_column(scene: Scene, node: Node, pair: Pair) -> bool:
    """Tell whether predictions in a row meet targets in a column, or the reverse.

    Where samples are counted, one has them along its columns; where all is [data], predictions depend on what
    the targets do not.
    """
    one, other = pair
    if not is_op(node, *_DIFFERENCES) or one.shape != other.shape[::-1] or len(one.shape) != 2:
        return False
    if scene.lesson.rows is not None and {scene.sample_axis(one), scene.sample_axis(other)} != {0, 1}:
        return False
    learning = [operand for operand in pair if scene.learns(operand)]
    return (
        len(learning) == 1
        and scene.uses_data(learning[0])
        and scene.ancestors(one, scene.given) != scene.ancestors(other, scene.given)
        and _is_collapsed(scene, node)
    )


def _is_collapsed(scene: Scene, node: Node) -> bool:
    return size_of(node.shape) == 1 or scene.is_averaged_or_summed(node)


def _words(scene: Scene, node: Node, pair: Pair, cure: str) -> str:
    one, other = pair
    made = node.operands[0].shape
    n, pairs = max(one.shape), size_of(made)
    said = {
        "line": scene.line(node),
        "one": f"{shown(one)} {shape_text(one.shape)}",
        "other": f"{shown(other)} {shape_text(other.shape)}",
        "made": shape_text(made)[1:-1],
        "pairs": pairs,
        "n": n,
        "cure": cure,
    }
    differences, samples = is_op(node, *_DIFFERENCES), scene.lesson.rows is not None
    if differences and samples:
        return tr(
            "line {line}: {one} and {other} make {made}: {pairs:,} differences for {n:,} samples, each of "
            "one with each of the other; {cure}",
            **said,
        )
    if differences:
        return tr(
            "line {line}: {one} and {other} make {made}: {pairs:,} differences for {n:,} numbers, each of "
            "one with each of the other; {cure}",
            **said,
        )
    if samples:
        return tr(
            "line {line}: {one} and {other} make {made}: {pairs:,} pairs for {n:,} samples, each of one with "
            "each of the other; {cure}",
            **said,
        )
    return tr(
        "line {line}: {one} and {other} make {made}: {pairs:,} pairs for {n:,} numbers, each of one with "
        "each of the other; {cure}",
        **said,
    )


def _flatten(scene: Scene, column: Node, axes: int) -> str:
    """Say how a column becomes a vector: at the parameter that made it one, in the data, or by a sum."""
    if column.is_leaf and column.kind is not Kind.PARAMETER:
        return tr(
            "give {column} as a list of numbers, shape {shape}",
            column=shown(column),
            shape=shape_text(column.shape[:-1]),
        )
    total = tr(
        "write sum({name}, axis={axes}) for {column}", name=typed(column), axes=axes, column=shown(column)
    )
    product = column
    while product.op is not None and product.op.elementwise:
        same = [operand for operand in product.sources if operand.shape == column.shape]
        if len(same) != 1:
            return total
        product = same[0]
    if is_op(product, "matmul"):
        weights = product.operands[1]
        if weights.kind is Kind.PARAMETER and weights.shape[-1:] == (1,):
            flat = shape_text(weights.shape[:-1])
            return tr(
                "give {weights} the shape {flat} in place of {shape}, or {total}",
                weights=shown(weights),
                flat=flat,
                shape=shape_text(weights.shape),
                total=total,
            )
    return total


# ---------------------------------------------------------------------- what lies along the wrong axis


def laid_across(scene: Scene) -> Suspicions:
    """Find numbers of rows that are laid along columns, which a square matrix lets pass.

    They are sums, means, maxima … of the rows, or belong to the samples, a row each.
    """
    for node in scene.graph.nodes:
        if node.op is None or not node.op.elementwise or len(node.operands) != 2:
            continue
        for laid, matrix in (node.operands, node.operands[::-1]):
            if not laid.is_broadcast or matrix.is_literal:
                continue
            matrix = matrix.operands[0] if matrix.is_broadcast else matrix
            if _is_sample_s_row(scene, laid.operands[0], matrix):
                vector = laid.operands[0]
                message = tr(
                    "line {line}: {vector} has one number for each sample, but beside {matrix} it lies "
                    "along axis 1, the columns, which fits by chance, for there are as many; give it a "
                    "row for each sample",
                    line=scene.line(node),
                    vector=f"{shown(vector)} {shape_text(vector.shape)}",
                    matrix=f"{shown(matrix)} {shape_text(matrix.shape)}",
                )
                yield Remark("laid-across", scene.line(node), message, places(laid, node))
                continue
            sums = _reduction(laid)
            if sums is None or matrix.shape != sums.operands[0].shape:
                continue
            reduced = sums.operands[0]
            axis = _lost_axis(sums)
            if axis in (None, 0) or laid.operands[0].shape != sums.shape:
                continue
            if not (scene.descends(matrix, reduced) or scene.descends(reduced, matrix)) and (
                matrix.expression != reduced.expression  # exp(z) / sum(exp(z), axis=1) has it twice
            ):
                continue  # two arrays that have nothing to do with each other
            turned = scene.ancestors(matrix, scene.transposes) ^ scene.ancestors(reduced, scene.transposes)
            if turned:
                continue  # the matrix has been turned, so that its rows lie where the sums do
            message = _across_words(scene, node, laid.operands[0], sums, matrix)
            yield Remark("laid-across", scene.line(node), message, places(laid, node))


def _is_sample_s_row(scene: Scene, vector: Node, matrix: Node) -> bool:
    """Tell whether a number for each sample lies along the other axis of a matrix that has a row for each."""
    n = scene.rows
    if n is None or vector.shape != (n,) or matrix.shape != (n, n) or not scene.fits_by_chance:
        return False
    own, other = (
        [leaf for leaf in scene.graph.given if scene.descends(node, leaf)] for node in (vector, matrix)
    )
    if not own or any(leaf.kind is not Kind.SAMPLES or leaf.shape != (n,) for leaf in own):
        return False
    turned = scene.ancestors(matrix, scene.transposes)
    return not turned and any(leaf.kind is Kind.SAMPLES for leaf in other)


def _reduction(node: Node) -> Node | None:
    """Return the sum, mean, maximum … along an axis that a node is, or is made of element by element."""
    here = node
    for _ in range(MAX_STEPS):
        if is_op(here, *_ALONG_AN_AXIS):
            return here
        arrays = [operand for operand in here.operands if size_of(operand.shape) > 1]
        whole = here.is_broadcast or (here.op is not None and here.op.elementwise)
        if not whole or len(arrays) != 1:
            return None
        here = arrays[0]
    return None


def _lost_axis(sums: Node) -> int | None:
    """Return the one axis of a reduction's operand that is gone in its result."""
    assert sums.op is not None
    axis, axes = sums.op.options["axis"], len(sums.operands[0].shape)
    if not isinstance(axis, int) or len(sums.shape) != axes - 1:
        return None
    return axis % axes


def _across_words(scene: Scene, node: Node, vector: Node, sums: Node, matrix: Node) -> str:
    reduced, axis = sums.operands[0], _lost_axis(sums)
    assert sums.op is not None
    if any(option.name == "keepdims" for option in sums.op.signature.options):
        cure = tr(
            "keep the axis: {operation}({name}, axis={axis}, keepdims=True)",
            operation=sums.op.name,
            name=typed(reduced),
            axis=axis,
        )
    else:
        sign = {"divide": "/", "subtract": "-", "multiply": "*", "add": "+"}.get(
            node.op.name if node.op else ""
        )
        turned = f"({typed(matrix)}.T {sign} {typed(vector)}).T" if sign and len(matrix.shape) == 2 else ""
        cure = tr("turn the matrix: {turned}", turned=turned) if turned else tr("transpose before and after")
        if is_op(node, "divide") and is_op(bare(matrix), "exp"):
            cure += tr(", or softmax({name})", name=typed(bare(matrix).operands[0]))
    said = {
        "line": scene.line(node),
        "vector": f"{shown(vector)} {shape_text(vector.shape)}",
        "one": tr(_ALONG_AN_AXIS[sums.op.name]),
        "reduced": f"{shown(reduced)} {shape_text(reduced.shape)}",
        "matrix": shown(matrix),
        "columns": len(reduced.shape) - 1,
    }
    message = (
        tr(
            "line {line}: {vector} has {one} for each row of {reduced}, but beside {matrix} it lies along "
            "axis {columns}, the columns",
            **said,
        )
        if axis == 1 and len(reduced.shape) == 2
        else tr(
            "line {line}: {vector} has {one} for each place along axis {axis} of {reduced}, but beside "
            "{matrix} it lies along axis {columns}, the columns",
            axis=axis,
            **said,
        )
    )
    if is_op(node, "divide") and is_op(sums, "sum") and scene.affordable:
        worst = float(np.max(np.abs(scene.value(node)), initial=0.0))
        if worst > 1.0:
            message += tr(", so that a share comes out as {share}", share=number(worst, 4))
    return tr("{message}; {cure}", message=message, cure=cure)
