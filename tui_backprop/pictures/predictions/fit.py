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
from tui_backprop.pictures.predictions.shares import samples_text
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

MARGIN: Final = 0.08
"""Room beside the samples in which the curve goes on, as a share of what they cover."""
FEW: Final = 200
"""Samples that are drawn, with their residuals, at most; more would be one patch."""


_TURNS: Final = {
    "begins": later("begins at {height} where {input} is {place}"),
    "ends": later("ends at {height} where {input} is {place}"),
    "lowest": later("lowest, {height} where {input} is {place}"),
    "highest": later("highest, {height} where {input} is {place}"),
    "begins lowest": later("begins at its lowest, {height} where {input} is {place}"),
    "begins highest": later("begins at its highest, {height} where {input} is {place}"),
    "ends lowest": later("ends at its lowest, {height} where {input} is {place}"),
    "ends highest": later("ends at its highest, {height} where {input} is {place}"),
    "begins lowest highest": later("begins at its lowest, its highest, {height} where {input} is {place}"),
    "ends lowest highest": later("ends at its lowest, its highest, {height} where {input} is {place}"),
}
"""What a curve does at a place."""


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
            name = tr("probability of class {label}", label=probe.labels[column])
        elif probe.decision.scale == "logit":
            name = tr("probability of class {label}", label=probe.labels[1])
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
        points = Points(self.at[::stride], self.target[::stride], held_back=held, label=tr("target"))
        curve = Curve(self.x, self.prediction, "line", self.output)
        marks: tuple[Mark, ...] = (points, curve)
        if stride == 1:
            sticks = Sticks(self.at, np.minimum(self.target, self.met), np.maximum(self.target, self.met))
            marks = (sticks, curve, points)
        else:
            notes = (*notes, tr("One of {count} samples is drawn.", count=stride))
        y = axis_around(self.output, np.concatenate([self.prediction, self.target]))
        x = Axis(self.input, float(self.x[0]), float(self.x[-1]))
        return Figure(tr("fit along {input}", input=self.input), (Plot(tr("fit"), x, y, marks),), notes)

    def words(self) -> Sequence[str]:
        """Say where the curve begins, turns and ends, and how far samples lie from it."""
        lines = [
            tr(
                "{output} along {input}: {course}",
                output=self.output,
                input=self.input,
                course=self._course(),
            )
        ]
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
            return tr("no finite number")
        lowest = finite[self.prediction[finite].argmin()]
        highest = finite[self.prediction[finite].argmax()]
        turns = {int(finite[0]): "begins", int(finite[-1]): "ends"}
        for k, what in ((int(lowest), "lowest"), (int(highest), "highest")):
            turns[k] = f"{turns[k]} {what}" if k in turns else what
        return "; ".join(
            tr(
                _TURNS[turns[k]],
                height=number(float(self.prediction[k]), 4),
                input=self.input,
                place=number(float(self.x[k]), 4),
            )
            for k in sorted(turns)
        )

    def _distances(self, what: str, which: npt.NDArray[np.bool_], residuals: Array) -> list[str]:
        places = np.flatnonzero(which & np.isfinite(residuals))
        if not len(places):
            return [tr("{samples}, no finite distance", samples=samples_text(int(which.sum()), what))]
        sizes = np.abs(residuals[places])
        worst = places[sizes.argmax()]
        point = tr(
            "{input} {place}, target {target}, predicted {predicted}",
            input=self.input,
            place=number(float(self.at[worst]), 4),
            target=number(float(self.target[worst]), 4),
            predicted=number(float(self.met[worst]), 4),
        )
        if len(places) == 1:
            one = what == "samples"
            return [
                tr("one sample: {point}", point=point) if one else tr("one held back: {point}", point=point)
            ]
        return [
            tr(
                "{samples}, {distance} from their predictions on average; the farthest: {point}",
                samples=samples_text(int(which.sum()), what),
                distance=number(float(sizes.mean()), 4),
                point=point,
            )
        ]


def _first_output(probe: Probe) -> int:
    return 1 if probe.decision.form == "classes" and len(probe.outputs) == 2 else 0


def _targets(probe: Probe, part: Part, column: int) -> Array:
    """Return what the output of one column is to be."""
    if probe.decision.form == "classes":
        return np.asarray(probe.decision.given(part.wanted) == column, np.float64)
    if part.wanted.shape[1] not in (1, len(probe.outputs)):
        raise BackpropError(
            tr(
                "fit: {target} has {count} numbers a sample, {prediction} others",
                target=probe.target,
                count=part.wanted.shape[1],
                prediction=probe.name,
            )
        )
    return np.asarray(part.wanted[:, min(column, part.wanted.shape[1] - 1)])
