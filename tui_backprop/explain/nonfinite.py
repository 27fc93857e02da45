"""Why a number is NaN or Infinity: the record that made it, with its operands, and what helps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.ops.base import UNARY, Op, Term
from tui_backprop.engine.ops.structure import Contraction, Reduction
from tui_backprop.explain.remedies import against_infinity, against_slope, remedy, too_fast, too_large
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.stops.divergence import Divergence, computed, is_finite


class Culprit(NamedTuple):
    """What made a number that is not finite.

    Attributes:
        made: the operation with its operands and its result, such as ``log(0) = −Infinity at [2]``.
        remedy: what helps, in words.
    """

    made: str
    remedy: str


def message(found: Divergence) -> str:
    """Return one line on a divergence: where it is, what made it, and what helps."""
    return tr("diverged: {account}", account=account(found))


def account(found: Divergence) -> str:
    """Return the same of numbers that are not finite, whether or not updates have led there."""
    record = found.record
    if record is None or found.tape is None:
        return tr("{place}; a starting value is not finite", place=found.place)
    cause = cause_of(record, found.tape, found.iteration)
    return found.place if cause is None else f"{found.place}: {cause.made}; {cause.remedy}"


def first_made(tape: Tape, records: Iterable[Record], iteration: int) -> Divergence | None:
    """Return the first of some records that makes a NaN or an Infinity; None where none does.

    Args:
        tape: the iteration's values and gradients, complete.
        records: its records, in order.
        iteration: its number.
    """
    for record in records:
        if cause_of(record, tape, iteration) is not None:
            nan = any(np.isnan(value).any() for value in computed(record))
            return Divergence(iteration, record, "NaN" if nan else "Infinity", tape)
    return None


def lines(record: Record, tape: Tape) -> tuple[str, ...]:
    """Return what is to be said of a record whose numbers are not all finite; nothing for others."""
    cause = cause_of(record, tape)
    if cause is not None:
        return cause
    return tuple(_comes_in(record, tape))


def counted(record: Record, tape: Tape) -> str:
    """Say where 0 · ∞ was counted as 0 in a factor; "" where it was not met."""
    if not isinstance(record, ChainFactor) or not is_finite_or_infinite(record):
        return ""
    output, index = record.output, record.index
    assert output.op is not None
    with tape.graph.backend.quiet():
        value, operands = tape.value(output), tape.operands(output)
        plain = output.op.downstream(index, record.upstream[()], operands, value)
    shut = np.isnan(plain) & ~np.isnan(record.downstream)
    if not shut.any():
        return ""
    up = gradient_name(tape.graph, output)
    if record.local is None:
        what = _left_out(shut)
    else:
        at = tuple(np.argwhere(shut)[0])
        coming = float(np.broadcast_to(record.upstream, shut.shape)[at])
        what = _at(
            tr(
                "the local derivative is {local} and {name} is {upstream}",
                local=number(float(record.local[at])),
                name=up,
                upstream=number(coming),
            ),
            tuple(map(int, at)),
        )
    return tr("0 · ∞ counts as 0: {what}. What an exact 0 multiplies cannot move the loss", what=what)


def _left_out(shut: npt.NDArray[np.bool_]) -> str:
    """Say where terms of 0 · ∞ are left out of a sum."""
    many = int(shut.sum())
    if many > 1:
        return tr("in {count} elements the terms of an exact 0 and an Infinity are left out", count=many)
    if not shut.ndim:
        return tr("here the terms of an exact 0 and an Infinity are left out")
    index = ", ".join(map(str, np.argwhere(shut)[0].tolist()))
    return tr("at [{index}] the terms of an exact 0 and an Infinity are left out", index=index)


def is_finite_or_infinite(record: ChainFactor) -> bool:
    """Tell whether something that comes into a factor may be infinite, so that it is worth a look."""
    local = record.local
    return local is None or not (is_finite(record.upstream) and is_finite(local))


def cause_of(record: Record, tape: Tape, iteration: int = 0) -> Culprit | None:
    """Return what a record made of finite operands, or of 0 · ∞ and the like; None where it made nothing.

    Args:
        record: the record.
        tape: the iteration's, complete.
        iteration: its number: what has grown in updates owes that to the learning rate.
    """
    with tape.graph.backend.quiet():
        if isinstance(record, Assignment):
            return None if record.overridden else _in_value(record, tape, iteration)
        if isinstance(record, ChainFactor):
            return _in_factor(record, tape, iteration)
        if is_finite(record.after) or not (is_finite(record.gradient) and is_finite(record.before)):
            return None
        return Culprit(
            tr("the step is larger than 1.8e308, the largest number there is"), too_fast(max(iteration, 1))
        )


# ---------------------------------------------------------------------- values


def _in_value(record: Assignment, tape: Tape, iteration: int) -> Culprit | None:
    node, value = record.node, record.value
    op = node.op
    if op is None or is_finite(value):
        return None
    operands = [np.asarray(tape.value(operand)) for operand in node.operands]
    if not op.elementwise or np.shape(value) != np.broadcast_shapes(*(a.shape for a in operands)):
        return _in_rule(node, operands, value, iteration)
    for at in _bad(value):
        given = [float(np.broadcast_to(a, value.shape)[at]) for a in operands]
        result = float(value[at])
        if _is_made(given, result):
            text = _at(f"{_written(op, given)} = {number(result)}", at)
            return Culprit(text, remedy(op, given, node.operands, iteration))
    return None


def _in_rule(node: Node, operands: Sequence[Array], value: Array, iteration: int) -> Culprit | None:
    """Say what a sum, a product of matrices or a loss made of its operands."""
    if all(map(is_finite, operands)):
        odd = number(float(value[_bad(value)[0]]))
        text = (
            tr("{operation} adds up to more than 1.8e308, the largest number there is", operation=_of(node))
            if isinstance(node.structure, Reduction | Contraction)
            else tr("{operation} is {value} though all operands are finite", operation=_of(node), value=odd)
        )
        return Culprit(text, too_large(iteration))
    if np.isnan(value).any() and not any(np.isnan(a).any() for a in operands):
        if isinstance(node.structure, Contraction):
            return _in_product(node, operands)
        return Culprit(
            tr("{operation} meets Infinity − Infinity", operation=_of(node)),
            tr("keep what is added up finite: the Infinity has a record of its own, before this one"),
        )
    return None


def _in_product(node: Node, operands: Sequence[Array]) -> Culprit:
    """Say which it was that made NaN in a product: with factors of one sign it can only be 0 · ∞."""
    for grown, array, other in zip(node.operands, operands, reversed(operands), strict=True):
        infinite = np.unique(array[np.isinf(array)])
        if len(infinite) == 1 and is_finite(other) and (np.all(other >= 0) or np.all(other <= 0)):
            return Culprit(
                tr(
                    "{operation} meets 0 × {infinity}",
                    operation=_of(node),
                    infinity=number(float(infinite[0])),
                ),
                against_infinity(grown),
            )
    return Culprit(
        tr("{operation} meets 0 × Infinity or Infinity − Infinity", operation=_of(node)),
        tr("keep both factors finite: the Infinity has a record of its own, before this one"),
    )


# ---------------------------------------------------------------------- factors and updates


def _in_factor(record: ChainFactor, tape: Tape, iteration: int) -> Culprit | None:
    if is_finite(record.downstream):
        if is_finite(record.accumulated):
            return None
        coming = record.accumulated
        if np.isnan(coming).any():
            return Culprit(
                tr("the paths add up to Infinity − Infinity"),
                tr("keep both paths finite: the Infinity has a record of its own, before this one"),
            )
        if not is_finite(tape.gradient(record.operand) - record.downstream):
            return None
        return Culprit(
            tr("the paths add up to more than 1.8e308, the largest number there is"), too_large(iteration)
        )
    local = record.local
    if local is None:
        if not is_finite(record.upstream):
            return None
        finite = all(is_finite(np.asarray(a)) for a in tape.operands(record.output))
        if not finite:
            return None
        made = tr("the rule gives more than 1.8e308, the largest number there is")
        return Culprit(made, too_large(iteration))
    op = record.output.op
    assert op is not None
    operands = [np.asarray(tape.value(node)) for node in record.output.operands]
    for at in _bad(record.downstream):
        arriving, slope = float(np.broadcast_to(record.upstream, local.shape)[at]), float(local[at])
        if not math.isfinite(arriving):
            continue
        given = [float(np.broadcast_to(a, local.shape)[at]) for a in operands if _fits(a, local)]
        if len(given) != len(operands) or not all(map(math.isfinite, given)):
            continue
        if math.isfinite(slope):
            product = f"{number(arriving)} · {number(slope)}"
            what = tr("{product} is more than 1.8e308, the largest number there is", product=product)
            return Culprit(what, too_large(iteration))
        what = tr("the slope of {formula} is {slope}", formula=_written(op, given), slope=number(slope))
        what = _at(what, at)
        return Culprit(what, against_slope(op, record.output.operands, record.index, iteration))
    return None


def _comes_in(record: Record, tape: Tape) -> Iterator[str]:
    """Say with what a NaN or an Infinity came in that a record did not make."""
    if isinstance(record, Assignment):
        if is_finite(record.value) or record.overridden or record.node.op is None:
            return
        named = [(shown(n), np.asarray(tape.value(n))) for n in dict.fromkeys(record.node.sources)]
    elif isinstance(record, ChainFactor):
        if is_finite(record.downstream):
            return
        named = [(gradient_name(tape.graph, record.output), record.upstream)]
        named += [(shown(n), np.asarray(tape.value(n))) for n in dict.fromkeys(record.output.sources)]
    else:
        if is_finite(record.after):
            return
        name = shown(record.parameter)
        named = [(name, record.before), (gradient_name(tape.graph, record.parameter), record.gradient)]
    for name, value in named:
        if not is_finite(value):
            yield tr("{value} comes in with {name}", value=number(float(value[_bad(value)[0]])), name=name)
            return


# ---------------------------------------------------------------------- texts


def _is_made(given: Sequence[float], result: float) -> bool:
    """Tell whether a result is not finite by the operation, and not by an operand alone."""
    return not any(map(math.isnan, given)) if math.isnan(result) else all(map(math.isfinite, given))


def _written(op: Op, given: Sequence[float]) -> str:
    """Write the operation over numbers."""
    terms = [Term(number(value), UNARY if value < 0 else 9) for value in given]
    text = op.text(*terms).text
    return pretty_text(text.replace(" * ", " × "))


def _of(node: Node) -> str:
    return node.op.name if node.op is not None else shown(node)


def _bad(value: Array) -> list[tuple[int, ...]]:
    """Return the places of NaN, or else of Infinity, a few of them."""
    array = np.asarray(value)
    odd = np.isnan(array)
    if not odd.any():
        odd = np.isinf(array)
    return [tuple(map(int, at)) for at in np.argwhere(odd)[:100]]


def _fits(value: Array, like: Array) -> bool:
    return value.size == 1 or value.shape == like.shape


def _at(said: str, at: tuple[int, ...]) -> str:
    """Say of an element what is said; of a number, as it is."""
    return tr("{what} at [{index}]", what=said, index=", ".join(map(str, at))) if at else said
