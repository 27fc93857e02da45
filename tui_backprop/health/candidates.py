"""What may help against each alarm: other hyperparameters, another start, other data, other activations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.language.formula import parse_formula
from tui_backprop.lessons.lesson import Lesson, ParameterSpec
from tui_backprop.lessons.specs.hyperparameter import value_text
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty
from tui_backprop.training.vitals.causes import Vitals
from tui_backprop.training.vitals.layers import WeightLayer, layers_of
from tui_backprop.training.vitals.names import AlarmName
from tui_backprop.training.vitals.scales import input_scales


class Candidate(Struct, frozen=True, eq=False):
    """Something to try.

    Attributes:
        text: what is changed, as short as a setting: ``learning_rate = 0.01``.
        how: where in the lesson it is done; "" where hyperparameters alone are set.
        settings: hyperparameters to set.
        change: makes another lesson of the lesson; None where that cannot be done with it.
    """

    text: str
    how: str = ""
    settings: Mapping[str, Any] = {}
    change: Callable[[Lesson], Lesson | None] | None = None


def candidates(name: AlarmName, vitals: Vitals, start: Vitals) -> Iterator[Candidate]:
    """Yield what may help against an alarm, what is tried first first.

    Args:
        name: the alarm's.
        vitals: where the training stands.
        start: where it began, with the hyperparameters as they are.
    """
    rate = vitals.here.settings.hyperparameters.learning_rate
    uneven = [scale.name for scale in input_scales(vitals.here.lesson) if scale.uneven]
    if uneven and name != "overfitting":
        yield standardised(vitals.here.lesson, uneven, rate)
    match name:
        case "data":
            yield _rate(rate, 0.1)
            yield _adam()
        case "dead":
            yield started("he")
            yield leaky()
            yield _rate(rate, 0.1)
        case "saturated":
            yield started("xavier")
            yield activated("relu")
            yield _rate(rate, 0.1)
            yield _rate(rate, 0.01)
        case "vanishing":
            yield activated("relu")
            yield activated("tanh")
            yield started("xavier")
            yield _adam()
        case "exploding":
            yield started("he")
            yield _set(clip_norm=1.0)
            yield from _shorter_steps(rate, start)
        case "diverging":
            yield from _shorter_steps(rate, start)
            yield _set(clip_norm=1.0)
        case "overfitting":
            yield stopping_early()
            yield _set(weight_decay=0.01)
            yield _set(weight_decay=0.1)
        case "stuck":
            if any(one.alike for one in vitals.measured.layers):
                yield started("xavier")
            times = vitals.descent.times
            if times and math.isfinite(times):
                yield _rate(rate, 10.0 ** max(-4, min(4, round(math.log10(times)) or 1)))
            yield _rate(rate, 10.0)
            yield _adam()


# ---------------------------------------------------------------------- hyperparameters


def _set(**settings: Any) -> Candidate:
    return Candidate(
        ", ".join(f"{name} = {value_text(value)}" for name, value in settings.items()), "", settings
    )


def _rate(rate: float, times: float) -> Candidate:
    return _set(learning_rate=float(f"{rate * times:.6g}"))


def _shorter_steps(rate: float, start: Vitals) -> Iterator[Candidate]:
    """Yield smaller rates; where these are too large still, one whose step promises the loss at most."""
    yield _rate(rate, 0.1)
    yield _rate(rate, 0.01)
    loss = start.course.now
    promised = start.measured.promised / loss if loss > 0 else 0.0
    if 100.0 < promised < math.inf:
        yield _rate(rate, 10.0 ** -math.ceil(math.log10(promised)))


def _adam() -> Candidate:
    return _set(optimizer="adam", learning_rate=0.01)


# ---------------------------------------------------------------------- another lesson


def _remade(lesson: Lesson, **changes: Any) -> Lesson:
    """Return a lesson with something else in it, and nothing left of what was made of it before."""
    return structs.replace(lesson, **changes, _graphs={}, _others={})


def standardised(lesson: Lesson, names: list[str], rate: float) -> Candidate:
    """Return the candidate with some inputs at mean 0 and deviation 1, by column.

    A rate that large inputs asked to be small is raised as they shrink, but not above 0.1.
    """
    largest = max(scale.largest for scale in input_scales(lesson) if scale.name in names)
    raised = max(rate, min(0.1, float(f"{rate * largest**2:.2g}")))
    rates = {"learning_rate": raised} if raised != rate else {}
    first = names[0]
    scaled = f"({first} - mean({first}, axis=0)) / std({first}, axis=0)"
    how = tr("in the formula, {name}_s = {formula}, and {name}_s below", name=first, formula=scaled)
    text = _standardised_text(names) + (f", learning_rate = {value_text(raised)}" if rates else "")
    return Candidate(text, how, rates, lambda lesson: _standardised(lesson, names))


def _standardised_text(names: list[str]) -> str:
    *before, last = map(pretty, names)
    if not before:
        return tr("{name} standardised", name=last)
    return tr("{names} and {last} standardised", names=" and ".join(before), last=last)


@np.errstate(all="ignore")  # squares of numbers near the largest: it helps nothing then
def _standardised(lesson: Lesson, names: list[str]) -> Lesson:
    changes: dict[str, Any] = {}
    held = lesson.validation
    for table in ("data", "samples"):
        arrays: dict[str, Array] = dict(getattr(lesson, table))
        for name in arrays.keys() & set(names):
            value = arrays[name]
            axes = tuple(range(max(value.ndim - 1, 1)))
            mean, spread = value.mean(axis=axes), value.std(axis=axes)
            mean, spread = np.where(spread > 0, mean, 0.0), np.where(spread > 0, spread, 1.0)
            arrays[name] = (value - mean) / spread
            if held is not None and name in held.samples:
                moved = {**held.samples, name: frozen((held.samples[name] - mean) / spread)}
                held = structs.replace(held, samples=moved)
        changes[table] = arrays
    return _remade(lesson, **changes, validation=held)


_GAIN: Final = {"he": 2.0, "xavier": 1.0}


def started(rule: str) -> Candidate:
    """Return the candidate whose layers start by He's or Xavier's rule, and vectors at 0."""
    text = f'init = "{rule}_normal"'
    how = tr("in [parameters] for each layer, with zeros for the biases")
    return Candidate(text, how, change=lambda lesson: _started(lesson, rule))


def _started(lesson: Lesson, rule: str) -> Lesson:
    layers = {layer.parameter.name: layer for layer in layers_of(lesson.graph())}
    specs = {}
    for name, spec in lesson.parameters.items():
        if name in layers and len(spec.shape) > 1:
            specs[name] = _start(spec, layers[name], rule)
        elif spec.trainable and name not in layers and len(spec.shape) == 1 and spec.rule != "ones":
            specs[name] = structs.replace(spec, rule="zeros", value=None, scale=1.0)
    return _remade(lesson, parameters={**lesson.parameters, **specs})


def _start(spec: ParameterSpec, layer: WeightLayer, rule: str) -> ParameterSpec:
    if layer.part is None:
        return structs.replace(spec, rule=f"{rule}_normal", value=None, scale=1.0)
    inputs, outputs = spec.shape[1], spec.shape[-1]
    fan = inputs if rule == "he" else (inputs + outputs) / 2
    return structs.replace(spec, rule="normal", value=None, scale=math.sqrt(_GAIN[rule] / fan))


def activated(function: str) -> Candidate:
    """Return the candidate with relu or tanh in the hidden layers, from He's or Xavier's start."""
    rule = "he" if function == "relu" else "xavier"
    how = tr('in the formula, and init = "{rule}_normal" in [parameters]', rule=rule)

    def change(lesson: Lesson) -> Lesson | None:
        other = _called(lesson, r"sigmoid|tanh|softsign|hardtanh", function)
        return None if other is None else _started(other, rule)

    return Candidate(tr("{function} in the hidden layers", function=function), how, change=change)


def leaky() -> Candidate:
    """Return the candidate with leaky_relu for relu."""
    return Candidate(
        tr("leaky_relu for relu"),
        tr("in the formula"),
        change=lambda lesson: _called(lesson, "relu", "leaky_relu"),
    )


def _called(lesson: Lesson, functions: str, other: str) -> Lesson | None:
    """Return a lesson with another function on the lines of hidden activations; None without such calls."""
    graph = lesson.graph()
    lines = {
        (one.node.line or "").split(".")[0]
        for layer in layers_of(graph)
        for one in layer.activations
        if layer.hidden
    }
    text = []
    for line in lesson.formula.splitlines():
        name = re.match(r"\s*([^\W\d]\w*)\s*=(?!=)", line)
        if name is not None and name[1] in lines:
            line = re.sub(rf"\b(?:np\.|torch\.)?(?:{functions})\(", f"{other}(", line)
        text.append(line)
    formula = "\n".join(text)
    if formula.strip() == lesson.formula.strip():
        return None
    return _remade(lesson, formula=formula, lines=parse_formula(formula))


def stopping_early() -> Candidate:
    """Return the candidate that ends when the validation loss has not been lower for long."""
    patience = 100

    def change(lesson: Lesson) -> Lesson | None:
        if lesson.validation is None:
            return None
        return _remade(lesson, validation=structs.replace(lesson.validation, early_stop=patience))

    return Candidate(
        f"early_stop = {patience}", tr("in [validation]; then back to where it was lowest"), change=change
    )
