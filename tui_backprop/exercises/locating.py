"""Where an answer that no known mistake explains is wrong first: an element, and a factor along the chain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.structure import Element
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.matching import EQUAL, NOISE, Compared, largest

MOST_PARTS = 40
"""Parts of a formula that are looked at."""
MOST_NODES = 60
"""Nodes on the chain that they are compared with."""


class FirstWrong(Struct, frozen=True, eq=False):
    """Where an answer is wrong first.

    Attributes:
        element: the first element that is wrong; () of a scalar.
        ratio: yours/right there; None where right is 0.
        wrong, total: how many elements are wrong, of how many.
        factor: the first factor that is off, where a part of the answer is right as far as that.
    """

    element: Element
    ratio: float | None
    wrong: int
    total: int
    factor: Factor | None = None


def first_wrong(case: Compared, tapes: Sequence[Tape]) -> FirstWrong | None:
    """Say where a wrong answer is wrong first; None where its numbers differ nowhere that can be told.

    Args:
        case: the answer, and what it is compared with.
        tapes: the points where it is wrong.
    """
    found = _element(case, case.here) or _element(case, tapes[0])
    if found is None or not case.answer.names or not case.answer.text:
        return found
    return FirstWrong(found.element, found.ratio, found.wrong, found.total, _factor(case, tapes))


def _element(case: Compared, tape: Tape) -> FirstWrong | None:
    claim, truth = case.claim(tape), case.truth(tape)
    if claim.shape != truth.shape or not np.all(np.isfinite(truth)):
        return None
    off = ~(np.abs(claim - truth) <= np.maximum(_allowed(case, claim, truth), NOISE * largest(truth)))
    places = np.argwhere(off)
    if not len(places):
        return None
    element = tuple(int(place) for place in places[0])
    right = float(truth[element])
    return FirstWrong(element, float(claim[element]) / right if right else None, len(places), truth.size)


def _allowed(case: Compared, claim: Array, truth: Array) -> Array:
    half = case.half_unit(claim)
    return EQUAL * np.abs(truth) if half is None else np.maximum(half, EQUAL * np.abs(truth))


def _factor(case: Compared, tapes: Sequence[Tape]) -> Factor | None:
    """Return the factor behind the furthest gradient on the chain that a part of the answer is."""
    nearest: dict[Node, Factor] = {}
    for factor in case.asked.factors:
        nearest.setdefault(factor.output, factor)
    parts = [(part, _values(part, tapes)) for part in _parts(case.answer)]
    for node, factor in list(nearest.items())[:MOST_NODES]:
        if node is not case.asked.node and any(
            values is not None and _is_gradient(values, node, tapes) for _, values in parts
        ):
            return factor
    return None


def _parts(answer: Answer) -> Iterator[Answer]:
    """Yield the parts of a formula, the largest first."""
    tree = ast.parse(f"({answer.text}\n)", mode="eval")
    parts = [
        node for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Call | ast.Name | ast.UnaryOp)
    ]
    for part in parts[1 : MOST_PARTS + 1]:
        text = ast.unparse(part).replace(" ** ", "**")
        try:
            yield answer.rewritten(text)
        except BackpropError:  # the name of a function
            continue


def _values(part: Answer, tapes: Sequence[Tape]) -> list[Array] | None:
    try:
        return [part.at(tape) for tape in tapes]
    except (BackpropError, KeyError):
        return None


def _is_gradient(values: Sequence[Array], node: Node, tapes: Sequence[Tape]) -> bool:
    for value, tape in zip(values, tapes, strict=True):
        gradient = full_gradient(tape, node)
        if np.shape(value) != node.shape or not np.any(gradient):
            return False
        if not np.all(np.abs(value - gradient) <= EQUAL * largest(gradient)):
            return False
    return True
