"""The error of a central difference over its step: truncation on one side, rounding on the other, a U."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.differences import central_difference, relative_error
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.lines import Line, Point
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.text.sentences import tr

PER_DECADE = 2
DECADES = 16
"""Steps in each power of ten, and how many powers of ten below the scale of the parameter the sweep goes."""


class CurvePoint(Struct, frozen=True):
    """A step h, the central difference there, and its relative error against the engine's derivative."""

    step: float
    numeric: float
    relative_error: float


class ErrorCurve(Struct, frozen=True):
    """One element's error over h, from the largest step down.

    Attributes:
        name, index: the element.
        analytic: the engine's derivative.
        points: what the steps give.
    """

    name: str
    index: tuple[int, ...]
    analytic: float
    points: tuple[CurvePoint, ...]

    @property
    def best(self) -> CurvePoint | None:
        """The step with the least error; None where no difference is finite."""
        finite = [point for point in self.points if np.isfinite(point.relative_error)]
        return min(finite, key=lambda point: point.relative_error, default=None)


def steps_of(scale: float) -> list[float]:
    """Return the steps of a sweep for a parameter of that size."""
    return [scale * 10.0 ** (-place / PER_DECADE) for place in range(DECADES * PER_DECADE + 1)]


def steepest(gradient: Array) -> tuple[int, ...]:
    """Return the index of the element with the largest derivative."""
    sizes = np.abs(np.where(np.isfinite(gradient), gradient, 0.0))
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), sizes.shape))


@np.errstate(all="ignore")
def sweep(
    point: Point,
    node: Node,
    gradient: Array,
    index: Sequence[int],
    should_stop: Callable[[], bool] = never,
) -> ErrorCurve:
    """Return one element's error over h.

    Args:
        point: the graph and its leaves.
        node: whose element is moved.
        gradient: the engine's, of the node's shape.
        index: the element.
        should_stop: asked before each step.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    position = int(np.ravel_multi_index(tuple(index), node.shape)) if node.shape else 0
    line = Line(point, [node], position)
    analytic = line.dot([gradient])
    points = []
    for step in steps_of(line.scale):
        if should_stop():
            raise Interrupted(tr("the sweep over h was interrupted"))
        numeric = central_difference(line, step)
        error = relative_error(analytic, numeric) if np.isfinite(numeric) else float("nan")
        points.append(CurvePoint(step, numeric, error))
    return ErrorCurve(node.name, tuple(index), analytic, tuple(points))
