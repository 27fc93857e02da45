"""The gradient check of a whole lesson: the engine's gradients, and the mistakes its notes made by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.check_plan import BUDGET, Plan, plan
from tui_backprop.engine.autodiff.differences import FIRST, TOLERANCE, Reason, Verdict
from tui_backprop.engine.autodiff.gradcheck import NodeCheck, check_at, check_together, in_single
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.lines import Point
from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
from tui_backprop.engine.autodiff.tape import Tape, swept
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import FormulaError, never
from tui_backprop.engine.language.formula import replaced_lines
from tui_backprop.exercises.answers import formula_answer
from tui_backprop.exercises.causes import Cause, wrong_claim, wrong_line
from tui_backprop.explain.nonfinite import first_made
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.notes import Slip
from tui_backprop.training.stops.divergence import Divergence, locate
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
        together: the check of all of them at once along random directions, where not each could be looked at.
        loss: what is differenced, at this point.
        spoilt: the record that made a NaN or an Infinity, where that kept something from being compared.
        step, tolerance: the first step h, relative to an array's largest element, and the largest relative
            error that passes.
        curves: the error over h, where that was asked for.
    """

    lesson: str
    iteration: int
    parameters: Mapping[str, NodeCheck]
    inputs: Mapping[str, NodeCheck]
    slips: tuple[SlipCheck, ...]
    lifted: tuple[str, ...] = ()
    together: NodeCheck | None = None
    loss: float = 0.0
    spoilt: Divergence | None = None
    step: float = FIRST
    tolerance: float = TOLERANCE
    curves: tuple[ErrorCurve, ...] = ()

    @property
    def checks(self) -> dict[str, NodeCheck]:
        """The checks of all parameters, or inputs, by name."""
        return {**self.parameters, **self.inputs}

    @property
    def passed(self) -> bool:
        """Whether nothing of the engine's own gradients is wrong, as far as it can be told.

        A loss that is NaN or Infinity has no gradient that could be right.
        """
        if not math.isfinite(self.loss):
            return False
        whole = () if self.together is None else (self.together,)
        return all(check.passed for check in (*self.checks.values(), *whole))

    @property
    def relative_errors(self) -> dict[str, float | None]:
        """The largest relative error of each parameter, or input; None where it cannot be told."""
        return {name: check.relative_error for name, check in self.checks.items()}


class Effort(Struct, frozen=True):
    """How much is looked at, and who is told how far it is.

    Attributes:
        everything: whether every element is checked, however long that takes.
        begin: told how many elements and directions there will be.
        advance: told how many more are done.
    """

    everything: bool = False
    begin: Callable[[int], None] | None = None
    advance: Callable[[int], None] | None = None


@np.errstate(all="ignore")
def check_gradients(
    target: Lesson | Trainer,
    should_stop: Callable[[], bool] | None = None,
    effort: Effort = Effort(),  # noqa: B008  # immutable
) -> GradientReport:
    """Check a lesson at its start, or a trainer where it is, against differences of the loss.

    Args:
        target: what to check.
        should_stop: asked before each element that is moved, and each direction.
        effort: how much is looked at.

    Returns:
        A report with the relative error of each parameter.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    should_stop = should_stop or never
    trainer = target if isinstance(target, Trainer) else Trainer(target)
    graph, leaves = trainer.doubles()
    nodes = graph.parameters or graph.inputs
    slips = trainer.lesson.slips
    tape, gradients = _gradients(graph, leaves)
    place = _Place(
        trainer.lesson.in_type("float64"),
        Point(graph, leaves, tape),
        swept(graph, leaves) if slips else None,
        should_stop,
        effort,
        lambda graph: (
            {**graph.running(), **leaves} | graph.draw(trainer.hyperparameters.seed, trainer.iteration)
        ),
    )
    del tape
    planned = plan(graph, nodes, effort.everything)
    if effort.begin is not None:
        effort.begin(sum(planned.elements) + sum(planned.directions) + planned.together)
    checks = place.compare(place.point, nodes, gradients, planned)
    if trainer.graph is not graph:
        _, single = _gradients(trainer.graph, trainer.leaves)
        checks = {
            node.name: in_single(checks[node.name], rounded, gradient)
            for node, rounded, gradient in zip(nodes, single, gradients, strict=True)
        }
    together = None
    if planned.together:
        together = check_together(
            place.point, nodes, gradients, planned.together, should_stop=should_stop, advance=effort.advance
        )
    return GradientReport(
        trainer.lesson.name,
        trainer.iteration,
        checks if graph.parameters else {},
        {} if graph.parameters else checks,
        tuple(_check_slip(slip, place, BUDGET / len(slips)) for slip in slips),
        tuple(trainer.overrides),
        together,
        place.point.loss,
        _spoilt(trainer, place.point, [*checks.values(), *([together] if together else [])]),
    )


def _gradients(graph: Graph, leaves: Mapping[str, Array]) -> tuple[Tape, list[Array]]:
    """Return a tape, and the gradients of parameters, or else of inputs, as training works them out."""
    nodes = graph.parameters or graph.inputs
    tape = Tape(graph, leaves)
    tape.forward()
    tape.backward(keep=nodes)
    return tape, [tape.gradient(node) for node in nodes]


def _spoilt(trainer: Trainer, point: Point, checks: Sequence[NodeCheck]) -> Divergence | None:
    """Return the record that made a NaN or an Infinity, where that kept something from being compared."""
    known = trainer.divergence
    if not math.isfinite(point.loss):
        if known is not None and not trainer.overrides:
            return known
        find: Callable[..., Divergence | None] = locate
    elif any(Reason.NOT_FINITE in check.untold_count for check in checks):
        find = first_made
    else:
        return None
    records = Tape(point.graph, point.leaves).records()
    return find(swept(point.graph, point.leaves), records, trainer.iteration)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a check is made; the tape, swept both ways, is there where slips need it."""

    lesson: Lesson
    point: Point
    swept: Tape | None
    should_stop: Callable[[], bool]
    effort: Effort
    leaves: Callable[[Graph], Mapping[str, Array]]
    """Gives what a graph starts from here, with masks of its own."""

    @property
    def tape(self) -> Tape:
        """The tape."""
        assert self.swept is not None
        return self.swept

    @property
    def rows(self) -> int | None:
        """How many samples the batch has."""
        return self.lesson.rows_of(self.point.leaves)

    def compare(
        self, point: Point, nodes: Sequence[Node], gradients: Sequence[Array], planned: Plan
    ) -> dict[str, NodeCheck]:
        """Compare gradients with differences of the loss at a point, as far as is planned."""
        return {
            node.name: check_at(
                point, node, gradient, elements=elements, directions=directions,
                should_stop=self.should_stop, advance=self.effort.advance,
            )
            for node, gradient, elements, directions in zip(
                nodes, gradients, planned.elements, planned.directions, strict=True
            )
        }  # fmt: skip


def _check_slip(slip: Slip, place: _Place, budget: float) -> SlipCheck:
    try:
        return _claims(slip, place, budget) if slip.gradients else _changed_loss(slip, place, budget)
    except FormulaError as error:
        return SlipCheck(slip, False, None, problem=error.reason)


def _claims(slip: Slip, place: _Place, budget: float) -> SlipCheck:
    """Compare the gradients that the slip claims with differences of the lesson's own loss."""
    graph = place.point.graph
    answers = {name: formula_answer(claim, graph) for name, claim in slip.gradients.items()}
    claimed = {name: answer.at(place.tape) for name, answer in answers.items()}
    for name, value in claimed.items():
        node = graph.named[name]
        try:
            np.broadcast_to(value, node.shape)
        except ValueError:
            misfit = (name, value.shape, node.shape)
            cause = wrong_claim(place.tape, {name: answers[name]}, place.rows)
            return SlipCheck(slip, True, math.inf, (), claimed, misfit, cause=cause)
    nodes = [graph.named[name] for name in claimed]
    planned = plan(graph, nodes, budget=budget)
    checks = place.compare(place.point, nodes, list(claimed.values()), planned)
    result = _verdict(slip, tuple(checks.values()), claimed)
    if not result.caught:
        return result
    wrong = {name: answers[name] for name, check in checks.items() if not check.passed}
    return replace(result, cause=wrong_claim(place.tape, wrong, place.rows))


def _changed_loss(slip: Slip, place: _Place, budget: float) -> SlipCheck:
    """Compare the lesson's gradients with differences of the loss that the slip computes."""
    lesson, graph = place.lesson, place.point.graph
    changed = lesson.build(replaced_lines(lesson.lines, slip.lines), place.rows)
    leaves = place.leaves(changed)
    nodes = graph.parameters or graph.inputs
    gradients = [place.tape.gradient(node) for node in nodes]
    moved = [changed.named[node.name] for node in nodes]
    checks = place.compare(Point(changed, leaves), moved, gradients, plan(changed, moved, budget=budget))
    result = _verdict(slip, tuple(checks.values()), None)
    if not result.caught:
        return result
    return replace(result, cause=wrong_line(place.tape, swept(changed, leaves)))


def _verdict(slip: Slip, checks: tuple[NodeCheck, ...], claimed: Mapping[str, Array] | None) -> SlipCheck:
    caught = any(check.verdict is Verdict.WRONG for check in checks)
    errors = [
        check.relative_error
        for check in checks
        if check.relative_error is not None and (not caught or check.verdict is Verdict.WRONG)
    ]
    return SlipCheck(slip, caught, max(errors, default=None), checks, claimed)
