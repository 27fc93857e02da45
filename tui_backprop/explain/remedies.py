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

LOSSES = "bce, bce_with_logits and cross_entropy never come to it"
NEAR_ZERO = "1e−12"
RATE = "the learning rate is too high"


def remedy(op: Op, given: Sequence[float], nodes: Sequence[Node], iteration: int) -> str:
    """Say what helps against what an operation made of these numbers, one of each operand."""
    name = shown(nodes[0])
    match op:
        case Log() | Log2() | Log10() if given[0] == 0:
            return f"{LOSSES}; or keep {name} above 0, as {op.name}(… + {NEAR_ZERO}) does"
        case Log() | Log2() | Log10():
            return f"{op.name} takes numbers above 0: look at what makes {name} negative{_or_rate(iteration)}"
        case Log1p():
            return f"{LOSSES}; log1p takes numbers above −1: keep {name} above it{_or_rate(iteration)}"
        case Sqrt():
            return f"sqrt takes numbers from 0 on: look at what makes {name} negative{_or_rate(iteration)}"
        case Exp():
            softer = "sigmoid, softmax, bce_with_logits and cross_entropy do not overflow"
            return f"exp overflows above 709.78: {softer}; or {too_large(iteration)}"
        case Divide() if given[1] == 0:
            return _divisor(nodes[1])
        case Power() if given[0] == 0 and given[1] < 0:
            return f"0 has no negative power: keep {name} away from 0, as (… + {NEAR_ZERO}) does"
        case Power() if given[0] < 0 and not float(given[1]).is_integer():
            what = f"look at what makes {name} negative{_or_rate(iteration)}"
            return f"a negative number has no such power: {what}"
        case Multiply() if 0 in given and any(map(math.isinf, given)):
            return against_infinity(nodes[given.index(0) ^ 1])
        case Add() | Subtract() if any(map(math.isinf, given)):
            return keep("both")
    if any(map(math.isinf, given)):
        return keep("the operands")
    return too_large(iteration)


def against_infinity(grown: Node) -> str:
    """Say what helps where 0 meets the Infinity of a node, which in cross-entropies is a logarithm."""
    source = grown.operands[0] if grown.is_broadcast else grown
    match source.op:
        case Log() | Log2() | Log10() | Log1p():
            return (
                "bce(prediction, target), bce_with_logits(logit, target) and cross_entropy(logits, target) "
                "leave such a term out"
            )
    return f"keep {shown(source)} finite"


def _divisor(node: Node) -> str:
    """Say what helps where a node is divided by that is 0, which mostly is a deviation of equal numbers."""
    source = node.operands[0] if node.is_broadcast else node
    name = shown(source)
    if source.is_literal:
        return "nothing is divided by 0"
    why = f"{name} is 0"
    reduced = source.operands[0].op if isinstance(source.structure, Reduction) else None
    match source.op, reduced:
        case _, Exp():
            return f"{why}, as exp is below −745: softmax takes the largest off first, and keeps it above 0"
        case (Sqrt(), _) | (_, Square() | Power()):
            why += ", a variance or norm of 0: all values are alike"
    return f"{why}; add a small number to it, as / (… + 1e−8) does"


def against_slope(op: Op, operands: Sequence[Node], index: int, iteration: int) -> str:
    """Say what helps against an infinite slope."""
    name = shown(sources(op, tuple(operands))[index])
    match op:
        case Sqrt():
            return f"a root is infinitely steep at 0: keep {name} above 0, as sqrt(… + {NEAR_ZERO}) does"
        case Log() | Log2() | Log10():
            return f"{LOSSES}; or keep {name} above 0, as {op.name}(… + {NEAR_ZERO}) does"
        case Log1p():
            return f"{LOSSES}; or keep {name} above −1"
        case Divide():
            return _divisor(operands[1])
        case Power():
            return (
                f"such a power is infinitely steep at 0: keep {name} away from 0, as (… + {NEAR_ZERO}) does"
            )
    return too_large(iteration)


def too_fast(iteration: int) -> str:
    """Say what helps against a step that is too large."""
    return f"{RATE}: try a tenth of it" if iteration else _scale()


def _or_rate(iteration: int) -> str:
    return ", or lower the learning rate, whose updates have led there" if iteration else ""


def too_large(iteration: int) -> str:
    """Say what helps against numbers that have grown, or were large from the start."""
    if iteration:
        return f"where numbers grow from update to update, {RATE}: try a tenth of it"
    return _scale()


def _scale() -> str:
    return "scale the data or the starting values down"


def keep(what: str) -> str:
    """Say that an Infinity has come in, and is to be looked for before."""
    return f"keep {what} finite: the Infinity has a record of its own, before this one"
