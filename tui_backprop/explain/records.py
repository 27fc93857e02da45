"""A record in formula, numbers and shapes: what is computed, the same with numbers in it, and the result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tui_backprop.engine.arrays import Array, Shape, shape_text
from tui_backprop.engine.backprop import Assignment, ChainFactor, ParameterUpdate, Record, Tape
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.ops import Broadcast, MatMul, Op, Term, Transpose
from tui_backprop.explain.numbers import block, brief, inline, is_shown_in_full
from tui_backprop.explain.text import cells, wrap
from tui_backprop.explain.titles import (
    assignment_title,
    atom,
    factor_title,
    gradient_name,
    partial,
    shown,
    update_title,
)

_PRODUCT = re.compile(r"(?P<number>(?<![^\W\d])[\d.]+)? \* ")


Part: TypeAlias = str | Array
"""A line of text that may be wrapped, or a matrix that is laid out for the width there is."""

INLINE_ELEMENTS = 9
"""A matrix of up to that many elements is written out inside a formula."""


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One labelled part of an explanation; its parts belong together."""

    label: str
    parts: tuple[Part, ...]

    def laid_out(self, width: int, indent: str) -> Iterator[str]:
        """Yield lines of at most ``width`` cells; where text is wrapped, its later lines are indented."""
        for part in self.parts:
            if isinstance(part, str):
                yield from wrap(part, width, indent)
            else:
                for line in block(part, width):
                    yield from wrap(line, width, indent) if cells(line) > width else (line,)


@dataclass(frozen=True, eq=False, slots=True)
class Explanation:
    """A record explained.

    Attributes:
        title: what happens, on one line.
        rows: formula, numbers, result, shapes, notes.
        values: every array mentioned, by label, so that what is shortened can be seen whole.
    """

    title: str
    rows: tuple[Row, ...]
    values: tuple[tuple[str, Array], ...]

    @property
    def shortened(self) -> bool:
        """Whether some array is not shown in full."""
        return any(not is_shown_in_full(value) for _, value in self.values)


def signed(text: str, shape: Shape) -> str:
    """Replace ``*`` by · between numbers and beside a literal, by ⊙ between arrays."""
    return _PRODUCT.sub(lambda m: f"{m['number']}·" if m["number"] else (" ⊙ " if shape else " · "), text)


def result(record: Record) -> Array:
    """Return the array that a record is about: the value, the gradient so far, or the new parameter."""
    if isinstance(record, Assignment):
        return record.value
    return record.accumulated if isinstance(record, ChainFactor) else record.after


def short(record: Record) -> str:
    """Return a record's result in a few characters."""
    return brief(result(record))


def local_text(record: ChainFactor) -> str:
    """Return the local derivative, or the rule, in the formula language and the lesson's names."""
    output = record.output
    assert output.op is not None
    shapes = [node.shape for node in output.operands]
    return output.op.derivative_text(
        record.index, [node.atom for node in output.sources], output.atom, shapes
    )


def explain(record: Record, tape: Tape) -> Explanation:
    """Explain a record; ``tape`` is the iteration it belongs to."""
    if isinstance(record, Assignment):
        return _explain_assignment(record, tape)
    if isinstance(record, ChainFactor):
        return _explain_factor(record, tape)
    return _explain_update(record, tape.graph)


def _explain_assignment(record: Assignment, tape: Tape) -> Explanation:
    node = record.node
    name = shown(node)
    rows = [Row("formula", (assignment_title(node),))]
    if record.overridden:
        rows.append(
            Row("put in", ("this value was put in by hand; what is computed from it is an exercise",))
        )
    elif node.op is not None:
        terms = [_value_term(tape, operand) for operand in node.operands]
        text = signed(node.op.text(*terms).text, node.shape)
        rows.append(Row("numbers", (pretty_text(text),)))
        rows += _beside(node.operands, tape)
    rows.append(Row("value", _equation(name, record.value)))
    rows.append(Row("shape", (_forward_shapes(node),)))
    values = [(shown(operand), tape.value(operand)) for operand in node.operands if operand.shape]
    return Explanation(assignment_title(node), tuple(rows), (*_frozen(values), (name, record.value)))


def _explain_factor(record: ChainFactor, tape: Tape) -> Explanation:
    output, operand, graph = record.output, record.operand, tape.graph
    assert output.op is not None
    loss = shown(graph.loss)
    up_name, down_name, local_name = (
        partial(loss, output),
        partial(loss, operand),
        partial(atom(output), operand),
    )
    forked = not np.array_equal(record.accumulated, record.downstream, equal_nan=True)
    rows = []
    if record.local is not None:
        scalar = not operand.shape and not output.shape
        product = " · " if scalar or not output.shape else " ⊙ "
        rows.append(Row("local", _steps(local_name, record, tape, record.local)))
        rows.append(Row("upstream", _equation(up_name, record.upstream)))
        parts = (
            f"{down_name} = {up_name}{product}{local_name}",
            f"= {_factor_text(record.upstream)}{product}{_factor_text(record.local)}",
            *_result(record.downstream),
        )
        rows.append(Row("product", parts))
        sign = "·" if product == " · " else "⊙"
        shapes = (
            f"{shape_text(output.shape)} {sign} {shape_text(operand.shape)} → {shape_text(operand.shape)}"
        )
    else:
        rows.append(Row("upstream", _equation(up_name, record.upstream)))
        rows.append(Row("rule", _steps(down_name, record, tape, record.downstream)))
        used = output.op.derivative_text(
            record.index,
            [f"\x00{i}" for i in range(output.op.arity)],
            "\x00y",
            [n.shape for n in output.operands],
        )
        sources = [node for i, node in enumerate(output.sources) if f"\x00{i}" in used]
        rows += _beside([*sources, output] if "\x00y" in used else sources, tape)
        shapes = rule_shapes(output.op, record.index, output, operand)
    if forked:
        rows.append(Row("so far", _equation(f"{down_name}, summed over its paths", record.accumulated)))
    rows.append(Row("shapes", (shapes,)))
    values = [(up_name, record.upstream)]
    if record.local is not None:
        values.append((local_name, record.local))
    values += [(shown(node), tape.value(node)) for node in output.sources if node.shape]
    values.append((down_name, record.downstream))
    if forked:
        values.append((f"{down_name} so far", record.accumulated))
    return Explanation(factor_title(graph, output, operand), tuple(rows), _frozen(values))


def _explain_update(record: ParameterUpdate, graph: Graph) -> Explanation:
    name, gradient = shown(record.parameter), gradient_name(graph, record.parameter)
    rows = [
        Row("before", _equation(name, record.before)),
        Row("gradient", _equation(f"g = {gradient}", record.gradient)),
    ]
    rows += [Row(term.name, _equation(term.formula, term.value)) for term in record.terms]
    decayed = any(term.name == "weight decay" and "taken" in term.formula for term in record.terms)
    rule = f"{name} ← {name} − {'decay − ' if decayed else ''}step"
    rows.append(Row("after", _equation(rule, record.after)))
    rows.append(Row("shape", (shape_text(record.parameter.shape),)))
    values = [(f"{name} before", record.before), (gradient, record.gradient)]
    values += [(term.name, term.value) for term in record.terms]
    return Explanation(
        update_title(record.parameter), tuple(rows), (*_frozen(values), (f"{name} after", record.after))
    )


def _frozen(values: list[tuple[str, Array]]) -> tuple[tuple[str, Array], ...]:
    unique = {name: np.asarray(value) for name, value in values}
    return tuple(unique.items())


def _equation(name: str, value: Array) -> tuple[Part, ...]:
    """Write ``name = value``, a matrix below its name."""
    flat = len(block(value)) == 1
    return (f"{name} = {inline(value)}",) if flat else (f"{name} =", value)


def _result(value: Array) -> tuple[Part, ...]:
    """Write ``= value``, a matrix below the sign."""
    return (f"= {inline(value)}",) if len(block(value)) == 1 else ("=", value)


def _factor_text(value: Array) -> str:
    """Write a value as part of a product: negative numbers in parentheses, what is large by its shape."""
    array = np.asarray(value)
    if not is_shown_in_full(array) or (array.ndim > 1 and array.size > INLINE_ELEMENTS):
        return f"[…]{shape_text(array.shape)}"
    text = inline(array)
    return f"({text})" if text.startswith("−") else text


def _value_term(tape: Tape, node: Node) -> Term:
    return Term(_factor_text(np.asarray(tape.value(node))))


def _derivative(record: ChainFactor, *, names: bool, tape: Tape) -> str:
    """Write the local derivative or rule, over names or over their values."""
    output = record.output
    assert output.op is not None
    nodes = output.sources
    slots = [f"\x00{i}\x00" for i in range(len(nodes))]
    shapes = [node.shape for node in output.operands]
    text = output.op.derivative_text(record.index, slots, "\x00y\x00", shapes)
    if not output.shape:
        text = text.replace("upstream * ", "upstream · ")
    text = signed(text, record.operand.shape or output.shape)
    text = pretty_text(text.replace("upstream", "\x00u\x00"))
    up_name = gradient_name(tape.graph, output)
    for slot, node in zip(slots, nodes, strict=True):
        value = np.asarray(tape.value(node))
        text = text.replace(f"{slot}ᵀ", f"{atom(node)}ᵀ" if names else _factor_text(value.T))
        text = text.replace(slot, atom(node) if names else _factor_text(value))
    text = text.replace("\x00y\x00", atom(output) if names else _factor_text(np.asarray(tape.value(output))))
    text = text.replace("\x00u\x00ᵀ", f"({up_name})ᵀ" if names else _factor_text(record.upstream.T))
    return text.replace("\x00u\x00", up_name if names else _factor_text(record.upstream))


def _steps(name: str, record: ChainFactor, tape: Tape, value: Array) -> tuple[Part, ...]:
    """Write name = formula, = formula with numbers, = value; a line like the one before is left out."""
    formula = _derivative(record, names=True, tape=tape)
    numbers = _derivative(record, names=False, tape=tape)
    parts: tuple[Part, ...] = (f"{name} = {formula}",)
    if numbers != formula:
        parts += (f"= {numbers}",)
    last = _result(value)
    return parts if isinstance(last[-1], str) and last == (f"= {numbers}",) else parts + last


def _beside(nodes: Sequence[Node], tape: Tape) -> list[Row]:
    """Write out the matrices that are too large for the line with numbers, but small enough to be read."""
    rows = []
    for node in dict.fromkeys(nodes):
        value = np.asarray(tape.value(node))
        if value.ndim > 1 and value.size > INLINE_ELEMENTS and is_shown_in_full(value):
            rows.append(Row("with", _equation(shown(node), value)))
    return rows


def _forward_shapes(node: Node) -> str:
    shapes = [shape_text(operand.shape) for operand in node.operands]
    sign = " @ " if isinstance(node.op, MatMul) else ", "
    return f"{sign.join(shapes)} → {shape_text(node.shape)}" if shapes else shape_text(node.shape)


def rule_shapes(op: Op, index: int, output: Node, operand: Node) -> str:
    """Write the shapes that meet in a rule, such as ``(2×3) @ (3) → (2)``."""
    up, down = shape_text(output.shape), shape_text(operand.shape)
    if isinstance(op, MatMul):
        a, b = (node.shape for node in output.operands)
        other = a if index else b
        if len(a) == len(b) == 1:
            return f"{up} · {shape_text(other)} → {down}"
        if index == 0 and len(b) == 1:
            return f"outer: {up}, {shape_text(b)} → {down}"
        if index == 1 and len(a) == 1:
            return f"outer: {shape_text(a)}, {up} → {down}"
        if index == 0 and len(a) == 1:
            return f"{shape_text(b)} @ {up} → {down}"
        flipped = shape_text((*other[:-2], other[-1], other[-2]))
        return f"{flipped} @ {up} → {down}" if index else f"{up} @ {flipped} → {down}"
    if isinstance(op, Broadcast):
        axes = op.axes(operand.shape)
        over = ", ".join(map(str, axes))
        return f"{up} → {down}: summed over axis {over}, along which {shown(operand)} was repeated"
    if isinstance(op, Transpose):
        return f"{up} → {down}: transposed back"
    if len(output.shape) < len(operand.shape):
        return f"{up} → {down}: repeated for every element that was summed"
    return f"{up} → {down}"
