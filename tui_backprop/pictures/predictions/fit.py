"""The fit: what the model predicts along one input, and the samples that it is to meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.figure import Axis, Curve, Figure, Mark, Plot, Points, Sticks, axis_around
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.predictions.probe import Part, Probe, probe_of
from tui_backprop.text.numbers import number
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

MARGIN: Final = 0.08
"""Room beside the samples in which the curve goes on, as a share of what they cover."""
FEW: Final = 200
"""Samples that are drawn, with their residuals, at most; more would be one patch."""


class Fit(Struct, frozen=True, eq=False):
    """Predictions along one input beside the samples.

    Attributes:
        input, output: what lies across and upwards, for people.
        x, prediction: of one shape (n,), the model's curve; other inputs are held.
        at, target, met: of one shape (samples,), each sample's input, target, and what is predicted for it.
        held_back: of that shape, which samples are not trained on; None without [validation].
        notes: what is held, and in which units, in words.
    """

    input: str
    output: str
    x: Array
    prediction: Array
    at: Array
    target: Array
    met: Array
    held_back: npt.NDArray[np.bool_] | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Fit:
        """Return the fit along the input that is named, or the first.

        Raises:
            BackpropError: there is no input to go along, or something else is named.
        """
        probe = probe_of(view.lesson)
        (feature,), output = probe.chosen("fit", wanted.of, 1)
        column = output if output is not None else _first_output(probe)
        parts = probe.parts
        at = np.concatenate([np.asarray(feature.of(part.rows), np.float64) for part in parts])
        axis = axis_around("", at, margin=MARGIN)
        x = np.linspace(axis.low, axis.high, max(2, wanted.grain.columns * 2))
        curve = probe.decision.scores(probe.asked(view, {feature: x}))[:, column]
        met = [probe.decision.scores(probe.predicted(view, part))[:, column] for part in parts]
        name = probe.outputs[column]
        if probe.decision.form == "classes":
            name = f"probability of class {probe.labels[column]}"
        elif probe.decision.scale == "logit":
            name = f"probability of class {probe.labels[1]}"
        return cls(
            feature.shown, pretty_text(name), x, curve, at,
            np.concatenate([_targets(probe, part, column) for part in parts]), np.concatenate(met),
            probe.is_held_back,
            probe.notes(view, (feature,)),
        )  # fmt: skip

    @property
    def residuals(self) -> Array:
        """Target minus prediction of each sample."""
        return self.target - self.met

    def numbers(self) -> Mapping[str, Any]:
        """Return the curve, and the samples as x, y and, with [validation], held_back."""
        points = [{"x": float(x), "y": float(y)} for x, y in zip(self.at, self.target, strict=True)]
        if self.held_back is not None:
            for point, held in zip(points, self.held_back.tolist(), strict=True):
                point["held_back"] = held
        return {"x": self.x, "prediction": self.prediction, "points": points}

    def figure(self) -> Figure:
        """Draw residuals, curve and samples; of many samples some, and the curve over them."""
        stride, notes = -(-len(self.at) // FEW), self.notes
        held = None if self.held_back is None else self.held_back[::stride]
        points = Points(self.at[::stride], self.target[::stride], held_back=held, label="target")
        curve = Curve(self.x, self.prediction, "line", self.output)
        marks: tuple[Mark, ...] = (points, curve)
        if stride == 1:
            sticks = Sticks(self.at, np.minimum(self.target, self.met), np.maximum(self.target, self.met))
            marks = (sticks, curve, points)
        else:
            notes = (*notes, f"One of {stride} samples is drawn.")
        y = axis_around(self.output, np.concatenate([self.prediction, self.target]))
        x = Axis(self.input, float(self.x[0]), float(self.x[-1]))
        return Figure(f"fit along {self.input}", (Plot("fit", x, y, marks),), notes)

    def words(self) -> Sequence[str]:
        """Say where the curve begins, turns and ends, and how far samples lie from it."""
        lines = [f"{self.output} along {self.input}: {self._course()}"]
        lines += self._distances("samples", ~self._held, self.residuals)
        if self.held_back is not None:
            lines += self._distances("samples held back", self.held_back, self.residuals)
        return (*lines, *self.notes)

    @property
    def _held(self) -> npt.NDArray[np.bool_]:
        return np.zeros(len(self.at), np.bool_) if self.held_back is None else self.held_back

    def _course(self) -> str:
        finite = np.flatnonzero(np.isfinite(self.prediction))
        if not len(finite):
            return "no finite number"
        lowest = finite[self.prediction[finite].argmin()]
        highest = finite[self.prediction[finite].argmax()]
        told = {int(finite[0]): "begins at ", int(finite[-1]): "ends at "}
        for k, word in ((int(lowest), "lowest"), (int(highest), "highest")):
            told[k] = f"{told[k]}its {word}, " if k in told else f"{word}, "
        height, place = ([number(float(v), 4) for v in array] for array in (self.prediction, self.x))
        return "; ".join(f"{told[k]}{height[k]} where {self.input} is {place[k]}" for k in sorted(told))

    def _distances(self, what: str, which: npt.NDArray[np.bool_], residuals: Array) -> list[str]:
        places = np.flatnonzero(which & np.isfinite(residuals))
        if not len(places):
            return [f"{int(which.sum())} {what}, no finite distance"]
        sizes = np.abs(residuals[places])
        worst = places[sizes.argmax()]
        point = (
            f"{self.input} {number(float(self.at[worst]), 4)}, target {number(float(self.target[worst]), 4)}"
        )
        least = f"predicted {number(float(self.met[worst]), 4)}"
        if len(places) == 1:
            return [f"one {'sample' if what == 'samples' else 'held back'}: {point}, {least}"]
        mean = number(float(sizes.mean()), 4)
        near = f"{int(which.sum())} {what}, {mean} from their predictions on average"
        return [f"{near}; the farthest: {point}, {least}"]


def _first_output(probe: Probe) -> int:
    return 1 if probe.decision.form == "classes" and len(probe.outputs) == 2 else 0


def _targets(probe: Probe, part: Part, column: int) -> Array:
    """Return what the output of one column is to be."""
    if probe.decision.form == "classes":
        return np.asarray(probe.decision.given(part.wanted) == column, np.float64)
    if part.wanted.shape[1] not in (1, len(probe.outputs)):
        raise BackpropError(
            f"fit: {probe.target} has {part.wanted.shape[1]} numbers a sample, {probe.name} others"
        )
    return np.asarray(part.wanted[:, min(column, part.wanted.shape[1] - 1)])
