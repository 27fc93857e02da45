"""Means that are taken twice, or taken too early: before what is summed or averaged over the samples."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.ops.structure import Opaque, Pointwise, Reduction
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import MAX_STEPS, Scene, bare, is_op, shown
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

LEAST = 3
"""Division by 2 is the ½ of squared errors, not a mean."""


def _averaged(node: Node) -> int | None:
    """Return how many elements a node is the mean of, one number; None where it is none."""
    if size_of(node.shape) != 1 or not node.operands:
        return None
    factor = Factor(node, 0)
    match factor.structure:
        case Reduction(divisor=int(n)) | Pointwise(divisor=int(n)):
            return n
        case Opaque(account) if is_op(node, "cross_entropy"):
            return account.averaged(0, factor.shapes)
    return None


def mean_in_sum(scene: Scene) -> Suspicions:
    """Find a mean over the samples inside a sum: added up once for each element, or nothing to add up."""
    for node in scene.graph.nodes:
        if is_op(node, "sum") and node.operands[0].shape == () and _averaged(bare(node.operands[0])):
            inner = node.operands[0]
            message = tr(
                "line {line}: {inner} is a mean already, one number, and its sum is the same number; "
                "take the sum alone or the mean alone, and the learning rate that goes with it",
                line=scene.line(node),
                inner=shown(inner),
            )
            yield Remark("mean-in-sum", scene.line(node), message, places(node))
        elif is_op(node, "add", "subtract") and node.shape:
            yield from _added_up(scene, node)


def _added_up(scene: Scene, node: Node) -> Suspicions:
    """Find the mean of what is trained, repeated beside an array that it has nothing to do with."""
    for repeated, other in (node.operands, node.operands[::-1]):
        if not repeated.is_broadcast or other.is_literal:
            continue
        mean = _mean_of(repeated)
        if mean is None or not scene.learns(mean) or (_averaged(mean) or 0) < 2:
            continue
        inner = mean.operands[0]
        array = other.operands[0] if other.is_broadcast else other
        if scene.descends(array, inner) or (scene.descends(inner, array) and not array.is_leaf):
            continue  # taking an array's own mean from it is meant
        if not scene.uses_data(mean) or not scene.is_averaged_or_summed(node):
            continue
        ends = _ends(scene, node)
        if ends is None or (is_op(ends, "mean") and is_op(node, "add")):
            continue  # a mean of copies is the number itself
        n = size_of(node.shape)
        if is_op(node, "add"):
            cure = tr("add it outside of {ends}", ends=shown(ends))
            what = tr(
                "it is added {n:,} times, once for each element of {array}",
                n=n,
                array=f"{shown(array)} {shape_text(array.shape)}",
            )
        else:
            cure = tr("take the mean last, of all that is inside")
            what = tr(
                "every element of {array} meets that one number",
                array=f"{shown(array)} {shape_text(array.shape)}",
            )
        where = tr(
            "line {line}: {mean} is a mean, one number, inside {ends}",
            line=scene.line(node),
            mean=shown(mean),
            ends=shown(ends),
        )
        message = tr("{where}: {what}; {cure}", where=where, what=what, cure=cure)
        yield Remark("mean-in-sum", scene.line(node), message, places(repeated, node))


def _mean_of(node: Node) -> Node | None:
    """Return the mean that one number is, or a multiple of."""
    here = bare(node)
    for _ in range(MAX_STEPS):
        if not is_op(here, "multiply", "divide", "identity", "negate"):
            return here if _averaged(here) else None
        varying = [operand for operand in here.operands if not operand.is_literal]
        if len(varying) != 1:
            return None
        here = varying[0]
    return None


def _ends(scene: Scene, node: Node) -> Node | None:
    """Return the sum or mean that an array ends in, element by element."""
    here = node
    for _ in range(MAX_STEPS):
        users = scene.users[here.index]
        if len(users) != 1:
            return None
        here = users[0]
        if is_op(here, "sum", "mean"):
            return here
        if here.op is None or not here.op.elementwise:
            return None
    return None


def mean_twice(scene: Scene) -> Suspicions:
    """Find a mean that is divided by its number of elements once more."""
    for node in scene.graph.nodes:
        if not is_op(node, "divide", "multiply") or size_of(node.shape) != 1:
            continue
        for inner, scale in (node.operands, node.operands[::-1]):
            mean = _mean_of(inner)
            if mean is None or scene.learns(scale) or size_of(scale.shape) != 1:
                continue
            if is_op(node, "divide") and scale is not node.operands[1]:
                continue
            n = _averaged(mean) or 0
            counts = {n, *(operand.shape[0] for operand in mean.operands[:1] if operand.shape)}
            divisor = _number(scene, scale)
            divisor = (
                divisor if divisor is None or is_op(node, "divide") else 1 / divisor if divisor else None
            )
            hit = next((c for c in counts if c >= LEAST and divisor and abs(divisor / c - 1) < 1e-9), None)
            if hit is not None:
                message = tr(
                    "line {line}: {mean} is a mean of {n:,} and is divided by {hit:,} once more; leave "
                    "the division out, or write sum in place of mean",
                    line=scene.line(node),
                    mean=shown(mean),
                    n=n,
                    hit=hit,
                )
                yield Remark("mean-twice", scene.line(node), message, places(node))


def _number(scene: Scene, node: Node) -> float | None:
    """Return a number that does not depend on what is trained."""
    if node.value is not None:
        return float(node.value)
    source = bare(node)
    if source.is_leaf:
        value = scene.lesson.data.get(source.name)
        return None if value is None or np.size(value) != 1 else float(np.asarray(value).item())
    return float(scene.value(node).item()) if scene.affordable and not node.is_broadcast else None
