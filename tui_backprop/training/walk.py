"""The records of one iteration, produced only as far as somebody has stepped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import ParameterUpdate, Record, Tape
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.optimizers import Update


def record_count(graph: Graph) -> int:
    """Return how many records an iteration over this graph has."""
    return len(graph.assignments) + len(graph.factors) + len(graph.trainable)


class Walk:
    """One iteration, record by record: assignments, then factors, then updates.

    Args:
        tape: the iteration's tape, still empty.
        update: makes an optimizer's update of a parameter from its gradient.
        parameters: the values that the iteration starts from.
    """

    def __init__(
        self, tape: Tape, update: Callable[[Node, Array], Update], parameters: Mapping[str, Array]
    ) -> None:
        self.tape = tape
        self.total = record_count(tape.graph)
        self.records: list[Record] = []
        self.updates: dict[str, Update] = {}
        self._update, self._parameters = update, parameters
        self._source = self._produce()

    def _produce(self) -> Iterator[Record]:
        yield from self.tape.records()
        for node in self.tape.graph.trainable:
            gradient = self.tape.gradient(node)
            update = self.updates[node.name] = self._update(node, gradient)
            yield ParameterUpdate(
                node, frozen(gradient), frozen(self._parameters[node.name]), frozen(update.after),
                update.shown_terms(node.shape),
            )  # fmt: skip

    def upto(self, count: int) -> None:
        """Produce records until there are ``count``."""
        while len(self.records) < count:
            self.records.append(next(self._source))
