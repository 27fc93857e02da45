"""A training's vital signs where it stands, and those on the way there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.view import TrainingView
from tui_backprop.training.vitals.causes import Vitals
from tui_backprop.training.vitals.measures import Measured, measure

_MOST: Final = 10_000_000
"""Numbers in all nodes that are computed for the measures on the way: some tenths of a second."""


def vitals_of(view: TrainingView) -> Vitals:
    """Return what alarms look at, where a training stands."""
    view.validation_curve()  # validation losses that nobody has asked for are worked out, some of them
    training = view._training
    return Vitals(training.here, training.trajectory)


def measured_on_the_way(
    view: TrainingView, count: int, should_stop: Callable[[], bool] = never
) -> tuple[Measured, ...]:
    """Measure the layers at some of the iterations that have a checkpoint, and here, which is the last.

    They are as evenly spaced on a logarithmic axis as checkpoints are: most of what there is to see happens
    early.

    Args:
        view: the training.
        count: how many measures at most; fewer of a large lesson.
        should_stop: asked before each.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    training = view._training
    here = training.here
    states = [state for state in training.trajectory.checkpoints if state.iteration < here.number]
    numbers = sum(size_of(node.shape) for node in here.lesson.graph().nodes)
    most = max(0, min(count - 1, _MOST // max(numbers, 1)))
    chosen: dict[int, int] = {}
    last = math.log1p(states[-1].iteration) if states else 0.0
    for place, state in enumerate(states):
        chosen.setdefault(
            round(math.log1p(state.iteration) / (last or 1.0) * (most - 1)) if most > 1 else 0, place
        )
    measured = []
    for place in list(chosen.values())[: most or 0]:
        if should_stop():
            raise Interrupted(tr("measuring the layers was interrupted"))
        measured.append(measure(Iteration(here.schedule, states[place])))
    return (*measured, measure(here))
