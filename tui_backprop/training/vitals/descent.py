"""Whether there is a way down: the loss along the step that is made, shorter and longer."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.training.iteration import Iteration, training_gradients
from tui_backprop.training.vitals.sampled import over_some_samples

_POWERS: Final = range(-20, 24, 2)
"""Powers of two that the step is multiplied by."""


class Descent(Struct, frozen=True):
    """The best of some lengths of a step.

    Attributes:
        gain: by what share of itself the loss would fall with it; 0 where no length lowers it.
        times: how many times as long as the step that is made.
    """

    gain: float
    times: float


def descend(here: Iteration) -> Descent:
    """Try the next update, or the steepest way down where there is none, at some lengths on all samples."""
    with np.errstate(all="ignore"):
        tape = over_some_samples(here)
        start = float(tape.value(tape.graph.loss))
        if not math.isfinite(start) or not start:
            return Descent(0.0, 1.0)
        steps = {name: update.after - here.parameters[name] for name, update in here.updates().items()}
        if not any(step.any() for step in steps.values()):
            steps = {name: -gradient for name, gradient in training_gradients(here.tape).items()}
        leaves = {node.name: tape.value(node) for node in tape.graph.given}
        best, times = start, 1.0
        for power in _POWERS:
            moved = {name: here.parameters[name] + 2.0**power * step for name, step in steps.items()}
            loss = Tape(tape.graph, {**leaves, **moved}).forward()
            if loss < best:
                best, times = loss, 2.0**power
    return Descent((start - best) / abs(start), times)


def is_scale_free(here: Iteration, parameter: str) -> bool:
    """Tell whether the loss stays with a parameter twice as large, as it does in front of a normalisation."""
    with np.errstate(all="ignore"):
        tape = over_some_samples(here)
        leaves = {node.name: tape.value(node) for node in tape.graph.given}
        loss = Tape(tape.graph, {**leaves, parameter: 2.0 * here.parameters[parameter]}).forward()
        before = float(tape.value(tape.graph.loss))
        return bool(here.parameters[parameter].any()) and abs(loss - before) <= 1e-3 * abs(before)
