"""The gradient check of a whole lesson: the engine's gradients, and the mistakes its notes made by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tui_backprop.engine.arrays import Array, Shape
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import FormulaError, never
from tui_backprop.engine.gradcheck import STEP, TOLERANCE, NodeCheck, check_node, shared_out
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import replaced_lines
from tui_backprop.lessons.notes import Slip
from tui_backprop.training.answers import formula_answer
from tui_backprop.training.causes import Cause, wrong_claim, wrong_line
from tui_backprop.training.points import swept
from tui_backprop.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class SlipCheck:
    """What the gradient check makes of a slip.

    Attributes:
        slip: the mistake.
        caught: whether it disagrees with the central differences.
        relative_error: the largest one; None where nothing could be compared.
        checks: the gradients compared; for a replaced line, the engine's with differences of the new loss.
        claimed: for a wrong gradient, the value claimed.
        misfit: name, shape found and shape needed, where a claimed gradient does not even fit.
        problem: why it could not be evaluated with this batch, if so.
        cause: for one that is caught, where it goes wrong.
    """

    slip: Slip
    caught: bool
    relative_error: float | None
    checks: tuple[NodeCheck, ...] = ()
    claimed: Mapping[str, Array] | None = None
    misfit: tuple[str, Shape, Shape] | None = None
    problem: str = ""
    cause: Cause | None = None


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
        """Whether the engine's own gradients agree with the differences, where these can be compared."""
        return all(check.passed for check in (*self.parameters.values(), *self.inputs.values()))

    @property
    def relative_errors(self) -> dict[str, float | None]:
        """The largest relative error of each parameter, or input; None where nothing could be compared."""
        checks = {**self.parameters, **self.inputs}
        return {name: check.relative_error for name, check in checks.items()}


@np.errstate(all="ignore")
def check_gradients(
    target: Lesson | Trainer, should_stop: Callable[[], bool] | None = None
) -> GradientReport:
    """Check a lesson at its start, or a trainer where it is, against central differences.

    Args:
        target: what to check.
        should_stop: asked before each element that is moved.

    Returns:
        A report with the relative error of each parameter.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    should_stop = should_stop or never
    trainer = target if isinstance(target, Trainer) else Trainer(target)
    graph, leaves = trainer.graph, trainer.leaves
    tape = swept(graph, leaves)
    nodes = graph.parameters or graph.inputs
    point = _Point(trainer.lesson, graph, leaves, tape, should_stop)
    checks = {
        node.name: point.compare(graph, node, tape.gradient(node), limit)
        for node, limit in zip(nodes, shared_out(graph, nodes), strict=True)
    }
    return GradientReport(
        trainer.lesson.name,
        trainer.iteration,
        checks if graph.parameters else {},
        {} if graph.parameters else checks,
        tuple(_check_slip(slip, point) for slip in trainer.lesson.slips),
        tuple(trainer.overrides),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """Where a check is made."""

    lesson: Lesson
    graph: Graph
    leaves: Mapping[str, Array]
    tape: Tape
    should_stop: Callable[[], bool]

    @property
    def rows(self) -> int | None:
        """How many samples the batch has."""
        return self.lesson.rows_of(self.leaves)

    def compare(self, graph: Graph, node: Node, analytic: Array, limit: int) -> NodeCheck:
        """Compare so many elements of a gradient with central differences of a graph's loss."""
        return check_node(graph, self.leaves, node, analytic, should_stop=self.should_stop, limit=limit)


def _check_slip(slip: Slip, point: _Point) -> SlipCheck:
    try:
        return _claims(slip, point) if slip.gradients else _changed_loss(slip, point)
    except FormulaError as error:
        return SlipCheck(slip, False, None, problem=error.reason)


def _claims(slip: Slip, point: _Point) -> SlipCheck:
    """Compare the gradients that the slip claims with central differences of the lesson's own loss."""
    answers = {name: formula_answer(claim, point.graph) for name, claim in slip.gradients.items()}
    claimed = {name: answer.at(point.tape) for name, answer in answers.items()}
    checks: list[NodeCheck] = []
    limits = shared_out(point.graph, [point.graph.named[name] for name in claimed])
    for (name, value), limit in zip(claimed.items(), limits, strict=True):
        node = point.graph.named[name]
        try:
            np.broadcast_to(value, node.shape)
        except ValueError:
            misfit = (name, value.shape, node.shape)
            cause = wrong_claim(point.tape, {name: answers[name]}, point.rows)
            return SlipCheck(slip, True, math.inf, tuple(checks), claimed, misfit, cause=cause)
        checks.append(point.compare(point.graph, node, value, limit))
    result = _verdict(slip, tuple(checks), claimed)
    if not result.caught:
        return result
    wrong = {check.name: answers[check.name] for check in checks if not check.passed}
    return replace(result, cause=wrong_claim(point.tape, wrong, point.rows))


def _changed_loss(slip: Slip, point: _Point) -> SlipCheck:
    """Compare the lesson's gradients with central differences of the loss that the slip computes."""
    lesson, graph = point.lesson, point.graph
    changed = lesson.build(replaced_lines(lesson.lines, slip.lines), point.rows)
    nodes = graph.parameters or graph.inputs
    checks = tuple(
        point.compare(changed, changed.named[n.name], point.tape.gradient(n), limit)
        for n, limit in zip(nodes, shared_out(changed, nodes), strict=True)
    )
    result = _verdict(slip, checks, None)
    if not result.caught:
        return result
    return replace(result, cause=wrong_line(point.tape, swept(changed, point.leaves)))


def _verdict(slip: Slip, checks: tuple[NodeCheck, ...], claimed: Mapping[str, Array] | None) -> SlipCheck:
    errors = [check.relative_error for check in checks if check.relative_error is not None]
    caught = any(not check.passed for check in checks)
    return SlipCheck(slip, caught, max(errors, default=None), checks, claimed)
