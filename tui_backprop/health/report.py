"""How healthy a training is where it stands: a row for each layer, and the alarms that are raised."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError, never
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.training.checkup.signs import measured_on_the_way, vitals_of
from tui_backprop.training.view import TrainingView
from tui_backprop.training.vitals.alarms import ALARMS, Raised, raised
from tui_backprop.training.vitals.causes import Vitals, vanished
from tui_backprop.training.vitals.measures import LayerMeasure, Measured

MOMENTS: Final = 24
"""Measures of a layer on the way, as many as a sparkline has columns."""
NEXT_TO_NOTHING: Final = -5.0
"""log10 of update over weight below which a layer hardly moves."""
State: TypeAlias = Literal["good", "watch", "bad"]


class LayerHealth(Struct, frozen=True, eq=False):
    """One layer.

    Attributes:
        measure: what is measured of it here.
        steps: log10 of update over weight, at each of the report's iterations.
        gradients: the length of its gradient, there.
        sentence: what there is to say of it.
        state: whether that is good.
    """

    measure: LayerMeasure
    steps: tuple[float, ...]
    gradients: tuple[float, ...]
    sentence: str
    state: State

    @property
    def name(self) -> str:
        """The layer's name for people."""
        return self.measure.layer.name


class HealthReport(Struct, frozen=True, eq=False):
    """A training's health.

    Attributes:
        iteration: where.
        loss: the loss there.
        iterations: where the layers were measured, the last one here.
        layers: the layers, in the order of the file.
        alarms: what is raised, causes before their effects.
    """

    iteration: int
    loss: float
    iterations: tuple[int, ...]
    layers: tuple[LayerHealth, ...]
    alarms: tuple[Raised, ...]

    def alarm_text(self, one: Raised) -> str:
        """Return an alarm on one line, with the iteration where that is another one."""
        if one.iteration == self.iteration:
            return one.text
        return tr("iteration {iteration}: {alarm}", iteration=one.iteration, alarm=one.text)


def health_of(view: TrainingView, should_stop: Callable[[], bool] = never) -> HealthReport:
    """Look at a training's layers, here and on the way, and at its alarms.

    Raises:
        BackpropError: the lesson trains nothing.
        Interrupted: ``should_stop`` said so.
    """
    if not view.lesson.trains:
        raise BackpropError(
            tr("{lesson} trains nothing: there are no layers to look at", lesson=view.lesson.name)
        )
    measured = measured_on_the_way(view, MOMENTS, should_stop)
    vitals = vitals_of(view)
    rows = []
    for place, here in enumerate(measured[-1].layers):
        steps = tuple(moment.layers[place].step for moment in measured)
        gradients = tuple(moment.layers[place].gradient for moment in measured)
        state, sentence = _said(here, solved=vitals.course.solved)
        rows.append(LayerHealth(here, steps, gradients, sentence, state))
    moments = tuple(moment.iteration for moment in measured)
    alarms = (*_earlier(vitals, measured), *raised(vitals))
    return HealthReport(view.iteration, view.lesson.digits(view.loss), moments, tuple(rows), alarms)


def _earlier(vitals: Vitals, measured: Sequence[Measured]) -> tuple[Raised, ...]:
    """Return that the gradient vanished at the start, where it does not show any more.

    Once the last layer has done what it can alone, its own gradient is as small as the first one's.
    """
    alarm = next(alarm for alarm in ALARMS if alarm.name == "vanishing")
    first, here = measured[0], measured[-1]
    cause = vanished(first)
    if cause is None or vitals.course.solved or alarm.cause(vitals) is not None:
        return ()
    if not any(one.step < NEXT_TO_NOTHING for one in here.layers if one.layer.hidden):
        return ()
    return (Raised(alarm, first.iteration, cause),)


def _said(one: LayerMeasure, *, solved: bool) -> tuple[State, str]:
    """Say in one sentence how a layer is doing, the worst first."""
    if not math.isfinite(one.gradient):
        return "bad", tr("its gradient is not finite any more")
    if one.dead and one.dead == one.units:
        return "bad", tr(
            "all {count} relu units behind it are 0 for every sample, so it gets no gradient", count=one.units
        )
    if not one.gradient:
        return "watch" if solved else "bad", tr("it gets no gradient")
    if one.alike and one.layer.hidden and not solved:
        return "watch", tr("its {count} units all give the same", count=one.alike)
    step = one.step
    if step > 0:
        return "bad", tr("a step changes it by more than its own length")
    if step > -1:
        return "watch", tr("a step is {length}: that is fast", length=_length(step))
    if (one.saturated or 0.0) > 0.5 and one.layer.hidden:
        return "watch", tr("most of what comes behind it is at its ends, where a slope is next to 0")
    if one.dead:
        return "watch", tr_count(
            "{count} of {units} relu units behind it is 0 for every sample",
            "{count} of {units} relu units behind it are 0 for every sample",
            one.dead,
            units=one.units,
        )
    if math.isnan(step):
        return "good", tr("its weights are still 0")
    if step < NEXT_TO_NOTHING:
        if solved:
            return "good", tr("a step is {length}: most is learnt", length=_length(step))
        return "watch", tr("a step is {length}: it hardly moves", length=_length(step))
    return "good", tr("a step is {length}: it learns", length=_length(step))


def _length(step: float) -> str:
    """Return the length of a step beside what it moves, of its logarithm, which is at most 0."""
    return tr("{percent} % of its length", percent=number(float(f"{100 * 10**step:.1g}")))


def as_json(report: HealthReport) -> Mapping[str, Any]:
    """Return a report for ``--format json``; a share that a layer has not got is None."""
    return {
        "iteration": report.iteration,
        "loss": report.loss,
        "layers": [
            {
                "name": row.measure.layer.parameter.name,
                "part": row.measure.layer.part,
                "gradient_norm": row.measure.gradient,
                "update_to_weight": row.measure.step,
                "saturated": row.measure.saturated,
                "dead": row.measure.dead_share,
                "message": row.sentence,
                "iterations": list(report.iterations),
                "update_to_weight_before": list(row.steps),
            }
            for row in report.layers
        ],
        "alarms": [{"alarm": one.alarm.name, "message": one.cause} for one in report.alarms],
    }
