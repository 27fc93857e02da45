"""What operations are blind to, held where it is: for derivatives that are not taken through it.

A comparison, the index of an array and what ``stop_gradient`` takes get no gradient. Where a value is moved
to see what that does to the loss, these stay as they were; else the two derivatives were of different things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_backprop.engine.autodiff.fusion import Operation
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array


class Held:
    """The operands that operations of a graph are blind to, at one point.

    Args:
        graph: what is computed.
        tape: the point, gone forward.
    """

    def __init__(self, graph: Graph, tape: Tape) -> None:
        self._values: dict[int, dict[int, Array]] = {}
        for node in graph.assignments:
            op = node.op
            if op is not None and op.blind:
                blind = [place for place in range(len(node.operands)) if op.is_blind(place)]
                self._values[node.index] = {place: tape.value(node.operands[place]) for place in blind}

    def given(self, node: Node, operands: Sequence[Any]) -> list[Any]:
        """Return what a node's operation is given, from its operands' values elsewhere."""
        held = self._values.get(node.index)
        if held is None:
            return list(operands)
        return [held.get(place, operand) for place, operand in enumerate(operands)]

    def __contains__(self, node: Node) -> bool:
        """Tell whether a node's operation is blind to any operand."""
        return node.index in self._values


class HeldTape(Tape):
    """A tape whose operations are given what they are blind to as it was at a point."""

    def __init__(
        self,
        graph: Graph,
        leaves: Mapping[str, Array],
        held: Held,
        overrides: Mapping[int, Array] | None = None,
    ) -> None:
        super().__init__(graph, leaves, overrides)
        self.held = held

    def _assign(self, operation: Operation) -> None:
        node, op, operands = operation
        if node.index in self.overrides or node not in self.held:
            super()._assign(operation)
            return
        values: list[Any] = self.values
        given = self.held.given(node, [values[operand.index] for operand in operands])
        values[node.index] = op.forward(*given)
