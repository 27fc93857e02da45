"""Softmax where it does not belong: before another one, over a single number, over the samples."""

from __future__ import annotations

import math

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import Scene, bare, is_op, shown, typed
from tui_backprop.text.numbers import exact, shape_text
from tui_backprop.text.sentences import later, tr

_CLOSE = 1e-5
"""How far from 1 shares may add up: a small number may have been added to each, or taken as the least."""


def double_softmax(scene: Scene) -> Suspicions:
    """Find a softmax before cross_entropy, which has one of its own, or before another softmax."""
    for node in scene.graph.nodes:
        if not is_op(node, "cross_entropy", "softmax", "log_softmax"):
            continue
        given = node.operands[0]
        if not is_op(node, "cross_entropy") and not is_op(bare(given), "softmax", "divide"):
            continue
        logits = softmax_of(scene, given)
        if logits is None:
            continue
        line, what = scene.line(node), f"{shown(given)} {shape_text(given.shape)}"
        cure = give(given, logits)
        message = (
            tr(
                "line {line}: {given} is a softmax already, and cross_entropy takes logits; {cure}{floor}",
                line=line,
                given=what,
                cure=cure,
                floor=_floor(scene, node),
            )
            if is_op(node, "cross_entropy")
            else tr("line {line}: {given} is a softmax already; {cure}", line=line, given=what, cure=cure)
        )
        yield Remark("double-softmax", scene.line(node), message, places(node))


def softmax_of(scene: Scene, node: Node) -> str | None:
    """Return the logits' name where rows are shares that sum to 1, "" for a softmax of unknown make."""
    source = bare(node)
    if is_op(source, "softmax"):
        assert source.op is not None
        last = source.op.options["axis"] in (-1, len(source.shape) - 1)
        return typed(source.operands[0]) if last else None
    if source.is_leaf or source.shape[-1:] in ((), (1,)) or not scene.affordable:
        return None
    if not all(_is_shared_out(value) for value in scene.values(node)):
        return None
    while is_op(source, "transpose", "identity"):
        source = source.operands[0]
    top = bare(source.operands[0]) if is_op(source, "divide") else source
    while is_op(top, "transpose", "identity"):
        top = top.operands[0]
    return typed(top.operands[0]) if is_op(top, "exp") else ""


def _is_shared_out(value: Array) -> bool:
    """Tell whether rows are shares of 1; what is not finite, where parameters are far out, tells nothing."""
    rows = value[np.isfinite(value).all(axis=-1)]
    return bool(np.all(rows >= 0) and np.all(np.abs(rows.sum(axis=-1) - 1) < _CLOSE))


def give(given: Node, logits: str) -> str:
    """Say what belongs in the place of a softmax."""
    return (
        tr("give it {logits} in place of {given}", logits=logits, given=shown(given))
        if logits
        else tr("give it the logits")
    )


def _floor(scene: Scene, node: Node) -> str:
    """Say below which loss probabilities cannot bring cross_entropy, for one-hot targets."""
    target = node.operands[1]
    if scene.learns(target) or not scene.affordable:
        return ""
    rows = scene.value(target)
    if not (np.isin(rows, (0.0, 1.0)).all() and np.all(rows.sum(axis=-1) == 1)):
        return ""
    others = rows.shape[-1] - 1
    least = exact(math.log(1 + others / math.e))
    return tr(
        " (as it is, the loss cannot fall below {least} = log(1 + {others}/e))", least=least, others=others
    )


_ONE_LOGIT = later(
    "for labels 0 and 1 use bce_with_logits, for more classes a column of logits for each, and one-hot rows"
)


def one_class(scene: Scene) -> Suspicions:
    """Find a softmax over a single number, which is 1 whatever the number is."""
    for node in scene.graph.nodes:
        if is_op(node, "cross_entropy"):
            alone, cure = node.operands[0].shape[-1] == 1, tr(_ONE_LOGIT)
        elif is_op(node, "softmax", "log_softmax"):
            assert node.op is not None
            shape = node.operands[0].shape
            alone, cure = (
                shape[node.op.options["axis"]] == 1,
                tr("for one output use sigmoid, or another axis"),
            )
        else:
            continue
        given = node.operands[0]
        if alone and scene.learns(given):
            message = tr(
                "line {line}: {given} has one number a row, and the softmax of one number is "
                "1: nothing is learnt from it; {cure}",
                line=scene.line(node),
                given=f"{shown(given)} {shape_text(given.shape)}",
                cure=cure,
            )
            yield Remark("one-class", scene.line(node), message, places(node))


def softmax_over_samples(scene: Scene) -> Suspicions:
    """Find a softmax along the axis that counts samples, where each sample has a target of its own."""
    for node in scene.graph.nodes:
        if not is_op(node, "softmax", "log_softmax", "divide") or not scene.learns(node):
            continue
        axis = scene.sample_axis(node)
        if axis is None or not _meets_targets(scene, node):
            continue
        if is_op(node, "divide"):
            among = _shared_among(scene, node, axis)
        else:
            assert node.op is not None
            by_sample = node.op.options["axis"] % len(node.shape) == axis
            among = (
                tr("the {rows} samples, along axis {axis},", rows=scene.rows, axis=axis) if by_sample else ""
            )
        if not among:
            continue
        others = [other for other in range(len(node.shape)) if other != axis]
        cure = tr("for one output a sample use sigmoid")
        if others:
            options = f"axis={others[-1]}" + (", keepdims=True" if is_op(node, "divide") else "")
            cure = tr("write {options}", options=options)
        message = tr(
            "line {line}: {node} shares 1 among {among} and not among the classes of each; {cure}",
            line=scene.line(node),
            node=f"{shown(node)} {shape_text(node.shape)}",
            among=among,
            cure=cure,
        )
        yield Remark("softmax-over-samples", scene.line(node), message, places(node))


def _shared_among(scene: Scene, node: Node, axis: int) -> str:
    """Return what a softmax by hand shares 1 among, where that is the samples; "" where it is not."""
    if not scene.affordable or not is_op(bare(node.operands[0]), "exp"):
        return ""
    values = [value for value in scene.values(node) if np.isfinite(value).all()]
    if not values:
        return ""
    if len(node.shape) > 1 and all(abs(float(value.sum()) - 1) < _CLOSE for value in values):
        return tr("all {count} numbers", count=size_of(node.shape))
    if all(bool(np.all(np.abs(value.sum(axis=axis) - 1) < _CLOSE)) for value in values):
        return tr("the {rows} samples, along axis {axis},", rows=scene.rows, axis=axis)
    return ""


def _meets_targets(scene: Scene, node: Node) -> bool:
    """Tell whether a node, or what is made of it element by element, meets samples that do not learn."""
    stack, seen = [node], {node.index}
    while stack:
        for user in scene.users[stack.pop().index]:
            others = [s for s in user.sources if not scene.descends(s, node) and scene.sample_axis(s) == 0]
            if user.op is None or not (
                user.op.elementwise or is_op(user, "broadcast", "index", "cross_entropy", "nll")
            ):
                continue
            if any(not scene.learns(other) and other.shape[:1] == node.shape[:1] for other in others):
                return True
            if user.index not in seen:
                seen.add(user.index)
                stack.append(user)
    return False
