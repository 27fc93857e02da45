"""What a remark is: a kind, a line of the formula, a sentence, and the records at which it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.records import Assignment, ParameterUpdate, Record
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.text.sentences import tr


class Remark(Struct, frozen=True):
    """Something legal that is almost surely not meant.

    Attributes:
        kind: the code of its kind, by which a lesson silences it.
        line: the line of the formula, counted from 1.
        message: what is there, with names and shapes, and the cure, in one sentence that names the line.
        nodes: names of the nodes whose assignments it belongs to.
        parameters: names of the parameters whose updates it belongs to.
    """

    kind: str
    line: int
    message: str
    nodes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    def under(self, hyperparameters: Hyperparameters) -> Remark:
        """Return itself: it holds under any hyperparameters."""
        return self

    def belongs_to(self, record: Record) -> bool:
        """Tell whether a record is where this happens."""
        if isinstance(record, Assignment):
            return record.node.name in self.nodes
        return isinstance(record, ParameterUpdate) and record.parameter.name in self.parameters

    @property
    def text(self) -> str:
        """The message behind its kind, which is what ``quiet`` takes."""
        return tr("remark ({kind}): {message}", kind=self.kind, message=self.message)

    def as_json(self) -> Mapping[str, Any]:
        """Return it as an object."""
        return {"kind": self.kind, "line": self.line, "message": self.message}


class Suspicion(Protocol):
    """What was found in a lesson: a remark, or what is one under some hyperparameters only."""

    def under(self, hyperparameters: Hyperparameters) -> Remark | None:
        """Return the remark that holds under these; None where there is nothing to say."""


Suspicions = Iterator[Suspicion]


def places(*nodes: Node) -> tuple[str, ...]:
    """Return the names of nodes, each once."""
    return tuple(dict.fromkeys(node.name for node in nodes))
