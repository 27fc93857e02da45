"""Why alarms are raised: conditions that answer with the cause in a lesson's numbers, or with nothing.

They are careful: what has learnt is left alone, whatever its numbers, and so is what has converged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.vitals.course import Course, Past
from tui_backprop.training.vitals.descent import Descent, descend, is_scale_free
from tui_backprop.training.vitals.measures import LayerMeasure, Measured, measure
from tui_backprop.training.vitals.scales import input_scales

VANISHED: Final = 1e-3
"""Gradient beside weight at the first layer, as a share of the last one's, where it is said to vanish."""
SMALL_STEP: Final = -4.0
"""log10 of update over weight, up to which a layer whose gradient vanishes hardly moves."""
PROMISED: Final = 20.0
"""Times its loss that a step may promise to take off: what is curved like x² diverges from 4 on."""
GROWN: Final = 3.0
"""Times its start, and its lowest, that a loss may be."""
NOTHING: Final = 1e-9
"""A loss below which one that grows is still next to nothing."""
OVERFITTED: Final = 1.25
"""Times its lowest that a validation loss may be."""
SHARE: Final = 0.8
"""Of a layer's units or outputs that may be dead or saturated."""
EARLIEST: Final = 100
"""Iterations before which nothing is said of what has not been learnt yet."""


class Vitals:
    """All that alarms look at, at one iteration, worked out when it is asked for.

    Attributes:
        here: the iteration.
        course: how the loss went up to it.
    """

    def __init__(self, here: Iteration, past: Past, only: Callable[[int], bool] = bool) -> None:
        self.here, self.course = here, Course.of(here, past, only)

    @cached_property
    def measured(self) -> Measured:
        """The layers."""
        return measure(self.here)

    @cached_property
    def descent(self) -> Descent:
        """What a step along the gradient would do for the loss, at its best length."""
        return descend(self.here)

    @property
    def failing(self) -> bool:
        """Whether most of the first loss is left."""
        return not self.course.solved and not self.course.left < 0.5


def data(vitals: Vitals) -> str | None:
    """Say which input is far from what training likes."""
    if vitals.course.solved:
        return None
    for scale in input_scales(vitals.here.lesson):
        if not scale.uneven or all(is_scale_free(vitals.here, name) for name in scale.parameters):
            continue
        if scale.column is not None and scale.largest > scale.smallest:
            return tr(
                "{column} is {size} large (root of the mean square), another column {other}: one learning "
                "rate cannot fit both",
                column=scale.text,
                size=_short(scale.largest),
                other=_short(scale.smallest),
            )
        return tr(
            "{name} is {size} large (root of the mean square), and weights that start near 1 expect numbers "
            "near 1",
            name=scale.text,
            size=_short(scale.largest),
        )
    return None


def dead(vitals: Vitals) -> str | None:
    """Say where relu units hand on nothing."""
    if vitals.course.solved:
        return None
    for one in vitals.measured.layers:
        if one.dead is not None and one.layer.hidden and one.dead >= max(SHARE * one.units, 1):
            if one.dead == one.units:
                return tr(
                    "all {units} relu units behind {layer} are 0 for every sample, so no gradient gets "
                    "through them, and {layer} cannot change that",
                    units=one.units,
                    layer=one.layer.name,
                )
            return tr(
                "{dead} of {units} relu units behind {layer} are 0 for every sample, so no gradient gets "
                "through them, and {layer} cannot change that",
                dead=one.dead,
                units=one.units,
                layer=one.layer.name,
            )
    return None


def saturated(vitals: Vitals) -> str | None:
    """Say where an activation is at its ends."""
    if not vitals.failing:
        return None
    for one in vitals.measured.layers:
        if one.saturated is not None and one.layer.hidden and one.saturated >= SHARE:
            kind = next(a.kind for a in one.layer.activations if a.saturates)
            return tr(
                "{share} of what {function} gives behind {layer} is at its ends, where its slope is next to "
                "0; what goes in is too large",
                share=_percent(one.saturated),
                function=kind,
                layer=one.layer.name,
            )
    return None


def vanishing(vitals: Vitals) -> str | None:
    """Say where a gradient has vanished, if the loss has not come down."""
    if vitals.course.solved or not vitals.course.finite:
        return None
    return vanished(vitals.measured)


def vanished(measured: Measured) -> str | None:
    """Return where a gradient is next to nothing beside one further on, however the loss goes."""
    layers = measured.layers
    for one in layers:
        behind = [layers[place] for place in one.layer.behind]
        last = next((other for other in behind if not other.layer.behind), None)
        if len(behind) < 2 or last is None or (one.units and one.dead == one.units):
            continue
        if one.step > SMALL_STEP:
            continue  # such as under Adam, whose steps are as long whatever the gradient's length
        here, there = _beside(one), _beside(last)
        if there > 1e-6 and here < VANISHED * there:
            if not here:
                return tr("∂L/∂{layer} is 0, ∂L/∂{last} is not", layer=one.layer.name, last=last.layer.name)
            return tr(
                "∂L/∂{layer} is {length} long beside its weights, ∂L/∂{last} {other}: {count} layers "
                "further on a gradient is {times} times as large",
                layer=one.layer.name,
                length=_short(here),
                last=last.layer.name,
                other=_short(there),
                count=len(behind),
                times=_short(there / here),
            )
    return None


def exploding(vitals: Vitals) -> str | None:
    """Say which gradient promises more than there is."""
    course = vitals.course
    if course.solved or not course.finite or course.now <= 0:
        return None
    times = vitals.measured.promised / course.now
    largest = max(vitals.measured.layers, key=lambda one: one.gradient, default=None)
    if largest is None or not times > PROMISED or not largest.update > 0.1 * largest.weight:
        return None
    if is_scale_free(vitals.here, largest.layer.parameter.name):
        return None  # larger weights get a smaller gradient, so the next steps are short
    return tr(
        "∂L/∂{layer} is {length} long: the next step promises to lower the loss by {times} times what there "
        "is, so it goes far beyond where the gradient holds",
        layer=largest.layer.name,
        length=_short(largest.gradient),
        times=_short(times),
    )


def diverging(vitals: Vitals) -> str | None:
    """Say how the loss has grown."""
    course, rate = vitals.course, vitals.here.learning_rate
    now, lowest, at = number(course.now), number(course.lowest), course.at
    if not course.finite:
        return tr(
            "the loss is {now}, after {lowest} at iteration {iteration}", now=now, lowest=lowest, iteration=at
        )
    before = max(abs(course.first), abs(course.lowest), NOTHING)
    if course.number < 3 or course.now <= GROWN * before:
        return None
    if course.lowest <= 0:
        return tr(
            "the loss is {now}, and was {lowest} at iteration {iteration}",
            now=now,
            lowest=lowest,
            iteration=at,
        )
    return tr(
        "the loss is {now}, {times} times what it was at iteration {iteration}: steps of learning_rate "
        "{rate} go further than the gradient holds",
        now=now,
        times=_short(course.now / course.lowest),
        iteration=at,
        rate=number(rate),
    )


def overfitting(vitals: Vitals) -> str | None:
    """Say how the validation loss rose while the other fell."""
    course = vitals.course
    iterations, losses = course.evaluated
    if len(losses) < 4 or course.number < EARLIEST or not course.finite:
        return None
    best = int(losses.argmin())
    now, least = float(losses[-1]), float(losses[best])
    later = len(losses) - 1 - best
    risen = float(losses[-3:].min())
    matters = now - least > 0.1 * abs(float(losses[0]))
    if (
        later < 3
        or not matters
        or risen <= OVERFITTED * abs(least)
        or now <= OVERFITTED * abs(least)
        or course.now >= course.trained[best]
    ):
        return None
    return tr(
        "on samples held back the loss rose from {least} at iteration {iteration} to {now}, while on those "
        "trained on it fell from {before} to {after}: what is learnt since is these samples by heart",
        least=number(least),
        iteration=int(iterations[best]),
        now=number(now),
        before=number(float(course.trained[best])),
        after=number(course.now),
    )


def stuck(vitals: Vitals) -> str | None:
    """Say that nothing moves although a step of another length would help."""
    course = vitals.course
    if course.solved or not course.finite or course.number < EARLIEST:
        return None
    if not course.left < 0.95:
        for one in vitals.measured.layers:
            if one.alike and one.layer.hidden:
                unit = pretty_text(one.layer.activations[0].node.name)
                return tr(
                    "all {units} units of {name} give the same: they started alike, so they get the same "
                    "gradient and stay alike",
                    units=one.alike,
                    name=unit,
                )
    slow = not course.left < 0.95
    masked = bool(vitals.here.graph.drawn)  # what helps with one mask may not with the next
    if not slow and (masked or course.number < 2 * EARLIEST or course.of_late >= 0.005):
        return None
    descent = vitals.descent
    if descent.gain < (0.2 if slow else 0.3):
        return None
    half = course.number - course.number // 2
    gain, times = _percent(descent.gain), _short(descent.times)
    if slow:
        fell, count = _percent(max(0.0, 1 - course.left)), course.number
        if descent.times >= 1:
            return tr(
                "in {count} iterations the loss fell by {share}, while one step {times} times as long would "
                "lower it by {gain}",
                count=count,
                share=fell,
                times=times,
                gain=gain,
            )
        return tr(
            "in {count} iterations the loss fell by {share}, while one step of {times} its length would "
            "lower it by {gain}",
            count=count,
            share=fell,
            times=times,
            gain=gain,
        )
    now = number(course.now)
    if descent.times >= 1:
        return tr(
            "over the last {count} iterations the loss stayed at {loss}, while one step {times} times as "
            "long would lower it by {gain}",
            count=half,
            loss=now,
            times=times,
            gain=gain,
        )
    return tr(
        "over the last {count} iterations the loss stayed at {loss}, while one step of {times} its length "
        "would lower it by {gain}",
        count=half,
        loss=now,
        times=times,
        gain=gain,
    )


def _beside(one: LayerMeasure) -> float:
    return one.gradient / one.weight if one.weight else one.gradient


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _percent(share: float) -> str:
    return f"{number(float(f'{100 * share:.2g}'))} %"
