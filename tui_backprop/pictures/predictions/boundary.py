"""The boundary: what the model says of two inputs at once, as shades with the samples on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis, Figure, Heat, Plot, Points, axis_around
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.predictions.probe import Probe, probe_of
from tui_backprop.pictures.predictions.shares import share
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

MARGIN: Final = 0.1
"""Room beside the samples, as a share of what they cover."""
FEW: Final = 1000
"""Samples that are drawn, at most."""
_TOLD: Final = 5
"""Wrong samples whose places are said, at most."""


class Boundary(Struct, frozen=True, eq=False):
    """What a model says over two inputs.

    With two classes z is the probability of the second one, or, where the model gives no probability, its
    output; with more it is the number of the class that wins; without classes it is the prediction.

    Attributes:
        names: the two inputs, as the lesson writes them.
        x_axis, y_axis: what they are called for people, and from where to where they go.
        x, y: shapes (columns,) and (rows,), the middles of the cells, ascending.
        z: shape (rows, columns).
        shades: what z counts, with the numbers of its extreme shades and of the middle of two classes.
        samples: the samples on it.
        labels: the classes' names; empty of values.
        classes: shape (rows, columns), the class that is predicted; None of values.
        notes: what is held, and in which units, in words.
    """

    names: tuple[str, str]
    x_axis: Axis
    y_axis: Axis
    x: Array
    y: Array
    z: Array
    shades: Heat
    samples: Points
    labels: tuple[str, ...] = ()
    classes: npt.NDArray[np.intp] | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Boundary:
        """Return it for the two inputs that are named, or the first two.

        Raises:
            BackpropError: there are no two, or something else is named.
        """
        probe = probe_of(view.lesson)
        (first, second), output = probe.chosen("boundary", wanted.of, 2)
        column = 0 if output is None else output
        parts = probe.parts
        across, up = (
            np.concatenate([np.asarray(one.of(part.rows), np.float64) for part in parts])
            for one in (first, second)
        )
        x_axis = axis_around(first.shown, across, margin=MARGIN)
        y_axis = axis_around(second.shown, up, margin=MARGIN)
        coarse = probe.coarse(wanted.grain.columns * wanted.grain.rows)
        x = _middles(x_axis, wanted.grain.columns // coarse)
        y = _middles(y_axis, wanted.grain.rows // coarse)
        raw = probe.asked(view, {first: np.tile(x, len(y)), second: np.repeat(y, len(x))})
        predicted = np.concatenate([probe.predicted(view, part) for part in parts])
        targets = np.concatenate([part.wanted for part in parts])
        given, right = _classes(probe, predicted, targets, column)
        wrong = None if right is None else ~right
        samples = Points(
            across, up, given, wrong, probe.is_held_back, label=pretty_text(probe.target), names=probe.labels,
        )  # fmt: skip
        shown = probe.decision.form != "values"
        z, shades = _shades(probe, raw, column, (x_axis, y_axis), (len(y), len(x)))
        classes = None
        if shown:
            found = probe.decision.chosen(raw)
            classes = (found if found.ndim == 1 else found[:, column]).reshape(z.shape)
        return cls(
            (first.name, second.name), x_axis, y_axis, x, y, z, shades, samples, probe.labels, classes,
            probe.notes(view, (first, second)),
        )  # fmt: skip

    def numbers(self) -> Mapping[str, Any]:
        """Return x, y, z and both names."""
        return {"x": self.x, "y": self.y, "z": self.z, "names": list(self.names)}

    def figure(self) -> Figure:
        """Draw the shades, and the samples on them."""
        every = self.samples
        stride = -(-len(every.x) // FEW)
        fields = ("x", "y", "classes", "wrong", "held_back")
        some = {name: value[::stride] for name in fields if (value := getattr(every, name)) is not None}
        points = structs.replace(every, **some)
        plot = Plot(tr("boundary"), self.x_axis, self.y_axis, (self.shades, points))
        title = self.shades.label + (f", {self._right()}" if every.wrong is not None else "")
        return Figure(
            title,
            (plot,),
            self.notes + ((tr("One of {count} samples is drawn.", count=stride),) * (stride > 1)),
        )

    def words(self) -> Sequence[str]:
        """Say how much of the picture each class has, in which quarter, and which samples are wrong."""
        one, other = (
            tr(
                "{name} from {low} to {high}",
                name=axis.label,
                low=number(axis.low, 4),
                high=number(axis.high, 4),
            )
            for axis in (self.x_axis, self.y_axis)
        )
        lines = [tr("{what} over {one} and {other}", what=self.shades.label, one=one, other=other)]
        lines += self._areas() if self.classes is not None else [tr("values {range}", range=_range(self.z))]
        lines += [f"{quarter}: {said}" for quarter, said in self._quarters()]
        if self.samples.wrong is not None:
            lines += [self._right(), *self._wrong()]
        return (*lines, *self.notes)

    def _right(self) -> str:
        assert self.samples.wrong is not None
        right, held = ~self.samples.wrong, self.samples.held_back
        if held is None:
            return tr("right: {share}", share=share(right, "samples"))
        return tr(
            "right: {share}, and {held_back}",
            share=share(right[~held], "samples"),
            held_back=share(right[held], "held back"),
        )

    def _wrong(self) -> list[str]:
        wrong, classes = self.samples.wrong, self.samples.classes
        assert wrong is not None
        assert classes is not None
        places = np.flatnonzero(wrong)
        lines = [
            tr(
                "wrong: {x_name} {x}, {y_name} {y}, of class {label}",
                x_name=self.x_axis.label,
                x=number(float(self.samples.x[k]), 4),
                y_name=self.y_axis.label,
                y=number(float(self.samples.y[k]), 4),
                label=self.labels[int(classes[k])],
            )
            for k in places[:_TOLD]
        ]
        more = len(places) - _TOLD
        return [*lines, tr("and {count} more", count=more)] if more > 0 else lines

    def _areas(self) -> list[str]:
        assert self.classes is not None
        return [tr("of the picture, {shares}", shares=self._mostly(self.classes, all_=True))]

    def _mostly(self, classes: npt.NDArray[np.intp], *, all_: bool = False) -> str:
        counts = np.bincount(classes.reshape(-1), minlength=len(self.labels)) / classes.size
        order = np.argsort(-counts, kind="stable")
        told = [
            tr("{percent:.3g} % is class {label}", percent=100 * counts[k], label=self.labels[k])
            for k in order
            if counts[k] > 0
        ]
        return ", ".join(told if all_ else told[:2])

    def _quarters(self) -> list[tuple[str, str]]:
        half_y, half_x = len(self.y) // 2, len(self.x) // 2
        parts = {
            tr("lower left"): np.s_[:half_y, :half_x], tr("lower right"): np.s_[:half_y, half_x:],
            tr("upper left"): np.s_[half_y:, :half_x], tr("upper right"): np.s_[half_y:, half_x:],
        }  # fmt: skip
        said = list[tuple[str, str]]()
        if self.classes is not None and np.ptp(self.classes) == 0:
            return said
        for name, part in parts.items():
            if not self.z[part].size:
                continue
            seen = _range(self.z[part]) if self.classes is None else self._mostly(self.classes[part])
            said.append((name, seen))
        return said


def _middles(axis: Axis, count: int) -> Array:
    """Return the middles of so many equal parts of an axis."""
    return np.asarray(axis.low + (np.arange(max(1, count)) + 0.5) * ((axis.high - axis.low) / max(1, count)))


def _classes(
    probe: Probe, predicted: Array, targets: Array, column: int
) -> tuple[npt.NDArray[np.intp] | None, npt.NDArray[np.bool_] | None]:
    """Return each sample's class, and whether the model is right about it; None of values."""
    decision = probe.decision
    if decision.form == "values":
        return None, None
    if decision.form == "sides":
        predicted, targets = predicted[:, column : column + 1], targets[:, column : column + 1]
    return decision.given(targets).reshape(-1), decision.right(predicted, targets)


def _shades(
    probe: Probe, raw: Array, column: int, axes: tuple[Axis, Axis], shape: tuple[int, int]
) -> tuple[Array, Heat]:
    """Return what is drawn, and the shades that it is drawn in."""
    decision, labels = probe.decision, probe.labels
    x, y = ((axis.low, axis.high) for axis in axes)
    name = pretty_text(probe.outputs[column] if decision.form != "classes" else probe.name)
    if decision.form == "classes" and (decision.count > 2 or decision.scale == "number"):
        z = decision.chosen(raw).astype(np.float64).reshape(shape)
        z[~np.isfinite(raw).all(axis=1).reshape(shape)] = np.nan
        return z, Heat(z, x, y, 0.0, decision.count - 1.0, None, tr("class that wins"), classes=True)
    if decision.form != "values":
        z = decision.scores(raw)[:, 1 if decision.form == "classes" else column].reshape(shape)
        is_probability = decision.form == "classes" or decision.scale != "number"
        label = tr("probability of class {label}", label=labels[1]) if is_probability else name
        low = 0.0 if is_probability else decision.low
        return z, Heat(z, x, y, low, 1.0, decision.middle, label)
    z = raw[:, column].reshape(shape)
    finite = z[np.isfinite(z)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return z, Heat(z, x, y, low, high if low < high else low + 1.0, None, name)


def _range(values: Array) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return tr("no finite number")
    return tr("from {low} to {high}", low=number(float(finite.min()), 4), high=number(float(finite.max()), 4))
