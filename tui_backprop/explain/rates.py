"""The learning rate by iteration, as the schedule that holds now has it: points of a curve, and words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES, RateSchedule, field_text
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr, tr_in

DRAWN: Final = 1000
"""Points of a curve, at most, beside its start."""
LISTED: Final = 10
"""Rates that are written out, beside the first and that of now."""


class RateCurve(Struct, frozen=True, eq=False):
    """A schedule from iteration 0 to where training is to stop, or stands if that is further on.

    Attributes:
        schedule: the kind, and the fields that were given.
        fields: all fields.
        now: the iteration where the training stands.
        points: iterations, ascending and evenly spread, and their learning rates.
        listed: those that are written out.
        momentum: the momentum at all these iterations, where it turns with the rate.
    """

    schedule: RateSchedule
    fields: Mapping[str, float]
    now: int
    points: Sequence[tuple[int, float]]
    listed: Sequence[tuple[int, float]]
    momentum: Mapping[int, float] = {}

    @classmethod
    def of(cls, hyperparameters: Hyperparameters, now: int) -> RateCurve:
        """Return the curve of the schedule that is set."""
        schedule = hyperparameters.schedule
        base, iterations = hyperparameters.learning_rate, hyperparameters.iterations
        rate, last = schedule.rate(base, iterations), max(iterations, now, 1)

        def at(count: int) -> list[tuple[int, float]]:
            spread = {int(k) for k in np.linspace(0, last, min(count, last) + 1).round()}
            return [(k, rate(k)) for k in sorted({*spread, now})]

        points, listed = at(DRAWN), at(LISTED)
        turned = [turn for name, turn in hyperparameters.scheduled.items() if name != "learning_rate"]
        momentum = {k: turn(k) for turn in turned for k, _ in (*points, *listed)}
        return cls(schedule, schedule.fields(base, iterations), now, points, listed, momentum)

    @property
    def about(self) -> tuple[str, ...]:
        """The schedule in words, its formula, and its fields."""
        kind, given = SCHEDULES[self.schedule.kind], dict(self.schedule.given)
        lines = [f"{kind.name}: {tr(kind.text)}", f"η = {tr(kind.formula)}"]
        for field in kind.fields if self.schedule.varies else ():
            given_value = self.fields[field.name]
            value = field_text(given_value) if field.truth else number(given_value)
            said = tr(field.said) if field.said else tr("unless given")
            follows = "" if field.name in given else f" ({said})"
            lines.append(f"{field.name} = {value}{follows}: {tr(field.text)}")
        return tuple(lines)

    @property
    def rates(self) -> tuple[str, ...]:
        """The rates that are written out, a line each."""
        return tuple(self._rate(k, rate) for k, rate in self.listed)

    def _rate(self, k: int, rate: float) -> str:
        parts = [number(rate)]
        if k in self.momentum:
            parts.append(tr("momentum {momentum}", momentum=number(self.momentum[k])))
        if k == self.now:
            parts.append(tr_in("iteration", "here"))
        return tr("iteration {iteration}: {rate}", iteration=k, rate=", ".join(parts))

    @property
    def finite(self) -> bool:
        """Whether there is a rate that can be drawn."""
        return any(math.isfinite(rate) for _, rate in self.points)
