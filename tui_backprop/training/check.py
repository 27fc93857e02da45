"""The gradient check of a whole lesson: the engine's gradients, and the mistakes its notes made by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.build import evaluate
from tui_backprop.engine.errors import FormulaError
from tui_backprop.engine.gradcheck import STEP, TOLERANCE, NodeCheck, check_node
from tui_backprop.engine.graph import Graph
from tui_backprop.engine.namespace import value_names
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import replaced_lines
from tui_backprop.lessons.notes import Slip
from tui_backprop.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class SlipCheck:
    """What the gradient check makes of a slip.

    Attributes:
        slip: the mistake.
        caught: whether it disagrees with the central differences.
        relative_error: the largest one.
        checks: the gradients compared; for a replaced line, the engine's with differences of the new loss.
        claimed: for a wrong gradient, the value claimed.
        misfit: name, shape found and shape needed, where a claimed gradient does not even fit.
        problem: why it could not be evaluated with this batch, if so.
    """

    slip: Slip
    caught: bool
    relative_error: float
    checks: tuple[NodeCheck, ...] = ()
    claimed: Mapping[str, Array] | None = None
    misfit: tuple[str, Shape, Shape] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The gradient check of a lesson at one point.

    Attributes:
        lesson: the lesson's name.
        iteration: where it was made; overrides are lifted for it (``lifted`` names them).
        parameters: one check for each parameter; empty for a lesson without any.
        inputs: one check for each input, only where there are no parameters.
        slips: the lesson's mistakes.
        step, tolerance: h (relative to elements above 1 in size) and the largest relative error that passes.
    """

    lesson: str
    iteration: int
    parameters: Mapping[str, NodeCheck]
    inputs: Mapping[str, NodeCheck]
    slips: tuple[SlipCheck, ...]
    lifted: tuple[str, ...] = ()
    step: float = STEP
    tolerance: float = TOLERANCE

    @property
    def passed(self) -> bool:
        """Whether the engine's own gradients agree with the differences."""
        return all(check.passed for check in (*self.parameters.values(), *self.inputs.values()))

    @property
    def relative_errors(self) -> dict[str, float | None]:
        """The largest relative error of each parameter; None where it is not differentiable here."""
        return {name: check.relative_error for name, check in self.parameters.items()}


def check_gradients(target: Lesson | Trainer) -> GradientReport:
    """Check a lesson at its start, or a trainer where it is, against central differences.

    Returns:
        A report with the relative error of each parameter.
    """
    trainer = target if isinstance(target, Trainer) else Trainer(target)
    graph, leaves = trainer.graph, trainer.leaves
    tape = Tape(graph, leaves)
    tape.forward()
    tape.backward()
    nodes = graph.parameters or graph.inputs
    checks = {node.name: check_node(graph, leaves, node, tape.gradient(node)) for node in nodes}
    return GradientReport(
        trainer.lesson.name,
        trainer.iteration,
        checks if graph.parameters else {},
        {} if graph.parameters else checks,
        tuple(_check_slip(trainer.lesson, slip, graph, leaves, tape) for slip in trainer.lesson.slips),
        tuple(trainer.overrides),
    )


def _check_slip(
    lesson: Lesson, slip: Slip, graph: Graph, leaves: Mapping[str, Array], tape: Tape
) -> SlipCheck:
    try:
        return (
            _claims(slip, graph, leaves, tape)
            if slip.gradients
            else _changed_loss(lesson, slip, graph, leaves, tape)
        )
    except FormulaError as error:
        return SlipCheck(slip, False, math.nan, problem=error.reason)


def _claims(slip: Slip, graph: Graph, leaves: Mapping[str, Array], tape: Tape) -> SlipCheck:
    """Compare the gradients that the slip claims with central differences of the lesson's own loss."""
    values = value_names(tape)
    claimed = {name: evaluate(expression, values) for name, expression in slip.gradients.items()}
    checks: list[NodeCheck] = []
    for name, value in claimed.items():
        node = graph.named[name]
        try:
            np.broadcast_to(value, node.shape)
        except ValueError:
            return SlipCheck(slip, True, math.inf, tuple(checks), claimed, (name, value.shape, node.shape))
        checks.append(check_node(graph, leaves, node, value))
    return _verdict(slip, tuple(checks), claimed)


def _changed_loss(
    lesson: Lesson, slip: Slip, graph: Graph, leaves: Mapping[str, Array], tape: Tape
) -> SlipCheck:
    """Compare the lesson's gradients with central differences of the loss that the slip computes."""
    rows = next((len(leaves[name]) for name in lesson.samples), None)
    changed = lesson.build(replaced_lines(lesson.lines, slip.lines), rows)
    nodes = graph.parameters or graph.inputs
    checks = tuple(check_node(changed, leaves, changed.named[n.name], tape.gradient(n)) for n in nodes)
    return _verdict(slip, checks, None)


def _verdict(slip: Slip, checks: tuple[NodeCheck, ...], claimed: Mapping[str, Array] | None) -> SlipCheck:
    worst = max((check.relative_error or 0.0 for check in checks), default=0.0)
    return SlipCheck(slip, any(not check.passed for check in checks), worst, checks, claimed)
