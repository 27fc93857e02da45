"""A lesson as it fits on paper: few samples, and no axis longer than a hand writes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import structs

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

LONGEST = 8
"""Of an axis that stays as it is."""
SHORTENED = 4
"""What a longer one is cut to."""
SAMPLES = 3
"""Samples at most."""


def on_paper(lesson: Lesson) -> Lesson:
    """Return a lesson with as few numbers as fit on a page: of samples and long axes of data, some are kept.

    It is trained by plain gradient descent on all of them, at its own rate: what one line can say.

    Raises:
        BackpropError: a parameter is too large, or the formula needs the lengths that were cut.
    """
    samples = {name: _taken(array, 0, SAMPLES) for name, array in lesson.samples.items()}
    small = structs.replace(
        lesson,
        data=_cut(lesson.data, range(8)),
        samples=_cut(samples, range(1, 8)),
        validation=None,
        hyperparameters=Hyperparameters(learning_rate=lesson.hyperparameters.learning_rate),
        _graphs={},
        _others={},
    )
    for name, spec in small.parameters.items():
        if any(length > LONGEST for length in spec.shape):
            raise BackpropError(
                tr("{lesson} does not fit on paper: {name} has shape {shape}; a worksheet takes "
                   "lessons whose parameters have at most {most} rows and columns",
                   lesson=lesson.name, name=name, shape=shape_text(spec.shape), most=LONGEST)
            )  # fmt: skip
    try:
        small.graph()
    except FormulaError as error:
        raise BackpropError(
            tr("{lesson} does not fit on paper: its formula needs all its numbers: {reason}",
               lesson=lesson.name, reason=error)
        ) from None  # fmt: skip
    return small


def _cut(arrays: Mapping[str, Array], axes: range) -> dict[str, Array]:
    cut = dict(arrays)
    for name, array in arrays.items():
        for axis in axes:
            if axis < array.ndim and array.shape[axis] > LONGEST:
                cut[name] = _taken(cut[name], axis, SHORTENED)
    return cut


def _taken(array: Array, axis: int, most: int) -> Array:
    """Return some of an axis, evenly spread, both ends among them."""
    length = array.shape[axis]
    if length <= most:
        return array
    return frozen(np.take(array, np.linspace(0, length - 1, most).round().astype(int), axis=axis))
