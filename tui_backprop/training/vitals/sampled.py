"""Values over all samples, or over some hundreds of many: what is said of a unit is said of every sample."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.sample_axis import sample_axis
from tui_backprop.training.iteration import Iteration

ENOUGH: Final = 512
"""Samples that are looked at of more, spread evenly: a look takes as long, however many there are."""


def over_all_samples(here: Iteration) -> Tape:
    """Return the values at an iteration's parameters over all samples, and not only this batch's."""
    if here.sample_indices is None:
        return here.forward_tape
    return _tape(here, None)


def over_some_samples(here: Iteration) -> Tape:
    """Return the same over at most :data:`ENOUGH` samples, where the formula takes so many."""
    rows = here.lesson.rows
    if rows is None or rows <= ENOUGH:
        return over_all_samples(here)
    chosen = np.linspace(0, rows - 1, ENOUGH).astype(np.intp)
    try:
        return _tape(here, chosen)
    except BackpropError:  # data of a fixed length meet the samples
        return over_all_samples(here)


def _tape(here: Iteration, chosen: npt.NDArray[np.intp] | None) -> Tape:
    lesson = here.lesson
    graph = lesson.graph() if chosen is None else lesson.graph(len(chosen))
    samples = {name: value if chosen is None else value[chosen] for name, value in lesson.samples.items()}
    masks = graph.draw(here.settings.hyperparameters.seed, here.number)
    leaves = {**here.leaves, **lesson.data, **samples, **masks}
    overrides = {}
    for name, value in here.settings.overrides.items():
        for node in find(graph, name):
            try:
                overrides[node.index] = np.broadcast_to(value, node.shape)
            except ValueError:  # meant for one batch's rows
                continue
    tape = Tape(graph, leaves, overrides)
    tape.forward()
    return tape


def sample_axes(lesson: Lesson, node: Node, rows: int | None = None) -> tuple[int, ...]:
    """Return the axis that counts samples; where none is known to, all but the last one of a matrix."""
    axis = sample_axis(lesson, node, rows)
    return tuple(range(len(node.shape) - 1)) if axis is None else (axis,)
