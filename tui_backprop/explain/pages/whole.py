"""A whole iteration as data: what the pages about all of it, or about one chain in it, are written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.pages.heading import Heading
from tui_backprop.explain.record import Row
from tui_backprop.explain.whys import live_values, remark_rows, source_rows, why_rows
from tui_backprop.training.trainer import Trainer

MAX_NUMBERS = 8_000_000
"""Numbers that one JSON object may hold; about 150 MB of text and two seconds."""


class WholeIteration(Struct, frozen=True, eq=False):
    """One iteration, from its start to behind its last update.

    Attributes:
        heading: which iteration it is.
        tape: its values and gradients, complete.
        records: all its records, in order.
        names: what notes may name, with their values.
    """

    heading: Heading
    tape: Tape
    records: tuple[Record, ...]
    names: Mapping[str, Array]

    @classmethod
    def of(cls, trainer: Trainer) -> WholeIteration:
        """Return a trainer's iteration whole; the trainer stays where it stands."""
        records = (trainer.peek(position) for position in range(1, trainer.record_count + 1))
        return cls(Heading.of(trainer), trainer.tape, tuple(records), live_values(trainer))

    @property
    def graph(self) -> Graph:
        """The graph for its batch."""
        return self.tape.graph

    def notes(self, record: Record) -> list[Row]:
        """Return the remarks and notes on one of its records."""
        lesson = self.heading.lesson
        told = source_rows(lesson, record) + remark_rows(self.heading.remarks, record)
        return told + why_rows(lesson, record, lambda: self.names)


def given_values(tape: Tape) -> Iterator[tuple[Node, Array]]:
    """Yield data, parameters and running statistics with their values."""
    for node in (*tape.graph.inputs, *tape.graph.parameters, *tape.graph.statistics):
        yield node, tape.value(node)


def check_size(graph: Graph) -> None:
    """Refuse an iteration whose JSON object would be enormous.

    Raises:
        BackpropError: it would hold more than :data:`MAX_NUMBERS` numbers.
    """
    numbers = 2 * sum(size_of(node.shape) for node in graph.nodes)
    numbers += sum(
        size_of(factor.output.shape) + 3 * size_of(factor.operand.shape) for factor in graph.factors
    )
    if numbers > MAX_NUMBERS:
        raise BackpropError(
            f"this iteration as JSON has {numbers:,} numbers; at most {MAX_NUMBERS:,} are written: use "
            "--format text, or fewer samples, such as --set batch_size=100"
        )
