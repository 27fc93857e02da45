"""A whole iteration as data: what the pages about all of it, or about one chain in it, are written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.lazy import Lazy
from tui_backprop.engine.language.namespace import value_names
from tui_backprop.explain.pages.heading import Heading
from tui_backprop.explain.rows import Row
from tui_backprop.explain.whys import live_numbers, remark_rows, source_rows, why_rows
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.trainer import Trainer

MAX_NUMBERS = 8_000_000
"""Numbers that one JSON object may hold; about 150 MB of text and two seconds."""


class WholeIteration(Struct, frozen=True, eq=False, dict=True):
    """One iteration, from its start to behind its last update; each part is made when it is asked for.

    Attributes:
        heading: which iteration it is.
        iteration: it, apart from the training, which may go on meanwhile.
        numbers: what notes may name besides its nodes.
    """

    heading: Heading
    iteration: Iteration
    numbers: Mapping[str, Array]

    @classmethod
    def of(cls, trainer: Trainer) -> WholeIteration:
        """Return a trainer's iteration whole; the trainer stays where it stands."""
        return cls(Heading.of(trainer), trainer.apart(), live_numbers(trainer))

    @property
    def forward_tape(self) -> Tape:
        """Its values; its gradients only where somebody asked for :attr:`tape`."""
        return self.iteration.forward_tape

    @property
    def tape(self) -> Tape:
        """Its values and gradients, complete."""
        return self.iteration.tape

    @cached_property
    def records(self) -> Sequence[Record]:
        """All its records in order, each made when it, or a later one, is looked at."""
        return Lazy(self.iteration.total, self.iteration.pick)

    @cached_property
    def names(self) -> Mapping[str, Array]:
        """What notes may name, with their values."""
        return value_names(self.tape, self.numbers)

    @property
    def graph(self) -> Graph:
        """The graph for its batch."""
        return self.iteration.graph

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
            tr(
                "this iteration as JSON has {count:,} numbers; at most {most:,} are written: use "
                "--format text, or fewer samples, such as --set batch_size=100",
                count=numbers,
                most=MAX_NUMBERS,
            )
        )
