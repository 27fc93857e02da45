"""The loss of this iteration's batch at other parameters than those that it starts from."""

from __future__ import annotations

from collections.abc import Mapping

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, frozen, size_of
from tui_backprop.training.view import TrainingView


class LossElsewhere:
    """Computes losses; only what depends on what was moved is computed anew.

    Values held by hand stay held, as in stepping.

    Args:
        view: a training; what it moves to afterwards changes nothing here.
        moved: the parameters that will be moved.

    Attributes:
        cost: numbers that are computed for each loss.
    """

    def __init__(self, view: TrainingView, moved: tuple[Node, ...]) -> None:
        self._tape = Tape(view.graph, view.leaves, view.forward_tape.overrides)
        self._tape.forward()
        touched = {node.index for node in moved}
        operations = []
        for operation in self._tape.computed.operations:
            if any(operand.index in touched for operand in operation.operands):
                touched.add(operation.node.index)
                operations.append(operation)
        self._operations = operations
        self.cost = sum(size_of(operation.node.shape) for operation in operations) or 1

    def at(self, values: Mapping[int, Array]) -> float:
        """Return the loss where these parameters, by their nodes' index, have these values; it may be NaN."""
        for index, value in values.items():
            self._tape.values[index] = value
        with self._tape.graph.backend.quiet():
            for operation in self._operations:
                index = operation.node.index
                held = self._tape.overrides.get(index)
                self._tape.values[index] = self._tape.result(operation) if held is None else frozen(held)[()]
        return self._tape.loss()
