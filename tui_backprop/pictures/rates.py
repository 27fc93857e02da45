"""The schedule: the learning rate of each iteration, and where training stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.rates import RateCurve
from tui_backprop.pictures.figure import Axis, Curve, Figure, Level, Mark, Plot, axis_around
from tui_backprop.pictures.picture import Wanted
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView


class ScheduleCurve(Struct, frozen=True, eq=False):
    """The learning rate by iteration, as the hyperparameters have it now.

    Attributes:
        curve: the schedule, where training stands, and the points.
        iterations, rates: these, each of shape (n,).
        momentum: of that shape, where the momentum turns with the rate.
    """

    curve: RateCurve
    iterations: Array
    rates: Array
    momentum: Array | None

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> ScheduleCurve:
        """Return the curve of the schedule that is set."""
        curve = RateCurve.of(view.hyperparameters, view.iteration)
        iterations, rates = (np.array(column) for column in zip(*curve.points, strict=True))
        momentum = np.array([curve.momentum[k] for k, _ in curve.points]) if curve.momentum else None
        return cls(curve, iterations, rates, momentum)

    @property
    def rate(self) -> float:
        """The rate where training stands."""
        return dict(self.curve.points)[self.curve.now]

    def numbers(self) -> Mapping[str, Any]:
        """Return iterations, learning_rate, now, and the momentum where it turns with the rate."""
        given: dict[str, Any] = {
            "iterations": self.iterations, "learning_rate": self.rates, "now": self.curve.now,
        }  # fmt: skip
        return given if self.momentum is None else {**given, "momentum": self.momentum}

    def figure(self) -> Figure:
        """Draw the rate, where training stands, and the momentum beside it."""
        x = Axis(tr("iteration"), 0.0, float(self.iterations[-1]))
        here = Level(float(self.curve.now), across=False, role="here", label=tr("here"))
        marks: tuple[Mark, ...] = (Curve(self.iterations, self.rates, "line", tr("learning rate")), here)
        y = Axis(
            tr("learning rate"), 0.0, axis_around("", np.append(self.rates, 0.0)).high
        )  # no rate is below 0
        parts = [Plot(tr("learning rate"), x, y, marks)]
        if self.momentum is not None:
            marks = (Curve(self.iterations, self.momentum, "other", tr("momentum")), here)
            parts.append(Plot(tr("momentum"), x, axis_around(tr("momentum"), self.momentum), marks))
        return Figure(tr("schedule: {kind}", kind=self.curve.schedule.kind), tuple(parts))

    def words(self) -> Sequence[str]:
        """Say what the schedule does, and the rates at its ends, at its turns and here."""
        lines = [self.curve.about[0]]
        places = {0, len(self.rates) - 1}
        finite = np.where(np.isfinite(self.rates), self.rates, 0.0)
        for k in (int(finite.argmax()), int(finite.argmin())):
            if finite[k] not in finite[sorted(places)]:
                places.add(k)
        told = [
            tr(
                "{rate} at iteration {iteration}",
                rate=number(float(self.rates[k])),
                iteration=int(self.iterations[k]),
            )
            for k in sorted(places)
        ]
        if np.ptp(finite) == 0:
            told = [tr("{rate} throughout", rate=number(self.rate))]
        here = tr("here, at iteration {iteration}: {rate}", iteration=self.curve.now, rate=number(self.rate))
        return (*lines, tr("learning rate {rates}", rates=", ".join(told)), here)
