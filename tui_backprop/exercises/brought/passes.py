"""A backward pass as text, read and evaluated by the formula language over an iteration's values; never run.

It is built twice: as it stands, and *corrected*, where a name that is a gradient has the right value as soon
as its last line is done. In the second, each line is judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.building.nodes import FullError, Leaf
from tui_backprop.engine.language.building.running import FormulaBuilder
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.syntax import Formula, FormulaLine, Instruction, Together, walk
from tui_backprop.engine.ops.base import Term
from tui_backprop.exercises.answers import full_gradient
from tui_backprop.exercises.brought.names import node_of_gradient
from tui_backprop.exercises.typed.counting import COUNTS, uncounted
from tui_backprop.text.sentences import tr

LinePlace: TypeAlias = tuple[int, int, str]
"""Where something is assigned: line and column, and the name, of which a line may have several."""


def place_of(line: FormulaLine) -> LinePlace:
    """Return where a name is assigned."""
    return line.number, line.column, line.name


@dataclass(frozen=True, eq=False, slots=True)
class Assigned:
    """One name that one line assigns.

    Attributes:
        line: the line.
        goes_on: whether it changes what the name had, as ``+=`` and ``x = x * 2`` do.
        node: the node whose gradient the name is; None of helper values.
    """

    line: FormulaLine
    goes_on: bool
    node: Node | None


def assignments(formula: Formula, graph: Graph) -> tuple[Assigned, ...]:
    """Return what straight lines assign, in order.

    Raises:
        FormulaError: a ``for``, an ``if`` or a ``def``, which are no straight lines.
    """
    found: list[Assigned] = []
    if formula.definitions:
        first = next(iter(formula.definitions.values()))
        raise FormulaError(
            tr("found def; write the lines of the backward pass alone"), first.number, first.column
        )
    for statement in formula:
        if isinstance(statement, FormulaLine):
            lines: tuple[FormulaLine, ...] = (statement,)
        elif isinstance(statement, Together):
            lines = statement.lines
        else:
            raise FormulaError(
                tr("found for or if; write straight lines, one for each turn"),
                statement.number,
                statement.column,
            )
        for line in lines:
            names = {step.text for step in walk(line.expression) if step.kind == "name"}
            known = any(one.line.name == line.name for one in found)
            goes_on = known and (line.in_place or line.name in names)
            found.append(Assigned(line, goes_on, node_of_gradient(graph, line.name)))
    return tuple(found)


class Pass(FormulaBuilder):
    """Builds a backward pass; a line that is refused is noted, and the right gradient stands in its place.

    Args:
        formula: the lines.
        graph: the graph whose backward pass it is.
        rows: how many samples there are, which n, N and m stand for.
        corrected: the lines after which a gradient has its right value.
        scales: what that value is multiplied by behind some of these lines.

    Attributes:
        outcomes: by place, the node of what is assigned; None where the line is refused.
        refused: the same of lines that are refused, and why.
    """

    keeps_given: ClassVar[bool] = False

    def __init__(
        self,
        formula: Formula,
        graph: Graph,
        rows: int | None,
        corrected: Mapping[LinePlace, Node] | None = None,
        scales: Mapping[LinePlace, float] | None = None,
    ) -> None:
        kinds = {Kind.DATA, Kind.SAMPLES, Kind.PARAMETER}
        leaves = {
            name: Leaf(node.kind if node.kind in kinds else Kind.DATA, node.shape)
            for name, node in graph.named.items()
        }
        super().__init__(leaves, formula)
        self.forward, self.samples, self.corrected, self.scales = graph, rows, corrected or {}, scales or {}
        self.origins = {
            self.named[name].index: Origin("value", node) for name, node in graph.named.items()
        }  # fmt: skip
        self.outcomes: dict[LinePlace, Node | None] = {}
        self.refused: dict[LinePlace, FormulaError] = {}
        self._given: dict[tuple[Node, float], Node] = {}
        self._times: dict[int, float] = {}
        for statement in formula:
            self.do_statement(statement)

    def do_line(self, line: FormulaLine) -> None:
        """Build one assignment, or note why it is refused."""
        try:
            super().do_line(line)
        except FullError:
            raise
        except FormulaError as error:
            self._stand_in(line, error)

    def do_together(self, statement: Together) -> None:
        """Build several assignments, or note why they are refused; what comes out of a cache is known."""
        if self._is_taken_out(statement):
            self.outcomes |= {place_of(line): None for line in statement.lines}
            return
        try:
            super().do_together(statement)
        except FullError:
            raise
        except FormulaError as error:
            for line in statement.lines:
                self._stand_in(line, error)

    def _is_taken_out(self, statement: Together) -> bool:
        """Tell whether values of the forward pass are unpacked from a name that only that pass knows."""
        (first, *more) = {line.expression for line in statement.lines}
        handed = not more and len(first) == 1 and first[0].kind == "name" and self.find(first[0]) is None
        return handed and all(line.name in self.forward.named for line in statement.lines)

    def _stand_in(self, line: FormulaLine, error: FormulaError) -> None:
        del self.scopes[1:]
        self.line = None
        self.outcomes[place_of(line)] = None
        self.refused[place_of(line)] = error
        node = node_of_gradient(self.forward, line.name)
        self.scopes[0].names[line.name] = "" if node is None else self.gradient(node)

    def assign(self, line: FormulaLine, label: str, node: Node) -> None:
        """Let a name stand for a node from here on, or for the right gradient."""
        super().assign(line, label, node)
        self.outcomes[place_of(line)] = None if node.index in self.objects else node
        if place_of(line) in self.corrected:
            scale = self.scales.get(place_of(line), 1.0)
            self.scopes[0].names[line.name] = self.gradient(self.corrected[place_of(line)], scale)

    def gradient(self, node: Node, scale: float = 1.0) -> Node:
        """Return what stands for the engine's gradient of a node of the forward graph, times a number."""
        if (node, scale) not in self._given:
            name = f"d{node.name}"
            leaf = Node(len(self.nodes), Kind.DATA, None, (), node.shape, Term(name), Term(name), name)
            self.nodes.append(leaf)
            self.origins[leaf.index] = Origin("gradient", node)
            self._times[leaf.index] = scale
            self._given[node, scale] = leaf
        return self._given[node, scale]

    def find(self, step: Instruction) -> Node | None:
        """Return what a name stands for: the text's own, the lesson's, a gradient that is given, a count."""
        found = super().find(step)
        if found is not None:
            return found
        node = node_of_gradient(self.forward, step.text)
        if node is not None:
            return self.gradient(node)
        if step.text in COUNTS and self.samples is not None:
            return self.literal(float(self.samples), Term(str(self.samples)), step, None, "int")
        return None

    def unknown(self, step: Instruction) -> FormulaError:
        """Return the refusal of a name; of n, what helps where there are no samples."""
        if why := uncounted(step.text, self.forward):
            return FormulaError(tr("unknown name {name}", name=step.text) + why, step.line, step.column)
        return super().unknown(step)

    def values(self, tape: Tape) -> list[Array]:
        """Return the values of all nodes at a point that is swept both ways."""
        computed: list[Any] = []
        with np.errstate(all="ignore"):
            for node in self.nodes:
                if node.op is not None:
                    computed.append(node.op.forward(*[computed[operand.index] for operand in node.operands]))
                elif node.index in self.origins:
                    quantity, of = self.origins[node.index]
                    value = tape.value(of)
                    if quantity == "gradient":
                        value = full_gradient(tape, of) * self._times.get(node.index, 1.0)
                    computed.append(np.asarray(value)[()])
                else:
                    computed.append(np.float64(node.value or 0.0))
        return computed


@dataclass(eq=False)
class EvaluatedPoints:
    """The values of a pass at the points where it has been evaluated."""

    built: Pass
    known: dict[Tape, list[Array]] = field(default_factory=dict)

    def value(self, node: Node, tape: Tape) -> Array:
        """Return one node's value at a point."""
        if tape not in self.known:
            self.known[tape] = self.built.values(tape)
        return np.asarray(self.known[tape][node.index], dtype=np.float64)
