"""What is measured of a layer where a training stands: gradient, step, and units that hand on nothing."""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.training.iteration import Iteration, training_gradients
from tui_backprop.training.vitals.layers import WeightLayer, layers_of
from tui_backprop.training.vitals.sampled import over_some_samples, sample_axes


class LayerMeasure(Struct, frozen=True, eq=False):
    """One layer at one iteration.

    Attributes:
        layer: the layer, of the graph for the samples that were looked at.
        gradient: the length √Σg² of its gradient, of this batch.
        weight: the length of the parameter.
        update: the length of the step that the next update makes.
        saturated: the share of its activations' elements whose slope is next to nothing, over the samples;
            None where no activation behind it saturates.
        dead: the relu units behind it that are 0 for every sample; None where there is no relu.
        units: how many relu units there are.
        alike: the units of its activation, where they all give the same for each sample; else 0.
    """

    layer: WeightLayer
    gradient: float
    weight: float
    update: float
    saturated: float | None = None
    dead: int | None = None
    units: int = 0
    alike: int = 0

    @property
    def step(self) -> float:
        """log10 of update over weight; −Infinity without an update, NaN where the weights are all 0."""
        if not self.weight or math.isnan(self.update) or math.isnan(self.weight):
            return math.nan
        return math.log10(self.update / self.weight) if self.update else -math.inf

    @property
    def dead_share(self) -> float | None:
        """The share of relu units that are dead; None where there is no relu."""
        return None if self.dead is None else self.dead / self.units


class Measured(Struct, frozen=True, eq=False):
    """All layers at one iteration.

    Attributes:
        iteration: updates done.
        layers: the layers, in the order of the file.
        promised: by how much the loss would fall with the next update if it were a plane: Σ gradient · step,
            of all trainable parameters.
    """

    iteration: int
    layers: tuple[LayerMeasure, ...]
    promised: float


def measure(here: Iteration) -> Measured:
    """Measure the layers at an iteration's start.

    Gradients and steps are those of the iteration's batch; what is said of units is of all samples, or of
    some hundreds of many.
    """
    with np.errstate(all="ignore"):
        return _measure(here)


def _measure(here: Iteration) -> Measured:
    gradients, updates = training_gradients(here.tape), here.updates()
    tape = over_some_samples(here)
    measured = []
    for layer in layers_of(tape.graph):
        name = layer.parameter.name
        before, after = layer.of(here.parameters[name]), layer.of(updates[name].after)
        dead, units = _dead(here, tape, layer)
        measured.append(
            LayerMeasure(
                layer, _length(layer.of(gradients[name])), _length(before), _length(after - before),
                _saturated(tape, layer), dead, units, _alike(here, tape, layer),
            )
        )  # fmt: skip
    promised = sum(
        float(np.sum(gradients[name] * (here.parameters[name] - update.after)))
        for name, update in updates.items()
    )
    return Measured(here.number, tuple(measured), promised)


def _length(value: Array) -> float:
    """Return √Σx²."""
    return float(np.sqrt(np.sum(value * value)))


def _saturated(tape: Tape, layer: WeightLayer) -> float | None:
    shares = [one.saturated(tape.value(one.node)) for one in layer.activations if one.saturates]
    return sum(shares) / len(shares) if shares else None


def _dead(here: Iteration, tape: Tape, layer: WeightLayer) -> tuple[int | None, int]:
    """Count the relu units that are 0 for all samples, and all of them; None, 0 where there is no relu."""
    dead = units = 0
    for one in layer.activations:
        if one.kind == "relu":
            shut = np.all(tape.value(one.node) <= 0, axis=_axes(here, tape, one.node.index))
            dead, units = dead + int(np.sum(shut)), units + int(np.size(shut))
    return (dead, units) if units else (None, 0)


def _alike(here: Iteration, tape: Tape, layer: WeightLayer) -> int:
    """Return how many units an activation has, where they all give the same; 0 where they differ."""
    for one in layer.activations:
        axes = _axes(here, tape, one.node.index)
        value: Array = np.moveaxis(tape.value(one.node), axes, range(len(axes)))
        flat = value.reshape(math.prod(value.shape[: len(axes)]), -1)
        if flat.shape[1] > 1 and bool(np.all(flat == flat[:, :1])):
            return flat.shape[1]
    return 0


def _axes(here: Iteration, tape: Tape, index: int) -> tuple[int, ...]:
    node = tape.graph.nodes[index]
    rows = here.lesson.rows_of({name: tape.value(tape.graph.named[name]) for name in here.lesson.samples})
    axes = sample_axes(here.lesson, node, rows)
    if len(node.shape) == 4 and axes == (0,):  # a convolution's unit is a channel, at all places of a picture
        return 0, 2, 3
    return axes
