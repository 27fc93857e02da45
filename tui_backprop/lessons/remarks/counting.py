"""A loss that is counted, such as an accuracy: it changes in jumps, and nothing is learnt from it."""

from __future__ import annotations

from typing import Final

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.lessons.remarks.remark import Remark, Suspicions, places
from tui_backprop.lessons.remarks.scene import Scene, is_op, shown
from tui_backprop.text.sentences import tr

_LEVEL: Final = ("sign", "floor", "trunc", "round")
"""Operations whose slope is 0 wherever there is one."""


def counted_loss(scene: Scene) -> Suspicions:
    """Find a loss that parameters reach through comparisons and whole numbers only."""
    loss = scene.graph.loss
    trained = {node.index for node in scene.graph.trainable}
    if not any(scene.descends(loss, node) for node in scene.graph.trainable) or _reaches(loss, trained):
        return
    smooth = [
        name
        for name, node in scene.graph.named.items()
        if not node.is_leaf and size_of(node.shape) == 1 and node is not loss and _reaches(node, trained)
    ]
    cure = (
        tr('loss = "{smooth}" makes {smooth} the loss', smooth=smooth[-1])
        if smooth
        else tr("take one that changes smoothly")
    )
    message = tr(
        "line {line}: {loss}, the loss, is counted: it changes in jumps only, so every "
        "gradient is 0 and nothing is learnt; {cure}",
        line=scene.line(loss),
        loss=shown(loss),
        cure=cure,
    )
    yield Remark("counted-loss", scene.line(loss), message, places(loss))


def _reaches(node: Node, trained: set[int]) -> bool:
    """Tell whether a small change of one of these parameters, by index, changes a node."""
    stack, seen = [node], {node.index}
    while stack:
        at = stack.pop()
        if at.index in trained:
            return True
        if at.op is None or is_op(at, *_LEVEL):
            continue
        for index, operand in enumerate(at.operands):
            if operand.index not in seen and not at.op.is_blind(index):
                seen.add(operand.index)
                stack.append(operand)
    return False
