"""Outputs and targets that a loss takes for something else: probabilities for logits, classes for weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.remarks.degree import degrees
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import Scene, bare, is_op, shown, typed
from tui_backprop.lessons.remarks.shares import give, softmax_of
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.sentences import later, tr


def double_sigmoid(scene: Scene) -> Suspicions:
    """Find probabilities where logits belong: a loss applies the sigmoid, or the softmax, itself."""
    for node in scene.graph.nodes:
        if is_op(node, "sigmoid") and is_op(bare(node.operands[0]), "sigmoid"):
            yield _sigmoid_of_sigmoid(scene, node)
        if not is_op(node, "bce_with_logits", "cross_entropy"):
            continue
        given = node.sources[0]
        source = bare(given)
        if is_op(node, "cross_entropy") and (
            source.shape[-1:] == (1,) or softmax_of(scene, given) is not None
        ):
            continue  # said by another kind
        if is_op(source, "sigmoid"):
            what, logits = tr("a sigmoid already"), typed(source.operands[0])
        elif is_op(source, "softmax"):
            what, logits = tr("a softmax already"), typed(source.operands[0])
        elif _lies_between(scene, given):
            what, logits = "", ""
        else:
            continue
        assert node.op is not None
        said = {
            "line": scene.line(node),
            "given": f"{shown(given)} {shape_text(given.shape)}",
            "loss": node.op.name,
            "cure": give(given, logits),
        }
        message = (
            tr(
                "line {line}: {given} is {what}, and {loss} takes logits, of any size; {cure}",
                what=what,
                **said,
            )
            if what
            else tr(
                "line {line}: {given} lies between 0 and 1 whatever the parameters are, and {loss} takes "
                "logits, of any size; {cure}",
                **said,
            )
        )
        if is_op(node, "bce_with_logits"):
            message += tr(
                ", or use bce({given}, {target})", given=typed(given), target=typed(node.sources[1])
            )
        yield Remark("double-sigmoid", scene.line(node), message, places(node))


def _sigmoid_of_sigmoid(scene: Scene, node: Node) -> Remark:
    given = node.operands[0]
    message = tr(
        "line {line}: {given} is a sigmoid already, and the sigmoid of it lies "
        "between 0.5 and 0.7311; {cure}",
        line=scene.line(node),
        given=f"{shown(given)} {shape_text(given.shape)}",
        cure=give(given, typed(bare(given).operands[0])),
    )
    return Remark("double-sigmoid", scene.line(node), message, places(node))


def _lies_between(scene: Scene, node: Node) -> bool:
    """Tell whether a node's values lie from 0 to 1 wherever the parameters are, and are not all the same."""
    source = bare(node)
    if source.is_leaf or not scene.learns(node) or not scene.affordable:
        return False
    found = [value[np.isfinite(value)] for value in scene.values(node)]
    values = np.concatenate(found)
    return bool(values.size and values.min() >= 0 and values.max() <= 1 and np.ptp(values) > 0.1)


def logits_into_bce(scene: Scene) -> Suspicions:
    """Find outputs of any size where bce takes probabilities."""
    for node in scene.graph.nodes:
        if not is_op(node, "bce"):
            continue
        given, target = node.sources
        if given.is_literal or is_op(bare(given), "sigmoid", "softmax"):
            continue
        why = _why_not_a_probability(scene, given)
        if why is None:
            continue
        linear = degrees(scene.graph)[given.index] <= 1
        cure = (
            tr("use bce_with_logits({given}, {target})", given=typed(given), target=typed(target))
            if linear
            else tr("end in a sigmoid")
        )
        what = f"{shown(given)} {shape_text(given.shape)}"
        message = tr(why.sentence, line=scene.line(node), given=what, cure=cure, **why.values)
        yield Remark("logits-into-bce", scene.line(node), message, places(node))


_ANY_SIZE = later(
    "line {line}: {given} is a sum of products and can have any size, and bce takes probabilities, from 0 to "
    "1; {cure}"
)
_LEAVES = later(
    "line {line}: {given} leaves 0 to 1 as its parameters move, and bce takes probabilities, from 0 to 1; "
    "{cure}"
)
_IS_OUTSIDE = later(
    "line {line}: {given} has values from {low} to {high}, and bce takes probabilities, from 0 to 1; {cure}"
)


class _Why(NamedTuple):
    """A sentence, and values of its own."""

    sentence: str
    values: Mapping[str, str] = {}


def _why_not_a_probability(scene: Scene, given: Node) -> _Why | None:
    """Return what says that something is no probability; None where it may be one."""
    if scene.affordable:
        value = scene.value(given)
        value = value[np.isfinite(value)]
        if value.size and _is_outside(value):
            return _Why(_IS_OUTSIDE, {"low": number(float(value.min())), "high": number(float(value.max()))})
    if given.is_leaf:
        return None
    if scene.uses_data(given) and degrees(scene.graph)[given.index] == 1:
        return _Why(_ANY_SIZE)
    if scene.affordable and any(map(_is_outside, scene.values(given))):
        return _Why(_LEAVES)
    return None


def _is_outside(value: Array) -> bool:
    finite = value[np.isfinite(value)]
    return bool(finite.size and (finite.min() < 0 or finite.max() > 1))


def class_numbers(scene: Scene) -> Suspicions:
    """Find class numbers, or the labels of several samples, taken for one row of weights."""
    for node in scene.graph.nodes:
        if not is_op(node, "cross_entropy", "nll"):
            continue
        given, target = node.operands
        if len(target.shape) != 1 or scene.learns(target) or not scene.affordable:
            continue
        value = scene.value(target)
        total = float(value.sum())
        if not np.all(value == np.floor(value)) or total == 1 or value.min() < 0:
            continue
        n, what = len(value), tr("log-probabilities") if is_op(node, "nll") else tr("logits")
        source = bare(given)
        logits = source.operands[0] if is_op(node, "nll") and is_op(source, "log_softmax") else given
        message = tr(
            "line {line}: {target} has whole numbers that sum to {total}, but beside "
            "{what} {given} it is one row of weights for {n} classes, which sum to 1",
            line=scene.line(node),
            target=f"{shown(target)} {shape_text(target.shape)}",
            total=number(total),
            what=what,
            given=f"{shown(given)} {shape_text(given.shape)}",
            n=n,
        )
        if value.max() <= 1:
            message += tr(
                "; for {n} samples with labels 0 and 1 use bce_with_logits({given}, {target})",
                n=n,
                given=typed(logits),
                target=typed(target),
            )
        else:
            message += tr(
                "; for class numbers give a row of {what} and a one-hot row for each sample", what=what
            )
        yield Remark("class-numbers", scene.line(node), message, places(node))


def log_probabilities(scene: Scene) -> Suspicions:
    """Find logits or probabilities where nll and kl_div take logarithms of probabilities, none above 0."""
    for node in scene.graph.nodes:
        if not is_op(node, "nll", "kl_div"):
            continue
        given = node.sources[0]
        source = bare(given)
        assert node.op is not None
        said = {
            "line": scene.line(node),
            "given": f"{shown(given)} {shape_text(given.shape)}",
            "loss": node.op.name,
        }
        if is_op(source, "softmax", "sigmoid"):
            assert source.op is not None
            name = source.op.name
            message = tr(
                "line {line}: {given} is a {name} and no logarithm of one, and {loss} takes "
                "log-probabilities; give {cure}",
                name=name,
                cure=f"log_{name}({typed(source.operands[0])})",
                **said,
            )
        elif not given.is_literal and scene.affordable and _has_positive(scene, given):
            cure = f"log_softmax({typed(given)})"
            if is_op(node, "nll"):
                cure = tr("{one}, or {other}", one=cure, other="cross_entropy")
            message = tr(
                "line {line}: {given} has values above 0, which no logarithm of a probability has, and "
                "{loss} takes log-probabilities; use {cure}",
                cure=cure,
                **said,
            )
        else:
            continue
        yield Remark("log-probabilities", scene.line(node), message, places(node))


def _has_positive(scene: Scene, node: Node) -> bool:
    return any(bool(np.any(value[np.isfinite(value)] > 0)) for value in scene.values(node))


def targets_outside(scene: Scene) -> Suspicions:
    """Find targets of a loss of two classes that are not its labels, such as −1 and 1 for 0 and 1."""
    for node in scene.graph.nodes:
        if is_op(node, "hinge"):
            yield from _hinge_targets(scene, node)
        if not is_op(node, "bce", "bce_with_logits"):
            continue
        target = node.sources[1]
        if target.is_literal or scene.learns(target) or not scene.affordable:
            continue
        value = scene.value(target)
        low, high = float(value.min()), float(value.max())
        if low >= 0 and high <= 1:
            continue
        assert node.op is not None
        cure = (
            tr("use ({target} + 1) / 2", target=typed(target))
            if low == -1 and high == 1
            else tr("use labels 0 and 1")
        )
        message = tr(
            "line {line}: {target} has values from {low} to {high}, and {loss} "
            "takes targets from 0 to 1: with others the loss has no lower bound; {cure}",
            line=scene.line(node),
            target=f"{shown(target)} {shape_text(target.shape)}",
            low=number(low),
            high=number(high),
            loss=node.op.name,
            cure=cure,
        )
        yield Remark("targets-outside", scene.line(node), message, places(node))


def _hinge_targets(scene: Scene, node: Node) -> Suspicions:
    target = node.sources[1]
    if target.is_literal or scene.learns(target) or not scene.affordable:
        return
    value = scene.value(target)
    if np.isin(value, (-1.0, 1.0)).all():
        return
    labels = bool(np.isin(value, (0.0, 1.0)).all())
    low, high = number(float(value.min())), number(float(value.max()))
    found = tr("labels 0 and 1") if labels else tr("values from {low} to {high}", low=low, high=high)
    cure = tr("use 2 * {target} - 1", target=typed(target)) if labels else tr("use labels -1 and 1")
    message = tr(
        "line {line}: {target} has {found}, and hinge takes −1 and 1: of a 0 nothing is learnt; {cure}",
        line=scene.line(node),
        target=f"{shown(target)} {shape_text(target.shape)}",
        found=found,
        cure=cure,
    )
    yield Remark("targets-outside", scene.line(node), message, places(node))
