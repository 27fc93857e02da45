"""What a sweep does at each node, in order: mostly the node's operation, sometimes several of them in one.

Sweeps, records and compiled code all follow the same plan, so that a fused operation has the same bits
everywhere. With values put in by hand nothing is fused, since there the parts must act on their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.fusion import Assign, Factor, Fusion, Propagate
from tui_backprop.engine.ops import Op

if TYPE_CHECKING:
    from tui_backprop.engine.graph import Graph, Node

__all__ = ["Assign", "Factor", "Plan", "Propagate"]


class Plan:
    """The steps of both sweeps over a graph.

    Attributes:
        forward: one step for each node that is computed, in forward order.
        assign: the same steps by node index.
        backward: one step for each factor, in backward order.
        training: the steps that the trainable parameters' gradients need.
    """

    def __init__(self, graph: Graph, *, fuse: bool) -> None:
        self._fusion = Fusion(graph) if fuse else None
        self.forward = tuple(self._assign(node) for node in graph.nodes if node.op)
        self.assign = {step.at: step for step in self.forward}
        self.backward = self.along(graph.factors)
        skipped = self._fusion.skipped if self._fusion else frozenset[int]()
        self.training = self.along(
            f for f in graph.training_factors if f[0].operands[f[1]].index not in skipped
        )

    def along(self, factors: Iterable[Factor]) -> tuple[Propagate, ...]:
        """Return the steps along some factors, in their order."""
        return tuple(self.propagate(node, index) for node, index in factors)

    def propagate(self, node: Node, index: int) -> Propagate:
        """Return the step along one factor."""
        fused = self._fusion and self._fusion.propagate.get((node.index, index))
        if fused:
            return fused
        assert node.op is not None
        reads = (*(operand.index for operand in node.operands), node.index)
        return Propagate(
            node, node.index, partial(_downstream, node.op, index), reads, node.operands[index].index
        )

    def _assign(self, node: Node) -> Assign:
        fused = self._fusion and self._fusion.assign.get(node.index)
        assert node.op is not None
        return fused or Assign(node.index, node.op.forward, tuple(o.index for o in node.operands))


def _downstream(op: Op, index: int, upstream: Array, *values: Array) -> Array:
    return op.downstream(index, upstream, values[:-1], values[-1])
