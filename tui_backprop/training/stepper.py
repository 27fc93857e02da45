"""One iteration from the inside: the records done, the place among them, and every way of moving there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.backprop import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.graph import Node
from tui_backprop.engine.names import ByName, pretty_text
from tui_backprop.training.settings import find
from tui_backprop.training.travel import Travel
from tui_backprop.training.walk import Walk, record_count

Phase = Literal["start", "forward", "backward", "update", "end"]


class Stepper(Travel):
    """A course that may also stand inside an iteration, behind any of its records."""

    _cursor: int
    _walk: Walk | None
    _last_record: Record | None

    # ------------------------------------------------------------------ where we are

    @property
    def position(self) -> int:
        """Records done in this iteration."""
        return self._cursor

    @property
    def record_count(self) -> int:
        """Records in this iteration."""
        return record_count(self.graph)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records done in this iteration."""
        return tuple(self._walk.records[: self._cursor]) if self._walk else ()

    @property
    def record(self) -> Record | None:
        """The record done last, if it was stepped over; None after a run, a jump or a reset."""
        if self._cursor and self._walk:
            return self._walk.records[self._cursor - 1]
        return self._last_record

    @property
    def phase(self) -> Phase:
        """What the record done last in this iteration belongs to."""
        if not self._cursor or not self._walk:
            return "start"
        if self._cursor == self._walk.total:
            return "end"
        record = self._walk.records[self._cursor - 1]
        if isinstance(record, Assignment):
            return "forward"
        return "backward" if isinstance(record, ChainFactor) else "update"

    @property
    def parameters(self) -> Mapping[str, Array]:
        """All parameters as they are now, read-only; among an iteration's updates some have moved already.

        As with ``gradients``, a name may be given in either spelling.
        """
        now = ByName((name, frozen(value)) for name, value in self._parameters.items())
        for record in self.records:
            if isinstance(record, ParameterUpdate):
                now[record.parameter.name] = record.after
        return MappingProxyType(now)

    # ------------------------------------------------------------------ moving and looking ahead

    def step(self) -> Record | None:
        """Go one record on and return it; None at the end of a lesson that trains nothing."""
        if self._cursor == self.record_count:
            return None
        return self.seek(self._cursor + 1)

    def seek(self, position: int) -> Record | None:
        """Go to where that many records of this iteration are done, and return the last of them.

        Behind the last record of an iteration that trains stands the start of the next one, as after a step.

        Raises:
            BackpropError: a position that this iteration does not have.
        """
        goal = self._checked_position(position)
        if goal <= self._cursor:
            if goal < self._cursor:
                self._cursor, self._last_record = goal, None
            return self.record
        walk = self._walk or self._start_walk()
        walk.upto(goal)
        self._cursor = goal
        record = walk.records[goal - 1]
        if goal == walk.total and walk.updates:
            self._commit(walk.tape.loss(), walk.updates)
            self._last_record = record
        return record

    def peek(self, position: int) -> Record:
        """Return the record that is the last one done at a position of this iteration, without going there.

        Raises:
            BackpropError: a position that this iteration does not have, or 0, where nothing is done.
        """
        place = self._checked_position(position, least=1)
        walk = self._walk or self._start_walk()
        walk.upto(place)
        return walk.records[place - 1]

    def place_of(self, node: str | Node, index: int | None = None) -> int:
        """Return the position at which a node's gradient is complete.

        Args:
            node: a name in either spelling, a sub-expression's text, or a node.
            index: in place of that, the factor into this path of the node's, counted from 0.

        Raises:
            BackpropError: an unknown node, one that the loss does not depend on, or a path it does not have.
        """
        found = self._node(node)
        graph = self.graph
        forward = len(graph.assignments)
        paths = [
            forward + number
            for number, (output, i) in enumerate(graph.factors, 1)
            if output.operands[i] is found
        ]
        shown = pretty_text(found.name)
        if index is not None:
            if not 0 <= index < len(paths):
                right = f"0 to {len(paths) - 1}" if paths else "none, for it has no factor"
                raise BackpropError(f"{shown}: found path {index}; it must be {right}")
            return paths[index]
        if found is graph.loss:
            return forward  # ∂L/∂L = 1 stands before the first factor
        if not paths:
            raise BackpropError(f"the loss does not depend on {shown}, so no factor leads to it")
        return paths[-1]

    def assignment_place(self, node: str | Node) -> int:
        """Return the position at which a node has its value: 0 for what is given.

        Raises:
            BackpropError: an unknown node.
        """
        found = self._node(node)
        places = {computed: place for place, computed in enumerate(self.graph.assignments, 1)}
        return places.get(found, 0)

    # ------------------------------------------------------------------ inside

    def _node(self, node: str | Node) -> Node:
        """Return the node of this batch's graph for a name, or for a node of another batch's."""
        if not isinstance(node, Node):
            return find(self.graph, node)[0]
        nodes = self.graph.nodes
        if node.index >= len(nodes) or nodes[node.index].name != node.name:
            raise BackpropError(f"{pretty_text(node.name)} is no node of this lesson")
        return nodes[node.index]

    def _checked_position(self, position: int, least: int = 0) -> int:
        count = self.record_count
        if whole_number("position", position) > count or position < least:
            raise BackpropError(f"position: found {position}; it must be from {least} to {count}")
        return int(position)

    def _forget(self) -> None:
        super()._forget()
        self._cursor = 0
        self._walk = None
        self._last_record = None

    def _start_walk(self) -> Walk:
        self._walk = Walk(self._new_tape(), self._update, self._parameters)
        return self._walk

    def _stand(self, position: int) -> None:
        """Do this iteration's records anew, with the settings that the log has now, up to a position."""
        last = self._last_record
        self._settle()
        self._last_record = last  # of the iteration before, which has not changed
        if position:
            walk = self._start_walk()
            walk.upto(position)
            self._cursor = position


def whole_number(name: str, value: Any) -> int:
    """Return a count as an int; refuse what is not a whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise BackpropError(
            f"{name}: found {printable(repr(value), 30)}; it must be a whole number from 0 on"
        )
    return int(value)
