"""What some nodes are computed from and no more, forward only, again and again for other leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.fusion import Operation, computed
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.arrays import DOUBLE, Array, in_type
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class ForwardCone:
    """The operations that some nodes of a graph depend on, in forward order.

    Args:
        graph: what is computed.
        ends: the nodes that are wanted.
        held: nodes whose values are given; what only they depend on is left out.

    Attributes:
        leaves: the data, samples, parameters and statistics that are read.
    """

    def __init__(self, graph: Graph, ends: Sequence[Node], held: Sequence[Node] = ()) -> None:
        self._ends = tuple(node.index for node in ends)
        self._held = tuple(node.index for node in held)
        self._numbers = graph.numbers
        self._dtype, self._backend = graph.dtype, graph.backend
        self._mixed = graph.dtype != DOUBLE
        needed, plan = set(self._ends), list[Operation]()
        # what is fused passes nodes by, and those that are held must not be
        for operation in reversed(computed(graph, fuse=not held).operations):
            index = operation.node.index
            if index in needed and index not in self._held:
                plan.append(operation)
                needed.update(operand.index for operand in operation.operands)
        self._plan = tuple(
            (one.node, one.op.forward, tuple(operand.index for operand in one.operands))
            for one in reversed(plan)
        )
        self.leaves = tuple(node for node in graph.given if node.index in needed)

    def values(self, leaves: Mapping[str, Array], held: Sequence[Array] = ()) -> list[Array]:
        """Return the wanted nodes' values.

        Args:
            leaves: values of data, samples, parameters and statistics by name.
            held: those of the nodes that are held, in their order.

        Raises:
            BackpropError: a value that cannot be computed with, such as an index that is none.
        """
        values: list[Any] = list(self._numbers)
        for node in self.leaves:
            values[node.index] = leaves[node.name][()]  # a scalar where it is 0-d, as a tape has it
        for index, value in zip(self._held, held, strict=True):
            values[index] = value
        with self._backend.quiet():
            for node, forward, operands in self._plan:
                try:
                    value = forward(*[values[index] for index in operands])
                except BackpropError as error:
                    where = tr(
                        "in the line of {name}, {formula}",
                        name=node.line or node.name,
                        formula=printable(node.term.text, 60),
                    )
                    raise BackpropError(f"{where}: {error}") from None
                values[node.index] = in_type(value, self._dtype) if self._mixed else value
        return [np.asarray(values[index]) for index in self._ends]
