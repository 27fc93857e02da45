"""A record in formula, numbers and shapes: what is computed, the same with numbers in it, and the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record, UpdateTerm
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.masks import Mask
from tui_backprop.engine.ops.base import Term
from tui_backprop.explain.chain.chain import CURRENT, Chain, Fork, default_target, records_done
from tui_backprop.explain.chain.layout import places
from tui_backprop.explain.formulas import (
    INLINE_ELEMENTS,
    derivative_shape,
    factor_text,
    mentioned,
    numbers_in_derivative,
    rule,
    signed,
)
from tui_backprop.explain.rows import Part, Row, equation, result_lines
from tui_backprop.explain.shapes import factor_shapes, forward_shapes, meeting_axes
from tui_backprop.explain.titles import (
    assignment_title,
    atom,
    factor_title,
    gradient_name,
    partial,
    shown,
    update_title,
)
from tui_backprop.text.numbers import brief, inline, is_shown_in_full, shape_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.stops.divergence import is_finite

_COMPUTED: Final[Mapping[type, Sequence[str]]] = {
    Assignment: ("value",),
    ChainFactor: ("upstream", "local", "downstream", "accumulated"),
    ParameterUpdate: ("gradient", "after"),
}


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
    factor = record.factor
    names = [node.atom for node in record.output.sources]
    return factor.op.derivative_text(factor.index, names, record.output.atom, factor.shapes)


def explain(record: Record, tape: Tape, target: Node | None = None) -> Explanation:
    """Explain a record; ``tape`` is the iteration it belongs to, complete.

    A factor stands in the chain from the loss to ``target``; where that is None, to the first trainable
    parameter with the factor on its chain.
    """
    if isinstance(record, Assignment):
        explained = _explain_assignment(record, tape)
    elif isinstance(record, ChainFactor):
        explained = _explain_factor(record, Chain(tape, target or default_target(tape.graph, record)))
    else:
        explained = _explain_update(record, tape.graph)
    return replace(explained, rows=(*explained.rows, *_oddities(record, tape)))


def _oddities(record: Record, tape: Tape) -> list[Row]:
    """Say where NaN or Infinity comes from, and where 0 · ∞ was counted as 0."""
    numbers = (value for field in _COMPUTED[type(record)] if (value := getattr(record, field)) is not None)
    if all(map(is_finite, numbers)):
        return []
    from tui_backprop.explain import nonfinite  # hardly ever needed

    said = nonfinite.lines(record, tape)
    rows = [Row(later("not finite"), said)] if said else []
    if words := nonfinite.counted(record, tape):
        rows.append(Row("0 · ∞", (words,)))
    return rows


def _explain_assignment(record: Assignment, tape: Tape) -> Explanation:
    node = record.node
    name = shown(node)
    rows = [Row(later("formula"), (assignment_title(node),))]
    if record.overridden:
        rows.append(
            Row(
                later("put in"),
                (tr("this value was put in by hand; what is computed from it is an exercise"),),
            )
        )
    elif node.mask is not None:
        rows.append(Row(later("drawn"), (mask_words(node.mask),)))
    elif node.op is not None:
        terms = [_value_term(tape, operand) for operand in node.operands]
        text = signed(node.op.text(*terms).text, node.shape)
        rows.append(Row(later("numbers"), (pretty_text(text),)))
        rows += _beside(node.operands, tape)
    rows.append(Row(later("value"), equation(name, record.value)))
    rows.append(Row(later("shape"), (forward_shapes(node),)))
    if node.is_broadcast and (meeting := meeting_axes(tape.graph, node)):
        rows.append(Row(later("meets"), (meeting,)))
    values = [(shown(operand), tape.value(operand)) for operand in node.operands if operand.shape]
    return Explanation(assignment_title(node), tuple(rows), (*_frozen(values), (name, record.value)))


def mask_words(mask: Mask) -> str:
    """Say how a mask is drawn."""
    kept = inline(np.asarray(1.0 / (1.0 - mask.p)))
    return tr(
        "each element is 0 with probability p = {p:g}, else 1/(1 − p) = {kept}, "
        "so that the mean stays; seed and iteration give the draws, so going back gives the same",
        p=mask.p,
        kept=kept,
    )


def _explain_factor(record: ChainFactor, chain: Chain) -> Explanation:
    tape, output, operand = chain.tape, record.output, record.operand
    done = records_done(tape.graph, record)
    own = factor_rows(record, tape, chain.fork(done), chain.computed)
    above = [row for row in chain_rows(chain, done) if row.parts[0] != own[0].parts[0]]
    rows = [*above, *own]
    if chain.same and operand is chain.target:
        rows.append(Row(later("same"), (chain.same,)))
    down = gradient_name(tape.graph, operand)
    values = [(gradient_name(tape.graph, output), record.upstream)]
    if record.local is not None:
        values.append((partial(atom(output), operand), record.local))
    values += [(shown(node), tape.value(node)) for node in output.sources if node.shape]
    values.append((down, record.downstream))
    if places(tape.graph)[record.factor].arrival > 1:
        values.append((tr("{name} so far", name=down), record.accumulated))
    return Explanation(factor_title(tape.graph, record.factor), tuple(rows), _frozen(values))


def chain_rows(chain: Chain, done: int) -> list[Row]:
    """Write the chain as textbooks do, with the numbers known so far, and as it is computed."""
    textbook, numbers = chain.textbook(done), chain.numbers(done)
    factors = chain.cells(done)
    if len(factors) == 1:
        value = factors[0].value
        rows = [Row(later("chain"), (f"{textbook} {numbers if value is None else f'= {inline(value)}'}",))]
    else:
        rows = [Row(later("chain"), (textbook, numbers) if numbers else (textbook,))]
    if chain.computed:
        rows.append(Row(later("computed"), (chain.computed,)))
    return rows


def fork_rows(fork: Fork, computed: str = "") -> list[Row]:
    """Write a line for each path of a fork and one for their sum; ``computed`` stands above already."""
    rows = []
    for branch in fork.branches:
        mark = f"{CURRENT} " if branch.state == "current" else ""
        numbers = branch.numbers if branch.value is None else inline(branch.value)
        rows.append(Row(branch.name, (f"{mark}{branch.formula} = {numbers}",)))
    name, _, _ = fork.sum.partition(" = ")
    lines: tuple[Part, ...] = (f"{name} = {fork.numbers}",)
    if fork.sum != computed:
        lines = (fork.sum, f"= {fork.numbers}")
    return [*rows, Row(later("sum"), lines if fork.total is None else lines + result_lines(fork.total))]


def factor_rows(record: ChainFactor, tape: Tape, fork: Fork | None = None, computed: str = "") -> list[Row]:
    """Write a factor in three lines, its local derivative, what came in, its fork, and the shapes."""
    factor = record.factor
    output, operand, graph = record.output, record.operand, tape.graph
    up, down = gradient_name(graph, output), gradient_name(graph, operand)
    if record.local is None:
        rows = [Row(later("rule"), _steps(down, record, tape, record.downstream))]
    elif output is graph.loss:
        rows = [Row(later("product"), _steps(down, record, tape, record.downstream))]
    else:
        name, local = partial(atom(output), operand), _local(record)
        sign = " ⊙ " if output.shape else " · "
        lines = (
            f"{down} = {up}{sign}{name}",
            f"= {factor_text(record.upstream)}{sign if np.shape(local) else ' · '}{factor_text(local)}",
            *result_lines(record.downstream),
        )
        rows = [Row(later("product"), lines), Row(later("local"), _steps(name, record, tape, local))]
    rows.append(Row(later("upstream"), equation(up, record.upstream)))
    rows += _beside(mentioned(factor), tape)
    rows += fork_rows(fork, computed) if fork else []
    place = places(graph)[factor]
    said = fork is not None and fork.total is not None and fork.node is operand
    if place.arrival > 1 and not said:
        words = tr(
            "{name}, {arrived} of {count} contributions",
            name=down,
            arrived=place.arrival,
            count=place.arrivals,
        )
        rows.append(Row(later("so far"), equation(words, record.accumulated)))
    elif place.arrivals > 1 and not said:
        words = tr("the first of {count} contributions to {name}", count=place.arrivals, name=down)
        rows.append(Row(later("so far"), (words,), prose=True))
    rows.append(Row(later("shapes"), (factor_shapes(factor),)))
    return rows


def _explain_update(record: ParameterUpdate, graph: Graph) -> Explanation:
    name, gradient = shown(record.parameter), gradient_name(graph, record.parameter)
    rows = [
        Row(later("before"), equation(name, record.before)),
        Row(later("gradient"), equation(f"g = {gradient}", record.gradient)),
    ]
    rows += [Row(term.name, _term(term)) for term in record.terms]
    decayed = any(term.code == "decoupled_decay" for term in record.terms)
    rule = (
        tr("{name} ← {name} − decay − step", name=name)
        if decayed
        else tr("{name} ← {name} − step", name=name)
    )
    rows.append(Row(later("after"), equation(rule, record.after)))
    rows.append(Row(later("shape"), (shape_text(record.parameter.shape),)))
    values = [(tr("{name} before", name=name), record.before), (gradient, record.gradient)]
    values += [(tr(term.name), term.value) for term in record.terms]
    return Explanation(
        update_title(record.parameter),
        tuple(rows),
        (*_frozen(values), (tr("{name} after", name=name), record.after)),
    )


def _term(term: UpdateTerm) -> tuple[Part, ...]:
    """Write a part of an update; where its formula is a sentence the value stands in front."""
    symbol, _, words = term.formula.partition(" = ")
    if ", then " in words:
        return (f"{symbol} = {inline(term.value)}", tr(words))
    return equation(tr(term.formula), term.value)


def _frozen(values: list[tuple[str, Array]]) -> tuple[tuple[str, Array], ...]:
    unique = {name: np.asarray(value) for name, value in values}
    return tuple(unique.items())


def _value_term(tape: Tape, node: Node) -> Term:
    return Term(factor_text(np.asarray(tape.value(node))))


def _local(record: ChainFactor) -> Array:
    """Return the local derivative, as one number where its formula is one for all elements."""
    assert record.local is not None
    return record.local if derivative_shape(record.factor) else record.local.reshape(-1)[0]


def _steps(name: str, record: ChainFactor, tape: Tape, value: Array) -> tuple[Part, ...]:
    """Write name = formula, = formula with numbers, = value; a line like the one before is left out."""
    formula, numbers = rule(record, tape), numbers_in_derivative(record, tape)
    lines: tuple[Part, ...] = (f"{name} = {formula}",)
    plain, last = numbers.removeprefix("(").removesuffix(")"), result_lines(value)
    is_matrix_again = len(last) > 1 and plain == inline(value)
    if numbers != formula and not is_matrix_again:
        lines += (f"= {numbers}",)
    return lines if last == (f"= {plain}",) else lines + last


def _beside(nodes: Sequence[Node], tape: Tape) -> list[Row]:
    """Write out the matrices that are too large for the line with numbers, but small enough to be read."""
    rows = []
    for node in dict.fromkeys(nodes):
        value = np.asarray(tape.value(node))
        if value.ndim > 1 and value.size > INLINE_ELEMENTS and is_shown_in_full(value):
            rows.append(Row(later("with"), equation(shown(node), value)))
    return rows
