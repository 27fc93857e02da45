"""Of what degree each node is as a polynomial in the parameters that are trained: 0, 1, 2, or none."""

from __future__ import annotations

import math
from functools import lru_cache

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.lessons.remarks.scene import is_op

_LINEAR = ("add", "subtract", "negate", "identity", "broadcast", "transpose", "sum", "mean")


@lru_cache(maxsize=4)
def degrees(graph: Graph) -> tuple[float, ...]:
    """Return each node's degree, by index; infinity where it is no polynomial, or is not known to be one."""
    found: list[float] = []
    for node in graph.nodes:
        found.append(_degree(node, [found[operand.index] for operand in node.operands]))
    return tuple(found)


def _degree(node: Node, of: list[float]) -> float:
    if not of:
        return float(node.trainable)
    if max(of) == 0:
        return 0
    if is_op(node, *_LINEAR):
        return max(of)
    if is_op(node, "multiply", "matmul"):
        return sum(of)
    if is_op(node, "divide"):
        return of[0] if of[1] == 0 else math.inf
    if is_op(node, "square", "mse"):
        return 2 * max(of)
    if is_op(node, "power"):
        exponent = node.operands[1].value
        whole = exponent is not None and exponent > 0 and float(exponent).is_integer()
        return of[0] * exponent if whole and exponent is not None else math.inf
    return math.inf
