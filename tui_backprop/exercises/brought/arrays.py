"""Arrays of gradients beside the engine's: each exact, close, or wrong, and the mistake that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import SINGLE as SINGLE_TYPE
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.brought.names import node_of_array, node_of_gradient
from tui_backprop.exercises.diagnosis import diagnose
from tui_backprop.exercises.findings import Diagnosis
from tui_backprop.exercises.homework import point
from tui_backprop.exercises.hypotheses import Asked, gradient_of
from tui_backprop.exercises.matching import EQUAL, FULL, SINGLE, SOME_SINGLES, Compared, largest
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer

_DIGITS_OF_SINGLE = 7
_DOUBLE_IN_SINGLE = 2.0**29
"""How many times coarser single precision rounds than double."""
MOST_OF_SINGLE = 1e-3
"""However much rounding may do in single precision, what is further off is wrong."""


class Likeness(StrEnum):
    """How like the engine's gradient an array is."""

    EXACT = auto()
    CLOSE = auto()
    WRONG = auto()


@dataclass(frozen=True, eq=False, slots=True)
class ArrayCheck:
    """One array beside the gradient that its name belongs to.

    Attributes:
        name: its name in the file.
        node: the node.
        likeness: exact up to rounding, close, or wrong.
        difference: the largest difference, relative to the gradient's largest element (as it is, where that
            is 0); None where shapes differ or numbers are not finite.
        diagnosis: what makes a wrong one so; None of others.
        follows: the name of a wrong array that a wrong one follows from, while it is itself worked out right.
    """

    name: str
    node: Node
    likeness: Likeness
    difference: float | None
    diagnosis: Diagnosis | None = None
    follows: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class ArraysReport:
    """What all arrays are.

    Attributes:
        checks: wrong ones first, in the order of the way back, so that the first one is where to look.
        left_out: names that are not compared, and why.
        graph: the graph that the nodes belong to.
    """

    checks: tuple[ArrayCheck, ...]
    left_out: Mapping[str, str]
    graph: Graph

    @property
    def passed(self) -> bool:
        """Whether there are arrays that were compared, and none is wrong."""
        return bool(self.checks) and all(check.likeness is not Likeness.WRONG for check in self.checks)

    def __getitem__(self, name: str) -> ArrayCheck:
        """Return what the array of a name is."""
        return {check.name: check for check in self.checks}[name]


def check_against(trainer: Trainer, arrays: Mapping[str, npt.ArrayLike]) -> ArraysReport:
    """Compare arrays with the engine's gradients where the trainer is, with overrides lifted.

    Names are ``dW1``, ``grad_W1``, ``W1_grad``, ``W1.grad``, ``W1``, of parameters, data and intermediate
    values; where a gradient and ``W1`` itself are there, ``W1`` is taken for the parameter and left out.
    Arrays in single precision are judged to what single precision can tell.

    Args:
        trainer: where we are; it is not moved.
        arrays: the arrays by name, such as ``numpy.load("gradients.npz")``.
    """
    here = point(trainer)
    rows = trainer.lesson.rows_of(trainer.inputs)
    nodes, left_out = _fitting(here.graph, arrays)
    values = {name: frozen(np.asarray(arrays[name])) for name in nodes}
    expected = _worked_out(here, {nodes[name]: value for name, value in values.items()})
    checks = [_compared(name, nodes[name], value, here, rows) for name, value in values.items()]
    wrong = [check for check in checks if check.likeness is Likeness.WRONG]
    wrong.sort(key=lambda check: -check.node.index)
    told = [_followed(check, values[check.name], wrong[:at], expected, here, rows)
            for at, check in enumerate(wrong)]  # fmt: skip
    told.sort(key=lambda check: bool(check.follows))
    right = [check for check in checks if check.likeness is not Likeness.WRONG]
    return ArraysReport((*told, *right), MappingProxyType(left_out), here.graph)


def _fitting(graph: Graph, arrays: Mapping[str, npt.ArrayLike]) -> tuple[dict[str, Node], dict[str, str]]:
    """Return the nodes that names belong to, and the names that are left out, with the reason."""
    gradients = {name: node for name in arrays if (node := node_of_gradient(graph, name)) is not None}
    found: dict[str, Node] = {}
    left_out: dict[str, str] = {}
    taken = {node: name for name, node in gradients.items()}
    for name in arrays:
        node = gradients.get(name) or node_of_array(graph, name)
        if node is None:
            left_out[name] = tr("no name of the lesson, and no gradient of one")
        elif taken.setdefault(node, name) != name:
            left_out[name] = tr(
                "{name} is compared as the gradient of {node}", name=taken[node], node=node.name
            )
        else:
            found[name] = node
    return found, left_out


def _compared(name: str, node: Node, value: Array, here: Tape, rows: int | None) -> ArrayCheck:
    truth = full_gradient(here, node)
    asked = gradient_of(here.graph, node)
    answer = Answer(name, value.astype(np.float64))
    compared = Compared(asked, answer, here, rows)
    claim = compared.claim(here)
    if claim.shape != truth.shape or not np.all(np.isfinite(claim)) or not np.all(np.isfinite(truth)):
        same = claim.shape == truth.shape and np.array_equal(claim, truth, equal_nan=True)
        likeness = Likeness.EXACT if same else Likeness.WRONG
        diagnosis = None if same else diagnose(asked, answer, here, rows)
        return ArrayCheck(name, node, likeness, 0.0 if same else None, diagnosis)
    off, most = np.abs(claim - truth), largest(truth)
    difference = largest(off) / (most or 1.0)
    single = value.dtype == SINGLE_TYPE
    rounding = SINGLE * (SOME_SINGLES * np.abs(truth) + most) if single else FULL * most
    if np.all(off <= np.maximum(rounding, compared.noise)):
        return ArrayCheck(name, node, Likeness.EXACT, difference)
    tolerance = max(EQUAL * most, compared.noise)
    if single:
        tolerance = max(tolerance, min(compared.noise * _DOUBLE_IN_SINGLE, MOST_OF_SINGLE * most))
    if np.all(off <= tolerance):
        return ArrayCheck(name, node, Likeness.CLOSE, difference)
    if single:
        every = np.ones(value.shape)
        answer = replace(answer, half_unit=tolerance * every, digits=_DIGITS_OF_SINGLE * every)
    return ArrayCheck(name, node, Likeness.WRONG, difference, diagnose(asked, answer, here, rows))


def _worked_out(here: Tape, given: Mapping[Node, Array]) -> Mapping[Node, Array]:
    """Return what the chain rule makes of the given gradients, each of which stands for the engine's.

    So an array that follows from a wrong one is told from one that is wrong itself.
    """
    expected: dict[Node, Array] = {}
    gradients: dict[Node, Array] = {here.graph.loss: full_gradient(here, here.graph.loss)}
    for factor in here.graph.factors:
        output, operand = factor.output, factor.operand
        upstream = gradients.get(output)
        if upstream is None:
            continue
        if output in given and output not in expected:
            expected[output] = upstream
            if given[output].shape == output.shape:
                upstream = gradients[output] = given[output].astype(np.float64)
        part = contribution(here, factor, upstream)
        gradients[operand] = gradients[operand] + part if operand in gradients else part
    return {node: expected.get(node, gradients.get(node, np.zeros(node.shape))) for node in given}


def _followed(
    check: ArrayCheck,
    value: Array,
    before: list[ArrayCheck],
    expected: Mapping[Node, Array],
    here: Tape,
    rows: int | None,
) -> ArrayCheck:
    """Tell a wrong array that follows from a wrong one before it."""
    wanted = expected[check.node]
    if not before or not np.all(np.isfinite(wanted)):
        return check
    if np.allclose(wanted, full_gradient(here, check.node), rtol=0, atol=EQUAL * largest(wanted)):
        return check  # no wrong one before leads here
    asked = Asked(check.node, (), lambda tape: wanted)
    claim = Compared(asked, Answer(check.name, value.astype(np.float64)), here, rows).claim(here)
    loose = MOST_OF_SINGLE if value.dtype == SINGLE_TYPE else EQUAL
    if claim.shape != wanted.shape or largest(claim - wanted) > loose * largest(wanted):
        return check
    ways = _behind(here.graph, check.node)
    nearest = next((one.name for one in reversed(before) if one.node in ways), before[-1].name)
    return replace(check, follows=nearest)


def _behind(graph: Graph, node: Node) -> set[Node]:
    """Return the nodes whose gradients a node's gradient is worked out from."""
    found = {node}
    for factor in reversed(graph.factors):
        if factor.operand in found:
            found.add(factor.output)
    return found
