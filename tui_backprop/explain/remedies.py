"""What helps against a NaN or an Infinity, in words: for each operation that makes one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_backprop.engine.autodiff.graph import Node, sources
from tui_backprop.engine.ops.arithmetic import Add, Divide, Multiply, Power, Subtract
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.functions.elementwise import Exp, Log, Sqrt, Square
from tui_backprop.engine.ops.functions.transcendental import Log1p, Log2, Log10
from tui_backprop.engine.ops.structure import Reduction
from tui_backprop.explain.titles import shown
from tui_backprop.text.sentences import tr

NEAR_ZERO = "1e−12"


def remedy(op: Op, given: Sequence[float], nodes: Sequence[Node], iteration: int) -> str:
    """Say what helps against what an operation made of these numbers, one of each operand."""
    name = shown(nodes[0])
    match op:
        case Log() | Log2() | Log10() if given[0] == 0:
            return _of_logarithm(op.name, name)
        case Log() | Log2() | Log10():
            advice = tr(
                "{function} takes numbers above 0: look at what makes {name} negative",
                function=op.name,
                name=name,
            )
            return _or_rate(advice, iteration)
        case Log1p():
            advice = tr(
                "bce, bce_with_logits and cross_entropy never come to it; log1p takes numbers above −1: "
                "keep {name} above it",
                name=name,
            )
            return _or_rate(advice, iteration)
        case Sqrt():
            advice = tr("sqrt takes numbers from 0 on: look at what makes {name} negative", name=name)
            return _or_rate(advice, iteration)
        case Exp():
            return tr(
                "exp overflows above 709.78: sigmoid, softmax, bce_with_logits and cross_entropy do not "
                "overflow; or {advice}",
                advice=too_large(iteration),
            )
        case Divide() if given[1] == 0:
            return _divisor(nodes[1])
        case Power() if given[0] == 0 and given[1] < 0:
            return tr(
                "0 has no negative power: keep {name} away from 0, as (… + {small}) does",
                name=name,
                small=NEAR_ZERO,
            )
        case Power() if given[0] < 0 and not float(given[1]).is_integer():
            advice = tr("a negative number has no such power: look at what makes {name} negative", name=name)
            return _or_rate(advice, iteration)
        case Multiply() if 0 in given and any(map(math.isinf, given)):
            return against_infinity(nodes[given.index(0) ^ 1])
        case Add() | Subtract() if any(map(math.isinf, given)):
            return tr("keep both finite: the Infinity has a record of its own, before this one")
    if any(map(math.isinf, given)):
        return tr("keep the operands finite: the Infinity has a record of its own, before this one")
    return too_large(iteration)


def _of_logarithm(function: str, name: str) -> str:
    return tr(
        "bce, bce_with_logits and cross_entropy never come to it; or keep {name} above 0, as "
        "{function}(… + {small}) does",
        name=name,
        function=function,
        small=NEAR_ZERO,
    )


def against_infinity(grown: Node) -> str:
    """Say what helps where 0 meets the Infinity of a node, which in cross-entropies is a logarithm."""
    source = grown.operands[0] if grown.is_broadcast else grown
    match source.op:
        case Log() | Log2() | Log10() | Log1p():
            return tr(
                "bce(prediction, target), bce_with_logits(logit, target) and cross_entropy(logits, target) "
                "leave such a term out"
            )
    return tr("keep {name} finite", name=shown(source))


def _divisor(node: Node) -> str:
    """Say what helps where a node is divided by that is 0, which mostly is a deviation of equal numbers."""
    source = node.operands[0] if node.is_broadcast else node
    name = shown(source)
    if source.is_literal:
        return tr("nothing is divided by 0")
    reduced = source.operands[0].op if isinstance(source.structure, Reduction) else None
    match source.op, reduced:
        case _, Exp():
            return tr(
                "{name} is 0, as exp is below −745: softmax takes the largest off first, and keeps it above "
                "0",
                name=name,
            )
        case (Sqrt(), _) | (_, Square() | Power()):
            return tr(
                "{name} is 0, a variance or norm of 0: all values are alike; add a small number to it, as "
                "/ (… + 1e−8) does",
                name=name,
            )
    return tr("{name} is 0; add a small number to it, as / (… + 1e−8) does", name=name)


def against_slope(op: Op, operands: Sequence[Node], index: int, iteration: int) -> str:
    """Say what helps against an infinite slope."""
    name = shown(sources(op, tuple(operands))[index])
    match op:
        case Sqrt():
            return tr(
                "a root is infinitely steep at 0: keep {name} above 0, as sqrt(… + {small}) does",
                name=name,
                small=NEAR_ZERO,
            )
        case Log() | Log2() | Log10():
            return _of_logarithm(op.name, name)
        case Log1p():
            return tr(
                "bce, bce_with_logits and cross_entropy never come to it; or keep {name} above −1", name=name
            )
        case Divide():
            return _divisor(operands[1])
        case Power():
            return tr(
                "such a power is infinitely steep at 0: keep {name} away from 0, as (… + {small}) does",
                name=name,
                small=NEAR_ZERO,
            )
    return too_large(iteration)


def too_fast(iteration: int) -> str:
    """Say what helps against a step that is too large."""
    return tr("the learning rate is too high: try a tenth of it") if iteration else _scale()


def _or_rate(advice: str, iteration: int) -> str:
    if not iteration:
        return advice
    return tr("{advice}, or lower the learning rate, whose updates have led there", advice=advice)


def too_large(iteration: int) -> str:
    """Say what helps against numbers that have grown, or were large from the start."""
    if iteration:
        return tr(
            "where numbers grow from update to update, the learning rate is too high: try a tenth of it"
        )
    return _scale()


def _scale() -> str:
    return tr("scale the data or the starting values down")
