"""The alarms: what is wrong with a training, said in this lesson's numbers, causes before their effects.

A row each: its name, what it means, and a condition that answers with the cause or with nothing. The
conditions are careful: what has learnt is left alone, whatever its numbers, and so is what has converged.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

from msgspec import Struct

from tui_backprop.text.numbers import number
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.vitals.course import Course, Past
from tui_backprop.training.vitals.descent import Descent, descend, is_scale_free
from tui_backprop.training.vitals.measures import LayerMeasure, Measured, measure
from tui_backprop.training.vitals.names import AlarmName
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


class Alarm(Struct, frozen=True):
    """One alarm.

    Attributes:
        name: what it is called.
        title: what it is called in a sentence.
        about: when it is raised.
        cause: says the cause in the lesson's numbers; None where there is nothing to say.
    """

    name: AlarmName
    title: str
    about: str
    cause: Callable[[Vitals], str | None]


class Raised(Struct, frozen=True):
    """An alarm that was raised.

    Attributes:
        alarm: which.
        iteration: where.
        cause: one sentence in the lesson's numbers.
    """

    alarm: Alarm
    iteration: int
    cause: str

    @property
    def text(self) -> str:
        """The alarm and its cause, on one line."""
        return f"{self.alarm.title}: {self.cause}"


def raised(vitals: Vitals, names: frozenset[str] | None = None) -> tuple[Raised, ...]:
    """Return the alarms that are raised, in the order of the table; of those named, where some are."""
    found: list[Raised] = []
    for alarm in ALARMS:
        if names is not None and alarm.name not in names:
            continue
        if alarm.name == "stuck" and found:
            continue  # why it is stuck is said already
        cause = alarm.cause(vitals)
        if cause is not None:
            found.append(Raised(alarm, vitals.here.number, cause))
    return tuple(found)


# ---------------------------------------------------------------------- conditions


def _data(vitals: Vitals) -> str | None:
    if vitals.course.solved:
        return None
    for scale in input_scales(vitals.here.lesson):
        if not scale.uneven or all(is_scale_free(vitals.here, name) for name in scale.parameters):
            continue
        size = f"{scale.text} is {_short(scale.largest)} large (root of the mean square)"
        if scale.column is not None and scale.largest > scale.smallest:
            return f"{size}, another column {_short(scale.smallest)}: one learning rate cannot fit both"
        return f"{size}, and weights that start near 1 expect numbers near 1"
    return None


def _dead(vitals: Vitals) -> str | None:
    if vitals.course.solved:
        return None
    for one in vitals.measured.layers:
        if one.dead is not None and one.layer.hidden and one.dead >= max(SHARE * one.units, 1):
            which = "all" if one.dead == one.units else f"{one.dead} of"
            return (
                f"{which} {one.units} relu units behind {one.layer.name} are 0 for every sample, so no "
                f"gradient gets through them, and {one.layer.name} cannot change that"
            )
    return None


def _saturated(vitals: Vitals) -> str | None:
    if not vitals.failing:
        return None
    for one in vitals.measured.layers:
        if one.saturated is not None and one.layer.hidden and one.saturated >= SHARE:
            kind = next(a.kind for a in one.layer.activations if a.saturates)
            return (
                f"{_percent(one.saturated)} of what {kind} gives behind {one.layer.name} is at its ends, "
                "where its slope is next to 0; what goes in is too large"
            )
    return None


def _vanishing(vitals: Vitals) -> str | None:
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
                return f"∂L/∂{one.layer.name} is 0, ∂L/∂{last.layer.name} is not"
            return (
                f"∂L/∂{one.layer.name} is {_short(here)} long beside its weights, ∂L/∂{last.layer.name} "
                f"{_short(there)}: {len(behind)} layers further on a gradient is {_short(there / here)} "
                "times as large"
            )
    return None


def _exploding(vitals: Vitals) -> str | None:
    course = vitals.course
    if course.solved or not course.finite or course.now <= 0:
        return None
    times = vitals.measured.promised / course.now
    largest = max(vitals.measured.layers, key=lambda one: one.gradient, default=None)
    if largest is None or not times > PROMISED or not largest.update > 0.1 * largest.weight:
        return None
    if is_scale_free(vitals.here, largest.layer.parameter.name):
        return None  # larger weights get a smaller gradient, so the next steps are short
    return (
        f"∂L/∂{largest.layer.name} is {_short(largest.gradient)} long: the next step promises to lower the "
        f"loss by {_short(times)} times what there is, so it goes far beyond where the gradient holds"
    )


def _diverging(vitals: Vitals) -> str | None:
    course, rate = vitals.course, vitals.here.learning_rate
    if not course.finite:
        return f"the loss is {number(course.now)}, after {number(course.lowest)} at iteration {course.at}"
    before = max(abs(course.first), abs(course.lowest), NOTHING)
    if course.number < 3 or course.now <= GROWN * before:
        return None
    if course.lowest <= 0:
        return f"the loss is {number(course.now)}, and was {number(course.lowest)} at iteration {course.at}"
    return (
        f"the loss is {number(course.now)}, {_short(course.now / course.lowest)} times what it was at "
        f"iteration {course.at}: steps of learning_rate {number(rate)} go further than the gradient holds"
    )


def _overfitting(vitals: Vitals) -> str | None:
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
    return (
        f"on samples held back the loss rose from {number(least)} at iteration {int(iterations[best])} to "
        f"{number(now)}, while on those trained on it fell from {number(float(course.trained[best]))} to "
        f"{number(course.now)}: what is learnt since is these samples by heart"
    )


def _stuck(vitals: Vitals) -> str | None:
    course = vitals.course
    if course.solved or not course.finite or course.number < EARLIEST:
        return None
    if not course.left < 0.95:
        for one in vitals.measured.layers:
            if one.alike and one.layer.hidden:
                unit = pretty_text(one.layer.activations[0].node.name)
                return (
                    f"all {one.alike} units of {unit} give the same: they started alike, so they get the "
                    "same gradient and stay alike"
                )
    slow = not course.left < 0.95
    masked = bool(vitals.here.graph.drawn)  # what helps with one mask may not with the next
    if not slow and (masked or course.number < 2 * EARLIEST or course.of_late >= 0.005):
        return None
    descent = vitals.descent
    if descent.gain < (0.2 if slow else 0.3):
        return None
    half = course.number - course.number // 2
    fell = (
        f"in {course.number} iterations the loss fell by {_percent(max(0.0, 1 - course.left))}"
        if slow
        else f"over the last {half} iterations the loss stayed at {number(course.now)}"
    )
    how = (
        f"{_short(descent.times)} times as long"
        if descent.times >= 1
        else f"of {_short(descent.times)} its length"
    )
    return f"{fell}, while one step {how} would lower it by {_percent(descent.gain)}"


def _beside(one: LayerMeasure) -> float:
    return one.gradient / one.weight if one.weight else one.gradient


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))


def _percent(share: float) -> str:
    return f"{number(float(f'{100 * share:.2g}'))} %"


ALARMS: Final = (
    Alarm(
        "data", "data not scaled",
        "an input is 30 times as large as 1, or one of its columns as another", _data,
    ),
    Alarm("dead", "dead units", "four fifths of a layer's relu units are 0 for every sample", _dead),
    Alarm(
        "saturated", "saturated",
        "four fifths of what a layer gives are where the slope is next to 0, and little is learnt",
        _saturated,
    ),
    Alarm(
        "vanishing", "vanishing gradient",
        "a layer's gradient beside its weights is below a thousandth of the last one's", _vanishing,
    ),
    Alarm("exploding", "exploding gradient", "a step promises 20 times the loss there is", _exploding),
    Alarm(
        "diverging", "diverging", "the loss is 3 times what it was at its start and at its lowest",
        _diverging,
    ),
    Alarm(
        "overfitting", "overfitting",
        "the validation loss is a quarter above its lowest while the training loss falls", _overfitting,
    ),
    Alarm(
        "stuck", "stuck",
        "the loss stays where it is though a step of another length would lower it", _stuck,
    ),
)  # fmt: skip
"""Every alarm, causes before their effects."""
