"""The teacher's notes: where a why belongs, when it holds, and its text with live numbers in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.build import Program, evaluate, holds
from tui_backprop.engine.language.formula import Condition, Expression, parse_condition, parse_expression
from tui_backprop.engine.language.names import resolve
from tui_backprop.engine.language.namespace import shape_names
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.overlays.placeholders import parts_of
from tui_backprop.lessons.specs.teaching import SlipTable, WhyTable
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.language.particles import with_particle
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

T = TypeVar("T")

LIVE_SCALARS = ("learning_rate", "iteration", "epoch", "samples")
"""Names a note may use besides the lesson's own; ``samples`` is how many the batch has."""


class Placeholder(Struct, frozen=True):
    """A ``{...}`` in a note: an expression, or ``{shape:NAME}``; and the particle that follows, if any."""

    expression: Expression = ()
    shape_of: str = ""
    particle: str = ""

    def text(self, values: Mapping[str, Array], show: Callable[[Array], str]) -> str:
        """Return what stands in its place, the number written by ``show``."""
        if self.shape_of:
            said = shape_text(np.shape(values[self.shape_of]))
        else:
            try:
                said = show(evaluate(self.expression, values))
            except FormulaError:
                said = "?"
        return with_particle(said, self.particle) if self.particle else said


class LiveText(Struct, frozen=True):
    """A text with live numbers in it."""

    parts: tuple[str | Placeholder, ...] = ()

    def said(self, values: Mapping[str, Array], show: Callable[[Array], str]) -> str:
        """Return the text with its numbers, written by ``show``."""
        return "".join(part if isinstance(part, str) else part.text(values, show) for part in self.parts)


class Why(Struct, frozen=True):
    """A note at an edge (or, without an operand, at a node's assignment or a parameter's update)."""

    output: str
    operand: str | None
    parts: tuple[str | Placeholder, ...]
    when: Condition | None

    def belongs_to(self, record: Record) -> bool:
        """Tell whether the note is about this record.

        An edge ``y <- w`` is the factor whose operand is w and whose output is y or a part of y's line.
        """
        if isinstance(record, ChainFactor):
            if self.operand is None:
                return False
            return self.output in (
                record.output.name,
                record.output.line,
                record.output.expression,
            ) and self.operand in (
                record.operand.name,
                record.operand.expression,
            )
        node = record.node if isinstance(record, Assignment) else record.parameter
        return self.operand is None and self.output == node.name

    def applies(self, values: Mapping[str, Array]) -> bool:
        """Tell whether the note's condition holds for these values."""
        if self.when is None:
            return True
        try:
            return holds(self.when, values)
        except FormulaError:  # another batch shape than the one the file was checked with
            return False

    def text(self, values: Mapping[str, Array], show: Callable[[Array], str]) -> str:
        """Return the note with its numbers, written by ``show``."""
        return LiveText(self.parts).said(values, show)


class Slip(Struct, frozen=True):
    """A mistake made by hand, to be caught by the gradient check.

    ``gradients`` are claimed gradients by node name; ``lines`` replace lines of what is differenced.
    """

    title: str
    gradients: Mapping[str, Expression]
    lines: Mapping[str, Expression]
    note: str


class Places:
    """What notes can be about and name, looked up once for all the notes of a lesson."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The shapes of nodes and gradients, by name."""
        return shape_names(self.graph)

    @cached_property
    def live_shapes(self) -> Mapping[str, Shape]:
        """The same, and those of what changes with the iteration."""
        return shape_names(self.graph, dict.fromkeys(LIVE_SCALARS, ()))

    @cached_property
    def known(self) -> frozenset[str]:
        """All names and expressions."""
        return frozenset(name for node in self.graph.nodes for name in (node.name, node.expression))

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of what is computed, and of parameters."""
        return frozenset(node.name for node in (*self.graph.assignments, *self.graph.parameters))

    @cached_property
    def operands(self) -> Mapping[str, Mapping[str, set[str]]]:
        """By output, named in any of its ways: the operands by name, each with its ways of being named."""
        found: dict[str, dict[str, set[str]]] = {}
        for factor in self.graph.factors:
            node, operand = factor.output, factor.operand
            for name in (node.name, node.expression, node.line):
                if name is not None:
                    into = found.setdefault(name, {}).setdefault(operand.name, set())
                    into |= {operand.name, operand.expression}
        return found


def make_why(table: WhyTable, number: int, places: Places) -> Why:
    """Check one ``[[why]]`` against the lesson's graph.

    Raises:
        LessonError: a place that is no edge, or a placeholder or condition that cannot be evaluated.
    """
    where = f"why {number}"
    output, operand = edge(table.at, where, places)
    shapes = places.live_shapes
    parts = tuple(_parts(clean(table.text, f"{where}.text"), f"{where}.text", shapes))
    condition = None
    if table.when is not None:
        condition = _checked(parse_condition, table.when, f"{where}.when")
        for left, symbol, right in condition.comparisons:
            for side in (left, right):
                size = size_of(_shape(side, shapes, f"{where}.when"))
                if size != 1:
                    raise LessonError(
                        tr(
                            "{where}.when: a side of {symbol} has {size} numbers; compare means or sums",
                            where=where,
                            symbol=symbol,
                            size=size,
                        )
                    )
    return Why(output, operand, parts, condition)


def live_text(text: str, where: str, places: Places) -> LiveText:
    """Check a text with numbers in braces against the lesson's graph.

    Raises:
        LessonError: a placeholder that cannot be evaluated.
    """
    return LiveText(tuple(_parts(clean(text, where), where, places.live_shapes)))


def edge(at: str, where: str, places: Places, *, leaves: bool = False) -> tuple[str, str | None]:
    """Return output and operand of an edge that is written ``output <- operand``, or a node and None.

    Args:
        at: what the lesson says.
        where: the table, for the message.
        places: what there is.
        leaves: whether data may stand alone, which nothing happens at.

    Raises:
        LessonError: there is no such place.
    """
    left, arrow, right = (
        re.split(r"(<-|←)", clean(at, f"{where}.at"), maxsplit=1) if re.search("<-|←", at) else (at, "", "")
    )
    output = _node_text(left.strip(), where, places)
    if not arrow:
        if output not in places.own and not leaves:
            raise LessonError(
                tr(
                    "{where}.at: {output} is neither computed nor a parameter; write an edge, output <- "
                    "operand",
                    where=where,
                    output=output,
                )
            )
        return output, None
    operand = _node_text(right.strip(), where, places)
    names = places.operands.get(output, {})
    if not any(operand in ways for ways in names.values()):
        there = (
            tr("; from {output} there are {names}", output=output, names=", ".join(names)) if names else ""
        )
        raise LessonError(
            tr(
                "{where}.at: no factor goes from {output} to {operand}{there}",
                where=where,
                output=output,
                operand=operand,
                there=there,
            )
        )
    return output, operand


def _node_text(text: str, where: str, places: Places) -> str:
    """Return the graph's own spelling of a name or sub-expression."""
    for candidate in (text, f"({text})", text.removeprefix("(").removesuffix(")")):
        if candidate in places.known:
            return candidate
    try:
        return resolve(text, places.graph.named)
    except BackpropError as error:
        raise LessonError(f"{where}.at: {error}") from None


def _parts(text: str, where: str, shapes: Mapping[str, Shape]) -> Iterator[str | Placeholder]:
    for part in parts_of(text, where):
        if part.words:
            yield part.words
        elif part.shape_of:
            if part.shape_of not in shapes:
                raise LessonError(
                    tr(
                        "{where}: {{shape:{shape_of}}} names no node of the lesson",
                        where=where,
                        shape_of=part.shape_of,
                    )
                )
            yield Placeholder(shape_of=part.shape_of, particle=part.particle)
        else:
            expression = _checked(parse_expression, part.expression, f"{where} {{{part.expression}}}")
            _shape(expression, shapes, f"{where} {{{part.expression}}}")
            yield Placeholder(expression, particle=part.particle)


def make_slip(table: SlipTable, number: int, places: Places, lines: Mapping[str, object]) -> Slip:
    """Check one ``[[slip]]`` against the lesson's graph."""
    where = f"slip {number}"
    if not table.gradient and not table.formula:
        raise LessonError(
            tr("{where}: give gradient.NAME or formula.NAME, the line that went wrong", where=where)
        )
    graph = places.graph
    gradients = {}
    for name, text in table.gradient.items():
        node = _named(name, f"{where}.gradient", graph)
        expression = _checked(parse_expression, text, f"{where}.gradient.{name}")
        _shape(expression, places.shapes, f"{where}.gradient.{name}")
        gradients[node.name] = expression
    replaced = {}
    for name, text in table.formula.items():
        node = _named(name, f"{where}.formula", graph)
        if node.name not in lines:
            raise LessonError(
                tr("{where}.formula: {name} is not a line of the formula", where=where, name=node.name)
            )
        replaced[node.name] = _checked(parse_expression, text, f"{where}.formula.{name}")
    return Slip(clean(table.title, f"{where}.title"), gradients, replaced, clean(table.note, f"{where}.note"))


def _named(name: str, where: str, graph: Graph) -> Node:
    try:
        return graph.named[resolve(name, graph.named)]
    except BackpropError as error:
        raise LessonError(f"{where}: {error}") from None


def _checked(parse: Callable[[str], T], text: str, where: str) -> T:
    try:
        return parse(text)
    except FormulaError as error:
        raise LessonError(
            tr("{where}: column {column}: {reason}", where=where, column=error.column, reason=error.reason)
        ) from None


def _shape(expression: Expression, shapes: Mapping[str, Shape], where: str) -> Shape:
    """Return the shape of the result without computing it; find unknown names and shapes that do not fit."""
    try:
        return Program(expression, shapes).node.shape
    except FormulaError as error:
        raise LessonError(f"{where}: {error.reason}") from None
