"""Curves over the iterations: the losses so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis, Curve, Figure, Mark, Plot, axis_around
from tui_backprop.pictures.picture import Wanted
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView

BUCKETS = 512


class LossCurve(Struct, frozen=True, eq=False):
    """The loss before each update, thinned out to the lowest and the highest of equal parts.

    Attributes:
        iterations: shape (n,), the first iteration of each part, the last of all being where training stands.
        low, high: of that shape, the losses between which each part lies.
        validation: iterations and losses of samples that are not trained on; None without any.
    """

    iterations: Array
    low: Array
    high: Array
    validation: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> LossCurve:
        """Return the losses of a training so far."""
        found = view.history.envelope(BUCKETS).with_next(view.loss)
        iterations = np.asarray(found.iterations, np.float64)
        return cls(iterations, found.low, found.high, view.validation_curve())

    def numbers(self) -> Mapping[str, Any]:
        """Return the curve's points."""
        given: dict[str, Any] = {"iterations": self.iterations, "low": self.low, "high": self.high}
        if self.validation is not None:
            given["validation"] = {"iterations": self.validation[0], "losses": self.validation[1]}
        return given

    def figure(self) -> Figure:
        """Draw the losses, the highest of each part behind the lowest."""
        marks: list[Mark] = []
        seen = [self.low, self.high]
        if not np.array_equal(self.low, self.high, equal_nan=True):
            marks.append(Curve(self.iterations, self.high, "other"))
        marks.append(Curve(self.iterations, self.low, "line", tr("loss")))
        if self.validation is not None:
            marks.append(Curve(*self.validation, "validation", tr("validation loss")))
            seen.append(self.validation[1])
        last = max(float(self.iterations[-1]), 1.0)
        y = axis_around(tr("loss"), np.concatenate(seen))
        return Figure(tr("loss"), (Plot(tr("loss"), Axis(tr("iteration"), 0.0, last), y, tuple(marks)),))

    def words(self) -> Sequence[str]:
        """Say how the loss went: first, lowest, last."""
        finite = np.where(np.isfinite(self.low), self.low, np.inf)
        at = int(finite.argmin())
        first, last = (
            tr(
                "loss {loss} at iteration {iteration}",
                loss=number(float(self.low[k])),
                iteration=int(self.iterations[k]),
            )
            for k in (0, -1)
        )
        return (
            tr(
                "from {first} to {last}; lowest {lowest} from iteration {iteration} on",
                first=first,
                last=last,
                lowest=number(float(self.low[at])),
                iteration=int(self.iterations[at]),
            ),
        )
