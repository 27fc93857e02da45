"""Outputs and targets that a loss takes for something else: probabilities for logits, classes for weights."""

from __future__ import annotations

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.remarks.degree import degrees
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import Scene, bare, is_op, shown, typed
from tui_backprop.lessons.remarks.shares import give, softmax_of
from tui_backprop.text.numbers import number, shape_text


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
            what, logits = "is a sigmoid already", typed(source.operands[0])
        elif is_op(source, "softmax"):
            what, logits = "is a softmax already", typed(source.operands[0])
        elif _lies_between(scene, given):
            what, logits = "lies between 0 and 1 whatever the parameters are", ""
        else:
            continue
        assert node.op is not None
        message = (
            f"line {scene.line(node)}: {shown(given)} {shape_text(given.shape)} {what}, and {node.op.name} "
            f"takes logits, of any size; {give(given, logits)}"
        )
        if is_op(node, "bce_with_logits"):
            message += f", or use bce({typed(given)}, {typed(node.sources[1])})"
        yield Remark("double-sigmoid", scene.line(node), message, places(node))


def _sigmoid_of_sigmoid(scene: Scene, node: Node) -> Remark:
    given = node.operands[0]
    message = (
        f"line {scene.line(node)}: {shown(given)} {shape_text(given.shape)} is a sigmoid already, and the "
        f"sigmoid of it lies between 0.5 and 0.7311; {give(given, typed(bare(given).operands[0]))}"
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
        outside = ""
        if scene.affordable:
            value = scene.value(given)
            value = value[np.isfinite(value)]
            if value.size and (value.min() < 0 or value.max() > 1):
                outside = f" has values from {number(float(value.min()))} to {number(float(value.max()))}"
        if not outside:
            if given.is_leaf:
                continue
            if scene.uses_data(given) and degrees(scene.graph)[given.index] == 1:
                outside = " is a sum of products and can have any size"
            elif scene.affordable and any(map(_is_outside, scene.values(given))):
                outside = " leaves 0 to 1 as its parameters move"
            else:
                continue
        linear = degrees(scene.graph)[given.index] <= 1
        cure = f"use bce_with_logits({typed(given)}, {typed(target)})" if linear else "end in a sigmoid"
        message = (
            f"line {scene.line(node)}: {shown(given)} {shape_text(given.shape)}{outside}, and bce takes "
            f"probabilities, from 0 to 1; {cure}"
        )
        yield Remark("logits-into-bce", scene.line(node), message, places(node))


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
        n, what = len(value), "log-probabilities" if is_op(node, "nll") else "logits"
        source = bare(given)
        logits = source.operands[0] if is_op(node, "nll") and is_op(source, "log_softmax") else given
        message = (
            f"line {scene.line(node)}: {shown(target)} {shape_text(target.shape)} has whole numbers that sum "
            f"to {number(total)}, but beside {what} {shown(given)} {shape_text(given.shape)} it is one row "
            f"of weights for {n} classes, which sum to 1; "
        )
        if value.max() <= 1:
            message += (
                f"for {n} samples with labels 0 and 1 use bce_with_logits({typed(logits)}, {typed(target)})"
            )
        else:
            message += f"for class numbers give a row of {what} and a one-hot row for each sample"
        yield Remark("class-numbers", scene.line(node), message, places(node))


def log_probabilities(scene: Scene) -> Suspicions:
    """Find logits or probabilities where nll and kl_div take logarithms of probabilities, none above 0."""
    for node in scene.graph.nodes:
        if not is_op(node, "nll", "kl_div"):
            continue
        given = node.sources[0]
        source = bare(given)
        if is_op(source, "softmax", "sigmoid"):
            what = f"is a {source.op.name} and no logarithm of one" if source.op is not None else ""
            cure = f"give log_{source.op.name}({typed(source.operands[0])})" if source.op is not None else ""
        elif not given.is_literal and scene.affordable and _has_positive(scene, given):
            what = "has values above 0, which no logarithm of a probability has"
            cure = f"use log_softmax({typed(given)})"
            cure += ", or cross_entropy" if is_op(node, "nll") else ""
        else:
            continue
        assert node.op is not None
        message = (
            f"line {scene.line(node)}: {shown(given)} {shape_text(given.shape)} {what}, and {node.op.name} "
            f"takes log-probabilities; {cure}"
        )
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
        cure = f"use ({typed(target)} + 1) / 2" if low == -1 and high == 1 else "use labels 0 and 1"
        message = (
            f"line {scene.line(node)}: {shown(target)} {shape_text(target.shape)} has values from "
            f"{number(low)} to {number(high)}, and {node.op.name} takes targets from 0 to 1: with others the "
            f"loss has no lower bound; {cure}"
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
    found = "labels 0 and 1" if labels else f"values from {low} to {high}"
    cure = f"use 2 * {typed(target)} - 1" if labels else "use labels -1 and 1"
    message = (
        f"line {scene.line(node)}: {shown(target)} {shape_text(target.shape)} has {found}, and hinge takes "
        f"−1 and 1: of a 0 nothing is learnt; {cure}"
    )
    yield Remark("targets-outside", scene.line(node), message, places(node))
